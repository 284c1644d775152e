"""What a verdict comes to, in four words: the state of a cell. Drift and history are states that changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from probes.claims import Claim
from probes.evidence import Outcome, Verdict, VerdictStatus
from probes.results import Results

_CONTRADICTED = frozenset({VerdictStatus.REFUTED.value, VerdictStatus.CONFLICT.value})

Cell = tuple[str, str]
"""Provider and capability."""


@dataclass(frozen=True, slots=True)
class State:
    """The words of the design; `outcome` is `present` or `absent`, empty where evidence is lacking or contradicts itself."""

    status: str
    verdict: str
    level: str
    outcome: str

    @classmethod
    def of(cls, claim: Claim, verdict: Verdict) -> Self:
        """The state of one cell."""
        outcomes = {each.outcome for each in verdict.decided_by if each.outcome is not Outcome.INCONCLUSIVE}
        outcome = outcomes.pop().value if len(outcomes) == 1 else ""
        return cls(claim.status.value, verdict.status.value, verdict.level.word, outcome)

    def to_json(self) -> dict[str, str]:
        """As the JSON documents and the history have it."""
        return {name: getattr(self, name) for name in State.__slots__}


class Became(StrEnum):
    """What became of a verdict. The locales have a word for each."""

    VANISHED = "vanished"
    APPEARED = "appeared"
    REFUTED = "refuted"
    CONFIRMED = "confirmed"
    LOST = "lost"
    SETTLED = "settled"
    LEVEL = "level"
    CLAIMED = "claimed"
    STALE = "stale"


def became(before: State, after: State) -> Became:
    """What became of a verdict whose state changed: the outcome says more than the verdict, the verdict more than the level."""
    if {before.outcome, after.outcome} == {"absent", "present"}:
        return Became.APPEARED if after.outcome == "present" else Became.VANISHED
    verdicts = before.verdict, after.verdict
    if verdicts[0] == verdicts[1]:
        return Became.LEVEL if before.level != after.level else Became.CLAIMED
    if after.verdict in _CONTRADICTED:
        return Became.REFUTED
    if after.verdict == VerdictStatus.UNVERIFIED:
        return Became.LOST
    return Became.CONFIRMED if before.verdict in _CONTRADICTED else Became.SETTLED


def states(results: Results) -> Mapping[Cell, State]:
    """The state of every cell, in the claims' order."""
    claims = results.claims.providers
    return {
        (name, capability): State.of(claims[name].claims[capability], verdict) for (name, capability), verdict in results.verdicts.items()
    }
