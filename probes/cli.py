"""The keycap command: arguments and output, nothing else."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from probes import __version__, cli_account, cli_change, cli_claims, cli_drift, cli_options, cli_record, cli_schedule
from probes.cli_change import AgainAfter, FailOn, HistoryPath, MaxAge, Notify, NotifyLanguage
from probes.cli_options import (
    DEFAULT_CASSETTES,
    DEFAULT_CLAIMS,
    AllowSpend,
    AllowWrite,
    AsJson,
    Capabilities,
    CassettesPath,
    ClaimsPath,
    Documents,
    Endpoints,
    Fresh,
    Junit,
    Lab,
    MaxSpend,
    Models,
    Providers,
    Sharing,
    Tiers,
)
from probes.errors import KeycapError, UsageError

if TYPE_CHECKING:
    from probes.outcome import Outcome
    from probes.results import Results

INTERRUPTED = 130
NOTHING_TESTED = 3
FAULT = 70
"""A fault of keycap's own; 1 would say that a claim is refuted."""

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Which LLM providers let you create, through an API, a key that cannot spend more than you say — with the evidence.",
)


def run() -> None:
    """Run the command line; a foreseen fault is told on stderr and ends with its exit code."""
    try:
        app()
    except KeycapError as error:
        typer.echo(f"keycap: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(1)
    except Exception as error:  # noqa: BLE001  (told whole, but for what is secret)
        from probes import unforeseen  # noqa: PLC0415

        sys.stderr.write(unforeseen.told(error, cli_options.environment().variables))
        sys.exit(FAULT)


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
    allow_write: AllowWrite = False,
    allow_spend: AllowSpend = False,
    max_spend: MaxSpend = None,
    model: Models = None,
    lab: Lab = False,
    replay: Annotated[bool, typer.Option("--replay", help="Judge the recordings again; send nothing.")] = False,
    shard: Sharing = None,
    fresh: Fresh = False,
    fail_on: FailOn = None,
    max_age: MaxAge = "30d",
    history: HistoryPath = None,
    again_after: AgainAfter = None,
    notify: Notify = None,
    notify_language: NotifyLanguage = None,
    as_json: AsJson = False,
    junit: Junit = None,
    claims: ClaimsPath = DEFAULT_CLAIMS,
    cassettes: CassettesPath = DEFAULT_CASSETTES,
) -> None:
    """Probe, record, settle the claims.

    Sends what `keycap plan` shows, records the exchanges, and tells which claims they confirm, which they contradict, and what changed. An
    answer that changes a verdict is asked for once more before it is believed. The same run goes on where it was cut short.
    """
    from probes import console, runner  # noqa: PLC0415
    from probes.claims_file import load_claims  # noqa: PLC0415
    from probes.document import document  # noqa: PLC0415
    from probes.evidence import Origin  # noqa: PLC0415
    from probes.plan import plan as make_plan  # noqa: PLC0415
    from probes.probe import Tier  # noqa: PLC0415
    from probes.results import Results  # noqa: PLC0415
    from probes.shards import Shard  # noqa: PLC0415

    loaded = load_claims(claims)
    if documents is not None and not documents.is_dir():
        raise UsageError("is no folder", where=f"--documents {documents}", hint="Name a folder of downloaded contracts.")
    tiers = cli_options.tiers(tier, allow_write=allow_write, allow_spend=allow_spend)
    budget = cli_options.budget(allow_spend=allow_spend, max_spend=max_spend)
    failing = cli_change.failing(fail_on), cli_change.days(max_age)
    channels = cli_change.channels(notify, notify_language)
    err = console.for_terminal(stderr=True)
    with cli_options.surroundings(providers or [], endpoint, model, lab=lab) as around:
        chosen = list(dict.fromkeys(providers or (around.endpoints if lab else loaded.providers)))
        if shard is not None:
            share = Shard.parse(shard)
            chosen, budget = share.pick(chosen), share.bounded(budget)
        jobs = make_plan(
            loaded,
            providers=chosen,
            capabilities=capability or [],
            tiers=tiers - {Tier.CONTRACT} if lab else tiers,
            endpoints=around.endpoints,
            environment=around.environment,
        )
        for name in runner.without_address(loaded, chosen if providers else [], jobs):
            err.print(f"{name}: self-hosted, so it is your instance that is probed: add --endpoint {name}=URL", soft_wrap=True)
        with console.Progress(err, len(jobs)) as progress:
            spacing = around.spacing if again_after is None else again_after
            settings = runner.Settings(
                cassettes,
                documents,
                around.environment,
                around.ledger,
                around.models,
                budget,
                around.network,
                progress=progress,
                spacing=spacing,
                fresh=fresh,
            )
            outcome = runner.replay_run(jobs, loaded, settings) if replay else runner.verify(jobs, loaded, settings)
    results = Results.of(loaded, outcome.evidence)
    chosen = [name for name in loaded.providers if name in chosen]
    seen = results.decided_by(Origin.LAB) if lab else results
    noted = None if replay else cli_change.history_of(history, claims, cassettes, settled=not lab)
    drift = cli_change.after_run(outcome, seen, history=noted)
    if as_json:
        told = document(results.only(chosen), outcome.summary(), today=cli_options.today())
        cli_options.print_json({**told, "drift": cli_change.in_json(drift)})
    results = seen
    if junit is not None:
        cli_options.write_junit(results, chosen, junit)
    if not as_json:
        _tell(results, chosen, [job.name for job in jobs if job.tier is Tier.SPEND], lab=lab)
        cli_change.show(drift)
    for message in outcome.messages():
        err.print(console.plain(message), soft_wrap=True)
    ends = _exit_code(outcome, results, chosen)
    raise typer.Exit(cli_change.tell(drift, channels) or ends or cli_change.fails(*failing, drift, results, chosen))


cli_account.add_to(app)


@app.command()
def plan(
    providers: Providers = None,
    capability: Capabilities = None,
    tier: Tiers = None,
    endpoint: Endpoints = None,
    allow_write: AllowWrite = False,
    allow_spend: AllowSpend = False,
    max_spend: MaxSpend = None,
    model: Models = None,
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
    jobs = make_plan(
        loaded,
        providers=providers or [],
        capabilities=capability or [],
        tiers=cli_options.tiers(tier, allow_write=allow_write, allow_spend=allow_spend),
        endpoints=cli_options.endpoints(endpoint),
        environment=cli_options.environment(),
    )
    budget = cli_options.budget(allow_spend=allow_spend, max_spend=max_spend)
    requests = preview.planned(jobs, cli_options.models(model))
    if as_json:
        cost = min(sum(each["cost_usd"] for each in requests), budget.limit)
        cli_options.print_json({"schema": 1, "requests": requests, "cost_usd": cost})
        return
    console.for_terminal().print(console.requests(requests, budget.limit), soft_wrap=True)


cli_record.add_to(app)
cli_drift.add_to(app, cli_claims.add_to(app))
cli_schedule.add_to(app)


def _tell(results: "Results", chosen: list[str], spending: list[str], *, lab: bool) -> None:
    """What a run found, for a person: verdicts, contradictions, what got past the limits of those it spent at."""
    from probes import console, console_figures  # noqa: PLC0415

    out = console.for_terminal()
    out.print(console.summary(results, chosen))
    for contradiction in console.contradictions(results, chosen):
        out.print(contradiction, soft_wrap=True)
    if (table := console_figures.overshoot(results, spending)) is not None:
        out.print(table)
    if lab:
        out.print(console_figures.coverage(results, chosen), soft_wrap=True)


def _exit_code(outcome: "Outcome", results: "Results", providers: list[str]) -> int:
    if outcome.interrupted:
        return INTERRUPTED
    if not outcome.tested:
        return NOTHING_TESTED
    return 1 if any(provider in providers for provider, _ in results.contradicted) else 0
