"""One job of a run: its probes are run, recorded and judged, and the recording takes its place if it is worth keeping."""

import asyncio
import hashlib
import json
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx

from probes import __version__, keeping
from probes.addresses import addresses, contract_address
from probes.claims import Claims
from probes.contracts.fetch import Downloads
from probes.credentials import Environment
from probes.documents import Copies, DocumentTransport
from probes.errors import UsageError
from probes.findings import run_probes
from probes.instance import placed
from probes.journal import Journal
from probes.keeping import Attempt
from probes.ledger import Ledger
from probes.money import Budget, Model
from probes.outcome import JobOutcome
from probes.plan import NOBODY, Job, all_probes
from probes.probe import Tier
from probes.settings import OwnSettings
from probes.surroundings import SPACING, Network
from probes.wire.cassette import CassetteTransport, Metadata, cassette_path, utc_now
from probes.wire.client import Borrowed, network
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
    fresh: bool = False
    """Whether a run that was cut short is forgotten; else what it recorded is not repeated."""


@dataclass
class Run:
    """A run at work: what its jobs share."""

    claims: Claims
    settings: Settings
    journal: Journal
    inner: httpx.AsyncBaseTransport
    stop: asyncio.Event
    downloads: Downloads = field(default_factory=Downloads)
    _turns: Mapping[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def in_turn(self, name: str, job: Job) -> JobOutcome:
        """Run a job; tiers that change things at one provider take turns: what one restores, the other may be measuring."""
        async with self._turns[job.name] if job.tier >= Tier.WRITE else nullcontext():
            return await self._job(name, job)

    async def _job(self, name: str, job: Job) -> JobOutcome:
        def tell(state: str) -> None:
            if self.settings.progress is not None:
                self.settings.progress(job.name, job.tier.word, state)

        tell("started")
        job, version = await placed(job, self.inner)
        path = cassette_path(self.settings.cassettes, job.origin, job.name, job.tier.word)
        attempt = await self._attempt(job, version)
        # All that the older one holds counts, also what this run was not asked to look at.
        whole = replace(job, probes=tuple(all_probes(job.name, job.provider, self.claims, job.tier)))
        older = await keeping.predecessor(whole, path)
        requests = len(attempt.transport)
        kept = keeping.not_worth_keeping(older, attempt)
        if not kept and (doubted := keeping.doubtful(job, older, attempt)):
            second = None if await _stopped_within(self.settings.spacing, self.stop) else await self._attempt(job, version)
            requests += len(second.transport) if second else 0
            kept = keeping.disagreement(doubted, attempt, second)
        if not kept:
            if not self.stop.is_set():
                self.journal.note(name, attempt.metadata.tag, path)
            attempt.transport.save(path, attempt.metadata)
        evidence = tuple(attempt.evidence())
        tell("interrupted" if self.stop.is_set() else "not recorded" if kept else "recorded")
        replaced = (older, attempt.recorded) if older and not kept else None
        return JobOutcome(job, evidence, kept, saved=not kept, requests=requests, replaced=replaced)

    async def _attempt(self, job: Job, version: str) -> Attempt:
        """Run the probes of a job once and judge what was recorded."""
        settings = self.settings
        tag = secrets.token_hex(4)
        held = settings.environment.held(job.provider)
        own = settings.environment.settings(job.provider) if job.tier >= Tier.READ else OwnSettings()
        known = [value for each in held.values() for value in each.values]
        redactor = Redactor(known, job.provider.secrets, accounts=own.accounts(job.provider))
        transport = CassetteTransport.recording(self._source(job), redactor)
        async with httpx.AsyncClient(transport=transport, headers=HEADERS) as client:
            with _ledger(job, settings, redactor) as ledger:
                live = await run_probes(
                    job,
                    client,
                    tag,
                    stop=self.stop,
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

    def _source(self, job: Job) -> httpx.AsyncBaseTransport:
        if job.tier is not Tier.CONTRACT:
            return Borrowed(self.inner)
        bases = addresses(job.provider, job.endpoint)
        contracts = {contract_address(key, each, bases): each for key, each in job.provider.contracts.items()}
        return DocumentTransport(contracts, Copies(self.settings.documents), Borrowed(self.inner), self.downloads)


def name_of(job: Job, settings: Settings) -> str:
    """What a journal knows a job by: another plan, claim, model or keycap makes it another job."""
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
