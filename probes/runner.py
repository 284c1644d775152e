"""Runs probes: all providers at once, each tier of each one cassette, and re-derives every finding from what was recorded.

A run records first and judges the recording, so that what `verify` says is what `report` will say from the same files.
"""

import asyncio
import hashlib
import json
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx

from probes import __version__
from probes.addresses import addresses, contract_address
from probes.claims import Claims
from probes.credentials import Environment
from probes.documents import Copies, DocumentTransport
from probes.errors import Interrupted, UsageError
from probes.evidence import Cause, Evidence, Origin
from probes.findings import run_probes
from probes.instance import placed
from probes.journal import Journal, at_work, jobs_named
from probes.judge import load_all, load_evidence
from probes.keeping import keep, still_there
from probes.ledger import Ledger
from probes.money import Budget, Model
from probes.outcome import JobOutcome, Outcome, joined
from probes.plan import NOBODY, Job
from probes.probe import Tier
from probes.session import Finding
from probes.settings import OwnSettings
from probes.sync import run_sync, stopped_by_signal
from probes.vocabulary import Kind
from probes.wire.cassette import CassetteTransport, Metadata, utc_now
from probes.wire.client import Borrowed, network
from probes.wire.quiet import quiet
from probes.wire.redact import Redactor

HEADERS = {"user-agent": f"keycap/{__version__}", "accept-encoding": "identity"}
"""Sent with every request. Bodies are recorded decoded, so none is asked for encoded."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where recordings are kept, where downloaded contracts lie, and what is told of progress."""

    cassettes: Path
    documents: Path | None = None
    environment: Environment = NOBODY
    """A person's credentials, for the tiers from `read` upwards."""
    ledger: Path | None = None
    """The folder of the ledger; needed for the tiers from `dry` upwards."""
    models: Mapping[str, Model] = field(default_factory=dict)
    """The model and price that inference calls are sent to, by provider, where it is not the claims' own."""
    budget: Budget = field(default_factory=lambda: Budget(0.0))
    """What all inference calls of the run together may cost."""
    network: Callable[[], AbstractAsyncContextManager[httpx.AsyncBaseTransport]] = network
    """The way to the providers: the internet, or to simulators only."""
    progress: Callable[[str, str, str], None] | None = None
    """Called with provider, tier and `started`, `recorded`, `not recorded` or `interrupted`."""
    fresh: bool = False
    """Whether a run that was cut short is forgotten; else what it recorded is not repeated."""


def verify(jobs: Iterable[Job], claims: Claims, settings: Settings) -> Outcome:
    """Run the jobs and settle with the whole record. Safe to call where an event loop is already running (a notebook).

    Raises Interrupted on a second Ctrl-C or SIGTERM.
    """
    try:
        return run_sync(verify_async(list(jobs), claims, settings))
    except asyncio.CancelledError:
        hint = "Run keycap cleanup: the ledger knows what may still be there."
        raise Interrupted("interrupted a second time, before everything was undone", hint=hint) from None


async def verify_async(jobs: list[Job], claims: Claims, settings: Settings) -> Outcome:
    """The same as `verify`, for callers with an event loop. Ctrl-C stops probes that have not finished and keeps what is done."""
    started_at = utc_now()
    stop = asyncio.Event()
    names = {_name(job, settings): job for job in jobs}
    with at_work(settings.cassettes, jobs_named(names), fresh=settings.fresh) as journal:
        before = {name: recorded for name, job in names.items() if (recorded := still_there(journal, name, job, settings.cassettes))}
        with quiet(), stopped_by_signal(stop):
            async with settings.network() as inner:
                run = _Run(claims, settings, journal, inner, stop)
                running = (run.in_turn(name, job) for name, job in names.items() if name not in before)
                finished = await asyncio.gather(*running, return_exceptions=True)
        outcomes = [each for each in finished if isinstance(each, JobOutcome)]
        for fault in finished:
            if isinstance(fault, BaseException):
                raise fault  # only now: what the other jobs recorded is on disk
        record = await load_all(claims, settings.cassettes)
        if not stop.is_set():
            journal.over()
    outcomes += [_of_before(names[name], recorded, record) for name, recorded in before.items()]
    return Outcome(tuple(joined(record, outcomes)), tuple(outcomes), started_at, stop.is_set())


def without_address(claims: Claims, named: Iterable[str], jobs: Iterable[Job]) -> list[str]:
    """Self-hosted gateways that were named but cannot be asked, since no address was given."""
    asked = {job.name for job in jobs if job.endpoint}
    return [name for name in named if claims.providers[name].kind is Kind.GATEWAY and name not in asked]


def replay_run(jobs: Iterable[Job], claims: Claims, settings: Settings) -> Outcome:
    """Judge the recordings of the jobs again; sends nothing."""
    evidence = load_evidence(claims, settings.cassettes)
    chosen = [
        JobOutcome(
            job, tuple(each for each in evidence if (each.provider, each.tier, each.origin) == (job.name, job.tier.word, job.origin))
        )
        for job in jobs
    ]
    return Outcome(tuple(evidence), tuple(chosen), utc_now())


@dataclass
class _Run:
    """A run at work: what its jobs share."""

    claims: Claims
    settings: Settings
    journal: Journal
    inner: httpx.AsyncBaseTransport
    stop: asyncio.Event
    turns: Mapping[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def in_turn(self, name: str, job: Job) -> JobOutcome:
        """Run a job; tiers that change things at one provider take turns: what one restores, the other may be measuring."""
        async with self.turns[job.name] if job.tier >= Tier.WRITE else nullcontext():
            return await self.job(name, job)

    async def job(self, name: str, job: Job) -> JobOutcome:
        """Run the probes of a job, record them, judge the recording."""
        settings, stop = self.settings, self.stop

        def tell(state: str) -> None:
            if settings.progress is not None:
                settings.progress(job.name, job.tier.word, state)

        tell("started")
        job, version = await placed(job, self.inner)
        tag = secrets.token_hex(4)
        held = settings.environment.held(job.provider)
        own = settings.environment.settings(job.provider) if job.tier >= Tier.READ else OwnSettings()
        known = [value for each in held.values() for value in each.values]
        redactor = Redactor(known, job.provider.secrets, accounts=own.accounts(job.provider))
        transport = CassetteTransport.recording(_source(job, settings, self.inner), redactor)
        async with httpx.AsyncClient(transport=transport, headers=HEADERS) as client:
            with _ledger(job, settings, redactor) as ledger:
                live = await run_probes(
                    job,
                    client,
                    tag,
                    stop=stop,
                    held=held if job.tier >= Tier.READ else {},
                    ledger=ledger,
                    model=_model(job, settings),
                    budget=settings.budget,
                    settings=own,
                    live=True,
                )
        told = str(_model(job, settings) or "")
        metadata = Metadata(
            job.origin.value, job.tier.word, job.name, tag, __version__, utc_now(), job.endpoint or "", told, redactor.text(version)
        )
        if not stop.is_set():
            self.journal.note(name, tag, job.origin.value)
        judged, kept = await keep(job, self.claims, transport, metadata, settings.cassettes)
        outcome = JobOutcome(job, tuple(_with_interruptions(judged, live, redactor)), kept, saved=not kept, requests=len(transport))
        tell("interrupted" if stop.is_set() else "recorded" if outcome.saved else "not recorded")
        return outcome


def _name(job: Job, settings: Settings) -> str:
    """What a run cut short knows a job by: another plan, claim, model or keycap makes it another job."""
    asked = [
        job.name,
        job.tier.word,
        job.origin,
        job.endpoint,
        [probe.name for probe in job.probes],
        str(_model(job, settings)),
        __version__,
    ]
    return hashlib.sha256(json.dumps([*asked, job.provider.model_dump_json()]).encode()).hexdigest()[:16]


def _of_before(job: Job, recorded: Metadata, record: list[Evidence]) -> JobOutcome:
    """What a job left that was recorded before the run was cut short."""
    here = (recorded.provider, recorded.tier, recorded.origin)
    found = (each for each in record if (each.provider, each.tier, each.origin) == here)
    return JobOutcome(replace(job, origin=Origin(recorded.origin)), tuple(found), saved=True, earlier=recorded.recorded_at)


def _model(job: Job, settings: Settings) -> Model | None:
    """What inference calls are sent to and counted with; None where the tier sends none or nobody names a price."""
    if job.tier is not Tier.SPEND:
        return None
    declared = job.provider.inference
    if job.name in settings.models or declared is None or declared.model is None or declared.price is None:
        return settings.models.get(job.name)
    return Model(declared.model, declared.price.input, declared.price.output)


@contextmanager
def _ledger(job: Job, settings: Settings, redactor: Redactor) -> Iterator[Ledger | None]:
    """The run's ledger, where the tier creates anything."""
    if job.tier < Tier.DRY:
        yield None
        return
    if settings.ledger is None:
        raise UsageError("creates things, and no ledger was given to write them down in", where=job.tier.word)
    with Ledger(settings.ledger, redact=redactor.secrets) as ledger:
        yield ledger


def _source(job: Job, settings: Settings, inner: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
    if job.tier is not Tier.CONTRACT:
        return Borrowed(inner)
    bases = addresses(job.provider, job.endpoint)
    contracts = {contract_address(key, each, bases): each for key, each in job.provider.contracts.items()}
    return DocumentTransport(contracts, Copies(settings.documents), Borrowed(inner))


def _with_interruptions(judged: list[Evidence], live: dict[str, list[Finding]], redactor: Redactor) -> Iterator[Evidence]:
    """A replay only knows that an exchange was not recorded; the run knows that it was interrupted, or that a document could not be had."""
    causes = {(name, finding.capability): finding for name, findings in live.items() for finding in findings}
    for each in judged:
        finding = causes.get((each.probe, each.capability))
        if each.cause is Cause.NOT_RECORDED and finding is not None:
            yield replace(each, cause=finding.cause, detail=redactor.text(finding.detail))
        else:
            yield each
