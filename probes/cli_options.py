"""Options, defaults and small readings that the commands share."""

import json
import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from probes.errors import UsageError

if TYPE_CHECKING:
    from probes.credentials import Environment
    from probes.probe import Tier
    from probes.results import Results

CHECKOUT = Path(__file__).resolve().parent.parent

ClaimsPath = Annotated[Path, typer.Option("--claims", help="The claims file.", show_default="the checkout's")]
CassettesPath = Annotated[Path, typer.Option("--cassettes", help="The folder of recordings.", show_default="the checkout's")]
Providers = Annotated[list[str] | None, typer.Argument(help="Providers; all when none is named.", show_default=False)]
Capabilities = Annotated[list[str] | None, typer.Option("--capability", metavar="ID", help="Only these capabilities (repeatable).")]
Tiers = Annotated[list[str] | None, typer.Option("--tier", metavar="T", help="Only these tiers: contract, surface (repeatable).")]
Endpoints = Annotated[
    list[str] | None,
    typer.Option("--endpoint", metavar="PROVIDER=URL", help="Your own endpoint, or a self-hosted gateway's address (repeatable)."),
]
Documents = Annotated[Path | None, typer.Option("--documents", metavar="DIR", help="A folder of downloaded contracts and packages.")]
ReportPath = Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the report goes.", show_default="the checkout's")]
AllowWrite = Annotated[bool, typer.Option("--allow-write", help="Also create keys and delete them again, with your credential.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]

DEFAULT_CLAIMS = CHECKOUT / "capabilities.yaml"
DEFAULT_CASSETTES = CHECKOUT / "cassettes"
DEFAULT_REPORT = CHECKOUT / "reports" / "latest"


def results(claims: Path, cassettes: Path) -> "Results":
    """The settled state of the record. Raises ClaimsError or CassetteError."""
    from probes.claims_file import load_claims  # noqa: PLC0415
    from probes.judge import load_evidence  # noqa: PLC0415
    from probes.results import Results  # noqa: PLC0415

    loaded = load_claims(claims)
    return Results.of(loaded, load_evidence(loaded, cassettes))


def tiers(named: list[str] | None, *, allow_write: bool = False) -> "frozenset[Tier]":
    """The tiers that were asked for. Raises UsageError on a tier that cannot run, or that was not allowed."""
    from probes.plan import DEFAULT_TIERS  # noqa: PLC0415
    from probes.probe import Tier  # noqa: PLC0415

    tiers = {tier.word: tier for tier in (*sorted(DEFAULT_TIERS), Tier.WRITE)}
    for name in named or []:
        if name not in tiers:
            raise UsageError("is no tier that can run", where=f"--tier {name}", hint=f"Tiers: {', '.join(tiers)}.")
        if name == Tier.WRITE.word and not allow_write:
            raise UsageError(
                "creates keys and deletes them again", where=f"--tier {name}", hint="Add --allow-write if that is what you want."
            )
    chosen = frozenset(tiers[name] for name in named) if named else DEFAULT_TIERS
    return chosen | {Tier.WRITE} if allow_write and not named else chosen


def environment() -> "Environment":
    """Where a person's credentials are looked up: the environment, then `.env` in the working folder."""
    from probes.credentials import Environment  # noqa: PLC0415

    return Environment.of(os.environ, Path(".env"))


def ledger_folder() -> Path:
    """Where what runs created is written down: the platform's folder for state."""
    from platformdirs import user_state_path  # noqa: PLC0415

    return user_state_path("keycap") / "ledger"


def endpoints(given: list[str] | None) -> dict[str, str]:
    """Addresses by provider, from PROVIDER=URL. Raises UsageError on anything else."""
    found = {}
    for text in given or []:
        name, separator, url = text.partition("=")
        if not separator or not url.startswith(("http://", "https://")):
            raise UsageError(
                "is not PROVIDER=URL", where=f"--endpoint {text}", hint="For example --endpoint PROVIDER=http://127.0.0.1:8080."
            )
        found[name] = url.rstrip("/")
    return found


def print_json(data: dict[str, Any]) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2, default=str) + "\n")


def today() -> date:
    """The UTC date."""
    return datetime.now(UTC).date()
