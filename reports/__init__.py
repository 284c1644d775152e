"""What comes out: frames, advice and the rendered report, all made from a `Results` and nothing else.

The functions import what they need when called, so that `import reports` stays quick. No module may bear the name of one of them: its
import would take the function's place here.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta

    import pandas as pd

    from probes.record import Record
    from probes.results import Results
    from probes.vocabulary import Region
    from reports.advice import Advice
    from reports.drifts import Drift
    from reports.history import Line

__all__ = ["advise", "drift", "matrix", "render", "update_readmes"]


def matrix(results: "Results") -> "pd.DataFrame":
    """One row per provider × capability; the columns are `reports.frames.COLUMNS`."""
    from reports.frames import matrix as build  # noqa: PLC0415

    return build(results)


def advise(results: "Results", need: "str | Iterable[str] | None" = None, region: "Region | None" = None) -> "list[Advice]":
    """Providers ranked for one need, several or all, each with the terms of its score; raises KeyError for a need nobody defined."""
    from reports.advice import advise as build  # noqa: PLC0415

    return build(results, need, region)


def drift(before: "Record", after: "Record", *, max_age: "timedelta | None" = None, every: bool = False) -> "Drift":
    """What two records (`probes.Record`) differ in: verdicts, the look of answers, and what contracts declare anew; false when in nothing.

    `max_age` also tells evidence that has gone stale, `every` also what contracts declared before and no claim mentions.
    """
    from reports.drifts import compare as build  # noqa: PLC0415

    return build(before, after, max_age=max_age, every=every)


def render(results: "Results", out: Path, *, png: bool = False, history: "Sequence[Line]" = ()) -> list[Path]:
    """Write the report into `out`, which is made when absent; returns its files. With `png` the charts are written as PNG as well."""
    from reports.rendering import render as build  # noqa: PLC0415

    return build(results, out, png=png, history=history)


def update_readmes(results: "Results", checkout: Path) -> list[Path]:
    """Renew the headline table of README.md and README.zh-CN.md; returns those that changed."""
    from reports.readme import update_readmes as build  # noqa: PLC0415

    return build(results, checkout)
