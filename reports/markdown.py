"""The report in Markdown: one file with what concerns all providers, one for each provider, links between them.

Hosts of repositories render no file above half a megabyte, and a reader of a change wants it to be one line in one provider's file.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from probes.results import Results
from reports.recipes import ran
from reports.templating import markdown
from reports.text import LANGUAGES, Language

FOLDER = "providers"
CHARTS = "charts"
"""Folders beside the report."""


def pages(results: Results, context: Mapping[str, Any], charts: Mapping[str, str]) -> dict[str, str]:
    """All Markdown files of one language by their names in the report's folder; `charts` are the charts' descriptions by name."""
    language: Language = context["language"]
    other = next(each for each in LANGUAGES if each != language)
    shared = {**context, "other": other, "charts": charts, "place": place(language)}
    written = {f"report.{language}.md": _tidy(markdown().get_template("report.md.jinja").render(shared))}
    template = markdown().get_template("provider.md.jinja")
    shown = ran(results)
    for provider in context["providers"]:
        name = provider.headline.id
        own = {**shared, "provider": provider, "place": lambda anchor: f"#{anchor}", "ran": shown.get(name, ())}
        written[f"{FOLDER}/{name}.{language}.md"] = _tidy(template.render(own))
    return written


def place(language: Language, base: str = "") -> Callable[[str], str]:
    """Where an anchor stands: `acme--key.create` in the file of `acme`; `base` leads to the report's folder."""

    def found(anchor: str) -> str:
        provider, _, capability = anchor.partition("--")
        return f"{base}{FOLDER}/{provider}.{language}.md" + (f"#{anchor}" if capability else "")

    return found


def lines(context: Mapping[str, Any]) -> str:
    """The verdict lines, a paragraph each."""
    return markdown().from_string("{% for line in lines %}{{ line }}\n\n{% endfor %}").render(context)


def _tidy(text: str) -> str:
    """No more than one empty line in a row outside code, and one line feed at the end."""
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
