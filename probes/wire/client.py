"""The way to the network: one TLS context and one pace for a whole run, proxies from the environment, a guard before each answer."""

import ipaddress
import ssl
import urllib.request
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx

from probes.errors import UsageError
from probes.wire.guard import Guard
from probes.wire.pace import Pace


def tls_context() -> ssl.SSLContext:
    """A context that checks certificates, with SSL_CERT_FILE and SSL_CERT_DIR honoured. Takes 40 ms: make one per run."""
    return httpx.create_ssl_context()


def build_network(tls: ssl.SSLContext | None = None, *, proxies: Mapping[str, str] | None = None) -> httpx.AsyncBaseTransport:
    """The transport below every recording: routed, guarded, paced. Whoever builds it closes it.

    `proxies` are addresses by scheme, with `no` for exceptions as in NO_PROXY; without, those of the environment. Raises UsageError when a
    proxy cannot be used.
    """
    found = urllib.request.getproxies_environment() if proxies is None else proxies
    return Pace(Guard(_Routes(tls or tls_context(), found)))


@asynccontextmanager
async def network(
    tls: ssl.SSLContext | None = None, *, proxies: Mapping[str, str] | None = None
) -> AsyncIterator[httpx.AsyncBaseTransport]:
    """`build_network`, closed at the end."""
    built = build_network(tls, proxies=proxies)
    try:
        yield built
    finally:
        await built.aclose()


class Borrowed(httpx.AsyncBaseTransport):
    """The run's network, lent to one client, which must not close it for the others."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._inner.handle_async_request(request)


class _Routes(httpx.AsyncBaseTransport):
    """Connections, direct or through the proxy for the address' scheme. Loopback is never proxied: a proxy has another loopback."""

    def __init__(self, tls: ssl.SSLContext, proxies: Mapping[str, str]) -> None:
        self._proxies = {scheme.lower(): address for scheme, address in proxies.items() if address}
        self._direct = httpx.AsyncHTTPTransport(verify=tls, trust_env=False)
        self._through: dict[str, httpx.AsyncHTTPTransport] = {}
        for scheme, address in self._proxies.items():
            if scheme in ("http", "https", "all"):
                self._through[scheme] = _proxied(scheme, address, tls)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._route(request.url).handle_async_request(request)

    async def aclose(self) -> None:
        for transport in (self._direct, *self._through.values()):
            await transport.aclose()

    def _route(self, url: httpx.URL) -> httpx.AsyncHTTPTransport:
        proxied = self._through.get(url.scheme) or self._through.get("all")
        if proxied is None or is_loopback(url.host):
            return self._direct
        host = f"{url.host}:{url.port}" if url.port else url.host
        excepted = urllib.request.proxy_bypass_environment(host, self._proxies)  # type: ignore[attr-defined]  # typeshed lacks it
        return self._direct if excepted else proxied


def is_loopback(host: str) -> bool:
    """Whether the host can only be this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _proxied(scheme: str, address: str, tls: ssl.SSLContext) -> httpx.AsyncHTTPTransport:
    variable = f"{scheme.upper()}_PROXY"
    address = address if "://" in address else f"http://{address}"
    own = tls if address.lower().startswith("https://") else None  # httpcore refuses one for a proxy that does not speak TLS
    try:
        return httpx.AsyncHTTPTransport(verify=tls, trust_env=False, proxy=httpx.Proxy(address, ssl_context=own))
    except ImportError as error:
        raise UsageError("a SOCKS proxy needs one more package", where=variable, hint="Install httpx[socks].") from error
    except (ValueError, httpx.InvalidURL) as error:
        # The address is not repeated: it may hold a password.
        raise UsageError("is not the address of a proxy", where=variable, hint="It looks like http://host:port.") from error
