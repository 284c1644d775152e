"""The forms in which `drift` is told."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from probes import cli_change, cli_options

if TYPE_CHECKING:
    from probes.results import Results
    from reports.drifts import Drift
    from reports.text import Language


class Format(StrEnum):
    """Formats of `drift`."""

    TEXT = "text"
    MD = "md"
    JSON = "json"
    TITLE = "title"
    ANNOTATIONS = "annotations"


def show(
    found: "Drift", results: "Results", form: Format, language: "Language | None", *, claims: Path, max_bytes: int | None = None
) -> None:
    """Tell drift on stdout. `claims` is the file beside whose lines annotations stand; `max_bytes` bounds the form `md`."""
    from reports import drift_ci, drift_forms  # noqa: PLC0415
    from reports.text import LANGUAGES  # noqa: PLC0415

    chosen = [language] if language else list(LANGUAGES)
    match form:
        case Format.JSON:
            run = {"since": found.since, "before": found.before, "day": found.day}
            cli_options.print_json({"schema": 1, "run": run, "drift": cli_change.in_json(found)})
        case Format.MD if max_bytes is not None:
            typer.echo(drift_ci.fitting(found, results.claims, chosen, max_bytes), nl=False)
        case Format.MD:
            typer.echo(drift_forms.to_markdown(found, results.claims, *chosen), nl=False)
        case Format.TEXT:
            cli_change.show(found, chosen[0])
        case Format.TITLE:
            typer.echo(drift_ci.title(found))
        case Format.ANNOTATIONS:
            for line in drift_ci.annotations(found, claims.name, _lines(claims)):
                typer.echo(line)


def _lines(claims: Path) -> dict[tuple[str, str], int]:
    """The line of each claim."""
    from probes.claims_file import read_claims  # noqa: PLC0415

    _, places = read_claims(claims)
    return {
        (str(path[1]), str(path[3])): line
        for path, (line, _) in places.marks.items()
        if len(path) == 4 and path[::2] == ("providers", "claims")
    }
