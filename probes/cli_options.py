"""Options, defaults and small readings that the commands share."""

import json
import math
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from probes.errors import UsageError

if TYPE_CHECKING:
    from probes.credentials import Environment
    from probes.money import Budget, Model
    from probes.probe import Tier
    from probes.results import Results
    from probes.surroundings import Surroundings
    from reports.text import Language

CHECKOUT = Path(__file__).resolve().parent.parent

ClaimsPath = Annotated[Path, typer.Option("--claims", help="The claims file.", show_default="the checkout's")]
CassettesPath = Annotated[Path, typer.Option("--cassettes", help="The folder of recordings.", show_default="the checkout's")]
Providers = Annotated[list[str] | None, typer.Argument(help="Providers; all when none is named.", show_default=False)]
Capabilities = Annotated[list[str] | None, typer.Option("--capability", metavar="ID", help="Only these capabilities (repeatable).")]
Tiers = Annotated[
    list[str] | None, typer.Option("--tier", metavar="T", help="Only these tiers: contract, surface, read, dry, write, spend (repeatable).")
]
Endpoints = Annotated[
    list[str] | None,
    typer.Option("--endpoint", metavar="PROVIDER=URL", help="Your own endpoint, or a self-hosted gateway's address (repeatable)."),
]
Documents = Annotated[Path | None, typer.Option("--documents", metavar="DIR", help="A folder of downloaded contracts and packages.")]
ReportPath = Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the report goes.", show_default="the checkout's")]
AllowWrite = Annotated[bool, typer.Option("--allow-write", help="Also create keys and delete them again, with your credential.")]
AllowSpend = Annotated[bool, typer.Option("--allow-spend", help="Also call the cheapest model until a limit bites; needs --max-spend.")]
MaxSpend = Annotated[
    float | None, typer.Option("--max-spend", metavar="USD", help="What all calls of the run may cost together; never exceeded.")
]
Models = Annotated[
    list[str] | None,
    typer.Option(
        "--model", metavar="PROVIDER=NAME@IN,OUT", help="The model to call, and its price in USD per million tokens (repeatable)."
    ),
]
Lab = Annotated[bool, typer.Option("--lab", help="Run against simulators on loopback instead of the providers; needs the extra lab.")]
Junit = Annotated[Path | None, typer.Option("--junit", metavar="FILE", help="Also write the verdicts as JUnit XML.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Begin anew, also where the same run was cut short.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Sharing = Annotated[
    str | None,
    typer.Option(
        "--shard",
        metavar="I/N",
        help="Only this share of the providers, and of --max-spend; `keycap merge` joins what N shares recorded.",
    ),
]

DEFAULT_CLAIMS = CHECKOUT / "capabilities.yaml"
DEFAULT_CASSETTES = CHECKOUT / "cassettes"
DEFAULT_REPORT = CHECKOUT / "reports" / "latest"


def results(claims: Path, cassettes: Path, *, meanwhile: Callable[[], object] | None = None) -> "Results":
    """The settled state of the record; `meanwhile` is done while other processes judge. Raises ClaimsError or CassetteError."""
    from probes.claims_file import load_claims  # noqa: PLC0415
    from probes.judged import load_record  # noqa: PLC0415
    from probes.processes import processors  # noqa: PLC0415
    from probes.results import Results  # noqa: PLC0415

    loaded = load_claims(claims)
    record = load_record(loaded, cassettes, processes=processors(), meanwhile=meanwhile)
    return Results.of(loaded, record.evidence, record.exchanges)


def write_junit(judged: "Results", providers: list[str], path: Path) -> None:
    """Write the verdicts on some providers as JUnit XML. Raises UsageError where that cannot be."""
    from reports.junit import junit  # noqa: PLC0415

    try:
        path.write_text(junit(judged, providers), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot be written: {error.strerror or error}", where=f"--junit {path}") from error


def tiers(named: list[str] | None, *, allow_write: bool = False, allow_spend: bool = False) -> "frozenset[Tier]":
    """The tiers that were asked for. Raises UsageError on a tier that nobody knows, or that was not allowed."""
    from probes.plan import DEFAULT_TIERS  # noqa: PLC0415
    from probes.probe import Tier  # noqa: PLC0415

    known = {tier.word: tier for tier in Tier}
    for name in named or []:
        if name not in known:
            raise UsageError("is no tier", where=f"--tier {name}", hint=f"Tiers: {', '.join(known)}.")
        if name == Tier.WRITE.word and not allow_write:
            raise UsageError(
                "creates keys and deletes them again", where=f"--tier {name}", hint="Add --allow-write if that is what you want."
            )
        if name == Tier.SPEND.word and not allow_spend:
            raise UsageError(
                "calls models until a limit bites, which costs money",
                where=f"--tier {name}",
                hint="Add --allow-spend --max-spend USD if that is what you want.",
            )
    if named:
        return frozenset(known[name] for name in named)
    return DEFAULT_TIERS | ({Tier.WRITE} if allow_write else set()) | ({Tier.SPEND} if allow_spend else set())


def budget(*, allow_spend: bool, max_spend: float | None) -> "Budget":
    """What a run may spend. Raises UsageError where one of the two is given without the other, or the bound is no amount."""
    from probes.money import Budget  # noqa: PLC0415

    if allow_spend and max_spend is None:
        raise UsageError("needs a bound", where="--allow-spend", hint="Add --max-spend USD.")
    if max_spend is not None and not allow_spend:
        raise UsageError("bounds nothing", where="--max-spend", hint="Add --allow-spend if you want to spend money.")
    if max_spend is not None and not 0 < max_spend < math.inf:
        raise UsageError("is no amount of USD", where=f"--max-spend {max_spend}")
    return Budget(max_spend or 0.0)


def models(given: list[str] | None) -> "dict[str, Model]":
    """Models and prices by provider, from PROVIDER=NAME@INPUT,OUTPUT. Raises UsageError on anything else."""
    from probes.money import Model  # noqa: PLC0415

    found = {}
    for text in given or []:
        name, separator, model = text.partition("=")
        if not separator:
            raise UsageError("is not PROVIDER=NAME@INPUT,OUTPUT", where=f"--model {text}")
        found[name] = Model.parse(model)
    return found


def environment() -> "Environment":
    """Where a person's credentials are looked up: the environment, then `.env` in the working folder."""
    from probes.credentials import Environment  # noqa: PLC0415

    return Environment.of(os.environ, Path(".env"))


@contextmanager
def surroundings(
    providers: list[str], given_endpoints: list[str] | None, given_models: list[str] | None, *, lab: bool
) -> "Iterator[Surroundings]":
    """A person's own credentials and addresses or, with `lab`, simulators. Raises UsageError where the two are mixed."""
    from probes.surroundings import Surroundings  # noqa: PLC0415

    if not lab:
        yield Surroundings(environment(), endpoints(given_endpoints), models(given_models), ledger_folder())
        return
    if given_endpoints or given_models:
        raise UsageError("has addresses and models of its own", where="--lab", hint="Leave out --endpoint and --model.")
    try:
        from probes.lab.run import lab as simulators  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise UsageError(f"needs {error.name}", where="--lab", hint="Install the extra: uv run --extra lab keycap …") from error
    with simulators(providers) as (around, _):
        yield around


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
        if "@" in url or "?" in url:
            hint = "Credentials come from the environment: see keycap doctor."
            raise UsageError("has more than an address in it", where=f"--endpoint {name}=…", hint=hint)
        found[name] = url.rstrip("/")
    return found


def language(named: str | None, option: str) -> "Language | None":
    """A language of keycap, None where none is named. Raises UsageError on another."""
    from reports.text import LANGUAGES  # noqa: PLC0415

    if named is not None and named not in LANGUAGES:
        raise UsageError("is no language of keycap", where=f"{option} {named}", hint=f"Known: {', '.join(LANGUAGES)}.")
    return named


def print_json(data: dict[str, Any]) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2, default=str) + "\n")


def today() -> date:
    """The UTC date."""
    return datetime.now(UTC).date()
