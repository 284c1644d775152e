"""What charts are drawn on: a matplotlib figure measured in pixels from its upper left corner, and its way to SVG and PNG.

One colour stands for ink; in the SVG it is `currentColor`, so that a page, light or dark, decides. Everything else is Okabe and Ito's
palette, which looks the same on both and to colour-blind readers; shapes and words say the same as the colours.
"""

import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Literal

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.ft2font import FT2Font
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.path import Path

from probes.evidence import Level
from reports.charts.svg import reduced
from reports.fonts import FAMILY, FILE
from reports.markup import visible

WIDTH = 720
"""Pixels, of every chart."""

INK, WHITE, BLACK = "#1f2328", "#ffffff", "#000000"
GREY, ORANGE, VERMILLION, BLUE = "#8c8c8c", "#e69f00", "#d55e00", "#0072b2"
LEVELS: Mapping[Level, str] = {
    Level.CLAIMED: GREY,
    Level.CONTRACT: "#56b4e9",
    Level.SURFACE: BLUE,
    Level.BEHAVIOUR: "#009e73",
    Level.ENFORCEMENT: "#cc79a7",
}

TITLE, NORMAL, SMALL = 15.0, 11.0, 9.5
"""Sizes of text in pixels."""

Anchor = Literal["left", "center", "right"]

SETTINGS = {
    "font.family": [FAMILY],
    "svg.fonttype": "none",
    "text.color": INK,
    "text.parse_math": False,
    "hatch.linewidth": 1.0,
    "path.simplify": False,
}


@dataclass(frozen=True, slots=True)
class Drawing:
    """A finished chart, and what it shows in words."""

    canvas: "Canvas"
    alt: str


class Canvas:
    """One figure of `WIDTH` × `height` pixels."""

    def __init__(self, height: float) -> None:
        self.height = height
        self.figure = Figure(figsize=(WIDTH / 72, height / 72), dpi=72)
        self.axes = self.figure.add_axes((0.0, 0.0, 1.0, 1.0))
        self.axes.set_axis_off()
        self.axes.set_xlim(0, WIDTH)
        self.axes.set_ylim(height, 0)

    def text(
        self, x: float, y: float, text: str, *, anchor: Anchor = "left", size: float = NORMAL, colour: str = INK, turned: float = 0.0,
        faint: bool = False,
    ) -> None:  # fmt: skip
        """A line of text, vertically centred on `y`; `turned` counts degrees against the clock, from its left end."""
        base = {"va": "center", "ha": anchor} if not turned else {"va": "bottom", "ha": "left", "rotation_mode": "anchor"}
        self.axes.text(x, y, visible(text), fontsize=size, color=colour, rotation=turned, alpha=0.75 if faint else 1.0, **base)  # type: ignore[arg-type]

    def box(self, x: float, y: float, width: float, height: float, *, fill: str = "none", edge: str = "none", hatch: str = "") -> None:
        """A rectangle; `fill` and `edge` are colours or `none`."""
        shape = Rectangle((x, y), width, height, facecolor=fill, edgecolor=edge, linewidth=1.0, hatch=hatch or None)
        self.axes.add_patch(shape)

    def line(self, x0: float, y0: float, x1: float, y1: float, *, colour: str = INK, faint: bool = False, dashed: bool = False) -> None:
        """A thin line."""
        style = (0, (3, 3)) if dashed else "-"
        self.axes.add_line(Line2D([x0, x1], [y0, y1], color=colour, linewidth=1.0, alpha=0.25 if faint else 1.0, linestyle=style))

    def marks(
        self, places: Sequence[tuple[float, float]], shape: str | Path, size: float, *, fill: str = "none", edge: str = "none"
    ) -> None:
        """The same mark at several places, `size` pixels wide."""
        if places:
            xs, ys = zip(*places, strict=True)
            self.axes.add_line(
                Line2D(xs, ys, linestyle="none", marker=shape, markersize=size, markerfacecolor=fill, markeredgecolor=edge, markeredgewidth=1.2)
            )

    def heading(self, title: str, says: str) -> None:
        """Title and subtitle in the uppermost 48 pixels."""
        self.text(8, 16, title, size=TITLE)
        self.text(8, 36, says, faint=True)

    def legend(self, y: float, entries: Sequence[tuple[str, "Swatch"]], *, x: float = 8) -> float:
        """Swatches with their words, wrapped at the right margin; returns the `y` below."""
        at = x
        for word, swatch in entries:
            needed = 20 + measure(word) + 16
            if at > x and at + needed > WIDTH:
                at, y = x, y + 20
            swatch.draw(self, at + 7, y)
            self.text(at + 20, y, word)
            at += needed
        return y + 20

    def svg(self, name: str, alt: str, lang: str) -> str:
        """The chart as an SVG element that takes the colour of ink from where it stands; the same bytes each time."""
        out = io.StringIO()
        with _drawing(f"keycap-{name}"):
            self.figure.savefig(out, format="svg", transparent=True, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
        return reduced(out.getvalue(), name, alt, lang, ink=INK)

    def png(self) -> bytes:
        """The chart on white, at twice its size in pixels."""
        out = io.BytesIO()
        with _drawing("keycap"):
            FigureCanvasAgg(self.figure)
            self.figure.savefig(out, format="png", dpi=144, facecolor=WHITE, metadata={"Software": None})
        return out.getvalue()


@dataclass(frozen=True, slots=True)
class Swatch:
    """A mark of the legend: as it stands in the chart, or a box where `shape` is empty."""

    shape: str | Path = ""
    fill: str = "none"
    edge: str = "none"
    hatch: str = ""
    inner: str = ""
    size: float = 9.0

    def draw(self, canvas: Canvas, x: float, y: float) -> None:
        """Centred on a place."""
        if self.shape:
            canvas.marks([(x, y)], self.shape, self.size, fill=self.fill, edge=self.edge)
        else:
            canvas.box(x - 6, y - 6, 12, 12, fill=self.fill, edge=self.edge, hatch=self.hatch)
        if self.inner:
            canvas.marks([(x, y)], self.inner, 6, fill=WHITE, edge=WHITE)


def measure(text: str, size: float = NORMAL) -> float:
    """Width of a line of text in pixels, as matplotlib lays it out."""
    with _quiet():
        font = _font()
        font.set_size(size, 72)
        font.set_text(visible(text))
        return float(font.get_width_height()[0]) / 64


def fitted(text: str, width: float, size: float = NORMAL) -> str:
    """A text cut to `width` pixels, the cut shown by an ellipsis."""
    if measure(text, size) <= width:
        return text
    while text and measure(f"{text}…", size) > width:
        text = text[:-1] if len(text) < 200 else text[:199]
    return f"{text.rstrip()}…"


@cache
def _font() -> FT2Font:
    return FT2Font(str(FILE))


@cache
def _registered() -> str:
    """Make the font known to matplotlib, once in a process."""
    fontManager.addfont(FILE)
    return FAMILY


@contextmanager
def _drawing(salt: str) -> Iterator[None]:
    _registered()
    with _quiet(), mpl.rc_context(SETTINGS | {"svg.hashsalt": salt}):
        yield


@contextmanager
def _quiet() -> Iterator[None]:
    """A letter that the font lacks is drawn by the reader's own font: only its width is a guess."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield
