"""Outlines of marks, and many of one look as a single path: fewer artists to draw and fewer bytes to write."""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from matplotlib.path import Path

Point = tuple[float, float]


class Shape(NamedTuple):
    """Strokes in units of the mark's width around its middle, downwards as in the picture; a circle has none."""

    strokes: tuple[tuple[Point, ...], ...]
    closed: bool = True

    def at(self, x: float, y: float, size: float) -> list[list[Point]]:
        """The strokes of a mark at a place."""
        return [[(x + dx * size, y + dy * size) for dx, dy in stroke] for stroke in self.strokes]


def _star() -> tuple[Point, ...]:
    """Five points; the waists lie where a pentagram's lines cross."""
    tips = ((0.0, -0.5), (0.476, -0.155), (0.294, 0.405), (-0.294, 0.405), (-0.476, -0.155))
    waists = ((0.112, -0.155), (0.182, 0.059), (0.0, 0.191), (-0.182, 0.059), (-0.112, -0.155))
    return tuple(point for pair in zip(tips, waists, strict=True) for point in pair)


CIRCLE = Shape(())
SQUARE = Shape((((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)),))
HALF = Shape((((-0.5, 0.5), (-0.5, -0.5), (0.5, 0.5)),))
DIAMOND = Shape((((0.0, -0.6), (0.6, 0.0), (0.0, 0.6), (-0.6, 0.0)),))
STAR = Shape((_star(),))
BLOCK = Shape((((-0.5, -0.37), (0.5, -0.37), (0.5, 0.37), (-0.5, 0.37)),))
ARROW = Shape((((-0.5, 0.0), (-0.24, -0.37), (0.5, -0.37), (0.5, 0.37), (-0.24, 0.37)),))
DASH = Shape((((-0.5, 0.0), (0.5, 0.0)),), closed=False)
PLUS = Shape((((-0.5, 0.0), (0.5, 0.0)), ((0.0, -0.5), (0.0, 0.5))), closed=False)
CROSS = Shape((((-0.5, -0.5), (0.5, 0.5)), ((-0.5, 0.5), (0.5, -0.5))), closed=False)


class Placed(NamedTuple):
    """Where something stands in a picture: its convex outline, two points for a line."""

    kind: Literal["text", "mark", "line"]
    what: str
    corners: tuple[Point, ...]


def around(x0: float, y0: float, x1: float, y1: float) -> tuple[Point, ...]:
    """The corners of an upright rectangle."""
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


def together(strokes: Iterable[Sequence[Point]], *, closed: bool) -> Path:
    """All strokes as one path."""
    vertices: list[Point] = []
    codes: list[int] = []
    for stroke in strokes:
        vertices += stroke
        codes += [int(Path.MOVETO), *[int(Path.LINETO)] * (len(stroke) - 1)]
        if closed:
            vertices.append(stroke[0])
            codes.append(int(Path.CLOSEPOLY))
    return Path(vertices, codes)
