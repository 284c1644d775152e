"""History: one line for every verdict that changed, appended to a file that git merges line by line.

It can be lost without harm: the record and git say the same (`rebuilt`). A line is one JSON object: `date` (UTC), `commit` of the record
where it is known, `provider`, `capability`, `origin` where it is not the vendor's own, and the states `from` (null for the first) and `to`.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from probes.errors import KeycapError
from probes.evidence import Origin, VerdictStatus
from probes.results import Results
from reports.states import State, states

Key = tuple[str, str, str]
"""Provider, capability, and origin where it is not the vendor's own."""


@dataclass(frozen=True, slots=True)
class Line:
    """One changed verdict."""

    date: date
    provider: str
    capability: str
    before: State | None
    after: State
    origin: str = ""
    """`lab` for what simulators showed, empty for what settles a claim."""
    commit: str = ""

    @property
    def key(self) -> Key:
        return self.provider, self.capability, self.origin

    def to_json(self) -> dict[str, Any]:
        """The object of a line; what is empty is left out."""
        told = {"date": self.date.isoformat(), "commit": self.commit, "provider": self.provider, "capability": self.capability}
        told["origin"] = self.origin
        states = {"from": self.before.to_json() if self.before else None, "to": self.after.to_json()}
        return {name: value for name, value in told.items() if value} | states

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Line":
        """The inverse of `to_json`; raises KeyError, TypeError or ValueError when `data` is no such object."""
        before = State(**data["from"]) if data["from"] else None
        day = date.fromisoformat(data["date"])
        return cls(day, data["provider"], data["capability"], before, State(**data["to"]), data.get("origin", ""), data.get("commit", ""))


def read(path: Path) -> list[Line]:
    """The lines in order of date, those of a day as they stand; none where there is no file. Raises KeycapError."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise KeycapError(f"cannot be read: {error}", where=str(path), hint=_REBUILD) from error
    lines = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            lines.append(Line.from_json(json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            raise KeycapError("is no line of a history", where=f"{path}:{number}", hint=_REBUILD) from error
    return sorted(dict.fromkeys(lines), key=lambda each: each.date)


def changes(known: Iterable[Line], results: Results, day: date, commit: str = "") -> list[Line]:
    """A line for every verdict that differs from its last line, sorted by provider and capability.

    A verdict that nothing is known of yet gets its first line when it is first settled.
    """
    last = {line.key: line.after for line in known}
    origin = Origin.LAB.value if Origin.LAB in results.origins else ""
    found = []
    for (provider, capability), state in states(results).items():
        before = last.get((provider, capability, origin))
        if state != before and (before is not None or state.verdict != VerdictStatus.UNVERIFIED):
            found.append(Line(day, provider, capability, before, state, origin, commit))
    return sorted(found, key=lambda line: line.key)


def update(path: Path, results: Results, day: date, commit: str = "") -> list[Line]:
    """Append what changed, in one piece; returns the lines appended. Raises KeycapError."""
    found = changes(read(path), results, day, commit)
    if found:
        data = _text(found).encode("utf-8")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            try:
                os.write(handle, data)
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise KeycapError(f"cannot be written: {error.strerror or error}", where=str(path)) from error
    return found


def rebuilt(records: Iterable[tuple[Results, date, str]]) -> str:
    """The whole file from successive records, the oldest first, each with its day and commit."""
    lines: list[Line] = []
    for results, day, commit in records:
        lines += changes(lines, results, day, commit)
    return _text(sorted(lines, key=lambda line: line.date))


def of(lines: Sequence[Line], provider: str | None = None, capability: str | None = None) -> Iterator[Line]:
    """The lines of a provider, or of one of its capabilities; all without either."""
    return (line for line in lines if provider in (None, line.provider) and capability in (None, line.capability))


def _text(lines: Iterable[Line]) -> str:
    return "".join(json.dumps(line.to_json(), ensure_ascii=False) + "\n" for line in lines)


_REBUILD = "keycap history --rebuild makes it anew from git."
