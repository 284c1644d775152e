"""The keycap command: arguments and output, nothing else."""

import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from probes import __version__
from probes.errors import KeycapError, UsageError

if TYPE_CHECKING:
    from probes.outcome import Outcome
    from probes.probe import Tier
    from probes.results import Results

CHECKOUT = Path(__file__).resolve().parent.parent
INTERRUPTED = 130
NOTHING_TESTED = 3

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Which LLM providers let you create, through an API, a key that cannot spend more than you say — with the evidence.",
)
claims_app = typer.Typer(no_args_is_help=True, help="Check the claims, or print their schema.")
app.add_typer(claims_app, name="claims")

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
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]

DEFAULT_CLAIMS = CHECKOUT / "capabilities.yaml"
DEFAULT_CASSETTES = CHECKOUT / "cassettes"
DEFAULT_REPORT = CHECKOUT / "reports" / "latest"


def run() -> None:
    """Run the command line; a foreseen fault is told on stderr and ends with its exit code."""
    try:
        app()
    except KeycapError as error:
        typer.echo(f"keycap: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(1)


@app.callback()
def _main(version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False) -> None:
    if version:
        typer.echo(f"keycap {__version__}")
        raise typer.Exit


@app.command()
def verify(
    providers: Providers = None,
    capability: Capabilities = None,
    tier: Tiers = None,
    endpoint: Endpoints = None,
    documents: Documents = None,
    replay: Annotated[bool, typer.Option("--replay", help="Judge the recordings again; send nothing.")] = False,
    as_json: AsJson = False,
    claims: ClaimsPath = DEFAULT_CLAIMS,
    cassettes: CassettesPath = DEFAULT_CASSETTES,
) -> None:
    """Probe, record, settle the claims.

    Sends what `keycap plan` shows, records the exchanges, and tells which claims they confirm and which they contradict.
    """
    from probes import console, runner  # noqa: PLC0415
    from probes.claims_file import load_claims  # noqa: PLC0415
    from probes.plan import plan as make_plan  # noqa: PLC0415
    from probes.results import Results, document  # noqa: PLC0415

    loaded = load_claims(claims)
    jobs = make_plan(loaded, providers=providers or [], capabilities=capability or [], tiers=_tiers(tier), endpoints=_endpoints(endpoint))
    if documents is not None and not documents.is_dir():
        raise UsageError("is no folder", where=f"--documents {documents}", hint="Name a folder of downloaded contracts.")
    err = console.for_terminal(stderr=True)
    for name in runner.without_address(loaded, providers or [], jobs):
        err.print(f"{name}: self-hosted, so it is your instance that is probed: add --endpoint {name}=URL", soft_wrap=True)
    with console.Progress(err, len(jobs)) as progress:
        settings = runner.Settings(cassettes, documents, progress)
        outcome = runner.replay_run(jobs, loaded, settings) if replay else runner.verify(jobs, loaded, settings)
    results = Results.of(loaded, outcome.evidence)
    chosen = [name for name in loaded.providers if not providers or name in providers]
    if as_json:
        _print_json(document(results.only(chosen), outcome.summary(), today=_today()))
    else:
        out = console.for_terminal()
        out.print(console.summary(results, chosen))
        for contradiction in console.contradictions(results, chosen):
            out.print(contradiction, soft_wrap=True)
    for message in outcome.messages():
        err.print(console.plain(message), soft_wrap=True)
    raise typer.Exit(_exit_code(outcome, results, chosen))


@app.command()
def report(
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where the report goes.", show_default="the checkout's")
    ] = DEFAULT_REPORT,
    claims: ClaimsPath = DEFAULT_CLAIMS,
    cassettes: CassettesPath = DEFAULT_CASSETTES,
) -> None:
    """Render the report in both languages.

    From the claims and the recordings alone: Markdown and HTML in Chinese and English, matrix.csv and evidence.json. Without --out the
    tables in the READMEs are brought up to date as well.
    """
    import reports  # noqa: PLC0415

    results = _results(claims, cassettes)
    for path in reports.render(results, out):
        typer.echo(path)
    if (claims, cassettes, out) == (DEFAULT_CLAIMS, DEFAULT_CASSETTES, DEFAULT_REPORT):
        for path in reports.update_readmes(results, CHECKOUT):
            typer.echo(path)


@app.command()
def show(
    providers: Providers = None, as_json: AsJson = False, claims: ClaimsPath = DEFAULT_CLAIMS, cassettes: CassettesPath = DEFAULT_CASSETTES
) -> None:
    """Show the matrix in the terminal.

    What is claimed of each provider, and how well it is proven.
    """
    from probes import console  # noqa: PLC0415
    from probes.plan import plan as make_plan  # noqa: PLC0415
    from probes.results import document  # noqa: PLC0415

    results = _results(claims, cassettes)
    make_plan(results.claims, providers=providers or [])  # names a provider nobody has
    chosen = [name for name in results.claims.providers if not providers or name in providers]
    if as_json:
        _print_json(document(results.only(chosen), {"keycap": __version__}, today=_today()))
        return
    out = console.for_terminal()
    for some in console.side_by_side(chosen, out.width):
        out.print(console.matrix(results, some))
    out.print(console.legend())


@app.command()
def explain(
    provider: Annotated[str, typer.Argument(help="A provider.")],
    capability: Annotated[str, typer.Argument(help="A capability.")],
    claims: ClaimsPath = DEFAULT_CLAIMS,
    cassettes: CassettesPath = DEFAULT_CASSETTES,
) -> None:
    """Explain one cell and its verdict.

    The claim, its sources, each piece of evidence, the exchanges, and why the verdict follows.
    """
    from probes import console, judge  # noqa: PLC0415
    from probes.plan import plan as make_plan  # noqa: PLC0415

    results = _results(claims, cassettes)
    make_plan(results.claims, providers=[provider], capabilities=[capability])  # names what nobody has
    shown = [name for each in results.by_claim.get((provider, capability), ()) for name in each.exchanges]
    console.for_terminal().print(console.explanation(results, provider, capability, judge.exchanges(shown, cassettes)), soft_wrap=True)


@app.command()
def plan(
    providers: Providers = None,
    capability: Capabilities = None,
    tier: Tiers = None,
    endpoint: Endpoints = None,
    as_json: AsJson = False,
    claims: ClaimsPath = DEFAULT_CLAIMS,
) -> None:
    """Show what verify would send.

    To whom, with which credential and at what cost; sends nothing.
    """
    from probes import console, preview  # noqa: PLC0415
    from probes.claims_file import load_claims  # noqa: PLC0415
    from probes.plan import plan as make_plan  # noqa: PLC0415

    loaded = load_claims(claims)
    jobs = make_plan(loaded, providers=providers or [], capabilities=capability or [], tiers=_tiers(tier), endpoints=_endpoints(endpoint))
    requests = preview.planned(jobs)
    if as_json:
        _print_json({"schema": 1, "requests": requests, "cost_usd": 0})
        return
    console.for_terminal().print(console.requests(requests), soft_wrap=True)


@claims_app.command("check")
def claims_check(claims: ClaimsPath = DEFAULT_CLAIMS) -> None:
    """Check capabilities.yaml: every problem at once, with line, column and the nearest spelling."""
    from probes.claims_file import load_claims  # noqa: PLC0415

    loaded = load_claims(claims)
    typer.echo(f"{claims}: {len(loaded.providers)} providers × {len(loaded.capabilities)} capabilities, no problem")


@claims_app.command("schema")
def claims_schema() -> None:
    """Print the JSON Schema of capabilities.yaml, for editors."""
    from probes.claims import Claims  # noqa: PLC0415

    _print_json({"$schema": "https://json-schema.org/draft/2020-12/schema", **Claims.model_json_schema()})


def _results(claims: Path, cassettes: Path) -> "Results":
    from probes.claims_file import load_claims  # noqa: PLC0415
    from probes.judge import load_evidence  # noqa: PLC0415
    from probes.results import Results  # noqa: PLC0415

    loaded = load_claims(claims)
    return Results.of(loaded, load_evidence(loaded, cassettes))


def _tiers(named: list[str] | None) -> "frozenset[Tier]":
    from probes.plan import DEFAULT_TIERS  # noqa: PLC0415

    tiers = {tier.word: tier for tier in sorted(DEFAULT_TIERS)}
    for name in named or []:
        if name not in tiers:
            raise UsageError("is no tier that can run", where=f"--tier {name}", hint=f"Tiers: {', '.join(tiers)}.")
    return frozenset(tiers[name] for name in named) if named else DEFAULT_TIERS


def _endpoints(given: list[str] | None) -> dict[str, str]:
    endpoints = {}
    for text in given or []:
        name, separator, url = text.partition("=")
        if not separator or not url.startswith(("http://", "https://")):
            raise UsageError(
                "is not PROVIDER=URL", where=f"--endpoint {text}", hint="For example --endpoint PROVIDER=http://127.0.0.1:8080."
            )
        endpoints[name] = url.rstrip("/")
    return endpoints


def _exit_code(outcome: "Outcome", results: "Results", providers: list[str]) -> int:
    from probes.evidence import VerdictStatus  # noqa: PLC0415

    if outcome.interrupted:
        return INTERRUPTED
    contradicted = (VerdictStatus.REFUTED, VerdictStatus.CONFLICT)
    if any(verdict.status in contradicted for (provider, _), verdict in results.verdicts.items() if provider in providers):
        return 1
    return 0 if outcome.tested else NOTHING_TESTED


def _print_json(data: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2, default=str) + "\n")


def _today() -> date:
    return datetime.now(UTC).date()
