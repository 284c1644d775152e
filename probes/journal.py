"""One run at a time over one record, and what it has recorded so far: a run that was cut short goes on where it stopped.

The journal is the file `.run.jsonl` in the folder of recordings. Its lock keeps a second run away for as long as the first one lives; the
lock of a dead process is free by itself. A run that came to its end removes the file. One that was killed or interrupted leaves it, and the
next run of the same plan does not repeat what is recorded: creating keys twice is what nobody asked for. What a recording replaced is kept
in `.run.before` until the run is over, so that the change is told by the run that comes to its end.
"""

import hashlib
import json
import os
import shutil
import socket
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from probes import locked_files as files
from probes.errors import NotWritten, RecordInUse
from probes.files import PARTIAL, write

NAME = ".run.jsonl"
BEFORE = ".run.before"

FORGOTTEN = timedelta(days=1)
"""A run that was cut short so long ago, by whichever way the clock was set since, is not gone on with."""


@dataclass(frozen=True, slots=True)
class Noted:
    """Where a run was about to put a recording. It is there if the recording in that place has this tag."""

    tag: str
    path: Path
    replaced: Path
    """The recording that was there before; no such file where there was none."""

    @property
    def origin(self) -> str:
        """The place tells it."""
        return self.path.parent.parent.name


@dataclass
class Journal:
    """The journal of the run at work. `earlier` has what the same run recorded before it was cut short, by job."""

    earlier: Mapping[str, Noted]
    _cassettes: Path
    _file: int
    _noted: bool = False
    _over: bool = False

    def note(self, job: str, tag: str, path: Path) -> None:
        """Call before a recording is put in its place. Raises NotWritten."""
        name = path.relative_to(self._cassettes)
        copy = self._cassettes / BEFORE / name
        if path.is_file():
            write(copy, path.read_bytes())
        else:
            copy.unlink(missing_ok=True)
        self._noted = True
        _append(self._cassettes / NAME, self._file, {"job": job, "tag": tag, "path": name.as_posix()})

    def over(self) -> None:
        """The run came to its end: the next one starts anew."""
        self._over = True

    def close(self) -> None:
        """Free the record; the journal goes where there is nothing to go on with."""
        if self._over or not (self._noted or self.earlier):
            shutil.rmtree(self._cassettes / BEFORE, ignore_errors=True)
            files.remove(self._cassettes / NAME, self._file)
        else:
            files.release(self._file)


@contextmanager
def at_work(cassettes: Path, plan: str, *, fresh: bool = False) -> Iterator[Journal]:
    """Hold the record while a run of this plan is at work; `fresh` forgets what it recorded before it was cut short.

    Nothing has been sent when this raises RecordInUse, or NotWritten where the folder cannot be written to. What a killed run was writing
    when it died is removed.
    """
    path, made = cassettes / NAME, not cassettes.exists()
    try:
        cassettes.mkdir(parents=True, exist_ok=True)
        file = files.claim(path)
    except BlockingIOError as error:
        hint = f"Wait until it has ended, or give this run a record of its own: --cassettes DIR. The lock is {NAME} in that folder."
        raise RecordInUse(f"another run is at work on this record{_who(path)}", where=str(cassettes), hint=hint) from error
    except OSError as error:
        what = f"cannot be written to ({error.strerror or error}); nothing was sent"
        raise NotWritten(what, where=str(cassettes), hint="Name a folder that can: --cassettes DIR.") from error
    try:
        journal = _begun(cassettes, file, plan, fresh=fresh)
        for left in cassettes.rglob(PARTIAL):
            left.unlink(missing_ok=True)
    except BaseException:
        files.release(file)
        raise
    try:
        yield journal
    finally:
        journal.close()
        if made:
            with suppress(OSError):  # not empty: something was recorded
                cassettes.rmdir()


def _begun(cassettes: Path, file: int, plan: str, *, fresh: bool) -> Journal:
    path = cassettes / NAME
    lines = list(_lines(files.content(file)))
    runs = [line for line in lines if "plan" in line]
    now = datetime.now(UTC)
    goes_on = not fresh and bool(runs) and runs[0]["plan"] == plan and abs(now - _moment(runs[0])) < FORGOTTEN
    try:
        files.trim(file)
        if not goes_on:
            os.ftruncate(file, 0)
            shutil.rmtree(cassettes / BEFORE, ignore_errors=True)
            lines = []
    except OSError as error:
        raise _not_written(path, error) from error
    begun = {"plan": plan, "at": now.isoformat(timespec="seconds"), "pid": os.getpid(), "host": socket.gethostname()}
    _append(path, file, begun)
    noted = [line for line in lines if {"job", "tag", "path"} <= line.keys()]
    earlier = {line["job"]: Noted(line["tag"], cassettes / line["path"], cassettes / BEFORE / line["path"]) for line in noted}
    return Journal(earlier, cassettes, file)


def _lines(data: bytes) -> Iterator[dict[str, Any]]:
    """The lines that a run wrote to their end; what a crash tore is no line."""
    for text in data.split(b"\n"):
        try:
            line = json.loads(text)
        except ValueError:
            continue
        if isinstance(line, dict):
            yield line


def _moment(line: Mapping[str, Any]) -> datetime:
    try:
        return datetime.fromisoformat(str(line.get("at"))).astimezone(UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def _who(path: Path) -> str:
    """Who holds the lock, as it wrote itself; empty where that cannot be read."""
    try:
        begun = [line for line in _lines(path.read_bytes()) if {"pid", "host", "at"} <= line.keys()]
    except OSError:
        return ""
    return f": process {begun[-1]['pid']} on {begun[-1]['host']}, since {begun[-1]['at']}" if begun else ""


def _append(path: Path, file: int, line: Mapping[str, Any]) -> None:
    try:
        files.append(file, json.dumps(line).encode() + b"\n")
    except OSError as error:
        raise _not_written(path, error) from error


def _not_written(path: Path, error: OSError) -> NotWritten:
    what = f"the run's journal cannot be written: {error.strerror or error}"
    return NotWritten(what, where=str(path), hint="Check the folder's permissions and the free space.")


def jobs_named(plan: Collection[str]) -> str:
    """The name of a plan: the same jobs, in whatever order, are the same plan."""
    return hashlib.sha256("\n".join(sorted(plan)).encode()).hexdigest()[:16]
