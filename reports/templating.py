"""The environments of the templates: what Markdown and HTML read as markup is escaped unless a filter has made it ready."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reports.markup import Ready, code, escaped, fence, href, link, visible

TEMPLATES = Path(__file__).parent / "templates"


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
