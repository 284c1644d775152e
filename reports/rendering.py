"""The report's files: rendered from one view per language, escaped for what each format reads as markup, written whole or not at all."""

import json
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from markupsafe import Markup

from probes.document import document, schema
from probes.files import write
from probes.processes import at_once
from probes.results import Results
from reports import charts
from reports.badges import FOLDER as BADGES
from reports.badges import badges
from reports.frames import matrix, reference_date, to_csv
from reports.history import Line
from reports.junit import junit
from reports.markdown import CHARTS, FOLDER, pages
from reports.page import embedded, page_data
from reports.templating import TEMPLATES, html
from reports.text import LANGUAGES, Language, texts
from reports.view import view
from reports.view_page import page_view

SCRIPTS = ("data", "address", "matrix", "panel", "examples", "compare", "advice", "start")
"""Parts of the page's script, in an order in which each finds what it starts from."""


def render(results: Results, out: Path, *, png: bool = False, history: Sequence[Line] = (), processes: int = 1) -> list[Path]:
    """Write all files of the report into `out`; the same results give the same bytes. Returns the paths in a fixed order.

    Pages and badges of providers that are no longer claimed, and charts, are removed from the folders that hold nothing else. Languages
    are rendered at once where `processes` lets them, as in `probes.processes.at_once`. Raises NotWritten.
    """
    written: dict[str, str | bytes] = {}
    for part in at_once(_in_one_language, [(results, language, history, png) for language in LANGUAGES], processes):
        written |= part
    written["index.html"] = start_page()
    today = reference_date(results)
    written["matrix.csv"] = to_csv(matrix(results))
    run = {"reference_date": today.isoformat(), "newest": results.newest, "oldest": results.oldest}
    written["evidence.json"] = _json(document(results, run, today=today))
    written["evidence.schema.json"] = _json(schema())
    written["junit.xml"] = junit(results)
    written |= badges(results)
    ours = ((FOLDER, "*.md"), (CHARTS, "*.svg"), (CHARTS, "*.png"), (BADGES, "*.svg"))
    for left in {path for folder, pattern in ours for path in (out / folder).glob(pattern)} - {out / name for name in written}:
        left.unlink()
    return [_kept(out / name, content) for name, content in written.items()]


def _in_one_language(part: tuple[Results, Language, Sequence[Line], bool]) -> dict[str, str | bytes]:
    results, language, history, png = part
    images = charts.pngs(results, language) if png else {}
    return {**documents(results, language, history), **{f"{CHARTS}/{name}.{language}.png": image for name, image in images.items()}}


def _kept(path: Path, content: str | bytes) -> Path:
    """Write a file, but not where it is that already."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    return path if path.is_file() and path.read_bytes() == data else write(path, data)


def _json(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def documents(results: Results, language: Language, history: Sequence[Line] = ()) -> dict[str, str]:
    """The files of one language by name: pages in Markdown and HTML, and the charts."""
    context = view(results, language)
    drawn = charts.charts(results, language)
    page = context | page_view(results, context, history) | {"charts": {name: Markup(each.svg) for name, each in drawn.items()}}  # noqa: S704 — see `charts.svg`
    files = pages(results, context, {name: each.alt for name, each in drawn.items()})
    files[f"report.{language}.html"] = html().get_template("report.html.jinja").render(page, page=_page(results, context))
    return files | {f"{CHARTS}/{name}.{language}.svg": charts.standalone(each.svg) for name, each in drawn.items()}


def start_page() -> str:
    """index.html: sends a reader to the report in the language that the browser prefers."""
    return (
        html()
        .get_template("index.html.jinja")
        .render(
            texts={language: texts(language) for language in LANGUAGES},
            page=_inline(TEMPLATES / "index.css", [TEMPLATES / "index.js"]),
        )
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
