"""Raw loopback servers that behave as no framework would, and a count of the connections they saw."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

Answer = Callable[[str, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Raw:
    """What a server saw: `requests` are the heads as sent, `most` how many were in flight at once."""

    url: str = ""
    connections: int = 0
    now: int = 0
    most: int = 0
    requests: list[str] = field(default_factory=list)


@asynccontextmanager
async def raw_server(answer: Answer) -> AsyncIterator[Raw]:
    """Each request on a connection is handed to `answer`, which writes what it likes; the connection is closed after it."""
    seen = Raw()
    open_tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_tasks.add(task)
        task.add_done_callback(open_tasks.discard)
        seen.connections += 1
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            seen.requests.append(head)
            seen.now += 1
            seen.most = max(seen.most, seen.now)
            try:
                await answer(head, writer)
                await writer.drain()
            finally:
                seen.now -= 1
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client left, or the test is over
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    seen.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield seen
    finally:
        server.close()
        for task in list(open_tasks):
            task.cancel()
        await asyncio.gather(*open_tasks, return_exceptions=True)


def http(status: int, body: bytes = b"{}", **headers: str) -> bytes:
    """An answer that closes the connection; `content_length` and the like overwrite what would be sent."""
    names = {"content-type": "application/json", "content-length": str(len(body)), "connection": "close"}
    names |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in names.items())
    return f"HTTP/1.1 {status} X\r\n{head}\r\n".encode("latin-1") + body


def bare_tls() -> ssl.SSLContext:
    """A context that trusts nobody: made in no time, and enough where nothing speaks TLS."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def direct() -> httpx.AsyncHTTPTransport:
    """A plain transport, as a real run has below the guard."""
    return httpx.AsyncHTTPTransport(verify=bare_tls(), trust_env=False)


def always(data: bytes) -> Answer:
    """The same bytes for every request."""

    async def answer(_: str, writer: asyncio.StreamWriter) -> None:
        writer.write(data)

    return answer
