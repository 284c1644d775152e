"""The matplotlib artists that a canvas is drawn with, and the settings under which they draw the same bytes each time."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Literal, NamedTuple

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.text import Text

from reports.charts.shapes import Point, together
from reports.fonts import FAMILY, FILE

Anchor = Literal["left", "center", "right"]


class Look(NamedTuple):
    """How shapes are drawn; those of one look are drawn as one. `size` is that of circles, 0 for all else."""

    fill: str = "none"
    edge: str = "none"
    width: float = 1.0
    dash: tuple[float, float] | None = None
    alpha: float | None = None
    closed: bool = True
    size: float = 0.0

    def artist(self, strokes: Sequence[Sequence[Point]]) -> Artist:
        """Everything of this look."""
        if self.size:
            xs, ys = zip(*(stroke[0] for stroke in strokes), strict=True)
            style: dict[str, Any] = {"marker": "o", "markersize": self.size, "markerfacecolor": self.fill, "markeredgecolor": self.edge}
            return Line2D(xs, ys, linestyle="none", markeredgewidth=self.width, **style)
        style = {"facecolor": self.fill, "edgecolor": self.edge, "linewidth": self.width, "alpha": self.alpha}
        return PathPatch(together(strokes, closed=self.closed), linestyle=(0, self.dash) if self.dash else "-", **style)


class Words(NamedTuple):
    """A line of text: where its baseline begins, ends or has its middle, and how it looks."""

    x: float
    y: float
    text: str
    anchor: Anchor
    size: float
    colour: str
    turned: float
    alpha: float | None

    def artist(self) -> Artist:
        """In the bundled font, which is what PNG images show and what SVG is measured with."""
        turn: dict[str, Any] = {"rotation": self.turned, "rotation_mode": "anchor"} if self.turned else {}
        look: dict[str, Any] = {"color": self.colour, "ha": self.anchor, "alpha": self.alpha, "fontproperties": _font(self.size)}
        return _Label(self.x, self.y, self.text, va="baseline", parse_math=False, **look, **turn)


class _Label(Text):
    """A text that an SVG takes as it is: nothing is laid out, since its place is its anchor's."""

    def draw(self, renderer: RendererBase) -> None:
        if not isinstance(renderer, RendererSVG):
            super().draw(renderer)
            return
        pen = renderer.new_gc()
        pen.set_foreground(self.get_color())
        if (alpha := self.get_alpha()) is not None:
            pen.set_alpha(alpha)
        x, y = self.get_transform().transform(self.get_unitless_position())
        write: Callable[..., None] = renderer.draw_text
        write(pen, x, renderer.height - y, self.get_text(), self.get_fontproperties(), self.get_rotation(), mtext=self)
        pen.restore()


@cache
def _font(size: float) -> FontProperties:
    return FontProperties(family=FAMILY, size=size)


@cache
def _registered() -> str:
    """Make the font known to matplotlib, once in a process."""
    fontManager.addfont(FILE)
    return FAMILY


@contextmanager
def drawing(salt: str) -> Iterator[None]:
    """Text stays text, ids come from `salt`; a letter that the font lacks is drawn by the reader's own font: only its width is a guess."""
    _registered()
    with warnings.catch_warnings(), mpl.rc_context({"svg.fonttype": "none", "path.simplify": False, "svg.hashsalt": salt}):
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield
