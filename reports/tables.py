"""What lies behind the matrix, as tidy pandas frames: evidence, measurements, dates, the 2024 survey's conclusions, and the history.

Words are those of the design, as in matrix.csv; lists are joined by spaces; what does not apply is empty or missing.
"""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from probes.evidence import SETTLING, Evidence, VerdictStatus
from probes.figures import Figures
from probes.periods import Period
from probes.results import Results
from reports import history
from reports.changes import conclusions
from reports.states import State, became

STATE = State.__slots__
"""What a verdict comes to, in four words."""

EVIDENCE = (
    "provider",
    "capability",
    "outcome",
    "level",
    "origin",
    "tier",
    "probe",
    "cause",
    "detail",
    "recorded_at",
    "as_of",
    "decides",
    "exchanges",
)
"""Columns of `evidence_frame`; `decides` tells whether the verdict rests on it."""

FIGURES = ("provider", "capabilities", "origin", "simulated", "as_of", *Figures.__dataclass_fields__)
"""Columns of `figures_frame`: whose limit was run into, what was measured, in seconds, USD or tokens (see `probes.figures.Figures`)."""

SINCE = ("provider", "group", "capability", "status", "mechanism", "since", "first", "last", "exact")
"""Columns of `since_frame`; `first` is missing where only an upper bound is known."""

SURVEY = ("provider", "capability", "said", "now", "mechanism", "verdict", "level", "held", "says_en", "says_zh")
"""Columns of `survey_frame`: what the survey said, and how that stands today."""

HISTORY = ("date", "commit", "provider", "capability", "origin", "became", *(f"{when}_{name}" for when in ("was", "is") for name in STATE))
"""Columns of `history_frame`; `became` is empty for a verdict's first line, and so is what was before it."""


def evidence_frame(results: Results) -> pd.DataFrame:
    """One row per finding of a probe on a claim, in the claims' order, the strongest first; times are UTC."""
    frame = pd.DataFrame(_evidence(results), columns=list(EVIDENCE))
    frame["recorded_at"] = pd.to_datetime(frame["recorded_at"], utc=True)
    frame["as_of"] = pd.to_datetime(frame["as_of"])
    return frame.astype({"decides": "bool"})


def figures_frame(results: Results) -> pd.DataFrame:
    """One row per series of calls against a limit, in the claims' order; one that shows several claims stands once, with all of them."""
    series: dict[tuple[str, str, str, Figures], list[Evidence]] = {}
    for each in results.evidence:
        for figures in each.figures:
            series.setdefault((each.provider, each.origin, each.probe, figures), []).append(each)
    frame = pd.DataFrame((_series(found, key[-1]) for key, found in series.items()), columns=list(FIGURES))
    frame["as_of"] = pd.to_datetime(frame["as_of"])
    measured = ("limit", "usd", "usd_past", "seconds_to_block", "seconds_to_reopen", "retry_after")
    whole = ("in_flight", "calls", "calls_past", "tokens_past", "status")
    true = ("simulated", "understated")
    return frame.astype(
        dict.fromkeys(measured, "float64") | dict.fromkeys(whole, "Int64") | dict.fromkeys(true, "bool") | {"waiting_sufficed": "boolean"}
    )


def since_frame(results: Results) -> pd.DataFrame:
    """One row per claim that says since when it is so, in the claims' order; `first` and `last` bound the day."""
    frame = pd.DataFrame(_since(results), columns=list(SINCE))
    return frame.assign(first=pd.to_datetime(frame["first"]), last=pd.to_datetime(frame["last"]))


def survey_frame(results: Results) -> pd.DataFrame:
    """One row per conclusion of the 2024 survey, beside today's claim and verdict."""
    rows = (
        (
            each.provider,
            each.capability,
            each.said.value,
            each.now.value,
            each.mechanism.value,
            each.verdict.status.value,
            each.verdict.level.word,
            each.held.value,
            each.says.en,
            each.says.zh,
        )
        for each in conclusions(results)
    )
    return pd.DataFrame(rows, columns=list(SURVEY))


def history_frame(path: Path) -> pd.DataFrame:
    """One row per verdict that changed, by date; no rows where there is no file. Raises KeycapError naming a line that is none."""
    rows = (
        (
            each.date,
            each.commit,
            each.provider,
            each.capability,
            each.origin,
            became(each.before, each.after).value if each.before else "",
            *(getattr(each.before, name) if each.before else "" for name in STATE),
            *(getattr(each.after, name) for name in STATE),
        )
        for each in history.read(path)
    )
    frame = pd.DataFrame(rows, columns=list(HISTORY))
    return frame.assign(date=pd.to_datetime(frame["date"]))


def _evidence(results: Results) -> Iterator[tuple[object, ...]]:
    for each in results.evidence:
        verdict = results.verdicts[each.provider, each.capability]
        yield (
            each.provider,
            each.capability,
            each.outcome.value,
            each.level.word,
            each.origin.value,
            each.tier,
            each.probe,
            each.cause.value,
            each.detail,
            each.recorded_at or None,
            each.as_of or None,
            verdict.status is not VerdictStatus.UNVERIFIED and each in verdict.decided_by,
            " ".join(each.exchanges),
        )


def _series(found: list[Evidence], figures: Figures) -> tuple[object, ...]:
    first = found[0]
    told = asdict(figures) | {"limited": figures.limited.value, "means": figures.means.value, "headers": " ".join(figures.headers)}
    shown = " ".join(dict.fromkeys(each.capability for each in found))
    return first.provider, shown, first.origin.value, first.origin not in SETTLING, first.as_of or None, *told.values()


def _since(results: Results) -> Iterator[tuple[object, ...]]:
    for name, provider in results.claims.providers.items():
        for capability, question in results.claims.capabilities.items():
            claim = provider.claims[capability]
            if claim.since:
                period = Period.parse(claim.since)
                yield (
                    name,
                    question.group,
                    capability,
                    claim.status.value,
                    claim.mechanism.value,
                    claim.since,
                    period.first,
                    period.last,
                    period.exact,
                )
