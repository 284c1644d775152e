"""Authenticated tiers: whatever happens, nothing that keycap created stays behind, nothing else is touched, and no secret is written."""

import base64
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from probes.undo import matching
from tests.hub import TOKEN, Hub, running_hub
from tests.servers import Reply

FOREIGN = {1: "production", 2: "keycap-probe-deadbeef-0"}


@pytest.fixture
def hub() -> Iterator[Hub]:
    with running_hub() as running:
        yield running


class Runs:
    """Runs keycap as a process of its own, with a state folder and a record of its own."""

    def __init__(self, hub: Hub, folder: Path) -> None:
        self.hub, self.folder = hub, folder
        self.environment = {**os.environ, "HUB_ADMIN_TOKEN": TOKEN, "XDG_STATE_HOME": str(folder / "state"), "NO_COLOR": "1"}

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "probes", *arguments]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.environment, cwd=self.folder.parent
        )

    def write(self, *more: str) -> "subprocess.Popen[str]":
        address = f"prompture_hub={self.hub.url}"
        where = ("--endpoint", address, "--cassettes", str(self.folder / "cassettes"), "--json")
        return self.start("verify", "prompture_hub", "--tier", "write", "--allow-write", *where, *more)

    def cleanup(self) -> "subprocess.CompletedProcess[str]":
        process = self.start("cleanup")
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess([], process.returncode, out, err)

    @property
    def ledger(self) -> list[Path]:
        return sorted((self.folder / "state" / "keycap" / "ledger").glob("*.jsonl"))


@pytest.fixture
def runs(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checkout: Path) -> Runs:
    monkeypatch.setenv("PYTHONPATH", str(checkout))
    folder = tmp_path / "run"
    folder.mkdir()
    return Runs(hub, folder)


def ended(process: "subprocess.Popen[str]") -> tuple[int, Any, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, json.loads(out) if out else None, err


def outcomes(document: Any) -> dict[str, tuple[str, str]]:
    return {row["capability"]: (row["outcome"], row["cause"]) for row in document["evidence"] if row["tier"] == "write"}


def test_the_whole_life_of_a_key_is_proven_and_nothing_is_left(hub: Hub, runs: Runs) -> None:
    code, document, _ = ended(runs.write())
    assert code == 0
    assert set(outcomes(document).values()) == {("present", "done")}
    assert {row["level"] for row in document["evidence"] if row["tier"] == "write"} == {"behaviour"}
    assert (hub.ours, hub.keys, runs.ledger) == ([], FOREIGN, [])
    assert set(hub.deleted).isdisjoint(FOREIGN)


def test_the_ledger_knows_of_it_before_the_creating_request_leaves(hub: Hub, runs: Runs) -> None:
    seen: list[str] = []

    def look(method: str, target: str) -> None:
        if (method, target) == ("POST", "/admin/keys"):
            seen.extend(path.read_text(encoding="utf-8") for path in runs.ledger)

    hub.before = look
    ended(runs.write())
    assert len(seen) == 1
    assert '"event": "intend"' in seen[0]


def test_a_probe_that_breaks_in_the_middle_leaves_nothing(hub: Hub, runs: Runs) -> None:
    hub.before = lambda _method, target: Reply(200, b'{"not": "a list of dicts"}') if target == "/v1/models" else None
    hub.after = lambda method, target: Reply(200, b'["no row"]') if (method, target) == ("GET", "/admin/keys") else None
    code, document, _ = ended(runs.write())
    assert code == 3 or outcomes(document)
    assert (hub.ours, runs.ledger) == ([], [])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_undoes_what_it_created(hub: Hub, runs: Runs, number: signal.Signals) -> None:
    def slow(_method: str, target: str) -> None:
        if target == "/v1/models":
            time.sleep(1.0)

    hub.before = slow
    process = runs.write()
    deadline = time.monotonic() + 30
    while not hub.ours and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(number)
    code, document, err = ended(process)
    assert code == 130
    assert "not run" in err
    assert (hub.ours, hub.keys, runs.ledger) == ([], FOREIGN, [])
    assert document["run"]["interrupted"]


@pytest.mark.timeout(180)
def test_after_ten_kills_at_random_moments_cleanup_leaves_nothing(hub: Hub, runs: Runs) -> None:
    chance = random.Random(20261124)  # noqa: S311  (moments, not secrets)
    hub.before = lambda _method, _target: time.sleep(0.05)
    for _ in range(10):
        process = runs.write()
        time.sleep(chance.uniform(0.3, 2.2))
        process.kill()
        process.communicate()
        first = runs.cleanup()
        assert (first.returncode, hub.ours, hub.keys) == (0, [], FOREIGN), first.stdout + first.stderr
    second = runs.cleanup()
    assert (second.returncode, second.stdout.strip(), runs.ledger) == (0, "0 removed, 0 left", [])
    assert set(hub.deleted).isdisjoint(FOREIGN)


def test_what_was_created_although_the_answer_was_lost_is_found_by_its_name(hub: Hub, runs: Runs) -> None:
    hub.after = lambda method, target: Reply(0) if (method, target) == ("POST", "/admin/keys") else None
    code, document, _ = ended(runs.write())
    assert code == 3
    assert {outcome for outcome, _ in outcomes(document).values()} == {"inconclusive"}
    assert (hub.ours, hub.keys, runs.ledger) == ([], FOREIGN, [])


def test_what_cannot_be_removed_is_told_and_kept_in_mind(hub: Hub, runs: Runs) -> None:
    hub.before = lambda method, _target: Reply(500) if method == "DELETE" else None
    _, _, err = ended(runs.write())
    assert "may still be there" in err
    assert len(hub.ours) == 1
    left = runs.cleanup()
    assert (left.returncode, "LEFT: DELETE answered 500" in left.stdout) == (1, True)
    hub.before = lambda _method, _target: None
    assert (runs.cleanup().returncode, hub.ours, runs.ledger) == (0, [], [])


def test_cleanup_without_the_credential_says_what_it_needs(hub: Hub, runs: Runs) -> None:
    hub.before = lambda method, _target: Reply(500) if method == "DELETE" else None
    ended(runs.write())
    del runs.environment["HUB_ADMIN_TOKEN"]
    left = runs.cleanup()
    assert (left.returncode, "needs HUB_ADMIN_TOKEN" in left.stdout, len(runs.ledger)) == (1, True, 1)


def test_cleanup_leaves_a_run_that_is_still_at_work_alone(hub: Hub, runs: Runs) -> None:
    def slow(_method: str, target: str) -> None:
        if target == "/v1/models":
            time.sleep(2.0)

    hub.before = slow
    process = runs.write()
    deadline = time.monotonic() + 30
    while not hub.ours and time.monotonic() < deadline:
        time.sleep(0.02)
    assert runs.cleanup().stdout.strip() == "0 removed, 0 left"
    assert len(hub.ours) == 1
    ended(process)
    assert hub.ours == []


@pytest.mark.parametrize(
    ("status", "body", "cause"),
    [
        (401, b'{"detail": "Invalid admin token."}', "credential_refused"),
        (403, b'{"detail": "this token may only read"}', "permission_missing"),
        (429, b'{"detail": "Rate limit of 1 exceeded"}', "rate_limited"),
    ],
)
def test_a_credential_that_is_refused_says_nothing_of_the_provider(hub: Hub, runs: Runs, status: int, body: bytes, cause: str) -> None:
    hub.before = lambda method, target: Reply(status, body) if (method, target) == ("POST", "/admin/keys") else None
    code, document, _ = ended(runs.write())
    assert code == 3
    assert set(outcomes(document).values()) == {("inconclusive", cause)}
    assert (hub.ours, runs.ledger) == ([], [])


def test_writing_needs_to_be_allowed_and_a_credential(hub: Hub, runs: Runs) -> None:
    refused = runs.start("verify", "prompture_hub", "--tier", "write", "--endpoint", f"prompture_hub={hub.url}")
    _, err = refused.communicate(timeout=60)
    assert (refused.returncode, "--allow-write" in err, hub.deleted) == (2, True, [])
    del runs.environment["HUB_ADMIN_TOKEN"]
    code, document, _ = ended(runs.write())
    assert (code, document["run"]["jobs"], hub.keys) == (3, [], FOREIGN)


def test_no_secret_is_written_anywhere(hub: Hub, runs: Runs) -> None:
    echo = json.dumps(
        {"detail": f"you sent Bearer {TOKEN}", "again": base64.b64encode(TOKEN.encode()).decode(), "url": quote(f"t={TOKEN}/")}
    )
    hub.after = lambda _method, target: Reply(500, echo.encode(), headers={"x-echo": TOKEN}) if target == "/admin/usage" else None
    process = runs.start(
        "verify", "prompture_hub", "--allow-write", "--endpoint", f"prompture_hub={hub.url}", "--cassettes", str(runs.folder / "cassettes")
    )
    out, err = process.communicate(timeout=60)
    written = "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in runs.folder.rglob("*") if path.is_file()) + out + err
    assert "keycap-probe-" in written
    for form in (TOKEN, base64.b64encode(TOKEN.encode()).decode().rstrip("="), quote(TOKEN), "ph_3"):
        assert form not in written


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ({"data": [{"name": "a", "id": 1}, {"name": "b", "id": 2}, {"name": "a", "id": "3"}, "x", {"name": "a"}]}, ["1", "3"]),
        ({"data": []}, []),
        ({"data": "no list"}, None),
        ("<html>", None),
        (None, None),
    ],
)
def test_only_what_bears_the_very_name_is_found_and_no_list_is_no_absence(answer: Any, found: list[str] | None) -> None:
    assert matching(answer, "data[].name", "data[].id", "a") == found
