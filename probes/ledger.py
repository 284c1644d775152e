"""What a run created, until it is gone.

One file per run, written ahead: each line is on the disk before the request it is about leaves. Whatever then ends the run, `open_entries`
finds what it may have left behind. A run holds a lock on its file for as long as it lives, and the lock of a dead process is free by
itself: that is how one keycap knows that what another one created is not its to clean up.

    with Ledger(folder, redact=redactor.text) as ledger:
        entry = ledger.intend("acme", "key", name, {"method": "DELETE", "path": "/keys/{id}", "find": …})
        …                                    # send the request
        entry = ledger.created(entry, id)
        …                                    # undo it
        ledger.undone(entry)

The ledger holds names, ids and paths, never a secret.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Any, Self

from probes import locked_files as files
from probes.errors import LedgerError
from probes.ledger_entries import (
    VERSION,
    Damaged,
    Entry,
    State,
    after,
    line,
    now,
    opened,
    read,
    whole,
)
from probes.ledger_requests import Find, Pages, Read, Request, Undo, aims_at_one, in_strings

__all__ = ["Entry", "Find", "Ledger", "LedgerError", "Pages", "Read", "Request", "State", "Undo", "close", "open_entries", "runs"]

NOTHING_CREATED = "nothing was created"
NOTHING_CHANGED = "nothing was changed"


def _raised(error: LedgerError) -> None:
    raise error


class Ledger:
    """The ledger of one run; safe to use from several threads and from a signal handler. Every call writes and syncs one short line.

    `folder` is created where absent (0700). `redact` is applied to every string. `take_over` names an earlier run whose process is dead, to
    be cleaned up: it raises LedgerError when the run is not free. `damaged` is told of lines that cannot be understood; without it they
    raise LedgerError. Entering raises LedgerError when the file cannot be had; leaving removes the file when nothing is open.
    """

    def __init__(self, folder: Path, *, redact: Callable[[str], str], take_over: str = "", damaged: Damaged = _raised) -> None:
        self.run = take_over
        self._folder, self._redact, self._damaged = folder, redact, damaged
        self._known: dict[int, Entry] = {}
        self._numbers = count(1)
        self._path, self._file = folder, -1
        self._torn = self._keep = False
        # Re-entrant: a signal handler may come to write while this thread is at it. Two whole lines then stand in either order.
        self._lock = RLock()

    def __enter__(self) -> Self:
        earlier = self.run
        with files.told(self._folder, f"run {earlier} is left as it is" if earlier else NOTHING_CREATED):
            if earlier:
                self._path, self._file = files.take(self._folder, earlier)
            else:
                self.run, self._path, self._file = files.create(self._folder)
            try:
                self._begin()
            except BaseException:
                file, self._file = self._file, -1
                files.release(file) if earlier else files.remove(self._path, file)
                raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self.close()
        except LedgerError as fault:
            if error is None:
                raise
            error.add_note(str(fault))  # what ended the run matters more

    @property
    def entries(self) -> list[Entry]:
        """What is open, oldest first."""
        with self._lock:
            return [entry for entry in self._known.values() if entry.is_open]

    @property
    def undone_ids(self) -> set[str]:
        """Ids of what is closed."""
        with self._lock:
            return {entry.id for entry in self._known.values() if entry.id is not None and not entry.is_open}

    def intend(self, provider: str, kind: str, name: str, undo: Undo) -> Entry:
        """Call before the creating request leaves. Raises LedgerError: then the request must not leave.

        Name and `undo` must be such that redacting does not change them, and `undo` must speak of `{id}` or the name: not of all keys.
        """
        if not name or not aims_at_one(undo, name):
            raise LedgerError(f"the request that undoes this {kind} is not about it alone; {NOTHING_CREATED}", where=provider)
        return self._open(NOTHING_CREATED, "intend", provider=provider, kind=kind, name=name, undo=undo)

    def changed(self, provider: str, what: str, old: Any, restore: Undo) -> Entry:
        """Call before a setting is changed: `old` (JSON) is its value, `restore` the request that sets it. Raises as `intend`."""
        return self._open(NOTHING_CHANGED, "changed", provider=provider, kind="setting", name=what, undo=restore, old=old)

    def created(self, entry: Entry, identity: str) -> Entry:
        """The provider said that it exists, under this id. An id that redacting would change is not written: a cleanup finds it by name.

        Raises LedgerError when the line cannot be written; the entry is open all the same, and `entries` has the id.
        """
        kept = identity if self._redact(identity) == identity else None
        return self._follow(entry, "created", known=identity, id=kept)

    def failed(self, entry: Entry, why: str) -> Entry:
        """Creating it or undoing it went wrong, and nobody knows whether it exists: the entry stays open."""
        return self._follow(entry, "failed", why=self._redact(why))

    def refused(self, entry: Entry, why: str) -> Entry:
        """The provider answered that it did not create it: the entry is closed. A lost answer is `failed`."""
        return self._follow(entry, "refused", why=self._redact(why))

    def undone(self, entry: Entry) -> Entry:
        """It is gone, or was looked for by name and is not there."""
        return self._follow(entry, "undone")

    def restored(self, entry: Entry) -> Entry:
        """The setting has its old value again."""
        return self._follow(entry, "restored")

    def close(self) -> None:
        """End the run: its file is removed when nothing is open, else it stays for the cleanup. Twice is once. Raises LedgerError."""
        with self._lock:
            if self._file < 0:
                return
            file, self._file = self._file, -1
            with files.told(self._path, "nothing is open, but the file could not be removed"):
                if self._keep or self.entries:
                    files.release(file)
                else:
                    files.remove(self._path, file)

    def _begin(self) -> None:
        data = files.content(self._file)
        self._known = read(data, self._path, self._note)
        self._numbers = count(max(self._known, default=0) + 1)
        self._torn = bool(data)  # perhaps: what a crash left at the end is trimmed before a line is added
        if not whole(data):
            self._append(line("run", version=VERSION, run=self.run, pid=os.getpid()))

    def _note(self, error: LedgerError) -> None:
        self._keep = True  # a person should see what could not be understood
        self._damaged(error)

    def _open(self, consequence: str, event: str, **fields: Any) -> Entry:
        for key, value in fields.items():
            if in_strings(value, self._redact) != in_strings(value, str):
                # Redacted, it could not be undone from the file; as it is, it may not be written.
                hint = "Put a placeholder where the secret is, for the cleanup to fill in."
                raise LedgerError(f"{key} holds what may not be written; {consequence}", where="ledger", hint=hint)
        number = next(self._numbers)  # used up even where the line is not: a number never means two entries
        fields = {"event": event, "entry": number, "at": now(), **fields}
        entry = opened(self.run, fields)
        with self._lock, files.told(self._path, consequence):
            self._append(line(**fields))
            self._known[number] = entry
        return entry

    def _follow(self, entry: Entry, event: str, *, known: str | None = None, **fields: Any) -> Entry:
        if entry.run != self.run or entry.number not in self._known:
            raise LedgerError(f"entry {entry.number} of run {entry.run} is not one of run {self.run}", where=str(self._path))
        fields = {"event": event, **fields}
        with self._lock, files.told(self._path, f"it does not say of {entry.kind} {entry.name}: {event}"):
            # First what is known, then what is written: with a full disk the run can still undo, and remove its file at the end.
            changed = after(self._known[entry.number], fields if known is None else {**fields, "id": known})
            self._known[entry.number] = changed
            self._append(line(**fields, entry=entry.number, at=now()))
        return changed

    def _append(self, text: bytes) -> None:
        """Raises OSError. A line cut short, by a full disk or by an exception out of a signal handler, is trimmed before the next."""
        if self._file < 0:
            raise LedgerError("the ledger is closed", where=str(self._path))
        if self._torn:
            files.trim(self._file)
        self._torn = True
        files.append(self._file, text)
        self._torn = False


def open_entries(folder: Path, *, damaged: Damaged = _raised) -> list[Entry]:
    """What any run in `folder` created, intended or changed and did not undo: the oldest run first, within a run in order.

    Those of a run that is still at work are `alive`: leave them to it. Raises LedgerError for a folder that cannot be read; a file or line
    that cannot be understood goes to `damaged`, which raises it unless given. Read again under `Ledger(…, take_over=run)` before undoing.
    """
    found = []
    with files.told(folder, "what earlier runs left behind is not known", "read"):
        paths = files.all_in(folder)
    for path in paths:
        try:
            alive, data = files.look(path)
        except FileNotFoundError:
            continue  # the run ended well in the meantime
        except OSError as error:
            damaged(LedgerError(f"the ledger cannot be read ({error.strerror})", where=str(path)))
            continue
        entries = read(data, path, damaged).values()
        found += [replace(entry, alive=alive) for entry in entries if entry.is_open]
    return found


def close(folder: Path, run: str) -> bool:
    """Remove the file of a dead run that has nothing open. False where it stays: the run is alive, or something is open.

    A run without a file is closed. Raises LedgerError for a damaged file, which stays.
    """
    with files.told(folder, f"run {run} is left as it is"):
        try:
            path, file = files.take(folder, run)
        except BlockingIOError:
            return False
        except FileNotFoundError:
            return True
        try:
            stays = any(entry.is_open for entry in read(files.content(file), path, _raised).values())
        except BaseException:
            files.release(file)
            raise
        files.release(file) if stays else files.remove(path, file)
    return not stays


def runs(folder: Path) -> list[str]:
    """The ids of all runs that have a file, the oldest first, also of those with nothing open: `close` tidies up after them."""
    with files.told(folder, "earlier runs are not known", "read"):
        return [path.stem for path in files.all_in(folder)]
