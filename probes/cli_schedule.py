"""Commands for runs that nobody watches: merge."""

from pathlib import Path
from typing import Annotated

import typer

from probes import cli_options
from probes.cli_options import DEFAULT_CASSETTES, DEFAULT_CLAIMS, AsJson, CassettesPath, ClaimsPath


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    for command in (merge,):
        app.command()(command)


def merge(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR...", help="The folders of recordings that the shards left.")],
    as_json: AsJson = False,
    claims: ClaimsPath = DEFAULT_CLAIMS,
    cassettes: CassettesPath = DEFAULT_CASSETTES,
) -> None:
    """Join what shards recorded into one record.

    Of several recordings of the same, the newest is taken. One in the record stays where it knows more, as with a run that was not shared.
    """
    from dataclasses import asdict  # noqa: PLC0415

    from probes import shards  # noqa: PLC0415
    from probes.claims_file import load_claims  # noqa: PLC0415

    merged = shards.merge(folders, cassettes, load_claims(claims))
    if as_json:
        cli_options.print_json({"schema": 1, "merged": [asdict(each) for each in merged]})
        return
    for each in merged:
        if each.taken or each.kept:
            typer.echo(f"{each.name}: {each.kept or 'taken'}")
    typer.echo(f"{sum(each.taken for each in merged)} of {len(merged)} recordings taken")
