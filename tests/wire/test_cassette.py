"""Recording and replaying: nothing lost, nothing mixed, nothing patched."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest
import vcr  # type: ignore[import-untyped]
import yaml

from probes.errors import AnswerTooSlow, CassetteError, ConnectionDropped, HostUnreachable, KeycapError, NotRecorded, RequestRefused
from probes.wire.cassette import CassetteTransport, Metadata, check_hosts, load
from probes.wire.client import network
from probes.wire.extensions import EXCHANGE, ORDER
from probes.wire.redact import Redactor
from tests.wire.conftest import App, recorded
from tests.wire.servers import bare_tls, direct

TRANSPORTS = (httpx.HTTPTransport, httpx.AsyncHTTPTransport, httpx.ASGITransport, httpx.WSGITransport, httpx.MockTransport)
METHODS = ("handle_request", "handle_async_request")


def patchable() -> list[object]:
    return [getattr(transport, name, None) for transport in TRANSPORTS for name in METHODS]


def replay(path: Path, *, repeat: bool = True) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=CassetteTransport.replaying(load(path), Redactor(), repeat=repeat))


async def test_a_recording_replays_what_was_answered_in_order_with_positions(cassette: Path, url: str) -> None:
    async with replay(cassette) as client:
        first = await client.get(f"{url}/v1/keys?page=1")
        second = await client.get(f"{url}/v1/keys?page=1")
        third = await client.get(f"{url}/v1/keys?page=1")
        posted = await client.post(f"{url}/v1/keys", content='{"name": "中文"}')
    assert [answer.json()["served"] for answer in (first, second, third)] == [1, 3, 3]
    assert [answer.extensions[EXCHANGE] for answer in (first, second, third, posted)] == [0, 2, 2, 1]
    assert posted.json()["body"] == '{"name": "中文"}'
    assert (first.status_code, first.reason_phrase, first.headers["x-kept"]) == (200, "OK", "yes")


async def test_without_repeat_an_exchange_plays_once(cassette: Path, url: str) -> None:
    async with replay(cassette, repeat=False) as client:
        for _ in range(2):
            await client.get(f"{url}/v1/keys?page=1")
        with pytest.raises(NotRecorded, match="no answer to GET"):
            await client.get(f"{url}/v1/keys?page=1")


@pytest.mark.parametrize("asked", ["GET /v1/keys?page=2", "DELETE /v1/keys?page=1", "POST /v1/keys {}"])
async def test_what_was_not_recorded_is_never_sent(cassette: Path, url: str, app: App, asked: str) -> None:
    method, path, *body = asked.split(" ")
    served = app.served
    async with replay(cassette) as client:
        with pytest.raises(NotRecorded) as caught:
            await client.request(method, url + path, content="".join(body))
    assert str(cassette) in str(caught.value)
    assert app.served == served


async def test_the_live_answer_is_handed_on_whole_but_kept_redacted(url: str, metadata: Metadata, tmp_path: Path) -> None:
    secret = "sk-live-0123456789abcdef"
    async with direct() as inner:
        transport = CassetteTransport.recording(inner, Redactor([secret]))
        async with httpx.AsyncClient(transport=transport, headers={"authorization": f"Bearer {secret}"}) as client:
            answer = await client.post(f"{url}/v1?key={secret}", json={"echo": secret})
    assert secret in answer.text
    transport.save(tmp_path / "c.yaml", metadata)
    text = (tmp_path / "c.yaml").read_text(encoding="utf-8")
    assert "0123456789abcdef" not in text
    assert "Bearer REDACTED" in text
    async with httpx.AsyncClient(
        transport=CassetteTransport.replaying(load(tmp_path / "c.yaml"), Redactor(["another-credential"]))
    ) as client:
        again = await client.post(f"{url}/v1?key=another-credential", json={"echo": "another-credential"})
    assert again.status_code == 200


async def test_a_key_that_only_its_use_gives_away_is_blanked_where_it_was_created(metadata: Metadata, tmp_path: Path) -> None:
    key = "3f2a9c41d05b7e68"

    async def creates(scope: object, receive: object, send: Callable[[dict[str, object]], Awaitable[None]]) -> None:
        await send({"type": "http.response.start", "status": 201, "headers": [(b"content-type", b"application/json; charset=gb18030")]})
        await send({"type": "http.response.body", "body": json.dumps({"value": key, "名": "密"}, ensure_ascii=False).encode("gb18030")})

    transport = CassetteTransport.recording(httpx.ASGITransport(creates), Redactor())
    async with httpx.AsyncClient(transport=transport) as client:
        created = await client.post("https://api.test/keys", json={"name": "x"})
        await client.get(f"https://api.test/keys/{key}", headers={"authorization": f"Bearer {json.loads(created.text)['value']}"})
    transport.save(tmp_path / "c.yaml", metadata)
    assert key not in (text := text_of(tmp_path / "c.yaml"))
    assert '"名": "密"' in text
    async with replay(tmp_path / "c.yaml") as client:
        again = await client.post("https://api.test/keys", json={"name": "x"})
        assert (await client.get(f"https://api.test/keys/{again.json()['value']}")).extensions[EXCHANGE] == 1


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_the_file_is_made_to_be_read_and_compared(cassette: Path) -> None:
    text = cassette.read_text(encoding="utf-8")
    assert text.startswith("version: 1\nmetadata:\n")
    assert re.search(r"string: \|-?\n +\{\n", text)
    assert "中文" in text
    assert not re.search(r"set-cookie|x-request-id|content-length|user-agent|accept-encoding", text)
    assert "date:" in text


async def test_two_recordings_of_the_same_differ_in_nothing_but_what_changed(url: str, metadata: Metadata, tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (await recorded(url, ["GET /x/org-AbCd1234EfGh", "POST /y {}"])).save(tmp_path / name, metadata)
    old, new = ((tmp_path / name).read_text(encoding="utf-8").splitlines() for name in ("a.yaml", "b.yaml"))
    changed = [line for line, other in zip(old, new, strict=True) if line != other]
    assert all(re.search(r"digest|served|date|GMT", line) for line in changed)


def test_stock_vcrpy_replays_the_file(cassette: Path, url: str, app: App) -> None:
    served = app.served
    before = cassette.read_bytes()
    with vcr.use_cassette(str(cassette), record_mode="none") as stock, httpx.Client() as client:
        first = client.get(f"{url}/v1/keys?page=1")
        posted = client.post(f"{url}/v1/keys", content='{"name": "中文"}')
        assert stock.get_metadata("origin", "") == "live"
    assert first.json()["served"] == 1
    assert posted.json()["body"] == '{"name": "中文"}'
    assert app.served == served
    assert cassette.read_bytes() == before


async def test_thirty_tasks_over_nine_cassettes_lose_and_mix_nothing(url: str, tmp_path: Path, metadata: Metadata) -> None:
    originals = patchable()
    async with direct() as inner:
        transports = [CassetteTransport.recording(inner, Redactor()) for _ in range(9)]

        async def work(task: int) -> None:
            async with httpx.AsyncClient(transport=transports[task % 9]) as client:
                for step in range(5):
                    answer = await client.get(f"{url}/p{task % 9}", params={"task": task, "step": step}, extensions={ORDER: (task, step)})
                    assert answer.json()["query"] == {"task": str(task), "step": str(step)}

        await asyncio.gather(*(work(task) for task in range(30)))
    found = []
    for number, transport in enumerate(transports):
        path = tmp_path / f"p{number}.yaml"
        transport.save(path, metadata)
        loaded = load(path)
        asked = [httpx.URL(request.uri) for request, _ in loaded.interactions]
        assert {each.path for each in asked} == {f"/p{number}"}
        order = [(int(each.params["task"]), int(each.params["step"])) for each in asked]
        assert order == sorted(order)
        found += order
        for each, (_, response) in zip(asked, loaded.interactions, strict=True):
            assert json.loads(response["body"]["string"])["query"] == dict(each.params)
    assert sorted(found) == [(task, step) for task in range(30) for step in range(5)]
    assert patchable() == originals


async def test_a_thousand_exchanges_replay(url: str, metadata: Metadata, tmp_path: Path) -> None:
    from tests.bench.replay import written  # noqa: PLC0415  (the bench is no dependency of the other tests)

    path = written(tmp_path / "many.yaml", 1000)
    async with replay(path) as client:
        answers = [await client.get(f"https://api.example.test/v1/keys?page={page}") for page in range(1000)]
    assert [answer.extensions[EXCHANGE] for answer in answers] == list(range(1000))


async def test_a_replay_that_makes_up_an_identifying_value_still_finds_its_answer(url: str, metadata: Metadata, tmp_path: Path) -> None:
    """The value a probe makes up is numbered differently in a replay, which does not see the others first."""
    transport = await recorded(url, ["GET /x/org-AbCd1234EfGh", "GET /y/org-Zz9876543210"])
    transport.save(tmp_path / "c.yaml", metadata)
    async with replay(tmp_path / "c.yaml") as client:
        assert (await client.get(f"{url}/y/org-Zz9876543210")).extensions[EXCHANGE] == 1
        assert (await client.get(f"{url}/x/org-REDACTED1")).extensions[EXCHANGE] == 0


async def test_what_got_no_answer_is_recorded_and_raised_again(metadata: Metadata, tmp_path: Path, unused_tcp_port: int) -> None:
    address = f"http://127.0.0.1:{unused_tcp_port}/v1/keys"
    async with network(bare_tls(), proxies={}) as inner:
        transport = CassetteTransport.recording(inner, Redactor())
        async with httpx.AsyncClient(transport=transport) as client:
            with pytest.raises(HostUnreachable) as live:
                await client.get(address)
    transport.save(tmp_path / "c.yaml", metadata)
    loaded = load(tmp_path / "c.yaml")
    check_hosts(loaded, ["127.0.0.1"])
    assert len(loaded.failures) == 1
    async with replay(tmp_path / "c.yaml") as client:
        with pytest.raises(HostUnreachable) as again:
            await client.get(address)
    assert str(again.value) == str(live.value)


class Moody(httpx.AsyncBaseTransport):
    """An inner transport that fails first and answers then."""

    def __init__(self, *errors: KeycapError) -> None:
        self.errors = list(errors)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.errors:
            raise self.errors.pop(0)
        return httpx.Response(200, json={"ok": request.method == "GET"})


async def test_failures_and_answers_replay_in_the_order_they_came(metadata: Metadata, tmp_path: Path) -> None:
    transport = CassetteTransport.recording(Moody(AnswerTooSlow("slow"), ConnectionDropped("dropped")), Redactor())
    async with httpx.AsyncClient(transport=transport) as client:
        for _ in range(2):
            with pytest.raises(RequestRefused):
                await client.get("https://api.test/x")
        await client.get("https://api.test/x")
    transport.save(tmp_path / "c.yaml", metadata)
    async with replay(tmp_path / "c.yaml") as client:
        with pytest.raises(AnswerTooSlow, match="slow"):
            await client.get("https://api.test/x")
        with pytest.raises(RequestRefused, match="dropped"):
            await client.get("https://api.test/x")
        assert (await client.get("https://api.test/x")).json() == {"ok": True}


@pytest.mark.parametrize(
    "body", ["a\r\nb\x85c\u2028\ttabs \n trailing \x00\x1b", "=", "2026-11-24", "null", "'", "😀 emoji\nin lines", "\ufeffbom", ""]
)
async def test_any_text_survives_the_file(body: str, metadata: Metadata, tmp_path: Path) -> None:
    async def says(scope: object, receive: object, send: Callable[[dict[str, object]], Awaitable[None]]) -> None:
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"x-note", b"="), (b"content-type", b"text/plain; charset=utf-8")]}
        )
        await send({"type": "http.response.body", "body": body.encode()})

    transport = CassetteTransport.recording(httpx.ASGITransport(says), Redactor())
    async with httpx.AsyncClient(transport=transport) as client:
        await client.post("https://api.test/x", content=body.encode())
    transport.save(tmp_path / "c.yaml", metadata)
    async with replay(tmp_path / "c.yaml") as client:
        answer = await client.post("https://api.test/x", content=body.encode())
    assert answer.text == body.removeprefix("\ufeff")


async def test_saving_twice_writes_the_same(url: str, metadata: Metadata, tmp_path: Path) -> None:
    transport = await recorded(url, ["GET /x", 'POST /y {"a": 1}'])
    first = transport.save(tmp_path / "a.yaml", metadata)
    assert transport.save(tmp_path / "b.yaml", metadata) == first
    assert (tmp_path / "a.yaml").read_bytes() == (tmp_path / "b.yaml").read_bytes()
    assert (first.interactions, first.format) == (2, 1)
    assert load(tmp_path / "a.yaml").metadata == first


def test_metadata_has_the_optional_parts_only_where_there_are_any(cassette: Path) -> None:
    described = yaml.safe_load(cassette.read_text(encoding="utf-8"))["metadata"]
    assert list(described) == ["origin", "tier", "provider", "tag", "keycap", "recorded_at", "interactions", "format", "digest"]


def test_a_path_is_made_of_names_only() -> None:
    from probes.wire.cassette import cassette_path  # noqa: PLC0415

    assert cassette_path(Path("c"), "live", "acme_ai", "read") == Path("c/live/acme_ai/read.yaml")
    for origin, provider, tier in (("live", "../x", "read"), ("live", "acme", "a/b"), ("attested", "acme", "read"), ("live", "", "read")):
        with pytest.raises(CassetteError):
            cassette_path(Path("c"), origin, provider, tier)
