"""Commands for runs that nobody watches: schedule, merge."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from probes import cli_options
from probes.cli_options import DEFAULT_CASSETTES, DEFAULT_CLAIMS, AsJson, CassettesPath, ClaimsPath
from probes.files import write


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    for command in (schedule, merge):
        app.command()(command)


class Kind(StrEnum):
    """What may start a run on a machine of one's own. On GitHub, GitLab and Gitee the checkout's own files do."""

    SYSTEMD = "systemd"
    CRON = "cron"


def schedule(
    kind: Annotated[Kind, typer.Argument(help="systemd or cron.")],
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Write the files there instead of printing them.")] = None,
    notify: Annotated[
        str | None, typer.Option("--notify", metavar="VARIABLE", help="Tell the channels that this variable, in .env, holds.")
    ] = None,
) -> None:
    """Print a weekly schedule for this checkout.

    A systemd service with its timer, or a line of a crontab. GitHub, GitLab and Gitee find theirs in the checkout: .github/workflows,
    .gitlab-ci.yml, .workflow.
    """
    from probes.schedules import filled  # noqa: PLC0415

    for name, text in filled(kind.value, cli_options.CHECKOUT, cli_options.ledger_folder().parent, notify).items():
        if out is None:
            typer.echo(f"# {name}\n{text}")
        else:
            typer.echo(write(out / name, text.encode("utf-8")))


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
