"""How wide a text is, in the bundled font, with room for readers' own."""

from functools import cache

from matplotlib.ft2font import FT2Font, LoadFlags

from reports.charts.svg import SIZE
from reports.fonts import FILE
from reports.markup import visible

ROOM = 1.12
"""How much wider a reader's font may be."""


def measure(text: str, size: float = SIZE) -> float:
    """Width of a line of text in pixels, with some room: readers' own fonts are wider than the one that charts are laid out with."""
    return sum(map(_advance, visible(text))) * size * ROOM


def fitted(text: str, width: float, size: float = SIZE) -> str:
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
    if ord(letter) not in _letters():
        return 1.0
    return float(_font().load_char(ord(letter), LoadFlags.NO_SCALE).horiAdvance) / _font().units_per_EM


@cache
def _letters() -> frozenset[int]:
    return frozenset(_font().get_charmap())


@cache
def _font() -> FT2Font:
    return FT2Font(str(FILE))
