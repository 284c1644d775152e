"""Whatever a server sends, what comes in is bounded, decoded, and from the host that was asked."""

import asyncio
import gzip
import time
import tracemalloc
import zlib

import httpx
import pytest

from probes.errors import AnswerTooLarge, AnswerTooSlow, ConnectionDropped, HostUnreachable, OffHost, RequestRefused
from probes.wire.extensions import LONGEST_BODY
from probes.wire.guard import BODY_LIMIT, Guard
from tests.wire.servers import Answer, always, direct, http, raw_server

BODY = b'{"data": []}' * 100


async def ask(answer: Answer, *, method: str = "GET", total: float = 5.0, limit: int | None = None) -> httpx.Response:
    guard = Guard(direct(), total=total)
    async with raw_server(answer) as server, httpx.AsyncClient(transport=guard) as client:
        return await client.request(method, f"{server.url}/v1/keys", extensions={LONGEST_BODY: limit} if limit else None)


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("identity", BODY), ("gzip", gzip.compress(BODY, mtime=0)), ("x-gzip", gzip.compress(BODY, mtime=0)),
        ("deflate", zlib.compress(BODY)), ("deflate", deflated(BODY)),
        ("GZIP", gzip.compress(BODY[:600], mtime=0) + gzip.compress(BODY[600:], mtime=0)),
    ],
)  # fmt: skip
async def test_a_body_comes_in_decoded(encoding: str, data: bytes) -> None:
    response = await ask(always(http(200, data, content_encoding=encoding)))
    assert response.content == BODY
    assert "content-encoding" not in response.headers


async def test_identity_is_asked_for_where_the_client_leaves_the_choice() -> None:
    async with raw_server(always(http(200))) as server, direct() as inner:
        await Guard(inner).handle_async_request(httpx.Request("GET", server.url, headers={"host": "127.0.0.1"}))
        assert "accept-encoding: identity" in server.requests[0].lower()


async def test_an_empty_answer_to_head_is_no_broken_body() -> None:
    response = await ask(always(http(200, b"", content_encoding="gzip", content_length="9999999999")), method="HEAD")
    assert response.content == b""


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_bomb_never_unpacks_beyond_the_bound(encoding: str) -> None:
    packed = (gzip.compress if encoding == "gzip" else zlib.compress)(bytes(200_000_000))
    assert len(packed) < 250_000
    tracemalloc.start()
    try:
        with pytest.raises(AnswerTooLarge, match="2097152 bytes"):
            await ask(always(http(200, packed, content_encoding=encoding)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * BODY_LIMIT


@pytest.mark.parametrize("declared", [True, False])
async def test_a_hundred_megabytes_are_cut_off(declared: bool) -> None:
    sent = 0

    async def endless(_head: str, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        length = "content-length: 100000000\r\n" if declared else ""
        writer.write(f"HTTP/1.1 200 OK\r\n{length}connection: close\r\n\r\n".encode())
        for _ in range(1600):
            writer.write(bytes(65536))
            sent += 65536
            await writer.drain()

    with pytest.raises(AnswerTooLarge):
        await ask(endless)
    assert sent < 20_000_000


async def test_the_bound_can_be_raised_for_one_request() -> None:
    body = bytes(BODY_LIMIT + 1)
    with pytest.raises(AnswerTooLarge):
        await ask(always(http(200, body)))
    response = await ask(always(http(200, body)), limit=32 * 1024 * 1024)
    assert len(response.content) == BODY_LIMIT + 1


async def hang(_: str, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


async def drip(_: str, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("answer", [hang, drip])
async def test_the_total_time_is_bounded_body_included(answer: Answer) -> None:
    start = time.monotonic()
    with pytest.raises(AnswerTooSlow, match=r"within 0\.3 s"):
        await ask(answer, total=0.3)
    assert time.monotonic() - start < 3


@pytest.mark.parametrize(
    ("data", "kind", "message"),
    [
        (b"", ConnectionDropped, "dropped"),
        (b"HTTP/1.1 200 OK\r\ncontent-le", ConnectionDropped, "dropped"),
        (http(200, b"half", content_length="1000"), ConnectionDropped, "dropped"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab", ConnectionDropped, "dropped"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", RequestRefused, "not valid HTTP"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", RequestRefused, "not valid HTTP"),
        (b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n", RequestRefused, "not valid HTTP"),
        (b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000 + b"\r\n\r\n", RequestRefused, "not valid HTTP"),
        (http(200, b"not gzip", content_encoding="gzip"), RequestRefused, "not valid gzip"),
        (http(200, gzip.compress(BODY, mtime=0)[:-9], content_encoding="gzip"), RequestRefused, "not valid gzip"),
        (http(200, b"??", content_encoding="br"), RequestRefused, "encoding that was not asked for"),
        (http(200, b"??", content_encoding="gzip, gzip"), RequestRefused, "encoding that was not asked for"),
    ],
)  # fmt: skip
async def test_what_is_broken_is_refused_in_clear_words(data: bytes, kind: type[RequestRefused], message: str) -> None:
    with pytest.raises(kind, match=message) as caught:
        await ask(always(data))
    assert caught.value.where == "GET 127.0.0.1"


@pytest.mark.parametrize("location", ["/v2", "https://127.0.0.1/v2", "?a=b"])
async def test_a_redirect_on_the_same_host_is_returned_and_not_followed(location: str) -> None:
    response = await ask(always(http(307, location=location)))
    assert response.status_code == 307
    assert response.headers["location"] == location


@pytest.mark.parametrize("location", ["https://evil.example/?k=sk-secret", "//evil.example/x", "https://127.0.0.1@evil.example/"])
async def test_a_redirect_elsewhere_is_refused_naming_the_host_only(location: str) -> None:
    with pytest.raises(OffHost, match=r"redirects to evil\.example") as caught:
        await ask(always(http(302, location=location)))
    assert "sk-secret" not in str(caught.value)
    with pytest.raises(RequestRefused):
        await ask(always(http(302, location="http://[::bad")))


async def test_no_connection_is_its_own_case(unused_tcp_port: int) -> None:
    async with httpx.AsyncClient(transport=Guard(direct())) as client:
        with pytest.raises(HostUnreachable, match="cannot be connected to"):
            await client.get(f"http://127.0.0.1:{unused_tcp_port}/")
        with pytest.raises(RequestRefused, match="cannot be sent"):
            await client.get("ftp://127.0.0.1/")


async def test_what_cannot_be_sent_is_not_quoted() -> None:
    async with raw_server(always(http(200))) as server, httpx.AsyncClient(transport=Guard(direct())) as client:
        with pytest.raises(RequestRefused, match="cannot be sent") as caught:
            await client.get(server.url, headers={"x-api-key": "canary\n-7f3a9c51"})
    assert "7f3a9c51" not in str(caught.value)


async def test_a_server_without_tls_is_unreachable_over_https() -> None:
    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(http(400))
        writer.close()

    guard = Guard(direct())
    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server, httpx.AsyncClient(transport=guard) as client:
        with pytest.raises(HostUnreachable, match="TLS"):
            await client.get(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")
