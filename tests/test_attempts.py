"""One flaky answer changes no verdict: what changed is asked for once more, and only believed when it is so again."""

from collections.abc import Callable, Iterator
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest

from tests.keycap import Ended, Keycap
from tests.servers import Reply, Served, http_server

THERE, GONE = Reply(401, b'{"error": {"message": "no key"}}'), Reply(404, b'{"error": {"message": "no route"}}')

Verify = Callable[..., tuple[Ended, Served]]


@pytest.fixture
def verify(keycap: Keycap, sample_path: Path) -> Verify:
    """Verify the sample's gateway, its live instance; each run of its probe gets the next of `replies` for the route of its keys."""

    def run(*replies: Reply, more: tuple[object, ...] = ()) -> tuple[Ended, Served]:
        waiting: Iterator[Reply] = chain(replies, repeat(replies[-1]))

        def answer(method: str, target: str) -> Reply:
            if f"{method} {target}" == "POST /admin/keys":
                return next(waiting)
            return Reply(200) if target == "/openapi.json" else GONE

        with http_server(answer) as server:
            where = ("--claims", sample_path, "--cassettes", sample_path.parent / "cassettes", "--endpoint", f"hub={server.url}#0.0.1")
            ended = keycap("verify", "hub", "--tier", "surface", "--again-after", "0.1", "--json", *where, *more)
        return ended, server

    return run


def verdicts(ended: Ended) -> dict[str, tuple[str, str]]:
    rows: list[dict[str, Any]] = [row for row in ended.json["verdicts"] if row["provider"] == "hub"]
    return {row["capability"]: (row["verdict"], row["level"]) for row in rows}


def drift(ended: Ended) -> list[tuple[str, str]]:
    return [(row["capability"], row["kind"]) for row in ended.json["drift"]["verdicts"]]


def times_asked(server: Served) -> int:
    return server.asked.count("POST /admin/keys")


def test_a_flaky_answer_is_no_drift_and_the_older_recording_stays(verify: Verify, sample_path: Path) -> None:
    verify(THERE)
    path = sample_path.parent / "cassettes" / "live" / "hub" / "surface.yaml"
    before = path.read_bytes()
    ended, server = verify(GONE, THERE)
    assert (drift(ended), times_asked(server), path.read_bytes()) == ([], 2, before)
    assert verdicts(ended)["key.create"] == ("confirmed", "surface")
    assert "two attempts disagree on key.create (absent, then present): the older recording stays" in ended.err


def test_what_is_so_twice_is_believed_and_told_once(verify: Verify) -> None:
    verify(THERE)
    ended, server = verify(GONE)
    assert (ended.code, times_asked(server)) == (1, 2)
    assert drift(ended) == [("key.create", "vanished")]
    assert verdicts(ended)["key.create"] == ("refuted", "surface")
    again, server = verify(GONE)
    assert (drift(again), times_asked(server)) == ([], 1)
    back, _ = verify(THERE)
    assert drift(back) == [("key.create", "appeared")]


def test_an_outage_is_not_tested_and_asked_once(verify: Verify) -> None:
    verify(THERE)
    ended, server = verify(Reply(500))
    assert times_asked(server) == 1
    assert drift(ended) == []
    assert verdicts(ended)["key.create"] == ("confirmed", "surface")
    assert "not tested: the older recording stays" in ended.err
    half, _ = verify(GONE, Reply(500))
    assert drift(half) == []
    assert "two attempts disagree on key.create (absent, then not tested)" in half.err


def test_the_first_recording_of_anything_is_no_drift(verify: Verify) -> None:
    ended, server = verify(THERE)
    assert (drift(ended), times_asked(server)) == ([], 1)


def test_fail_on_widens_what_ends_with_1(verify: Verify) -> None:
    assert verify(THERE)[0].code == 0
    assert verify(THERE, more=("--fail-on", "drift"))[0].code == 0
    assert verify(THERE, more=("--fail-on", "unverified"))[0].code == 1
    assert verify(THERE, more=("--fail-on", "drift,stale", "--max-age", "1d"))[0].code == 0
    assert verify(GONE, more=("--fail-on", "drift"))[0].code == 1
    back, _ = verify(THERE)
    assert back.code == 0
    bad, server = verify(THERE, more=("--fail-on", "drifd"))
    assert (bad.code, server.asked) == (2, [])
    assert "Known: drift, stale, unverified." in bad.err


def test_changes_are_noted_in_the_history_that_is_named(verify: Verify, sample_path: Path) -> None:
    path = sample_path.parent / "history.jsonl"
    for reply in (THERE, GONE, GONE, THERE):
        verify(reply, more=("--history", path))
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if "key.create" in line]
    assert len(lines) == 3
    assert '"from": null' in lines[0]
