"""What comes out: frames, advice and the rendered report, all made from a `Results` and nothing else.

The functions import what they need when called, so that `import reports` stays quick. No module may bear the name of one of them: its
import would take the function's place here.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import timedelta

    import pandas as pd

    from probes.record import Record
    from probes.results import Results
    from probes.vocabulary import Region
    from reports.advice import Advice
    from reports.drifts import Drift
    from reports.history import Line

__all__ = [
    "advise",
    "drift",
    "evidence_frame",
    "figures_frame",
    "history_frame",
    "matrix",
    "plot_style",
    "render",
    "since_frame",
    "survey_frame",
    "update_readmes",
]


def matrix(results: "Results") -> "pd.DataFrame":
    """One row per provider × capability; the columns are `reports.frames.COLUMNS`."""
    from reports.frames import matrix as build  # noqa: PLC0415

    return build(results)


def evidence_frame(results: "Results") -> "pd.DataFrame":
    """One row per finding of a probe on a claim; the columns are `reports.tables.EVIDENCE`."""
    from reports.tables import evidence_frame as build  # noqa: PLC0415

    return build(results)


def figures_frame(results: "Results") -> "pd.DataFrame":
    """One row per series of calls against a limit, in seconds and USD; the columns are `reports.tables.FIGURES`."""
    from reports.tables import figures_frame as build  # noqa: PLC0415

    return build(results)


def since_frame(results: "Results") -> "pd.DataFrame":
    """One row per claim that says since when it is so; the columns are `reports.tables.SINCE`."""
    from reports.tables import since_frame as build  # noqa: PLC0415

    return build(results)


def survey_frame(results: "Results") -> "pd.DataFrame":
    """One row per conclusion of the 2024 survey, beside today's claim and verdict; the columns are `reports.tables.SURVEY`."""
    from reports.tables import survey_frame as build  # noqa: PLC0415

    return build(results)


def history_frame(path: Path) -> "pd.DataFrame":
    """One row per verdict that changed, from a file such as reports/history.jsonl; the columns are `reports.tables.HISTORY`.

    No rows where there is no file. Raises KeycapError naming a line that is none.
    """
    from reports.tables import history_frame as build  # noqa: PLC0415

    return build(path)


def plot_style() -> dict[str, Any]:
    """matplotlib settings for plots with both languages, for `plt.rcParams.update(…)`; colours that colour-blind readers tell apart."""
    from reports.plotting import plot_style as build  # noqa: PLC0415

    return build()


def advise(
    results: "Results", need: "str | Iterable[str] | Mapping[str, int] | None" = None, region: "Region | None" = None
) -> "list[Advice]":
    """Providers ranked for one need, several or all, each with the terms of its score; or for weights of one's own by capability.

    Raises KeyError for a need that nobody defined, UsageError for weights that cannot be used.
    """
    from reports.advice import advise as build  # noqa: PLC0415

    return build(results, need, region)


def drift(before: "Record", after: "Record", *, max_age: "timedelta | None" = None, every: bool = False) -> "Drift":
    """What two records (`probes.Record`) differ in: verdicts, the look of answers, and what contracts declare anew; false when in nothing.

    `max_age` also tells evidence that has gone stale, `every` also what contracts declared before and no claim mentions.
    """
    from reports.drifts import compare as build  # noqa: PLC0415

    return build(before, after, max_age=max_age, every=every)


def render(results: "Results", out: Path, *, png: bool = False, history: "Sequence[Line]" = (), processes: int = 1) -> list[Path]:
    """Write the report into `out`, which is made when absent; returns its files. With `png` the charts are written as PNG as well.

    More `processes` than one are for programs with a single thread on Linux: both languages are then rendered at once.
    """
    from reports.rendering import render as build  # noqa: PLC0415

    return build(results, out, png=png, history=history, processes=processes)


def update_readmes(results: "Results", checkout: Path, *, processes: int = 1) -> list[Path]:
    """Renew the headline table of README.md and README.zh-CN.md; returns those that changed. `processes` as in `render`."""
    from reports.readme import update_readmes as build  # noqa: PLC0415

    return build(results, checkout, processes=processes)
