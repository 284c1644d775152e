"""The commands on capabilities.yaml itself: check it, print its schema."""

from typing import Annotated

import typer

from probes import cli_options
from probes.cli_options import DEFAULT_CASSETTES, DEFAULT_CLAIMS, CassettesPath, ClaimsPath

Strict = Annotated[
    bool,
    typer.Option("--strict", help="Also: fresh sources, notes, both languages, addresses, and what the recorded contracts declare."),
]


def add_to(app: typer.Typer) -> typer.Typer:
    """Add `keycap claims …`, and return it for further commands."""
    claims_app = typer.Typer(no_args_is_help=True, help="Check or accept claims, or print their schema.")
    claims_app.command("check")(check)
    claims_app.command("schema")(schema)
    app.add_typer(claims_app, name="claims")
    return claims_app


def check(strict: Strict = False, claims: ClaimsPath = DEFAULT_CLAIMS, cassettes: CassettesPath = DEFAULT_CASSETTES) -> None:
    """Check capabilities.yaml: every problem at once, with line, column and the nearest spelling."""
    from probes.claims_file import read_claims  # noqa: PLC0415

    loaded, places = read_claims(claims)
    if strict:
        from probes import claims_strict  # noqa: PLC0415

        claims_strict.check(claims, loaded, places, cassettes, today=cli_options.today())
    typer.echo(f"{claims}: {len(loaded.providers)} providers × {len(loaded.capabilities)} capabilities, no problem")


def schema() -> None:
    """Print the JSON Schema of capabilities.yaml, for editors."""
    from probes.claims import Claims  # noqa: PLC0415

    cli_options.print_json({"$schema": "https://json-schema.org/draft/2020-12/schema", **Claims.model_json_schema()})
