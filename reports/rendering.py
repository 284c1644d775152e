"""The report's files: rendered from one view per language, escaped for what each format reads as markup, written whole or not at all."""

import json
import os
import re
import tempfile
from base64 import b64encode
from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from probes.results import Results, document
from reports.frames import matrix, reference_date, to_csv
from reports.markup import Ready, code, escaped, fence, href, link, visible
from reports.page import embedded, page_data
from reports.text import LANGUAGES, Language, texts
from reports.view import view
from reports.view_page import page_view

TEMPLATES = Path(__file__).parent / "templates"
SCRIPTS = ("data", "address", "matrix", "panel", "examples", "compare", "advice", "start")
"""Parts of the page's script, in an order in which each finds what it starts from."""


def render(results: Results, out: Path) -> list[Path]:
    """Write all files of the report into `out`; the same results give the same bytes. Returns the paths in a fixed order."""
    written: dict[str, str] = {}
    for language in LANGUAGES:
        written |= {f"report.{language}.{form}": text for form, text in documents(results, language).items()}
    written["index.html"] = start_page()
    today = reference_date(results)
    written["matrix.csv"] = to_csv(matrix(results))
    run = {"reference_date": today.isoformat(), "newest": results.newest, "oldest": results.oldest}
    written["evidence.json"] = json.dumps(document(results, run, today=today), ensure_ascii=False, indent=1) + "\n"
    out.mkdir(parents=True, exist_ok=True)
    return [write(out / name, text) for name, text in written.items()]


def documents(results: Results, language: Language) -> dict[str, str]:
    """The report in one language, by format (`md`, `html`)."""
    context = view(results, language)
    return {
        "md": _tidy(markdown().get_template("report.md.jinja").render(context)),
        "html": html().get_template("report.html.jinja").render(context | page_view(results, context), page=_page(results, context)),
    }


def start_page() -> str:
    """index.html: sends a reader to the report in the language that the browser prefers."""
    return html().get_template("index.html.jinja").render(
        texts={language: texts(language) for language in LANGUAGES},
        page=_inline(TEMPLATES / "index.css", [TEMPLATES / "index.js"]),
    )


def _page(results: Results, context: dict[str, Any]) -> dict[str, str]:
    data = embedded(page_data(results, context["providers"], context["t"]))
    return _inline(TEMPLATES / "report.css", [TEMPLATES / "page" / f"{name}.js" for name in SCRIPTS]) | {"data": Markup(data)}  # noqa: S704 — see `embedded`


def _inline(style: Path, scripts: Sequence[Path]) -> dict[str, str]:
    """Style and script of a page, and the hashes by which its policy lets them, and nothing else, act."""
    parts = {"style": style.read_text(encoding="utf-8"), "script": "".join(path.read_text(encoding="utf-8") for path in scripts)}
    parts["script"] = f'"use strict";\n{{\n{parts["script"]}}}\n'
    hashes = {f"{name}_hash": b64encode(sha256(text.encode("utf-8")).digest()).decode("ascii") for name, text in parts.items()}
    return {name: Markup(text) for name, text in (parts | hashes).items()}  # noqa: S704 — our own files


def write(path: Path, text: str) -> Path:
    """Write a file whole or not at all; returns its path."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


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


def _tidy(text: str) -> str:
    """No more than one empty line in a row outside code, and one line feed at the end."""
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
