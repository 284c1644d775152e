"""Charts of the report, each an SVG with its text kept as text and a description for those who cannot see it.

matplotlib takes half a second to import, so nothing here is imported before a chart is wanted.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from probes.results import Results
from reports.charts.bars import age, coverage
from reports.charts.canvas import Drawing
from reports.charts.heatmap import heatmap
from reports.charts.overshoot import overshoot
from reports.charts.svg import standalone
from reports.charts.timeline import timeline
from reports.text import Language, Texts, texts

CHARTS: dict[str, Callable[[Results, Texts], Drawing]] = {
    "heatmap": heatmap, "coverage": coverage, "overshoot": overshoot, "timeline": timeline, "age": age,
}  # fmt: skip
"""In the order of the report."""


class Chart(NamedTuple):
    """`svg` is an element for a page; as a file it is `standalone(svg)`."""

    svg: str
    alt: str


def charts(results: Results, language: Language) -> dict[str, Chart]:
    """All charts in one language, by name; the same results give the same bytes."""
    lang = {"zh": "zh-Hans", "en": "en"}[language]
    return {name: Chart(drawing.canvas.svg(name, drawing.alt, lang), drawing.alt) for name, drawing in _drawn(results, language)}


def pngs(results: Results, language: Language) -> dict[str, bytes]:
    """All charts in one language as PNG files on white, by name."""
    return {name: drawing.canvas.png() for name, drawing in _drawn(results, language)}


def _drawn(results: Results, language: Language) -> Iterator[tuple[str, Drawing]]:
    t = texts(language)
    for name, draw in CHARTS.items():
        yield name, draw(results, t)


__all__ = ["CHARTS", "Chart", "charts", "pngs", "standalone"]
