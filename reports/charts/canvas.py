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
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.ft2font import FT2Font, LoadFlags
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

from probes.evidence import Level
from reports.charts.svg import SIZE, reduced
from reports.fonts import FAMILY, FILE
from reports.markup import visible

WIDTH = 720
"""Pixels, of every chart."""

INCH = 72
"""Pixels; the unit that matplotlib measures figures in."""

ROOM = 1.12
"""How much wider a reader's font may be."""

INK, WHITE, BLACK = "#1f2328", "#ffffff", "#010101"
"""Black is not quite black: SVG writes none for what is black by default, and the page's ink would take its place."""

GREY, PALE, VERMILLION, BLUE = "#8c8c8c", "#8c8c8c66", "#d55e00", "#0072b2"
LEVELS: Mapping[Level, str] = {
    Level.CLAIMED: GREY,
    Level.CONTRACT: "#56b4e9",
    Level.SURFACE: BLUE,
    Level.BEHAVIOUR: "#009e73",
    Level.ENFORCEMENT: "#cc79a7",
}

TITLE, NORMAL, SMALL = 15.0, float(SIZE), 9.5
"""Sizes of text in pixels."""

MIDDLE = 0.36
"""How far the baseline lies below the middle of a line, in ems: the same for every text, whatever letters it has."""

Anchor = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A finished chart, and what it shows in words."""

    canvas: "Canvas"
    alt: str


class Canvas:
    """One figure of `WIDTH` × `height` pixels. All hangs on the figure itself: axes would measure every mark to scale themselves."""

    def __init__(self, height: float) -> None:
        self.figure = Figure(figsize=(WIDTH / INCH, height / INCH), dpi=INCH)
        self.figure.patch.set_visible(False)
        self._pixels = Affine2D().scale(1 / INCH, -1 / INCH).translate(0, height / INCH) + self.figure.dpi_scale_trans

    def text(
        self, x: float, y: float, text: str, *, anchor: Anchor = "left", size: float = NORMAL, colour: str = INK, turned: float = 0.0,
        faint: bool = False,
    ) -> None:  # fmt: skip
        """A line of text whose middle is at `y`; turned by degrees against the clock, `x` and `y` are where its baseline starts."""
        style: dict[str, Any] = {"fontsize": size, "color": colour, "ha": anchor, "alpha": 0.75 if faint else None}
        style |= {"rotation": turned, "rotation_mode": "anchor"} if turned else {}
        baseline = y if turned else y + round(size * MIDDLE, 1)
        self._add(Text(x, baseline, visible(text), va="baseline", family=FAMILY, parse_math=False, **style))

    def box(self, x: float, y: float, width: float, height: float, *, fill: str = "none", edge: str = "none", dashed: bool = False) -> None:
        """A rectangle; `fill` and `edge` are colours or `none`."""
        style = (0, (3, 2)) if dashed else "-"
        self._add(Rectangle((x, y), width, height, facecolor=fill, edgecolor=edge, linewidth=1.0, linestyle=style))

    def line(self, x0: float, y0: float, x1: float, y1: float, *, colour: str = INK, faint: bool = False, dashed: bool = False) -> None:
        """A thin line."""
        style: dict[str, Any] = {"linestyle": (0, (3, 3)) if dashed else "-", "alpha": 0.25 if faint else None}
        self._add(Line2D([x0, x1], [y0, y1], color=colour, linewidth=1.0, **style))

    def marks(
        self, places: Sequence[tuple[float, float]], shape: str | Path, size: float, *, fill: str = "none", edge: str = "none"
    ) -> None:
        """The same mark at several places, `size` pixels wide."""
        if places:
            xs, ys = zip(*places, strict=True)
            look: dict[str, Any] = {"marker": shape, "markersize": size, "markerfacecolor": fill, "markeredgecolor": edge}
            self._add(Line2D(xs, ys, linestyle="none", markeredgewidth=1.2, **look))

    def _add(self, artist: Artist) -> None:
        artist.set_transform(self._pixels)
        self.figure.add_artist(artist)

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
        return reduced(out.getvalue(), name, visible(alt), lang, ink=INK)

    def png(self) -> bytes:
        """The chart on white, at twice its size in pixels."""
        out = io.BytesIO()
        with _drawing("keycap"):
            FigureCanvasAgg(self.figure)
            self.figure.patch.set_visible(True)
            self.figure.savefig(out, format="png", dpi=2 * INCH, facecolor=WHITE, metadata={"Software": None})
        return out.getvalue()


@dataclass(frozen=True, slots=True)
class Swatch:
    """A mark of the legend: as it stands in the chart, or a box where `shape` is empty."""

    shape: str | Path = ""
    fill: str = "none"
    edge: str = "none"
    dashed: bool = False
    inner: str = ""
    size: float = 9.0

    def draw(self, canvas: Canvas, x: float, y: float) -> None:
        """Centred on a place."""
        if self.shape:
            canvas.marks([(x, y)], self.shape, self.size, fill=self.fill, edge=self.edge)
        else:
            canvas.box(x - 6, y - 6, 12, 12, fill=self.fill, edge=self.edge, dashed=self.dashed)
        if self.inner:
            colour = self.edge if self.fill == "none" else WHITE
            canvas.marks([(x, y)], self.inner, 6, fill=colour, edge=colour)


def measure(text: str, size: float = NORMAL) -> float:
    """Width of a line of text in pixels, with some room: readers' own fonts are wider than the one that charts are laid out with."""
    return sum(map(_advance, visible(text))) * size * ROOM


def fitted(text: str, width: float, size: float = NORMAL) -> str:
    """A text cut to `width` pixels, the cut shown by an ellipsis."""
    if measure(text, size) <= width:
        return text
    left = width - measure("…", size)
    for place, letter in enumerate(text):
        left -= measure(letter, size)
        if left < 0:
            return f"{text[:place].rstrip()}…"
    return text


@cache
def _advance(letter: str) -> float:
    """Width of a letter in ems; one that the font lacks counts as a whole one."""
    if ord(letter) not in _font().get_charmap():
        return 1.0
    return float(_font().load_char(ord(letter), LoadFlags.NO_SCALE).horiAdvance) / _font().units_per_EM


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
    with _quiet(), mpl.rc_context({"svg.fonttype": "none", "path.simplify": False, "svg.hashsalt": salt}):
        yield


@contextmanager
def _quiet() -> Iterator[None]:
    """A letter that the font lacks is drawn by the reader's own font: only its width is a guess."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield
