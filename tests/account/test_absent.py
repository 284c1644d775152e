"""Undoing what may not be there: absence is believed late, by several looks; lists are read to their end; settings are read back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from probes.answer import Answer
from probes.errors import ConnectionDropped, LedgerError
from probes.ledger import Entry, Find, Ledger, Pages, Undo, open_entries
from probes.listing import NoList, find
from probes.undo import Undone, undo_all
from probes.wire.redact import Redactor

HOST = "https://api.test"
NAME = "keycap-probe-1"
LIST: Find = {"method": "GET", "path": "/keys", "where": "data[].name", "id": "data[].id"}
UNDO: Undo = {"method": "DELETE", "path": "/keys/{id}", "host": HOST, "find": LIST}
PURGED: Undo = {**UNDO, "then": [{"method": "POST", "path": "/deleted/{id}/purge"}]}
RESTORE: Undo = {
    "method": "PATCH",
    "path": "/settings",
    "host": HOST,
    "body": {"limit": 5},
    "read": {"method": "GET", "path": "/settings", "where": "data.limit"},
}


@dataclass
class Provider:
    """Keys by id, and what it was asked; `replies` are given instead, in order, by `METHOD /path`."""

    keys: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    replies: dict[str, list[tuple[int, Any]]] = field(default_factory=dict)
    before: Callable[[], None] = lambda: None

    async def __call__(self, method: str, url: str, _body: Any) -> Answer:
        parts = urlsplit(url)
        call = f"{method} {parts.path}"
        self.asked.append(call)
        self.before()
        if self.replies.get(call):
            return answer(*self.replies[call].pop(0))
        if call == "GET /keys":
            return answer(200, {"data": [{"id": key, "name": name} for key, name in self.keys.items()]})
        return answer(204 if self.keys.pop(parts.path.rpartition("/")[2], None) else 404)


def answer(status: int, body: Any = None) -> Answer:
    return Answer(status, httpx.Headers(), httpx.Response(200, json=body).text, -1)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path, redact=Redactor(["a-secret-value-77"]).secrets) as running:
        yield running


def old(entry: Entry) -> Entry:
    return replace(entry, at=(datetime.now(UTC) - timedelta(minutes=16)).isoformat())


async def one(entry: Entry, ledger: Ledger, provider: Provider, **how: Any) -> Undone:
    (result,) = await undo_all([entry], ledger, provider, pauses=(0.0, 0.0), **how)
    return result


# What is not there


async def test_what_nobody_knows_of_is_looked_for_several_times_and_stays_open_while_it_is_young(ledger: Ledger) -> None:
    provider = Provider()
    result = await one(ledger.intend("acme", "key", NAME, UNDO), ledger, provider)
    assert provider.asked == ["GET /keys"] * 3
    assert (result.gone, result.wrong, result.minutes) == (False, "", 15)
    assert "run keycap cleanup again in 15 min" in str(result)
    assert len(ledger.entries) == 1


@pytest.mark.parametrize(
    ("code", "gone"), [("ResourceNotFound.ResourceNotFound", True), ("InvalidAction", False), ("InternalError.InternalError", False)]
)
async def test_a_cloud_that_refuses_with_200_tells_in_the_body_that_there_is_no_such_thing(ledger: Ledger, code: str, gone: bool) -> None:
    refusal = {"Response": {"Error": {"Code": code, "Message": "no"}, "RequestId": "r"}}
    provider = Provider(replies={"DELETE /keys/k1": [(200, refusal)] * 3})
    entry = ledger.created(ledger.intend("acme", "key", NAME, UNDO), "k1")
    result = await one(entry, ledger, provider, seen={entry.number})
    assert (result.gone, bool(result.wrong)) == (gone, not gone)


async def test_what_is_old_is_believed_to_be_gone_but_not_at_the_first_look(ledger: Ledger) -> None:
    provider = Provider(replies={"GET /keys": [(200, {"data": []})]}, keys={"k1": NAME})
    assert (await one(old(ledger.intend("acme", "key", NAME, UNDO)), ledger, provider)).gone
    assert (provider.keys, ledger.entries) == ({}, [])
    assert (await one(old(ledger.intend("acme", "key", NAME, UNDO)), ledger, provider)).gone
    assert provider.asked == ["GET /keys", "GET /keys", "DELETE /keys/k1", "GET /keys", "GET /keys"]


async def test_an_old_entry_that_could_be_looked_for_only_once_stays_open(ledger: Ledger) -> None:
    provider = Provider(replies={"GET /keys": [(200, {"data": []}), (500, None), (500, None)]})
    assert "500" in (await one(old(ledger.intend("acme", "key", NAME, UNDO)), ledger, provider)).wrong
    (result,) = await undo_all([old(entry) for entry in ledger.entries], ledger, Provider(), pauses=())
    assert (result.minutes, len(ledger.entries)) == (1, 1)


async def test_a_clock_that_was_set_back_does_not_keep_an_entry_for_ever(ledger: Ledger) -> None:
    entry = replace(ledger.intend("acme", "key", NAME, UNDO), at=(datetime.now(UTC) + timedelta(days=300)).isoformat())
    assert (await one(entry, ledger, Provider())).gone


async def test_what_appears_between_two_looks_is_removed(ledger: Ledger) -> None:
    provider = Provider()
    provider.before = lambda: provider.keys.update({"k1": NAME}) if len(provider.asked) == 2 else None
    assert (await one(ledger.intend("acme", "key", NAME, UNDO), ledger, provider)).gone
    assert (provider.keys, ledger.entries) == ({}, [])


async def test_a_created_thing_that_is_not_found_yet_is_not_gone(ledger: Ledger) -> None:
    provider = Provider(keys={"k1": NAME}, replies={"DELETE /keys/k1": [(404, None)]})
    created = ledger.created(ledger.intend("acme", "key", NAME, UNDO), "k1")
    assert (await one(created, ledger, provider)).gone
    assert provider.asked == ["DELETE /keys/k1"] * 2
    never = ledger.created(ledger.intend("acme", "key", NAME, UNDO), "k2")
    assert (await one(never, ledger, provider)).minutes == 15


async def test_a_created_thing_that_was_seen_is_gone_when_it_is_not_there(ledger: Ledger) -> None:
    provider = Provider()
    created = ledger.created(ledger.intend("acme", "key", NAME, UNDO), "k1")
    assert (await one(created, ledger, provider, seen={created.number})).gone
    assert provider.asked == ["DELETE /keys/k1"]


async def test_what_was_listed_and_cannot_be_deleted_again_is_gone(ledger: Ledger) -> None:
    provider = Provider(keys={"k1": NAME}, replies={"DELETE /keys/k1": [(404, None)]})
    assert (await one(ledger.intend("acme", "key", NAME, UNDO), ledger, provider)).gone


@pytest.mark.parametrize("status", [404, 200])
async def test_what_stood_in_something_that_is_gone_is_gone_with_it(ledger: Ledger, status: int) -> None:
    project = ledger.created(ledger.intend("acme", "project", NAME, {**UNDO, "path": "/projects/{id}"}), "p1")
    key = ledger.intend("acme", "key", NAME, {**UNDO, "path": "/projects/p1/keys/{id}", "find": {**LIST, "path": "/projects/p1/keys"}})
    provider = Provider(keys={"p1": NAME}, replies={"GET /projects/p1/keys": [(200, {"data": []}), (status, {"data": []})]})
    results = await undo_all([key, project], ledger, provider, pauses=(0.0,))
    assert [each.gone for each in results] == [True, True]


async def test_no_list_is_no_absence(ledger: Ledger) -> None:
    provider = Provider(replies={"GET /keys": [(404, None)] * 3})
    result = await one(old(ledger.intend("acme", "key", NAME, UNDO)), ledger, provider)
    assert result.wrong == "looking for it by name answered 404, and no list"


async def test_one_that_cannot_be_undone_keeps_none_of_the_others_from_it(ledger: Ledger) -> None:
    async def broken(method: str, url: str, body: Any) -> Answer:
        if url.endswith("k1"):
            raise ConnectionDropped("dropped a-secret-value-77")
        if url.endswith("k2"):
            raise RecursionError
        return answer(200)

    entries = [ledger.created(ledger.intend("acme", "key", NAME, UNDO), key) for key in ("k1", "k2", "k3", "..")]
    results = await undo_all(entries, ledger, broken, pauses=())
    assert [each.gone for each in results] == [False, False, True, False]
    assert results[0].wrong == "dropped REDACTED"
    assert "a-secret-value" not in "".join(str(entry.notes) for entry in ledger.entries)


async def test_what_may_pass_is_tried_again(ledger: Ledger) -> None:
    provider = Provider(keys={"k1": NAME}, replies={"DELETE /keys/k1": [(503, None), (409, None)]})
    assert (await one(ledger.created(ledger.intend("acme", "key", NAME, UNDO), "k1"), ledger, provider)).gone
    provider = Provider(keys={"k2": NAME}, replies={"DELETE /keys/k2": [(400, None)]})
    assert "400" in (await one(ledger.created(ledger.intend("acme", "key", NAME, UNDO), "k2"), ledger, provider)).wrong


async def test_a_sequence_is_gone_through_to_its_end(ledger: Ledger) -> None:
    provider = Provider(keys={"k1": NAME}, replies={"POST /deleted/k1/purge": [(409, None), (202, None)]})
    assert (await one(ledger.created(ledger.intend("acme", "key", NAME, PURGED), "k1"), ledger, provider)).gone
    assert provider.asked == ["DELETE /keys/k1", "POST /deleted/k1/purge", "POST /deleted/k1/purge"]


def test_each_request_of_a_sequence_must_be_about_the_entry_alone(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="not about it alone"):
        ledger.intend("acme", "key", NAME, {**UNDO, "then": [{"method": "POST", "path": "/purge-all"}]})


# Settings


@pytest.mark.parametrize(
    ("replies", "wrong"),
    [
        ({"PATCH /settings": [(200, None)], "GET /settings": [(200, {"data": {"limit": 5}})]}, ""),
        ({"PATCH /settings": [(200, None)] * 2, "GET /settings": [(200, {"data": {"limit": 9}}), (200, {"data": {"limit": 5}})]}, ""),
        ({"PATCH /settings": [(200, None)] * 3, "GET /settings": [(200, {"data": {"limit": 9}})] * 3}, "set back to 5, but reads 9"),
        ({"PATCH /settings": [(200, None)] * 3, "GET /settings": [(403, None)]}, "reading it back answered 403"),
        ({"PATCH /settings": [(404, None)]}, "PATCH answered 404"),
    ],
)
async def test_a_setting_is_set_back_and_read_back(
    ledger: Ledger, tmp_path: Path, replies: dict[str, list[tuple[int, Any]]], wrong: str
) -> None:
    result = await one(ledger.changed("acme", "limit", 5, RESTORE), ledger, Provider(replies=replies))
    assert (result.gone, wrong in result.wrong) == (not wrong, True)
    assert len(open_entries(tmp_path)) == bool(wrong)


async def test_a_setting_that_cannot_be_read_back_is_believed(ledger: Ledger) -> None:
    restore: Undo = {"method": "PATCH", "path": "/settings", "host": HOST, "body": {"limit": None}}
    assert (await one(ledger.changed("acme", "limit", None, restore), ledger, Provider(replies={"PATCH /settings": [(200, None)]}))).gone


# Lists


def listing(many: int, size: int, *, style: str, name: str = "other") -> tuple[list[str], Callable[..., Any]]:
    """A provider with so many keys, the last of which bears the name, in pages of the style."""
    keys = [{"id": f"k{number}", "meta": {"name": NAME if number == many - 1 else name}} for number in range(many)]
    asked: list[str] = []

    async def send(method: str, url: str, body: Any) -> Answer:
        asked.append(url)
        query = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()} | (body or {})
        if style == "cursor":
            start = int(str(query.get("pageToken", "t0"))[1:])
            more = {"next": {"token": f"t{start + size}"}} if start + size < many else {"next": {}}
            return answer(200, {"data": keys[start : start + size], **more})
        if style == "last id":
            start = next((at + 1 for at, key in enumerate(keys) if key["id"] == query.get("after")), 0)
            page = keys[start : start + size]
            return answer(200, {"data": page, "last_id": page[-1]["id"] if page else None})
        if style == "ignores":
            return answer(200, {"data": keys[:size]})
        start = int(query.get("offset", 0)) if style == "offset" else (int(query.get("page", 1)) - 1) * size
        return answer(200, {"data": keys[start : start + size]})

    return asked, send


PAGED: Find = {"method": "GET", "path": "/keys?limit=20", "where": "data[].meta.name", "id": "data[].id"}
STYLES: dict[str, Pages] = {
    "cursor": {"cursor": "next.token", "parameter": "pageToken"},
    "last id": {"cursor": "last_id", "parameter": "after"},
    "offset": {"parameter": "offset", "size": 20},
    "page": {"parameter": "page", "first": 1},
}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("keys", [1, 19, 20, 21, 1200])
async def test_a_name_is_found_on_the_last_page(style: str, keys: int) -> None:
    asked, send = listing(keys, 20, style=style)
    assert await find({**PAGED, "pages": STYLES[style]}, HOST, NAME, send) == [f"k{keys - 1}"]
    assert len(asked) <= keys // 20 + 2
    assert all(url.startswith(f"{HOST}/keys?limit=20") for url in asked)


@pytest.mark.parametrize("style", STYLES)
async def test_a_name_that_is_not_there_is_looked_for_on_every_page(style: str) -> None:
    asked, send = listing(1200, 20, style=style)
    assert await find({**PAGED, "pages": STYLES[style]}, HOST, "another", send) == []
    assert len(asked) >= 60


async def test_all_of_a_name_are_found_on_whatever_page() -> None:
    _, send = listing(1200, 100, style="offset", name=NAME)
    assert len(await find({**PAGED, "pages": {"parameter": "offset", "size": 100}}, HOST, NAME, send)) == 1200


async def test_a_server_that_takes_no_notice_of_the_parameter_is_asked_twice() -> None:
    asked, send = listing(50, 20, style="ignores")
    assert await find({**PAGED, "pages": STYLES["offset"]}, HOST, NAME, send) == []
    assert len(asked) == 2


@pytest.mark.parametrize(("circle", "what"), [(True, "names itself"), (False, "more than 200 pages")])
async def test_a_list_that_does_not_end_is_no_absence(circle: bool, what: str) -> None:
    tokens = count()

    async def endless(method: str, url: str, body: Any) -> Answer:
        return answer(200, {"data": [], "next": {"token": "t1" if circle else f"t{next(tokens)}"}})

    with pytest.raises(NoList, match=what):
        await find({**PAGED, "pages": STYLES["cursor"]}, HOST, NAME, endless)


async def test_a_list_that_is_asked_for_in_a_body_goes_on_in_the_body() -> None:
    asked, send = listing(1200, 100, style="offset")
    how: Find = {
        **PAGED,
        "method": "POST",
        "path": "/?Action=ListKeys",
        "body": {"offset": 0},
        "pages": {"parameter": "offset", "size": 100},
    }
    assert await find(how, HOST, NAME, send) == ["k1199"]
    assert set(asked) == {f"{HOST}/?Action=ListKeys"}


@pytest.mark.parametrize(("omits", "found"), [(True, []), (False, None)])
async def test_an_empty_list_may_be_left_out_of_the_answer(omits: bool, found: list[str] | None) -> None:
    async def empty(method: str, url: str, body: Any) -> Answer:
        return answer(200, {})

    how: Find = {**LIST, "omits_empty": omits}
    if found is None:
        with pytest.raises(NoList):
            await find(how, HOST, NAME, empty)
    else:
        assert await find(how, HOST, NAME, empty) == found
