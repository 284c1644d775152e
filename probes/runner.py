"""Runs probes: all providers at once, each tier of each one cassette, and re-derives every finding from what was recorded.

A run records first and judges the recording, so that what `verify` says is what `report` will say from the same files.
"""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from probes import __version__
from probes.addresses import addresses, contract_address
from probes.claims import Claims, Provider
from probes.credentials import Environment
from probes.documents import Copies, DocumentTransport
from probes.endpoint import Endpoint
from probes.errors import Interrupted, RequestRefused, UsageError
from probes.evidence import Cause, Evidence, Origin
from probes.findings import run_probes
from probes.judge import judge, load_all, load_evidence, read_recording
from probes.ledger import Ledger
from probes.money import Budget, Model
from probes.outcome import JobOutcome, Outcome
from probes.plan import NOBODY, Job
from probes.probe import Tier
from probes.session import Finding
from probes.settings import OwnSettings
from probes.sync import run_sync, stopped_by_signal
from probes.vocabulary import Kind
from probes.wire.cassette import CassetteTransport, Metadata, cassette_path, load, utc_now
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
    network: Callable[[], AbstractAsyncContextManager[httpx.AsyncBaseTransport]] = network
    """The way to the providers: the internet, or to simulators only."""
    waits: float = 1.0
    """What every wait of a probe is multiplied by; below 1 only against simulators."""
    progress: Callable[[str, str, str], None] | None = None
    """Called with provider, tier and `started`, `recorded`, `kept`, `nothing answered` or `interrupted`."""


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
    record = await load_all(claims, settings.cassettes)
    return Outcome(tuple(_joined(record, outcomes)), tuple(outcomes), started_at, stop.is_set())


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
    tag = secrets.token_hex(4)
    held = settings.environment.held(job.provider)
    own = settings.environment.settings(job.provider) if job.tier >= Tier.READ else OwnSettings()
    known = [value for each in held.values() for value in each.values]
    redactor = Redactor(known, job.provider.secrets, accounts=own.accounts(job.provider))
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
    judged, kept = await _keep(job, transport, metadata, settings.cassettes)
    outcome = JobOutcome(job, tuple(_with_interruptions(judged, live, redactor)), kept, saved=not kept, requests=len(transport))
    tell("interrupted" if stop.is_set() else "recorded" if outcome.saved else "not recorded")
    return outcome


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


async def _keep(job: Job, transport: CassetteTransport, metadata: Metadata, cassettes: Path) -> tuple[list[Evidence], str]:
    """Judge what was recorded; it replaces its predecessor unless that knows more: an outage never erases evidence.

    Returns the evidence and, when the recording was not kept, why.
    """
    path = cassette_path(cassettes, job.origin, job.name, job.tier.word)
    with TemporaryDirectory(prefix="keycap-") as folder:
        candidate = Path(folder) / path.name
        transport.save(candidate, metadata)
        judged = await judge(job, load(candidate))
    now = {each.capability for each in judged if each.conclusive}
    if path.is_file():
        lost = sorted({each.capability for each in await judge(job, read_recording(path, job)) if each.conclusive} - now)
        if lost:
            return judged, f"the older recording stays: it is conclusive on {', '.join(lost)}, this run was not"
    elif not len(transport):
        return judged, "nothing answered, so nothing was recorded"
    transport.save(path, metadata)
    return judged, ""


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


def _with_interruptions(judged: list[Evidence], live: dict[str, list[Finding]], redactor: Redactor) -> Iterator[Evidence]:
    """A replay only knows that an exchange was not recorded; the run knows that it was interrupted, or that a document could not be had."""
    causes = {(name, finding.capability): finding for name, findings in live.items() for finding in findings}
    for each in judged:
        finding = causes.get((each.probe, each.capability))
        if each.cause is Cause.NOT_RECORDED and finding is not None:
            yield replace(each, cause=finding.cause, detail=redactor.text(finding.detail))
        else:
            yield each


def _joined(record: list[Evidence], outcomes: list[JobOutcome]) -> Iterator[Evidence]:
    """The record, and this run's evidence on what the record says nothing of."""
    known = {
        (each.provider, each.capability, each.tier, each.probe, each.origin) for each in record if each.cause is not Cause.NOT_RECORDED
    }
    fresh = [each for outcome in outcomes for each in outcome.evidence]
    told = {(each.provider, each.capability, each.tier, each.probe, each.origin) for each in fresh}
    for each in record:
        key = (each.provider, each.capability, each.tier, each.probe, each.origin)
        if key in known or key not in told:
            yield each
    for each in fresh:
        if (each.provider, each.capability, each.tier, each.probe, each.origin) not in known:
            yield each
