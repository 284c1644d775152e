"""What changed since 2024: the survey's own answers, held against today's claims and verdicts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from probes.claims_texts import Bilingual
from probes.evidence import Verdict, VerdictStatus
from probes.results import Results
from probes.vocabulary import Mechanism, Status

ROW = {"key": ("key.create",), "spend": ("spend.limit.key", "spend.limit.scope"), "rate": ("rate.set",)}
"""The capabilities that answer each column of the survey's table today; the best of them is shown."""

_ORDER = (Status.SUPPORTED, Status.PARTIAL, Status.UNSUPPORTED, Status.UNKNOWN)


class Held(StrEnum):
    """How a conclusion of the survey stands today."""

    HOLDS = "holds"
    NO_LONGER = "no_longer"
    ANSWERED = "answered"
    """The survey could not tell; today's claim can."""
    UNCLEAR = "unclear"
    """Today's claim is unknown, or evidence contradicts it."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """One conclusion of the survey beside today's claim."""

    provider: str
    capability: str
    says: Bilingual
    said: Status
    now: Status
    mechanism: Mechanism
    verdict: Verdict
    held: Held


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the survey's table beside today's: `now` has the capability that answers each column best."""

    provider: str
    stars: int
    said: Mapping[str, Bilingual]
    now: Mapping[str, str]


def conclusions(results: Results) -> list[Conclusion]:
    """Every conclusion of the survey, in the claims' order."""
    return list(_conclusions(results))


def rows(results: Results) -> list[Row]:
    """The survey's table, in the claims' order."""
    columns = [column for column, answers in ROW.items() if results.claims.capabilities.keys() & set(answers)]
    return [
        Row(
            name,
            provider.seed.stars,
            dict(provider.seed.row.items()),
            {column: _best(results, name, column) for column in columns},
        )
        for name, provider in results.claims.providers.items()
        if provider.seed is not None
    ]


def said_to_cap_keys(results: Results) -> list[str]:
    """Providers of which the survey said that an API creates a key with a cap."""
    return [each.provider for each in conclusions(results) if each.capability == "spend.limit.key" and each.said is Status.SUPPORTED]


def _conclusions(results: Results) -> Iterator[Conclusion]:
    for name, provider in results.claims.providers.items():
        for seed in provider.seed.conclusions if provider.seed else ():
            claim, verdict = provider.claims[seed.capability], results.verdicts[name, seed.capability]
            held = _held(seed.status, claim.status, verdict)
            yield Conclusion(name, seed.capability, seed.says, seed.status, claim.status, claim.mechanism, verdict, held)


def _held(said: Status, now: Status, verdict: Verdict) -> Held:
    if now is Status.UNKNOWN or verdict.status in (VerdictStatus.REFUTED, VerdictStatus.CONFLICT):
        return Held.UNCLEAR
    if said is Status.UNKNOWN:
        return Held.ANSWERED
    return Held.HOLDS if said is now else Held.NO_LONGER


def _best(results: Results, name: str, column: str) -> str:
    claims = results.claims.providers[name].claims
    asked = [capability for capability in ROW[column] if capability in claims]
    return min(asked, key=lambda capability: _ORDER.index(claims[capability].status))
