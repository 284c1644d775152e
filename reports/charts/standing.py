"""How a claim stands, for charts: one of eight words, each with a look of its own that all charts share."""

from collections.abc import Iterator
from enum import StrEnum

from probes.evidence import SETTLING, Level, VerdictStatus
from probes.results import Results
from probes.vocabulary import Status
from reports.charts.canvas import BLACK, GREY, INK, LEVELS, PALE, VERMILLION, WHITE, Swatch
from reports.text import Texts


class Standing(StrEnum):
    """The strongest first, what contradicts last."""

    ENFORCEMENT = "enforcement"
    BEHAVIOUR = "behaviour"
    SURFACE = "surface"
    CONTRACT = "contract"
    SIMULATED = "simulated"
    CLAIMED = "claimed"
    UNKNOWN = "unknown"
    CONTRADICTED = "contradicted"


PROVEN = {Standing.ENFORCEMENT: Level.ENFORCEMENT, Standing.BEHAVIOUR: Level.BEHAVIOUR, Standing.SURFACE: Level.SURFACE,
          Standing.CONTRACT: Level.CONTRACT}  # fmt: skip
"""Settled by evidence that agrees with the claim."""


def standings(results: Results) -> Iterator[tuple[str, str, Standing]]:
    """(provider, capability, standing) of every claim, in the claims' order."""
    for (provider, capability), verdict in results.verdicts.items():
        if verdict.status in (VerdictStatus.REFUTED, VerdictStatus.CONFLICT):
            yield provider, capability, Standing.CONTRADICTED
        elif verdict.status is VerdictStatus.CONFIRMED:
            yield provider, capability, Standing(verdict.level.word)
        elif results.claims.providers[provider].claims[capability].status is Status.UNKNOWN:
            yield provider, capability, Standing.UNKNOWN
        else:
            aside = any(each.conclusive and each.origin not in SETTLING for each in results.by_claim.get((provider, capability), ()))
            yield provider, capability, Standing.SIMULATED if aside else Standing.CLAIMED


def word(standing: Standing, t: Texts) -> str:
    """What a reader sees of it."""
    return t.word("level", PROVEN[standing]) if standing in PROVEN else t(f"chart.{standing}")


def swatch(standing: Standing) -> Swatch:
    """A box of its colour; hollow where nothing is proven, dashed where only a simulator showed it, pale where nobody says anything."""
    if standing in PROVEN:
        return Swatch(fill=LEVELS[PROVEN[standing]])
    if standing is Standing.CONTRADICTED:
        return Swatch(fill=VERMILLION)
    return Swatch(edge=PALE if standing is Standing.UNKNOWN else GREY, dashed=standing is Standing.SIMULATED)


def lettering(standing: Standing) -> str:
    """A colour that is read on the swatch."""
    return {Standing.SURFACE: WHITE}.get(standing, BLACK if swatch(standing).fill != "none" else INK)
