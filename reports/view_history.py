"""What the history of verdicts tells a reader: the last day on which any changed, and what changed at each provider."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from probes.results import Results
from reports.cells import anchor, name_of
from reports.history import Line
from reports.states import Became, became
from reports.text import Texts


@dataclass(frozen=True, slots=True)
class Change:
    """One verdict that became another; `what` says how, in a few words."""

    date: str
    provider: str
    capability: str
    anchor: str
    what: str


@dataclass(frozen=True, slots=True)
class Latest:
    """The last day with changes: how many verdicts were settled for the first time, and those that became another."""

    date: str
    settled: int
    changed: Sequence[Change]


def latest(results: Results, history: Iterable[Line], t: Texts) -> Latest | None:
    """None where no verdict of today's claims has a history; simulators' verdicts are none of the vendors'."""
    known = list(_known(results, history))
    if not known:
        return None
    day = max(line.date for line in known)
    lines = [line for line in known if line.date == day]
    changed = [_change(results, line, t) for line in lines if line.before]
    return Latest(day.isoformat(), len(lines) - len(changed), changed)


def by_provider(results: Results, history: Iterable[Line], t: Texts) -> Mapping[str, Sequence[Change]]:
    """What changed at each provider, the newest first; a verdict's first settling is no change."""
    found: defaultdict[str, list[Change]] = defaultdict(list)
    for line in sorted(_known(results, history), key=_day, reverse=True):
        if line.before:
            found[line.provider].append(_change(results, line, t))
    return found


def _day(line: Line) -> date:
    return line.date


def _known(results: Results, history: Iterable[Line]) -> Iterable[Line]:
    return (line for line in history if not line.origin and (line.provider, line.capability) in results.verdicts)


def _change(results: Results, line: Line, t: Texts) -> Change:
    kind = became(line.before, line.after) if line.before else Became.SETTLED
    return Change(
        date=line.date.isoformat(),
        provider=name_of(results, line.provider, t),
        capability=t.pick(results.claims.capabilities[line.capability].name),
        anchor=anchor(line.provider, line.capability),
        what=t.word("drift.kind", kind),
    )
