"""What may come in: an answer is bounded in size and time, read whole, decoded, and never followed to another host."""

import asyncio
import ssl
import zlib

import httpx

from probes.errors import AnswerTooLarge, AnswerTooSlow, ConnectionDropped, HostUnreachable, OffHost, RequestRefused
from probes.wire.extensions import LONGEST_BODY

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 30.0
"""From sending the request to the last byte of the answer."""

BODY_LIMIT = 2 * 1024 * 1024
"""Bytes of a decoded body."""


class Guard(httpx.AsyncBaseTransport):
    """Sends over `inner` and returns answers whose body is read, decoded and within bounds. Seconds and bytes are per request."""

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        *,
        connect: float = CONNECT_SECONDS,
        total: float = TOTAL_SECONDS,
        body_limit: int = BODY_LIMIT,
    ) -> None:
        self._inner, self._connect, self._total, self._body_limit = inner, connect, total, body_limit

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request.

        Raises HostUnreachable, AnswerTooSlow, AnswerTooLarge, OffHost for a redirect to another host (any other redirect is returned),
        ConnectionDropped, and RequestRefused for what is no valid HTTP.
        """
        where = f"{request.method} {request.url.host}"
        request.headers.setdefault("accept-encoding", "identity")
        request.extensions["timeout"] = {"connect": self._connect, "read": self._total, "write": self._total, "pool": self._total}
        try:
            async with asyncio.timeout(self._total):
                return await self._exchange(request, where)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            raise _unreachable(request.url.host, error) from error
        except (TimeoutError, httpx.TimeoutException) as error:
            raise AnswerTooSlow(f"no complete answer within {self._total:g} s", where=where, hint="Try again later.") from error
        except httpx.RemoteProtocolError as error:
            raise _broken(where, error) from error
        except httpx.NetworkError as error:
            raise ConnectionDropped("the connection was dropped", where=where, hint="Try again later.") from error
        except (httpx.TransportError, httpx.InvalidURL) as error:
            # Its message is not repeated: it quotes the header or the address that cannot be sent.
            raise RequestRefused(f"cannot be sent ({type(error).__name__})", where=where) from error

    async def aclose(self) -> None:
        """Close the inner transport."""
        await self._inner.aclose()

    async def _exchange(self, request: httpx.Request, where: str) -> httpx.Response:
        limit = int(request.extensions.get(LONGEST_BODY, self._body_limit))
        response = await self._inner.handle_async_request(request)
        try:
            _stays_on_host(request, response)
            body = await _body(request, response, limit, where)
        finally:
            await response.aclose()
        decoded = "content-encoding" in response.headers
        dropped = {"transfer-encoding", *({"content-encoding", "content-length"} if decoded else ())}
        headers = [(name, value) for name, value in response.headers.multi_items() if name not in dropped]
        extensions = {name: value for name, value in response.extensions.items() if name != "network_stream"}
        return httpx.Response(response.status_code, headers=headers, stream=httpx.ByteStream(body), extensions=extensions)


def _stays_on_host(request: httpx.Request, response: httpx.Response) -> None:
    """Raise OffHost for a redirect elsewhere. It names the host only: the rest of such an address may hold anything."""
    if not response.has_redirect_location:
        return
    try:
        host = request.url.join(response.headers["location"]).host
    except httpx.InvalidURL as error:
        raise RequestRefused("redirects to an address that is none", where=f"{request.method} {request.url.host}") from error
    if host.rstrip(".") != request.url.host.rstrip("."):
        raise OffHost(
            f"redirects to {host or 'no host'}", where=f"{request.method} {request.url.host}", hint="Redirects are never followed."
        )


async def _body(request: httpx.Request, response: httpx.Response, limit: int, where: str) -> bytes:
    """The decoded body; neither what is received nor what it unpacks to ever takes more than `limit` bytes."""
    too_large = AnswerTooLarge(f"the body is larger than {limit} bytes", where=where)
    if request.method != "HEAD" and _declared(response) > limit:
        raise too_large
    received = bytearray()
    async for chunk in response.stream:  # type: ignore[union-attr]  # an async transport returns an async stream
        received += chunk
        if len(received) > limit:
            raise too_large
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("identity", "") or not received:
        return bytes(received)
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise RequestRefused("the body has an encoding that was not asked for", where=where)
    try:
        body = _unpacked(bytes(received), raw=encoding == "deflate" and not _has_zlib_header(received), limit=limit)
    except (zlib.error, EOFError) as error:
        raise RequestRefused(f"the body is not valid {encoding}", where=where) from error
    if len(body) > limit:
        raise too_large
    return body


def _declared(response: httpx.Response) -> int:
    length = response.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 20 else 0


def _has_zlib_header(data: bytes | bytearray) -> bool:
    """Servers send both under the name deflate: with the header that the standard wants, and without."""
    return len(data) >= 2 and data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0


def _unpacked(data: bytes, *, raw: bool, limit: int) -> bytes:
    """The unpacked data, at most one byte more than `limit`. Raises EOFError when it was cut short."""
    body = bytearray()
    while data and len(body) <= limit:
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS if raw else zlib.MAX_WBITS | 32)
        body += unpacker.decompress(data, limit + 1 - len(body))
        if not unpacker.eof and len(body) <= limit:
            raise EOFError
        data = unpacker.unused_data  # gzip may have several members
    return bytes(body)


def _unreachable(host: str, error: Exception) -> HostUnreachable:
    if isinstance(error, httpx.ConnectTimeout):
        what = "does not answer a connection attempt"
    elif isinstance(error, httpx.ProxyError):
        what = "the proxy does not connect to it"
    elif _cause(error, ssl.SSLError):
        what = "its certificate or TLS cannot be accepted"
    else:
        what = "cannot be connected to"
    return HostUnreachable(what, where=host, hint="Check the address, the network and the proxy.")


def _cause(error: BaseException | None, kind: type[BaseException]) -> bool:
    while error is not None and not isinstance(error, kind):
        error = error.__cause__ or error.__context__
    return error is not None


def _broken(where: str, error: httpx.RemoteProtocolError) -> RequestRefused:
    """h11 tells a dropped connection from nonsense only in its words."""
    if "closed" in str(error) or "disconnected" in str(error):
        return ConnectionDropped("the connection was dropped before the answer was complete", where=where, hint="Try again later.")
    return RequestRefused("the answer is not valid HTTP", where=where)
