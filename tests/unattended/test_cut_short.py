"""A run that was cut short: the record is valid, the next run goes on, and nobody else was at work meanwhile."""

import random
import re
import signal
import time
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from probes.journal import NAME
from probes.wire.cassette import load
from tests.account.hub import Hub
from tests.account.runs import FOREIGN, Gate, Runs, ended

PLAN = ("--tier", "surface", "--tier", "read")
"""Beside `write`, which `Runs.write` names: three recordings."""


def recordings(runs: Runs) -> dict[str, Path]:
    return {path.stem: path for path in (runs.folder / "cassettes").rglob("*.yaml")}


def outcomes(document: Any) -> set[tuple[str, str, str]]:
    return {(row["tier"], row["capability"], row["outcome"]) for row in document["evidence"]}


@pytest.fixture
def held(hub: Hub) -> Event:
    """The gateway does not answer one request of the tier `surface` until this is set."""
    free = Event()

    def before(method: str, target: str) -> None:
        if method == "PUT" and target.startswith("/admin/keycap-"):
            free.wait(30)

    hub.before = before
    return free


def cut_short(runs: Runs, number: signal.Signals) -> tuple[int, str]:
    """Start a run, and end it when the key was created, deleted and recorded while another recording is not finished."""
    process = runs.write(*PLAN)
    deadline = time.monotonic() + 40
    while {"write", "read"} - recordings(runs).keys() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    return process.returncode, err


@pytest.mark.timeout(150)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_next_run_does_not_create_again_what_is_recorded(hub: Hub, runs: Runs, held: Event, number: signal.Signals) -> None:
    cut_short(runs, number)
    assert set(hub.deleted) == {3}, "the key of the first run"
    before = {name: path.read_bytes() for name, path in recordings(runs).items()}
    held.set()
    code, document, err = ended(runs.write(*PLAN))
    assert (code, set(hub.deleted), hub.keys) == (0, {3}, FOREIGN)
    assert "write): recorded at 2" in err
    assert "before the run was cut short; not repeated" in err
    assert {job["tier"]: bool(job["recorded_before"]) for job in document["run"]["jobs"]} == {"surface": False, "read": True, "write": True}
    assert all(recordings(runs)[name].read_bytes() == text for name, text in before.items() if name != "surface")
    assert {tier for tier, _, outcome in outcomes(document) if outcome == "present"} == {"read", "write"}
    code, document, _ = ended(runs.write(*PLAN))
    assert (code, set(hub.deleted)) == (0, {3, 4}), "that run came to its end: this one is a new one"


@pytest.mark.timeout(150)
@pytest.mark.parametrize("asked", [(*PLAN, "--fresh"), ()])
def test_fresh_and_another_plan_begin_anew(hub: Hub, runs: Runs, held: Event, asked: tuple[str, ...]) -> None:
    cut_short(runs, signal.SIGKILL)
    held.set()
    assert ended(runs.write(*asked))[0] == 0
    assert set(hub.deleted) == {3, 4}


@pytest.mark.timeout(150)
@pytest.mark.parametrize("days", [-400, 400])
def test_a_run_that_was_cut_short_by_the_clock_long_ago_is_forgotten(hub: Hub, runs: Runs, held: Event, days: int) -> None:
    cut_short(runs, signal.SIGKILL)
    held.set()
    journal = runs.folder / "cassettes" / NAME
    year = time.gmtime().tm_year + days // 365
    journal.write_text(re.sub(r'"at": "\d{4}', f'"at": "{year}', journal.read_text(encoding="utf-8")), encoding="utf-8")
    assert ended(runs.write(*PLAN))[0] == 0
    assert set(hub.deleted) == {3, 4}


@pytest.mark.timeout(150)
def test_a_recording_that_was_put_back_meanwhile_is_made_again(hub: Hub, runs: Runs, held: Event) -> None:
    """The journal says that it was recorded; what is there tells another tag."""
    held.set()
    ended(runs.write(*PLAN))
    older = recordings(runs)["write"].read_bytes()
    held.clear()
    process = runs.write(*PLAN)
    deadline = time.monotonic() + 40
    while recordings(runs)["write"].read_bytes() == older and time.monotonic() < deadline:
        time.sleep(0.05)
    process.kill()
    process.communicate()
    recordings(runs)["write"].write_bytes(older)
    held.set()
    assert ended(runs.write(*PLAN))[0] == 0
    assert set(hub.deleted) == {3, 4, 5}


def test_a_second_run_over_the_same_record_is_turned_away_and_a_dead_ones_lock_is_not_in_the_way(hub: Hub, runs: Runs) -> None:
    gate = Gate(hub)
    process = runs.write()
    assert gate.reached()
    code, document, err = ended(runs.write())
    assert (code, document) == (2, None)
    assert f"another run is at work on this record: process {process.pid} on " in err
    assert "--cassettes DIR" in err
    assert len(hub.ours) == 1, "nothing was sent"
    process.kill()
    process.communicate()
    gate.open()
    assert ended(runs.write())[0] == 0
    assert not (runs.folder / "cassettes" / NAME).exists()


@pytest.mark.timeout(180)
def test_after_ten_kills_at_random_moments_the_record_is_valid_and_the_run_comes_to_its_end(hub: Hub, runs: Runs) -> None:
    chance = random.Random(20261124)  # noqa: S311  (moments, not secrets)
    hub.before = lambda _method, _target: time.sleep(0.02)
    for _ in range(10):
        moment = hub.requests + chance.randint(0, 12)
        process = runs.write(*PLAN)
        while process.poll() is None and hub.requests < moment:
            time.sleep(0.005)
        time.sleep(chance.uniform(0.0, 0.3))
        process.kill()
        process.communicate()
        assert all(load(path) for path in recordings(runs).values())
    code, document, err = ended(runs.write(*PLAN))
    assert (code, set(recordings(runs))) == (0, {"surface", "read", "write"}), err
    assert list((runs.folder / "cassettes").rglob(".*")) == []
    assert {tier for tier, _, outcome in outcomes(document) if outcome == "present"} == {"read", "write"}
    runs.cleanup()
    hub.settle()
    assert hub.keys == FOREIGN
