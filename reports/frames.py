"""Verdicts as pandas frames: the tidy table that every other output is a view of."""

from collections.abc import Iterator, Sequence
from datetime import date

import pandas as pd

from probes.evidence import Evidence, Origin
from probes.results import Results

COLUMNS = (
    "provider",
    "kind",
    "region",
    "group",
    "capability",
    "status",
    "mechanism",
    "scope",
    "unit",
    "endpoint",
    "since",
    "verdict",
    "level",
    "origins",
    "as_of",
    "age_days",
    "missing",
    "probes",
    "lab",
    "lab_as_of",
    "override",
    "override_as_of",
    "headline",
    "headline_level",
    "carries_headline",
)
"""Columns of the tidy frame, in the order of matrix.csv. Lists are joined by spaces; what does not apply is empty."""


def reference_date(results: Results) -> date:
    """The day that ages count to: of the newest recording, or of the newest reading of a source where nothing is recorded.

    No clock, so that the same record renders to the same bytes on any day.
    """
    seen = [results.newest[:10], *(each.as_of for each in results.evidence)]
    read = [source.read.isoformat() for provider in results.claims.providers.values() for source in provider.sources.values()]
    newest = max(filter(None, seen), default="") or max(read, default="")
    return date.fromisoformat(newest) if newest else date(1970, 1, 1)


def matrix(results: Results) -> pd.DataFrame:
    """One row per provider × capability, in the claims' order; columns as in `COLUMNS`.

    What a simulator or somebody's own endpoint showed stands in `lab` and `override` and changes neither `verdict` nor `level`.
    """
    frame = pd.DataFrame(_rows(results, reference_date(results)), columns=list(COLUMNS))
    frame["age_days"] = frame["age_days"].astype("Int64")
    frame["carries_headline"] = frame["carries_headline"].astype("bool")
    return frame


def to_csv(frame: pd.DataFrame) -> str:
    """The tidy frame as CSV: UTF-8 text with \\n line ends."""
    return frame.to_csv(index=False, lineterminator="\n")


def _rows(results: Results, today: date) -> Iterator[tuple[object, ...]]:
    capabilities = results.claims.capabilities
    for (name, capability), verdict in results.verdicts.items():
        provider, headline = results.claims.providers[name], results.headlines[name]
        claim = provider.claims[capability]
        evidence = results.by_claim.get((name, capability), ())
        yield (
            name,
            provider.kind.value,
            provider.region.value,
            capabilities[capability].group,
            capability,
            claim.status.value,
            claim.mechanism.value,
            " ".join(claim.scope),
            claim.unit.value if claim.unit else "",
            claim.endpoint or "",
            claim.since or "",
            verdict.status.value,
            verdict.level.word,
            " ".join(sorted({each.origin.value for each in verdict.decided_by})),
            verdict.as_of,
            (today - date.fromisoformat(verdict.as_of)).days if verdict.as_of else None,
            verdict.missing.value if verdict.missing else "",
            " ".join(sorted({each.probe for each in verdict.decided_by})),
            *_aside(evidence, Origin.LAB),
            *_aside(evidence, Origin.OVERRIDE),
            headline.answer.value,
            results.headline_level(name).word,
            capability in headline.rests_on,
        )


def _aside(evidence: Sequence[Evidence], origin: Origin) -> tuple[str, str]:
    """Outcome and level (`present:behaviour`) and date of the strongest evidence of an origin that settles nothing."""
    found = [each for each in evidence if each.origin is origin and each.conclusive]
    if not found:
        return "", ""
    best = max(found, key=lambda each: (each.level, each.as_of))
    return f"{best.outcome.value}:{best.level.word}", best.as_of
