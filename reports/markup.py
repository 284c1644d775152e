"""Texts made harmless: control characters show, what Markdown reads as markup is escaped, only safe addresses are linked."""

import re
from functools import lru_cache
from urllib.parse import urlsplit

_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""Control characters and those that reorder text; a tab and a line feed are let through."""

_MARKUP = re.compile(r"[\\`*\[\]|~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_LEADING = re.compile(r"^(?=[#+\-=>])|^(\d+)(?=[.)])")


class Ready(str):
    """Markdown that is already escaped."""

    __slots__ = ()


def visible(text: str) -> str:
    """A text whose control characters show as U+FFFD, so that none acts."""
    return text if text.isprintable() else _INVISIBLE.sub("\ufffd", text)


@lru_cache(maxsize=1 << 14)
def escaped(text: str) -> str:
    """A text as one line of Markdown prose or one table cell, in which nothing is markup."""
    line = re.sub(r"\s+", " ", visible(text)).lstrip()
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _LEADING.sub(lambda found: f"{found[1] or ''}\\", _MARKUP.sub(r"\\\g<0>", line))


def code(text: str) -> Ready:
    """A text as inline code, also inside a table: pipes are escaped, the fence is longer than any run of backticks inside."""
    line = " ".join(visible(str(text)).split()).replace("|", "\\|")
    if not line:
        return Ready("")
    ticks = _longest_run(line) + 1
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return Ready(f"{'`' * ticks}{pad}{line}{pad}{'`' * ticks}")


def fence(text: str, language: str) -> Ready:
    """A text as a fenced block that nothing inside can close."""
    ticks = "`" * max(3, _longest_run(text) + 1)
    return Ready(f"{ticks}{language}\n{visible(text)}\n{ticks}")


@lru_cache(maxsize=1 << 12)
def href(address: str) -> str:
    """An address that may be linked: http(s), or relative to the report; else the empty string."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    safe = parts.scheme in ("http", "https") and bool(parts.netloc)
    relative = not parts.scheme and not parts.netloc and ":" not in address
    return re.sub(r"[\s<>()\"'`\\|\[\]]", lambda found: f"%{ord(found[0]):02X}", visible(address)) if safe or relative else ""


def link(text: str, address: str) -> Ready:
    """A Markdown link, or the text alone where the address may not be linked."""
    target = href(address)
    return Ready(f"[{escaped(text)}]({target})" if target else escaped(text))


def _longest_run(text: str) -> int:
    return max(map(len, re.findall(r"`+", text)), default=0)
