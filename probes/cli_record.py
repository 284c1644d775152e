"""Commands that read the record and send nothing: report, show, explain, advise, export."""

from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from probes import __version__, cli_change, cli_options
from probes.cli_options import (
    CHECKOUT,
    DEFAULT_CASSETTES,
    DEFAULT_CLAIMS,
    DEFAULT_REPORT,
    AsJson,
    CassettesPath,
    ClaimsPath,
    Providers,
    ReportPath,
)
from probes.vocabulary import Region


class Format(StrEnum):
    """Formats of `export`."""

    CSV = "csv"
    JSON = "json"
    XLSX = "xlsx"
    PARQUET = "parquet"


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    for command in (report, show, explain, advise, export):
        app.command()(command)


def report(
    out: ReportPath = DEFAULT_REPORT,
    png: Annotated[bool, typer.Option("--png", help="Also write the charts as PNG, for where no SVG may be shown.")] = False,
    claims: ClaimsPath = DEFAULT_CLAIMS,
    cassettes: CassettesPath = DEFAULT_CASSETTES,
) -> None:
    """Render the report in both languages.

    From the claims and the recordings alone: Markdown, HTML and charts in Chinese and English, matrix.csv, evidence.json and junit.xml.
    Without --out the tables in the READMEs, the history of verdicts and the feed of its changes are brought up to date as well.
    """
    import reports  # noqa: PLC0415
    from probes.processes import processors  # noqa: PLC0415
    from reports.history import read  # noqa: PLC0415

    results = cli_options.results(claims, cassettes, meanwhile=lambda: import_module("reports.rendering"))  # matplotlib takes its time
    whole = (claims, cassettes, out) == (DEFAULT_CLAIMS, DEFAULT_CASSETTES, DEFAULT_REPORT)
    if whole and cli_change.note(results, claims, cassettes):
        typer.echo(cli_change.DEFAULT_HISTORY)
    history = cli_change.history_of(None, claims, cassettes)
    for path in reports.render(results, out, png=png, history=read(history) if history else (), processes=processors()):
        typer.echo(path)
    if whole:
        for path in reports.update_readmes(results, CHECKOUT, processes=processors()):
            typer.echo(path)
        typer.echo(cli_change.renew_feed(results, out))


def show(
    providers: Providers = None, as_json: AsJson = False, claims: ClaimsPath = DEFAULT_CLAIMS, cassettes: CassettesPath = DEFAULT_CASSETTES
) -> None:
    """Show the matrix in the terminal.

    What is claimed of each provider, and how well it is proven.
    """
    from probes import console  # noqa: PLC0415
    from probes.document import document  # noqa: PLC0415
    from probes.plan import plan as make_plan  # noqa: PLC0415

    results = cli_options.results(claims, cassettes)
    make_plan(results.claims, providers=providers or [])  # names a provider nobody has
    chosen = [name for name in results.claims.providers if not providers or name in providers]
    if as_json:
        cli_options.print_json(document(results.only(chosen), {"keycap": __version__}, today=cli_options.today()))
        return
    out = console.for_terminal()
    for some in console.side_by_side(chosen, out.width):
        out.print(console.matrix(results, some))
    out.print(console.legend())


def explain(
    provider: Annotated[str, typer.Argument(help="A provider.")],
    capability: Annotated[str, typer.Argument(help="A capability.")],
    claims: ClaimsPath = DEFAULT_CLAIMS,
    cassettes: CassettesPath = DEFAULT_CASSETTES,
) -> None:
    """Explain one cell and its verdict.

    The claim, its sources, each piece of evidence, the exchanges, and why the verdict follows.
    """
    from probes import console  # noqa: PLC0415
    from probes.plan import plan as make_plan  # noqa: PLC0415

    results = cli_options.results(claims, cassettes)
    make_plan(results.claims, providers=[provider], capabilities=[capability])  # names what nobody has
    console.for_terminal().print(console.explanation(results, provider, capability), soft_wrap=True)


def advise(
    need: Annotated[
        list[str], typer.Option("--need", metavar="ID", help="A need, or a capability (repeatable: then all of them together).")
    ],
    region: Annotated[Region | None, typer.Option("--region", help="Only providers with a service there.")] = None,
    as_json: AsJson = False,
    claims: ClaimsPath = DEFAULT_CLAIMS,
    cassettes: CassettesPath = DEFAULT_CASSETTES,
) -> None:
    """Rank providers for what you need.

    With the arithmetic of every score: what is claimed, how well it is proven, how well it fits.
    """
    from probes import console_advice  # noqa: PLC0415
    from probes.console import for_terminal  # noqa: PLC0415
    from reports.advice import ranked, row  # noqa: PLC0415
    from reports.needs import named, together  # noqa: PLC0415

    results = cli_options.results(claims, cassettes)
    wanted = together(named(need, results.claims))
    found = ranked(results, wanted, region)
    if as_json:
        cli_options.print_json({"schema": 1, "need": wanted.id, "out_of": wanted.out_of, "ranking": [row(each) for each in found]})
    else:
        for_terminal().print(console_advice.table(results, found))


def export(
    form: Annotated[Format, typer.Option("--format", help="csv, json, xlsx or parquet.")] = Format.CSV,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Where it goes; csv and json also go to stdout.")] = None,
    claims: ClaimsPath = DEFAULT_CLAIMS,
    cassettes: CassettesPath = DEFAULT_CASSETTES,
) -> None:
    """Export the matrix.

    One row for every provider and capability, with its verdict, level and age.
    """
    from reports.exporting import export as write  # noqa: PLC0415

    text = write(cli_options.results(claims, cassettes), form.value, out)
    typer.echo(text, nl=False)
