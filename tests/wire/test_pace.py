"""A host is asked a few times at once, at an even pace, again when it asks for patience, and never again once it is dead."""

import asyncio
import time
from datetime import UTC, datetime
from email.utils import format_datetime

import httpx
import pytest

from probes.errors import ConnectionDropped, HostUnreachable
from probes.wire.extensions import RETRY
from probes.wire.guard import Guard
from probes.wire.pace import Pace
from tests.wire.servers import Answer, always, bare_tls, direct, http, raw_server


class Clock:
    """Time that passes only while somebody sleeps, and is shared by all who do."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        until = self.now + seconds
        await asyncio.sleep(0)
        self.now = max(self.now, until)


def paced(clock: Clock, **options: float) -> httpx.AsyncClient:
    transport = Pace(Guard(direct()), clock=clock, wall=clock, sleep=clock.sleep, per_second=options.get("per_second", 5))
    return httpx.AsyncClient(transport=transport)


def in_turn(*answers: bytes) -> Answer:
    waiting = list(answers)

    async def answer(_: str, writer: asyncio.StreamWriter) -> None:
        writer.write(waiting.pop(0) if len(waiting) > 1 else waiting[0])

    return answer


async def test_requests_are_spaced_per_host() -> None:
    clock = Clock()
    async with raw_server(always(http(200))) as one, raw_server(always(http(200))) as other, paced(clock) as client:
        await asyncio.gather(*(client.get(one.url) for _ in range(6)), client.get(other.url))
    assert len(one.requests) == 6
    assert clock.now - 1000 == pytest.approx(5 * 0.2)  # five gaps of 0.2 s, the other host in parallel


async def test_at_most_four_are_in_flight() -> None:
    async def slow(_: str, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.05)
        writer.write(http(200))

    async with raw_server(slow) as server, paced(Clock(), per_second=1e9) as client:
        await asyncio.gather(*(client.get(server.url) for _ in range(20)))
    assert len(server.requests) == 20
    assert server.most == 4


async def test_a_dead_host_is_found_out_once(unused_tcp_port: int) -> None:
    attempts = 0

    class Counting(httpx.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            nonlocal attempts
            attempts += 1
            return await super().handle_async_request(request)

    start = time.monotonic()
    async with httpx.AsyncClient(transport=Pace(Guard(Counting(verify=bare_tls())))) as client:
        results = await asyncio.gather(*(client.get(f"http://127.0.0.1:{unused_tcp_port}/{n}") for n in range(20)), return_exceptions=True)
        with pytest.raises(HostUnreachable):
            await client.post(f"http://127.0.0.1:{unused_tcp_port}/late")
    assert all(isinstance(result, HostUnreachable) for result in results)
    assert attempts == 1
    assert time.monotonic() - start < 2


async def test_the_first_request_to_a_host_goes_alone() -> None:
    arrived = asyncio.Event()
    release = asyncio.Event()

    async def first_waits(_: str, writer: asyncio.StreamWriter) -> None:
        arrived.set()
        await release.wait()
        writer.write(http(200))

    async with raw_server(first_waits) as server, paced(Clock(), per_second=1e9) as client:
        tasks = [asyncio.create_task(client.get(server.url)) for _ in range(5)]
        await arrived.wait()
        await asyncio.sleep(0.05)
        assert server.connections == 1
        release.set()
        await asyncio.gather(*tasks)
    assert server.connections == 5


async def test_a_cancelled_first_request_leaves_the_turn_to_the_next() -> None:
    waits = True

    async def answer(_: str, writer: asyncio.StreamWriter) -> None:
        if waits:
            await asyncio.sleep(30)
        writer.write(http(200))

    async with raw_server(answer) as server, paced(Clock(), per_second=1e9) as client:
        first = asyncio.create_task(client.get(server.url))
        second = asyncio.create_task(client.get(server.url))
        await asyncio.sleep(0.05)
        waits = False
        first.cancel()
        assert (await second).status_code == 200
        with pytest.raises(asyncio.CancelledError):
            await first


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_retry_after_is_honoured(status: int, method: str) -> None:
    clock = Clock()
    body = b"" if method == "HEAD" else b"{}"
    async with raw_server(in_turn(http(status, body, retry_after="7"), http(200, body))) as server, paced(clock) as client:
        response = await client.request(method, server.url)
    assert response.status_code == 200
    assert clock.slept == [pytest.approx(7)]


async def test_retry_after_may_be_a_date() -> None:
    clock = Clock()
    date = format_datetime(datetime.fromtimestamp(clock.now + 4, UTC), usegmt=True)
    async with raw_server(in_turn(http(503, retry_after=date), http(200))) as server, paced(clock) as client:
        assert (await client.get(server.url)).status_code == 200
    assert clock.slept == [pytest.approx(4)]


@pytest.mark.parametrize("asked", ["11", "3600", "999999999", "Wed, 21 Oct 2999 07:28:00 GMT"])
async def test_too_long_a_pause_is_not_waited_for(asked: str) -> None:
    clock = Clock()
    async with raw_server(always(http(429, retry_after=asked))) as server, paced(clock) as client:
        assert (await client.get(server.url)).status_code == 429
    assert clock.slept == []
    assert len(server.requests) == 1


@pytest.mark.parametrize("asked", ["", "soon", "-5", "nan", "1e3", "Wed, 99 Oct"])
async def test_without_a_usable_pause_the_waits_double_and_end(asked: str) -> None:
    clock = Clock()
    async with raw_server(always(http(429, retry_after=asked))) as server, paced(clock) as client:
        assert (await client.get(server.url)).status_code == 429
    assert clock.slept == [pytest.approx(0.5), pytest.approx(1.0)]
    assert len(server.requests) == 3


async def test_the_pause_is_the_hosts_and_all_its_requests_keep_it() -> None:
    clock = Clock()
    async with raw_server(in_turn(http(200), http(429, retry_after="9"), http(200))) as server, paced(clock) as client:
        await client.get(server.url)
        await asyncio.gather(client.get(server.url), client.post(server.url))
    assert clock.now - 1000 >= 9


async def test_what_may_have_changed_something_is_never_sent_twice() -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        async with raw_server(always(http(429, retry_after="1"))) as server, paced(Clock()) as client:
            assert (await client.request(method, server.url)).status_code == 429
            assert len(server.requests) == 1
        async with raw_server(always(b"")) as server, paced(Clock()) as client:
            with pytest.raises(ConnectionDropped):
                await client.request(method, server.url)
            assert len(server.requests) == 1


async def test_a_dropped_read_is_tried_again_twice() -> None:
    async with raw_server(in_turn(b"", http(200))) as server, paced(Clock()) as client:
        assert (await client.get(server.url)).status_code == 200
    async with raw_server(always(b"")) as server, paced(Clock()) as client:
        with pytest.raises(ConnectionDropped):
            await client.get(server.url)
        assert len(server.requests) == 3


async def test_a_probe_may_want_the_refusal() -> None:
    async with raw_server(always(http(429))) as server, paced(Clock()) as client:
        assert (await client.get(server.url, extensions={RETRY: False})).status_code == 429
        assert len(server.requests) == 1
