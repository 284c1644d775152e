"""Secret values that are known, found in any encoding, and the pieces of one that was taken apart."""

import re
from collections.abc import Iterable

from probes.wire.disguise import SHORTEST, forms, replaced
from probes.wire.patterns import SHORTENED, VISIBLE, looks_random

PIECE = 12
"""Characters that make a piece of a secret: a vendor's hint shows fewer, or is marked as shortened."""

_TIME = re.compile(r"[0-9-]*\d\d-\d\dT[0-9:.Z]*")
"""A time of day that a token bears is no piece of its secret: the answer tells the same time openly."""

_BLOCK = 6
"""Every piece of `PIECE` characters has one whole block of a secret that is cut into such blocks."""

_OURS = re.compile(r"keycap-probe-[0-9a-f]{8}(?:-\d{1,3})?")
"""A name that keycap made up is no piece of a secret, not even of a key that a probe made up of it to see it refused."""

_ONE_TOKEN = re.compile(r"[^\s,;]+")
"""A signature has parts that are no secrets: names of headers, regions, times."""


class Known:
    """Values and what each is replaced with. The longest is replaced first."""

    def __init__(self, values: Iterable[str], token: str) -> None:
        self._needles: dict[str, str] = {}
        self._blocks: dict[str, list[tuple[str, int]]] = {}
        for value in values:
            if len(value) >= SHORTEST:
                self.add(value, token)

    def __len__(self) -> int:
        return len(self._needles)

    def __contains__(self, value: str) -> bool:
        return value in self._needles

    def add(self, value: str, token: str) -> None:
        """Know one more value, in every encoding."""
        needles = dict.fromkeys(forms(value), token) | self._needles
        self._needles = dict(sorted(needles.items(), key=lambda needle: len(needle[0]), reverse=True))
        for part in _OURS.split(value) if _ONE_TOKEN.fullmatch(value) else ():
            for start in range(0, len(part) - _BLOCK + 1, _BLOCK):
                self._blocks.setdefault(part[start : start + _BLOCK], []).append((part, start))

    def token(self, value: str) -> str:
        """What the whole value is replaced with. Raises KeyError."""
        return self._needles[value]

    def replaced(self, text: str) -> str:
        """The text without known values."""
        if "%" in text or "\\" in text:
            return replaced(text, self._needles)
        for needle, token in self._needles.items():
            if needle in text:
                text = text.replace(needle, token)
        return text

    def pieces(self, text: str) -> list[tuple[int, int]]:
        """Where pieces of known values stand, as they are: a secret may be split over a header and a body. Those of one do not overlap."""
        found: list[tuple[int, int]] = []
        for block, places in self._blocks.items():
            at = text.find(block)
            while at >= 0:
                start, end = max((_common(text, at, *place) for place in places), key=lambda span: span[1] - span[0])
                if _is_piece(text, start, end) and not any(start < other_end and other < end for other, other_end in found):
                    found.append((start, end))
                at = text.find(block, max(end, at + 1))
        return sorted(found)


def _common(text: str, at: int, value: str, offset: int) -> tuple[int, int]:
    """The longest stretch around `at` that the text has in common with the value around `offset`."""
    start, first = at, offset
    while start > 0 and first > 0 and text[start - 1] == value[first - 1]:
        start, first = start - 1, first - 1
    end, last = at + _BLOCK, offset + _BLOCK
    while end < len(text) and last < len(value) and text[end] == value[last]:
        end, last = end + 1, last + 1
    return start, end


def _is_piece(text: str, start: int, end: int) -> bool:
    piece = text[start:end]
    shortened = len(piece) <= VISIBLE and SHORTENED.match(text, end)
    return len(piece) >= PIECE and looks_random(piece) and not shortened and not _TIME.fullmatch(piece)
