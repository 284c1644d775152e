"""Drift: what an earlier record and a later one differ in: verdicts, what answers look like, what is new in contracts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from probes import shapes, unclaimed
from probes.record import Record
from probes.shapes import Change
from probes.unclaimed import Discovery
from reports.states import Became, Cell, State, became, states


@dataclass(frozen=True, slots=True)
class Changed:
    """One verdict that changed, or evidence that grew too old."""

    provider: str
    capability: str
    kind: Became
    before: State
    after: State
    as_of: str
    """ISO date of the evidence that decides now, empty without any."""
    why: tuple[str, ...] = ()
    """Details of the evidence that decides now."""
    declared: tuple[str, ...] = ()
    """Operations that the claim names and a contract declares anew."""


@dataclass(frozen=True, slots=True)
class Drift:
    """All that two records differ in. Its length counts what is news; it is false when nothing is."""

    before: str
    """The commit of the earlier record, empty where none is known."""
    since: date
    day: date
    verdicts: tuple[Changed, ...]
    answers: tuple[Change, ...]
    discoveries: tuple[Discovery, ...]

    def __len__(self) -> int:
        return len(self.verdicts) + len(self.answers) + sum(each.new for each in self.discoveries)


def compare(before: Record, after: Record, *, max_age: timedelta | None = None, every: bool = False) -> Drift:
    """The drift between two records that the same probes judged.

    Evidence is stale when it is older than `max_age` on the later record's day and was not on the earlier one's. `every` also lists what
    contracts declared all along and no claim mentions. Answers that changed for a verdict that is told anyway are not told again.
    """
    changed = tuple(_changed(before, after, max_age))
    told = {(each.provider, name) for each in changed for name in _routes(after, each) | _routes(before, each)}
    some = [[(job, loaded) for job, loaded in record.recordings if job.origin in record.origins] for record in (before, after)]
    answers = tuple(each for each in shapes.changes(*some) if (each.place.provider, each.place.route) not in told)
    found = tuple(unclaimed.discoveries(before, after, every=every))
    return Drift(before.revision, before.day, after.day, changed, answers, found)


def stale(record: Record, max_age: timedelta) -> list[Cell]:
    """Cells whose deciding evidence is older than `max_age`."""
    return [cell for cell, verdict in record.results.verdicts.items() if _is_old(verdict.as_of, record.day, max_age)]


def _changed(before: Record, after: Record, max_age: timedelta | None) -> Iterator[Changed]:
    then, now = states(before.results), states(after.results)
    for (provider, capability), state in now.items():
        earlier = then.get((provider, capability))
        verdict = after.results.verdicts[provider, capability]
        if earlier is None:
            continue
        if earlier != state:
            why = tuple(dict.fromkeys(each.detail for each in verdict.decided_by if each.detail))
            yield Changed(
                provider,
                capability,
                became(earlier, state),
                earlier,
                state,
                verdict.as_of,
                why,
                _declared(before, after, provider, capability),
            )
        elif max_age and _is_old(verdict.as_of, after.day, max_age):
            was = before.results.verdicts[provider, capability].as_of
            if not _is_old(was, before.day, max_age):
                yield Changed(provider, capability, Became.STALE, earlier, state, verdict.as_of)


def _is_old(as_of: str, day: date, max_age: timedelta) -> bool:
    return bool(as_of) and day - date.fromisoformat(as_of) > max_age


def _declared(before: Record, after: Record, provider: str, capability: str) -> tuple[str, ...]:
    """Operations that the claim names and that a contract declares anew."""
    claimed = after.results.claims.providers[provider]
    found = [
        operation.name
        for (name, key), extract in after.contracts.items()
        if name == provider
        for operation in unclaimed.declared_anew(before.contracts.get((name, key)), extract)
        if capability in unclaimed.mentioned(claimed, operation)
    ]
    return tuple(dict.fromkeys(found))


def _routes(record: Record, changed: Changed) -> set[str]:
    """The routes that a changed cell's evidence is about, as shapes name them."""
    names = {name for each in record.results.by_claim.get((changed.provider, changed.capability), ()) for name in each.exchanges}
    return shapes.routes_of([(job, loaded) for job, loaded in record.recordings if job.name == changed.provider], names)
