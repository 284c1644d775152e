"""What goes wrong at night: no room, no permission, no network, a conflict, a clock that jumps. The record stays what it was."""

import json
import resource
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from probes import cli, cli_options, files
from probes.errors import NotWritten
from tests.servers import Reply, Served, http_server

ROUTES = ("GET /v1/models", "POST /v1/keys")


@pytest.fixture
def acme() -> Iterator[Served]:
    """A server with the routes of the sample claims."""
    with http_server(lambda method, target: Reply(401 if f"{method} {target}" in ROUTES else 404)) as served:
        yield served


@pytest.fixture
def nowhere() -> Iterator[str]:
    """An address that nothing listens at."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{unused.getsockname()[1]}"


def arguments(claims: Path, record: Path, url: str) -> list[str]:
    return ["verify", "acme", "--tier", "surface", "--endpoint", f"acme={url}", "--claims", str(claims), "--cassettes", str(record)]


def ended(*asked: str, limit: int | None = None) -> "subprocess.CompletedProcess[str]":
    """A run as a process of its own, whose files may not grow past `limit` bytes: a full disk as it shows itself."""

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit or 0, limit or 0))

    prepare = little_room if limit else None
    return subprocess.run([sys.executable, "-m", "probes", *asked], capture_output=True, text=True, check=False, preexec_fn=prepare)


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("limit", [10, 1000])
def test_a_full_disk_is_told_and_the_record_is_as_it_was(acme: Served, sample_path: Path, tmp_path: Path, limit: int) -> None:
    record = tmp_path / "record"
    asked = arguments(sample_path, record, acme.url)
    assert ended(*asked).returncode == 0
    before = content(record)
    full = ended(*asked, limit=limit)
    assert (full.returncode, "Traceback" in full.stderr) == (2, False), full.stderr
    assert "File too large" in full.stderr or "no room for a whole line" in full.stderr
    assert {name: text for name, text in content(record).items() if name.endswith(".yaml")} == before
    assert ended(*asked).returncode == 0
    assert sorted(content(record)) == sorted(before), "nothing is left of it"


def test_where_nothing_can_be_written_nothing_is_sent(acme: Served, sample_path: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    refused = ended(*arguments(sample_path, tmp_path / "file" / "record", acme.url))
    assert (refused.returncode, acme.asked) == (2, [])
    assert "cannot be written to (Not a directory); nothing was sent" in refused.stderr


def test_a_report_that_cannot_be_written_is_no_traceback(sample_path: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    out = ("--out", str(tmp_path / "file" / "out"))
    refused = ended("report", "--claims", str(sample_path), "--cassettes", str(tmp_path / "none"), *out)
    assert (refused.returncode, "Traceback" in refused.stderr, "not written" in refused.stderr) == (2, False, True)


def test_without_a_network_no_recording_changes_whatever_it_says(sample_path: Path, tmp_path: Path, nowhere: str) -> None:
    """Also one that settles nothing is worth more than one that says that nobody answered."""
    with http_server(lambda _method, _target: Reply(500)) as broken:
        assert ended(*arguments(sample_path, tmp_path / "record", broken.url)).returncode == 3
    before = content(tmp_path / "record")
    offline = ended(*arguments(sample_path, tmp_path / "record", nowhere))
    assert (offline.returncode, "nothing answered" in offline.stderr or "unreachable" in offline.stderr) == (3, True)
    assert content(tmp_path / "record") == before != {}


def test_a_run_that_tests_nothing_says_so_even_where_the_record_contradicts_a_claim(
    sample_path: Path, tmp_path: Path, nowhere: str
) -> None:
    (tmp_path / "acme.openapi.yaml").write_text("openapi: 3.1.0\ninfo: {version: '7'}\npaths: {/v1/keys: {post: {}}}\n", encoding="utf-8")
    where = ("--claims", str(sample_path), "--cassettes", str(tmp_path / "record"))
    assert ended("verify", "acme", "--tier", "contract", "--documents", str(tmp_path), *where).returncode == 1
    assert ended(*arguments(sample_path, tmp_path / "record", nowhere)).returncode == 3


def test_a_conflict_that_git_left_is_told_with_its_line(acme: Served, sample_path: Path, tmp_path: Path) -> None:
    ended(*arguments(sample_path, tmp_path / "record", acme.url))
    [path] = (tmp_path / "record").rglob("*.yaml")
    lines = path.read_text(encoding="utf-8").splitlines()
    both = ["<<<<<<< ours", lines[3], "=======", "  tier: other", ">>>>>>> theirs"]
    path.write_text("\n".join([*lines[:3], *both, *lines[4:]]), encoding="utf-8")
    told = ended("show", "--claims", str(sample_path), "--cassettes", str(tmp_path / "record"))
    assert (told.returncode, f"{path}: git left a conflict in it (line 4)" in told.stderr) == (2, True)
    sample_path.write_text(f"<<<<<<< HEAD\n{sample_path.read_text(encoding='utf-8')}", encoding="utf-8")
    told = ended("claims", "check", "--claims", str(sample_path))
    assert (told.returncode, "1:1: (file): git left a conflict here" in told.stderr) == (2, True)


def test_what_git_marks_inside_an_answer_is_no_conflict(sample_path: Path, tmp_path: Path) -> None:
    body = json.dumps({"error": {"message": "<<<<<<< HEAD\n=======\n>>>>>>> x"}}).encode()
    with http_server(lambda method, target: Reply(401 if f"{method} {target}" in ROUTES else 404, body)) as server:
        assert ended(*arguments(sample_path, tmp_path / "record", server.url)).returncode == 0


def test_a_clock_that_was_set_back_makes_no_evidence_younger_than_now(
    acme: Served, sample_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "acme.openapi.yaml").write_text("openapi: 3.1.0\ninfo: {version: '7'}\npaths: {/v1/keys: {post: {}}}\n", encoding="utf-8")
    where = ("--claims", str(sample_path), "--cassettes", str(tmp_path / "record"))
    ended("verify", "acme", "--tier", "contract", "--documents", str(tmp_path), *where)
    monkeypatch.setattr(cli_options, "today", lambda: date(2001, 1, 1))
    monkeypatch.setattr(sys, "argv", ["keycap", "show", "--json", *where])
    _run()
    document: Any = json.loads(capsys.readouterr().out)
    assert {row["age_days"] for row in document["verdicts"] if row["as_of"]} == {0}


def _run() -> None:
    with pytest.raises(SystemExit):
        cli.run()


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_crash_while_writing_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    path = files.write(tmp_path / "report.md", b"old")

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(f"os.{call}", fails)
        with pytest.raises(NotWritten, match="No space left"):
            files.write(path, b"new")
    assert content(tmp_path) == {"report.md": b"old"}
