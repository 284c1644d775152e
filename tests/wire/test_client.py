"""The whole way to the network: a proxy where the environment names one, never for loopback; closed behind itself."""

import asyncio
import ssl

import httpx
import pytest

from probes.errors import HostUnreachable, UsageError
from probes.wire.client import build_network, is_loopback, network, tls_context
from tests.wire.servers import always, bare_tls, http, raw_server


async def test_the_environments_proxy_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with raw_server(always(http(200, b'{"by": "proxy"}'))) as proxy, raw_server(always(http(200, b'{"by": "host"}'))) as host:
        for name in ("http_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.setenv("no_proxy", "internal.invalid")
        async with network(bare_tls()) as inner, httpx.AsyncClient(transport=inner) as client:
            assert (await client.get("http://api.invalid/v1/keys")).json() == {"by": "proxy"}
            assert (await client.get(host.url)).json() == {"by": "host"}
            with pytest.raises(HostUnreachable):
                await client.get("http://internal.invalid/")
    assert proxy.requests[0].startswith("GET http://api.invalid/v1/keys ")
    assert len(proxy.requests) == 1


async def test_a_proxy_that_refuses_is_told_as_such() -> None:
    async with raw_server(always(http(403))) as proxy, network(bare_tls(), proxies={"https": proxy.url}) as inner:
        with pytest.raises(HostUnreachable, match="proxy"):
            await inner.handle_async_request(httpx.Request("GET", "https://api.invalid/v1/keys"))
    assert proxy.requests[0].startswith("CONNECT api.invalid:443 ")


@pytest.mark.parametrize(
    "address", ["ftp://user:hunter2@proxy.invalid", "http://proxy.invalid:port", "socks5://user:hunter2@proxy.invalid:1080"]
)
def test_an_unusable_proxy_is_a_usage_error_that_keeps_its_password(address: str) -> None:
    with pytest.raises(UsageError) as caught:
        build_network(bare_tls(), proxies={"https": address})
    assert caught.value.where == "HTTPS_PROXY"
    assert "hunter2" not in str(caught.value)


def test_loopback_is_this_machine_only() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.9.9.9", "::1", "localhost", "a.localhost")))
    assert not any(map(is_loopback, ("10.0.0.1", "api.example.com", "localhost.example.com", "0.0.0.0", "128.0.0.1")))


async def test_one_network_serves_many_clients_at_once() -> None:
    async with raw_server(always(http(200))) as server, network(bare_tls(), proxies={}) as inner:

        async def get() -> int:
            return (await inner.handle_async_request(httpx.Request("GET", server.url))).status_code

        assert await asyncio.gather(*(get() for _ in range(6))) == [200] * 6


def test_certificates_are_checked() -> None:
    context = tls_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
