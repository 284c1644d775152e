"""What calling against limits measured, as rows of the report: every series of calls of the record, simulated ones marked as such."""

from collections.abc import Iterator
from dataclasses import dataclass

from probes.evidence import SETTLING, Evidence
from probes.figures import Figures, Limited
from probes.results import Results
from reports.cells import anchor, name_of
from reports.text import Texts


@dataclass(frozen=True, slots=True)
class Measured:
    """One series of calls against one limit, in words and with units."""

    provider: str
    anchor: str
    capability: str
    capability_anchor: str
    limit: str
    way: str
    """In sequence, or how many in flight; with a word where the calls understated their output."""
    served: str
    past: str
    amount_past: str
    """In USD or in tokens, as the limit counts; empty for a rate."""
    blocked: str
    reopened: str
    refusal: str
    origin: str
    simulated: bool
    date: str


def measured(results: Results, t: Texts) -> list[Measured]:
    """Rows in the claims' order, the vendors' own and gateways' before simulated ones."""
    rows = list(_rows(results, t))
    return [row for row in rows if not row.simulated] + [row for row in rows if row.simulated]


def _rows(results: Results, t: Texts) -> Iterator[Measured]:
    for evidence in results.evidence:
        for figures in evidence.figures:
            yield _row(results, evidence, figures, t)


def _row(results: Results, evidence: Evidence, figures: Figures, t: Texts) -> Measured:
    way = t("enforcement.sequence") if figures.in_flight == 1 else t("enforcement.in_flight", count=figures.in_flight)
    return Measured(
        provider=name_of(results, evidence.provider, t),
        anchor=anchor(evidence.provider),
        capability=t.pick(results.claims.capabilities[evidence.capability].name),
        capability_anchor=anchor(evidence.provider, evidence.capability),
        limit=_limit(figures, t),
        way=t.aside(way, t("enforcement.understated")) if figures.understated else way,
        served=str(figures.calls),
        past=str(figures.calls_past),
        amount_past=_amount_past(figures, t),
        blocked=_seconds(figures.seconds_to_block, t),
        reopened=_seconds(figures.seconds_to_reopen, t),
        refusal=_refusal(figures, t),
        origin=t.word("origin", evidence.origin),
        simulated=evidence.origin not in SETTLING,
        date=evidence.as_of,
    )


def _limit(figures: Figures, t: Texts) -> str:
    if figures.limit is None:
        return t("enforcement.unknown")
    if figures.limited is Limited.SPEND:
        return t("enforcement.usd", amount=_number(figures.limit))
    return t("enforcement.tokens" if figures.limited is Limited.TOKENS else "enforcement.per_minute", count=_number(figures.limit))


def _amount_past(figures: Figures, t: Texts) -> str:
    if figures.limited is Limited.SPEND:
        return t("enforcement.usd", amount=_number(figures.usd_past))
    return t("enforcement.tokens", count=_number(figures.tokens_past)) if figures.limited is Limited.TOKENS else ""


def _refusal(figures: Figures, t: Texts) -> str:
    if figures.status is None:
        return t("enforcement.never")
    quota = figures.limited is Limited.TOKENS and figures.refused  # which is never called a cap on spending
    told = [f"{figures.status} {figures.code}".strip(), t("enforcement.quota") if quota else t.word("means", figures.means)]
    if figures.retry_after is not None:
        sufficed = {None: "enforcement.asked", True: "enforcement.sufficed", False: "enforcement.not_sufficed"}[figures.waiting_sufficed]
        told.append(t(sufficed, seconds=_number(figures.retry_after)))
    return t.join(told)


def _seconds(value: float | None, t: Texts) -> str:
    return "" if value is None else t("enforcement.seconds", seconds=f"{value:.1f}")


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")
