"""One entry of the ledger, and the lines it is told in. Plain data: nothing here touches a file.

A run's file is JSON lines. The first says `run`; then each entry is opened by `intend` or `changed` and followed by `created`, `failed`,
`refused`, `undone`, `restored`. Reading is lenient about the order of these (an interrupted run may say a thing twice) and strict about
everything else: what cannot be understood is reported, never skipped in silence.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

from probes.errors import LedgerError
from probes.ledger_requests import Request, Undo, filled, is_usable, needs_id, steps

VERSION = 1
"""Of the file format; a file of another version is reported, not guessed at."""

Damaged = Callable[["LedgerError"], None]
"""Told of each line that cannot be understood; raising from it ends the reading."""


class _NotUnderstood(Exception):
    """A line is JSON, but not what keycap writes."""


class State(StrEnum):
    INTENDED = "intended"
    CREATED = "created"
    CHANGED = "changed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Entry:
    """Something a run created, or was about to; or a setting it changed.

    `intended`: nobody knows whether it exists, look by name. `created`: it exists; where `id` is None it could not be written down, look by
    name. `changed`: the setting may no longer be `old`.
    """

    run: str
    number: int
    at: str
    """UTC, ISO 8601."""
    provider: str
    kind: str
    """`key`, `project`, …; `setting` for what was changed."""
    name: str
    undo: Undo
    state: State
    id: str | None = None
    old: Any = None
    notes: tuple[str, ...] = ()
    """What went wrong so far."""
    alive: bool = False
    """Whether some process is still at work on the run; its entries are its own to undo."""

    @property
    def is_open(self) -> bool:
        return self.state is not State.CLOSED

    def undoing(self) -> list[Request] | None:
        """The requests that undo this entry, its id filled in; None where the id is needed and not known, or cannot stand in an address."""
        if not needs_id(self.undo):
            return steps(self.undo)
        if self.id is None or not is_usable(self.id):
            return None
        return [filled(each, self.id) for each in steps(self.undo)]

    def age(self) -> timedelta:
        """How long ago it was opened, by a clock that may have been set since."""
        return datetime.now(UTC) - datetime.fromisoformat(self.at).astimezone(UTC)


def now() -> str:
    """The time: UTC, ISO 8601, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def line(event: str, **fields: Any) -> bytes:
    """One line of the file. ASCII, so that no character of a name can end a line. Raises TypeError or ValueError for what is no JSON."""
    return json.dumps({"event": event, **fields}, allow_nan=False).encode() + b"\n"


def whole(data: bytes) -> int:
    """The length in bytes of the lines that were written to their end.

    A crash in the middle of a write leaves a line without an end; a power cut may also leave zeros where a line was to be.
    """
    end = data.rfind(b"\n") + 1
    start = data.rfind(b"\n", 0, max(end - 1, 0)) + 1
    return start if b"\0" in data[start:end] else end


def read(data: bytes, path: Path, damaged: Damaged) -> dict[int, Entry]:
    """All entries of one run's file by number, closed ones too. The torn last line of a crash is ignored, its entry stays as it was.

    Every other line that cannot be understood goes to `damaged`; if that returns, the reading goes on after it: an entry then counts as
    less finished than it may be, never as more.
    """
    entries: dict[int, Entry] = {}
    for number, text in enumerate(data[: whole(data)].split(b"\n")[:-1], 1):
        try:
            _take(json.loads(text), path.stem, entries, first=number == 1)
        except (_NotUnderstood, ValueError, KeyError, RecursionError) as error:
            told = str(error) if isinstance(error, _NotUnderstood) else "no line that keycap wrote"
            hint = "Look at the file and undo by hand what it names; keycap keeps it until then."
            damaged(LedgerError(f"the ledger is damaged: {told}", where=f"{path}:{number}", hint=hint))
    return entries


def opened(run: str, event: Mapping[str, Any]) -> Entry:
    """The entry that an `intend` or `changed` line opens."""
    undo = event["undo"]
    if not isinstance(undo, dict):
        raise _NotUnderstood("it does not say how to undo")
    undo = cast("Undo", {**undo, "method": _text(undo, "method"), "path": _text(undo, "path")})
    datetime.fromisoformat(_text(event, "at"))  # raises ValueError: what has no age could never be closed
    return Entry(
        run=run,
        number=event["entry"],
        at=_text(event, "at"),
        provider=_text(event, "provider"),
        kind=_text(event, "kind"),
        name=_text(event, "name"),
        undo=undo,
        state=State.INTENDED if event["event"] == "intend" else State.CHANGED,
        old=event.get("old"),
    )


def after(entry: Entry, event: Mapping[str, Any]) -> Entry:
    """The entry after one more event. `created` opens again what was closed: an answer that came late."""
    match event["event"]:
        case "created":
            return replace(entry, state=State.CREATED, id=None if event["id"] is None else _text(event, "id"))
        case "failed":
            return replace(entry, notes=(*entry.notes, _text(event, "why")))
        case "undone" | "restored" | "refused":
            return replace(entry, state=State.CLOSED)
    raise _NotUnderstood("it tells of an event that is not known")


def _take(event: Any, run: str, entries: dict[int, Entry], *, first: bool) -> None:
    """Apply one line; raises _NotUnderstood or KeyError."""
    if not isinstance(event, dict):
        raise _NotUnderstood("not an object")
    word = _text(event, "event")
    if first:
        if word != "run" or event["version"] != VERSION:
            raise _NotUnderstood(f"not a ledger of version {VERSION}; a newer keycap may have written it")
        return
    number = event["entry"]
    if not isinstance(number, int):
        raise _NotUnderstood("an entry without a number")
    if word in {"intend", "changed"}:
        if number in entries:
            raise _NotUnderstood(f"entry {number} was opened before")
        entries[number] = opened(run, event)
    elif number not in entries:
        raise _NotUnderstood(f"entry {number} was never opened")
    else:
        entries[number] = after(entries[number], event)


def _text(fields: Mapping[str, Any], key: str) -> str:
    value = fields[key]
    if not isinstance(value, str):
        raise _NotUnderstood(f"{key} is not text")
    return value
