"""Commands about a person's own accounts: doctor, cleanup."""

import typer

from probes import cli_options
from probes.cli_options import DEFAULT_CLAIMS, AsJson, ClaimsPath, Providers


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    for command in (doctor, cleanup):
        app.command()(command)


def doctor(providers: Providers = None, as_json: AsJson = False, claims: ClaimsPath = DEFAULT_CLAIMS) -> None:
    """Tell which credentials are present.

    By the names of their variables, never their values; which tiers they unlock, and where to get the missing ones.
    """
    from dataclasses import asdict  # noqa: PLC0415

    from probes import console  # noqa: PLC0415
    from probes import doctor as examination  # noqa: PLC0415
    from probes.claims_file import load_claims  # noqa: PLC0415
    from probes.plan import plan as make_plan  # noqa: PLC0415

    loaded = load_claims(claims)
    make_plan(loaded, providers=providers or [])  # names a provider nobody has
    found = examination.examine(loaded, cli_options.environment(), providers or loaded.providers)
    if as_json:
        cli_options.print_json({"schema": 1, "credentials": [asdict(each) for each in found]})
    else:
        console.for_terminal().print(console.credentials(found), soft_wrap=True)


def cleanup(claims: ClaimsPath = DEFAULT_CLAIMS, as_json: AsJson = False) -> None:
    """Remove what killed runs left behind.

    By the ledger, then by name; tells what it could not remove, and ends with 1 while anything is left. Twice in a row is no error. What is
    not there, but was asked for less than a quarter of an hour ago, may still appear: it says when to look again.
    """
    from probes import cleanup as cleaning  # noqa: PLC0415
    from probes.claims_file import load_claims  # noqa: PLC0415

    swept = cleaning.sweep(cli_options.ledger_folder(), load_claims(claims), cli_options.environment())
    if as_json:
        rows = [
            {
                "provider": each.entry.provider,
                "kind": each.entry.kind,
                "name": each.entry.name,
                "left": each.wrong,
                "again_in_minutes": each.minutes,
            }
            for each in swept
        ]
        cli_options.print_json({"schema": 1, "swept": rows})
    else:
        for each in swept:
            typer.echo(f"{each.entry.provider}: {each.entry.kind} {each.entry.name}: {f'LEFT: {each.wrong}' if each.wrong else each}")
        waiting = sum(bool(each.minutes) for each in swept)
        told = f"{sum(each.gone for each in swept)} removed, {sum(bool(each.wrong) for each in swept)} left"
        typer.echo(f"{told}, {waiting} to be looked for again" if waiting else told)
    raise typer.Exit(1 if any(each.wrong for each in swept) else 0)
