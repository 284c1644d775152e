"""Which provider for which need, with the arithmetic: weights over capabilities, what is claimed, and how well it is proven.

A term is `status × confidence × fit × weight`. Every factor is a constant below, every term can be printed, and the score is their sum.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from probes.claims import Provider
from probes.evidence import Level, Verdict, VerdictStatus
from probes.results import Results
from probes.vocabulary import MONEY, Mechanism, Region, Status
from reports.needs import NEEDS, Need, Option, weighted
from reports.text import number

STATUS_POINTS = {Status.SUPPORTED: Decimal(1), Status.PARTIAL: Decimal("0.5"), Status.UNSUPPORTED: Decimal(0), Status.UNKNOWN: Decimal(0)}
"""What a claim is worth, where it is about an API; what only a console can do is worth nothing to a program."""

CONFIDENCE = {
    Level.CLAIMED: Decimal("0.5"),
    Level.CONTRACT: Decimal("0.8"),
    Level.SURFACE: Decimal("0.85"),
    Level.BEHAVIOUR: Decimal("0.95"),
    Level.ENFORCEMENT: Decimal(1),
}
"""How much of a claim counts, by the level at which it is confirmed; `claimed` is an unverified one."""

CONFLICT = Decimal("0.25")
"""Confidence where evidence disagrees with itself. A refuted claim counts for nothing."""

OTHER_SCOPE = Decimal("0.5")
"""Fit of a capability that exists, but not at the scope that the need asks for."""

OTHER_UNIT = Decimal("0.5")
"""Fit of a cap in tokens or requests where the need is about money."""


@dataclass(frozen=True, slots=True)
class Term:
    """One line of a score."""

    capability: str
    status: Decimal
    confidence: Decimal
    fit: Decimal
    weight: int

    @property
    def value(self) -> Decimal:
        return self.status * self.confidence * self.fit * self.weight

    @property
    def arithmetic(self) -> str:
        """`0.5 × 0.8 × 3 = 1.2`; the fit is shown where it is not 1."""
        factors = [self.status, self.confidence, *([] if self.fit == 1 else [self.fit]), Decimal(self.weight)]
        return f"{' × '.join(map(number, factors))} = {number(self.value)}"


@dataclass(frozen=True, slots=True)
class Advice:
    """One provider's score for one need."""

    need: str
    provider: str
    terms: tuple[Term, ...]
    out_of: int

    @property
    def score(self) -> Decimal:
        return sum((term.value for term in self.terms), Decimal(0))

    @property
    def percent(self) -> int:
        return int((self.score * 100 / self.out_of).quantize(Decimal(1), ROUND_HALF_UP))

    @property
    def arithmetic(self) -> str:
        """`2.4 + 1.2 = 3.6`, of the terms that are not zero."""
        return f"{' + '.join(number(term.value) for term in self.terms if term.value) or '0'} = {number(self.score)}"


def advise(results: Results, need: str | Iterable[str] | Mapping[str, int] | None = None, region: Region | None = None) -> list[Advice]:
    """Every provider that comes into question, best first within each need; equal scores keep the claims' order.

    `need` is an id of `NEEDS`, several of them, weights of one's own by capability, or None for all needs; `region` leaves out providers of
    other regions. Raises KeyError for an unknown need, UsageError for weights that cannot be used.
    """
    if isinstance(need, Mapping):
        return ranked(results, weighted(need, results.claims), region)
    by_id = {each.id: each for each in NEEDS}
    wanted = list(by_id) if need is None else [need] if isinstance(need, str) else list(need)
    found: list[Advice] = []
    for each in (by_id[name] for name in wanted):
        found += ranked(results, each, region)
    return found


def ranked(results: Results, need: Need, region: Region | None = None) -> list[Advice]:
    """The providers that come into question for a need, best first; equal scores keep the claims' order."""
    scored = [_score(results, need, name) for name, provider in results.claims.providers.items() if _eligible(need, provider, region)]
    return sorted(scored, key=lambda advice: -advice.score)


def confidence(verdict: Verdict) -> Decimal:
    """How much of a claim counts, given its verdict."""
    if verdict.status is VerdictStatus.REFUTED:
        return Decimal(0)
    if verdict.status is VerdictStatus.CONFLICT:
        return CONFLICT
    return CONFIDENCE[verdict.level if verdict.status is VerdictStatus.CONFIRMED else Level.CLAIMED]


def _eligible(need: Need, provider: Provider, region: Region | None) -> bool:
    return (
        (not need.kinds or provider.kind in need.kinds)
        and (not need.regions or provider.region in need.regions)
        and (region is None or provider.region in (region, Region.BOTH))
    )


def _score(results: Results, need: Need, name: str) -> Advice:
    return Advice(need.id, name, tuple(term_of(results, name, wish.options, wish.weight) for wish in need.wishes), need.out_of)


def term_of(results: Results, name: str, options: Sequence[Option], weight: int = 1) -> Term:
    """What a wish is worth at a provider: the best of its options, the first of equals, since the one that fits best stands first."""
    return max((_term(results, name, option, weight) for option in options), key=lambda term: term.value)


def _term(results: Results, name: str, option: Option, weight: int) -> Term:
    claim = results.claims.providers[name].claims.get(option.capability)
    if claim is None:  # a claims file that does not ask this question
        return Term(option.capability, Decimal(0), Decimal(0), option.fit, weight)
    status = STATUS_POINTS[claim.status] if claim.mechanism is Mechanism.API else Decimal(0)
    fit = option.fit
    if option.scopes and not option.scopes.intersection(claim.scope):
        fit *= OTHER_SCOPE
    if option.money and claim.unit not in MONEY:
        fit *= OTHER_UNIT
    return Term(option.capability, status, confidence(results.verdicts[name, option.capability]), fit, weight)


def row(advice: Advice) -> dict[str, Any]:
    """One place of a ranking as JSON has it: decimals as text, so that no digit is lost."""
    terms = [
        {
            "capability": term.capability,
            "status": str(term.status),
            "confidence": str(term.confidence),
            "fit": str(term.fit),
            "weight": term.weight,
            "value": number(term.value),
        }
        for term in advice.terms
    ]
    return {"provider": advice.provider, "score": number(advice.score), "percent": advice.percent, "terms": terms}
