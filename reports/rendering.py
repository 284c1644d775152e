"""The report's files: rendered from one view per language, escaped for what each format reads as markup, written whole or not at all."""

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from probes.files import write
from probes.results import Results, document
from reports.frames import matrix, reference_date, to_csv
from reports.text import LANGUAGES, Language
from reports.view import view

TEMPLATES = Path(__file__).parent / "templates"

_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""Control characters and those that reorder text; a tab and a line feed are let through."""

_MARKUP = re.compile(r"[\\`*\[\]|~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_LEADING = re.compile(r"^(?=[#+\-=>])|^(\d+)(?=[.)])")


class Ready(str):
    """Markdown that is already escaped."""

    __slots__ = ()


def render(results: Results, out: Path) -> list[Path]:
    """Write all files of the report into `out`; the same results give the same bytes. Returns the paths in a fixed order.

    Raises NotWritten.
    """
    written: dict[str, str] = {}
    for language in LANGUAGES:
        written |= {f"report.{language}.{form}": text for form, text in documents(results, language).items()}
    today = reference_date(results)
    written["matrix.csv"] = to_csv(matrix(results))
    run = {"reference_date": today.isoformat(), "newest": results.newest, "oldest": results.oldest}
    written["evidence.json"] = json.dumps(document(results, run, today=today), ensure_ascii=False, indent=1) + "\n"
    return [write(out / name, text.encode("utf-8")) for name, text in written.items()]


def documents(results: Results, language: Language) -> dict[str, str]:
    """The report in one language, by format (`md`, `html`)."""
    context = view(results, language)
    style = Markup((TEMPLATES / "report.css").read_text(encoding="utf-8"))  # noqa: S704 — our own file
    return {
        "md": _tidy(markdown().get_template("report.md.jinja").render(context)),
        "html": html().get_template("report.html.jinja").render(context, style=style),
    }


@cache
def markdown() -> Environment:
    """The environment of Markdown templates: every value is escaped unless a filter has made it ready."""
    filters: dict[str, Callable[..., Any]] = {"code": code, "fence": fence, "href": href, "link": link, "ready": Ready}
    return _environment(filters, lambda value: value if isinstance(value, Ready) else Ready(escaped(str(value))), autoescape=False)


@cache
def html() -> Environment:
    """The environment of HTML templates: autoescaped, and links only where `href` lets them through."""
    return _environment({"href": href}, lambda value: value if isinstance(value, Markup) else visible(str(value)), autoescape=True)


def _environment(filters: dict[str, Callable[..., Any]], finalize: Callable[[Any], Any], *, autoescape: bool) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=autoescape,  # noqa: S701 — without it, `finalize` escapes for Markdown
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(filters)
    return environment


def visible(text: str) -> str:
    """A text whose control characters show as U+FFFD, so that none acts."""
    return _INVISIBLE.sub("\ufffd", text)


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


def _tidy(text: str) -> str:
    """No more than one empty line in a row outside code, and one line feed at the end."""
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
