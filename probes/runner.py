"""Runs probes: all providers at once, each tier of each one cassette, and re-derives every finding from what was recorded.

A run records first and judges the recording, so that what `verify` says is what `report` will say from the same files.
"""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx

from probes import __version__, keeping
from probes.addresses import addresses, contract_address
from probes.claims import Claims, Provider
from probes.credentials import Environment
from probes.documents import Copies, DocumentTransport
from probes.endpoint import Endpoint
from probes.errors import Interrupted, RequestRefused, UsageError
from probes.evidence import Origin
from probes.findings import run_probes
from probes.judge import load_all, load_evidence
from probes.keeping import Attempt
from probes.ledger import Ledger
from probes.money import Budget, Model
from probes.outcome import JobOutcome, Outcome, joined
from probes.plan import NOBODY, Job
from probes.probe import Tier
from probes.settings import OwnSettings
from probes.surroundings import SPACING, Network
from probes.sync import run_sync, stopped_by_signal
from probes.vocabulary import Kind
from probes.wire.cassette import CassetteTransport, Metadata, cassette_path, utc_now
from probes.wire.client import network
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
    network: Network = network
    """The way to the providers: the internet, or to simulators only."""
    waits: float = 1.0
    """What every wait of a probe is multiplied by; below 1 only against simulators."""
    progress: Callable[[str, str, str], None] | None = None
    """Called with provider, tier and `started`, `recorded`, `not recorded` or `interrupted`."""
    spacing: float = SPACING
    """Seconds until a changed outcome is asked for once more."""


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
    with quiet(), stopped_by_signal(stop):
        async with settings.network() as inner:
            turns: Mapping[str, asyncio.Lock] = defaultdict(asyncio.Lock)
            running = (_in_turn(job, settings, inner, stop, turns[job.name]) for job in jobs)
            finished = await asyncio.gather(*running, return_exceptions=True)
    outcomes = [each for each in finished if isinstance(each, JobOutcome)]
    for fault in finished:
        if isinstance(fault, BaseException):
            raise fault  # only now: what the other jobs recorded is on disk
    record = (await load_all(claims, settings.cassettes)).evidence
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


async def _in_turn(job: Job, settings: Settings, inner: httpx.AsyncBaseTransport, stop: asyncio.Event, turn: asyncio.Lock) -> JobOutcome:
    """Run a job; tiers that change things at one provider take turns: what one restores, the other may be measuring."""
    async with turn if job.tier >= Tier.WRITE else nullcontext():
        return await _run_job(job, settings, inner, stop)


async def _run_job(job: Job, settings: Settings, inner: httpx.AsyncBaseTransport, stop: asyncio.Event) -> JobOutcome:
    def tell(state: str) -> None:
        if settings.progress is not None:
            settings.progress(job.name, job.tier.word, state)

    tell("started")
    job, version = await _place(job, inner)
    path = cassette_path(settings.cassettes, job.origin, job.name, job.tier.word)
    attempt = await _attempt(job, version, settings, inner, stop)
    older = await keeping.predecessor(job, path)
    requests = len(attempt.transport)
    kept = keeping.not_worth_keeping(older, attempt)
    if not kept and (doubted := keeping.doubtful(job, older, attempt)):
        second = None if await _stopped_within(settings.spacing, stop) else await _attempt(job, version, settings, inner, stop)
        requests += len(second.transport) if second else 0
        kept = keeping.disagreement(doubted, attempt, second)
    if not kept:
        attempt.transport.save(path, attempt.metadata)
    evidence = tuple(attempt.evidence())
    tell("interrupted" if stop.is_set() else "not recorded" if kept else "recorded")
    replaced = (older, attempt.recorded) if older and not kept else None
    return JobOutcome(job, evidence, kept, saved=not kept, requests=requests, replaced=replaced)


async def _attempt(job: Job, version: str, settings: Settings, inner: httpx.AsyncBaseTransport, stop: asyncio.Event) -> Attempt:
    """Run the probes of a job once and judge what was recorded."""
    tag = secrets.token_hex(4)
    held = settings.environment.held(job.provider)
    own = settings.environment.settings(job.provider) if job.tier >= Tier.READ else OwnSettings()
    redactor = Redactor(
        [value for each in held.values() for value in each.values], job.provider.secrets, accounts=own.accounts(job.provider)
    )
    transport = CassetteTransport.recording(_source(job, settings, inner), redactor)
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
                waits=settings.waits,
            )
    told = str(_model(job, settings) or "")
    metadata = Metadata(
        job.origin.value, job.tier.word, job.name, tag, __version__, utc_now(), job.endpoint or "", told, redactor.text(version)
    )
    return await Attempt.judged(job, transport, metadata, live, redactor)


async def _stopped_within(seconds: float, stop: asyncio.Event) -> bool:
    """Let time pass between two attempts, unless the run is stopped."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return False
    return True


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


async def _place(job: Job, inner: httpx.AsyncBaseTransport) -> tuple[Job, str]:
    """The job with its true origin: an operator's own instance is live only when its version is known."""
    if job.endpoint is None:
        return job, ""
    address, _, version = job.endpoint.partition("#")
    job = replace(job, endpoint=address)
    if job.origin is Origin.LIVE and not version:
        version = await _told_version(job.provider, address, inner)
        job = job if version else replace(job, origin=Origin.OVERRIDE)
    return job, version


async def _told_version(provider: Provider, address: str, inner: httpx.AsyncBaseTransport) -> str:
    """What the instance itself says of its version, empty when it does not say."""
    if provider.version_route is None:
        return ""
    route = Endpoint.parse(provider.version_route)
    async with httpx.AsyncClient(transport=_Borrowed(inner)) as client:
        try:
            response = await client.get(address + route.target({}, ""))
            body = response.json() if response.status_code == 200 else {}
        except (RequestRefused, ValueError):
            return ""
    told = body.get("version") or (body.get("info") or {}).get("version") if isinstance(body, dict) else None
    return told if isinstance(told, str) else ""


def _source(job: Job, settings: Settings, inner: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
    if job.tier is not Tier.CONTRACT:
        return _Borrowed(inner)
    bases = addresses(job.provider, job.endpoint)
    contracts = {contract_address(key, each, bases): each for key, each in job.provider.contracts.items()}
    return DocumentTransport(contracts, Copies(settings.documents), _Borrowed(inner))


class _Borrowed(httpx.AsyncBaseTransport):
    """The run's network, lent to one client, which must not close it for the others."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._inner.handle_async_request(request)
