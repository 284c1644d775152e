"""What charts are drawn on: a matplotlib figure measured in pixels from its upper left corner, and its way to SVG and PNG.

One colour stands for ink; in the SVG it is `currentColor`, so that a page, light or dark, decides. Everything else is Okabe and Ito's
palette, which looks the same on both and to colour-blind readers; shapes and words say the same as the colours.
"""

import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from matplotlib.transforms import Affine2D

from probes.evidence import Level
from reports.charts.artists import Anchor, Look, Words, drawing
from reports.charts.measuring import measure
from reports.charts.shapes import CIRCLE, Placed, Point, Shape, around
from reports.charts.svg import SIZE, reduced
from reports.markup import visible

WIDTH = 720
"""Pixels, of every chart."""

INCH = 72
"""Pixels; the unit that matplotlib measures figures in."""

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

_RENDERER: Callable[..., Any] = RendererSVG
"""Without a type of its own."""

LEGEND = 20
"""Pixels from one row of a legend to the next."""

ABOVE, BELOW = 0.88, 0.2
"""How far letters reach from the baseline, in ems."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A finished chart, and what it shows in words."""

    canvas: "Canvas"
    alt: str


class Canvas:
    """One figure of `WIDTH` × `height` pixels. All hangs on the figure itself: axes would measure every mark to scale themselves.

    `placed` tells where every text, mark and line stands, so that a test can hold them apart; what a mark holds inside is part of it.
    """

    def __init__(self, height: float) -> None:
        self.height = height
        self.placed: list[Placed] = []
        self._looks: dict[Look, list[Sequence[Point]]] = {}
        self._texts: list[Words] = []

    def text(
        self, x: float, y: float, text: str, *, anchor: Anchor = "left", size: float = NORMAL, colour: str = INK, turned: float = 0.0,
        faint: bool = False,
    ) -> None:  # fmt: skip
        """A line of text whose middle is at `y`; turned by degrees against the clock, `x` and `y` are where its baseline starts."""
        baseline = y if turned else y + round(size * MIDDLE, 1)
        self._texts.append(Words(x, baseline, visible(text), anchor, size, colour, turned, 0.75 if faint else None))
        width = measure(text, size)
        start = x - width * {"left": 0.0, "center": 0.5, "right": 1.0}[anchor]
        corners = around(start, baseline - size * ABOVE, start + width, baseline + size * BELOW)
        cos, sin = math.cos(math.radians(turned)), math.sin(math.radians(turned))
        turn = [(x + (cx - x) * cos + (cy - y) * sin, y - (cx - x) * sin + (cy - y) * cos) for cx, cy in corners] if turned else corners
        self.placed.append(Placed("text", text, tuple(turn)))

    def box(self, x: float, y: float, width: float, height: float, *, fill: str = "none", edge: str = "none", dashed: bool = False) -> None:
        """A rectangle; `fill` and `edge` are colours or `none`."""
        corners = around(x, y, x + width, y + height)
        self._draw(Look(fill, edge, dash=(3, 2) if dashed else None), [corners])
        self.placed.append(Placed("mark", "box", corners))

    def line(self, x0: float, y0: float, x1: float, y1: float, *, colour: str = INK, faint: bool = False, dashed: bool = False) -> None:
        """A thin line."""
        look = Look(edge=colour, dash=(3, 3) if dashed else None, alpha=0.25 if faint else None, closed=False)
        self._draw(look, [((x0, y0), (x1, y1))])
        self.placed.append(Placed("line", "", ((x0, y0), (x1, y1))))

    def marks(
        self, places: Sequence[Point], shape: Shape, size: float, *, fill: str = "none", edge: str = "none", inside: bool = False
    ) -> None:
        """The same mark at several places, `size` pixels wide; `inside` others, it belongs to them."""
        if shape is CIRCLE:
            self._draw(Look(fill, edge, 1.2, size=size), [[place] for place in places])
        else:
            look = Look(fill if shape.closed else "none", edge, 1.2, closed=shape.closed)
            self._draw(look, [stroke for x, y in places for stroke in shape.at(x, y, size)])
        if not inside:
            half = size / 2
            self.placed += [Placed("mark", "mark", around(x - half, y - half, x + half, y + half)) for x, y in places]

    def mark(self, place: Point, shape: Shape, size: tuple[float, float], *, fill: str = "none", edge: str = "none") -> None:
        """One mark as wide and as high as told; an outline that is less high than wide is stretched to it."""
        (x, y), (width, height) = place, size
        tall = max(abs(dy) for stroke in shape.strokes for _, dy in stroke) * 2
        strokes = [[(x + dx * width, y + dy * height / tall) for dx, dy in stroke] for stroke in shape.strokes]
        self._draw(Look(fill, edge, 1.2), strokes)
        self.placed.append(Placed("mark", "mark", around(x - width / 2, y - height / 2, x + width / 2, y + height / 2)))

    def _draw(self, look: Look, strokes: Sequence[Sequence[Point]]) -> None:
        self._looks.setdefault(look, []).extend(strokes)

    def _figure(self) -> Figure:
        """Shapes in the order in which their looks came, then all texts."""
        figure = Figure(figsize=(WIDTH / INCH, self.height / INCH), dpi=INCH)
        figure.patch.set_visible(False)
        pixels = Affine2D().scale(1 / INCH, -1 / INCH).translate(0, self.height / INCH) + figure.dpi_scale_trans
        shapes = [look.artist(strokes) for look, strokes in self._looks.items() if strokes]
        for place, artist in enumerate([*shapes, *(each.artist() for each in self._texts)]):
            artist.set_transform(pixels)
            artist.set_zorder(place)
            figure.add_artist(artist)
        return figure

    def heading(self, title: str, says: str) -> None:
        """Title and subtitle in the uppermost 48 pixels."""
        self.text(8, 16, title, size=TITLE)
        self.text(8, 36, says, faint=True)

    def legend(self, y: float, entries: Sequence[tuple[str, "Swatch"]]) -> float:
        """Swatches with their words, wrapped at the right margin; returns the `y` below."""
        rows = rows_of([word for word, _ in entries])
        for (word, swatch), (at, row) in zip(entries, rows, strict=True):
            swatch.draw(self, at + 7, y + LEGEND * row)
            self.text(at + 20, y + LEGEND * row, word)
        return y + legend_height([word for word, _ in entries])

    def svg(self, name: str, alt: str, lang: str) -> str:
        """The chart as an SVG element that takes the colour of ink from where it stands; the same bytes each time."""
        out = io.StringIO()
        with drawing(f"keycap-{name}"):
            renderer = _RENDERER(WIDTH, self.height, out, image_dpi=INCH, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
            self._figure().draw(renderer)
            renderer.finalize()
        return reduced(out.getvalue(), name, visible(alt), lang, ink=INK)

    def png(self) -> bytes:
        """The chart on white, at twice its size in pixels."""
        out = io.BytesIO()
        with drawing("keycap"):
            figure = self._figure()
            FigureCanvasAgg(figure)
            figure.patch.set_visible(True)
            figure.savefig(out, format="png", dpi=2 * INCH, facecolor=WHITE, metadata={"Software": None})
        return out.getvalue()


@dataclass(frozen=True, slots=True)
class Swatch:
    """A mark of the legend: as it stands in the chart, or a box without `shape`."""

    shape: Shape | None = None
    fill: str = "none"
    edge: str = "none"
    dashed: bool = False
    inner: Shape | None = None
    inked: str = WHITE
    """Colour of the inner mark."""

    size: float = 9.0

    def draw(self, canvas: Canvas, x: float, y: float) -> None:
        """Centred on a place."""
        if self.shape is not None:
            canvas.marks([(x, y)], self.shape, self.size, fill=self.fill, edge=self.edge)
        else:
            canvas.box(x - 6, y - 6, 12, 12, fill=self.fill, edge=self.edge, dashed=self.dashed)
        if self.inner is not None:
            size = 2 if self.inner is CIRCLE else 6
            canvas.marks([(x, y)], self.inner, size, fill=self.inked, edge=self.inked, inside=True)


def legend_height(words: Sequence[str]) -> float:
    """Pixels that a legend of these words needs."""
    return LEGEND * (1 + max((row for _, row in rows_of(words)), default=0))


def rows_of(words: Sequence[str]) -> list[tuple[float, int]]:
    """Where each entry of a legend begins, and in which row."""
    found: list[tuple[float, int]] = []
    at, row = 8.0, 0
    for word in words:
        end = at + 20 + measure(word)
        if at > 8 and end > WIDTH - 4:
            at, row, end = 8.0, row + 1, 28 + measure(word)
        found.append((at, row))
        at = end + 14
    return found
