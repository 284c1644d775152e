"""Finding a known value in a text although it stands there in another encoding."""

import base64
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from urllib.parse import quote_plus

SHORTEST = 8
"""Characters below which a known value is not looked for: it would blank ordinary words."""

DEPTH = 3
"""Layers of escapes that are seen through: JSON in JSON, an address in JSON, an address that was encoded twice."""

_HEX = "[0-9a-fA-F]"
_PAIR = rf"\\u[dD][89abAB]{_HEX}{{2}}\\u[dD][c-fC-F]{_HEX}{{2}}"  # one character beyond the BMP, as JSON writes it
_ESCAPES = (re.compile(rf'{_PAIR}|\\u{_HEX}{{4}}|\\[/"\\bfnrt]'), re.compile(rf"(?:%{_HEX}{{2}})+"))
_CONTROLS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_UNIT = re.compile(r"u([0-9a-fA-F]{4})")


def forms(value: str) -> set[str]:
    """The encodings of `value` that are not escapes: raw, form-encoded, hex, and base64 at each of its three offsets.

    Escapes (URL-encoding, JSON's) need no form of their own, `replaced` sees through them.
    """
    data = value.encode("utf-8", "surrogatepass")
    found = {value, data.hex(), data.hex().upper(), *_base64_cores(data)}
    if " " in value:
        found.add(value.replace(" ", "+"))
        found.add(quote_plus(value))
    return found


def _base64_cores(data: bytes) -> Iterator[str]:
    """The characters of base64 that depend on `data` alone, whatever bytes stand before and after it."""
    for offset, skipped in ((0, 0), (1, 2), (2, 3)):
        whole = (offset + len(data)) * 8 // 6  # a character that also encodes the next byte is not among them
        core = base64.b64encode(bytes(offset) + data).decode("ascii")[skipped:whole]
        yield core
        yield core.translate({ord("+"): "-", ord("/"): "_"})


def replaced(text: str, needles: Mapping[str, str]) -> str:
    """`text` with each needle, also one behind escapes, replaced by its value; where two overlap, the one that is given first."""
    taken: list[tuple[int, int, str]] = []
    for start, end, token in _places(text, needles, DEPTH):
        if not any(start < other_end and other_start < end for other_start, other_end, _ in taken):
            taken.append((start, end, token))
    for start, end, token in sorted(taken, reverse=True):
        text = text[:start] + token + text[end:]
    return text


def _places(text: str, needles: Mapping[str, str], depth: int) -> Iterator[tuple[int, int, str]]:
    for needle, token in needles.items():
        at = text.find(needle)
        while at >= 0:
            yield at, at + len(needle), token
            at = text.find(needle, at + len(needle))
    for escapes in _ESCAPES if depth else ():
        if escapes.search(text):
            plain, offsets = unescaped(text, escapes)
            for start, end, token in _places(plain, needles, depth - 1):
                yield offsets.original(start), offsets.original_end(end), token


class Offsets:
    """Positions in an unescaped text, mapped back to the text it was made from."""

    def __init__(self) -> None:
        self._plain: list[int] = []
        self._original: list[int] = []
        self._stretched: list[bool] = []

    def add(self, plain: int, original: int, *, escape: bool) -> None:
        self._plain.append(plain)
        self._original.append(original)
        self._stretched.append(escape)

    def original(self, position: int) -> int:
        """The start of what the character at `position` was made from."""
        index = bisect_right(self._plain, position) - 1
        return self._original[index] + (0 if self._stretched[index] else position - self._plain[index])

    def original_end(self, position: int) -> int:
        """The end of what the character before `position` was made from."""
        index = bisect_right(self._plain, position - 1) - 1
        if self._stretched[index]:
            return self._original[index + 1]  # the piece after an escape starts where the escape ends
        return self._original[index] + position - self._plain[index]


def unescaped(text: str, escapes: re.Pattern[str]) -> tuple[str, Offsets]:
    """`text` with its escapes decoded, and where each piece came from."""
    pieces: list[str] = []
    offsets = Offsets()
    length = done = 0
    for match in escapes.finditer(text):
        offsets.add(length, done, escape=False)
        pieces.append(text[done : match.start()])
        length += match.start() - done
        for character, start in _url_decoded(match[0]) if match[0].startswith("%") else _json_decoded(match[0]):
            offsets.add(length, match.start() + start, escape=True)
            pieces.append(character)
            length += 1
        done = match.end()
    offsets.add(length, done, escape=False)
    pieces.append(text[done:])
    return "".join(pieces), offsets


def _json_decoded(escape: str) -> Iterator[tuple[str, int]]:
    """The character that an escape stands for, and the position where the escape starts."""
    units = b"".join(int(unit, 16).to_bytes(2, "big") for unit in _UNIT.findall(escape))
    yield units.decode("utf-16-be", "replace") if units else _CONTROLS.get(escape[-1], escape[-1]), 0


def _url_decoded(escapes: str) -> Iterator[tuple[str, int]]:
    """The characters that a run of octets stands for, each with the position where its own octets start."""
    at = 0
    for character in bytes.fromhex(escapes.replace("%", "")).decode("utf-8", "surrogateescape"):
        yield character, at
        at += 3 * len(character.encode("utf-8", "surrogateescape"))
