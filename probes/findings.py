"""Runs the probes of one job over a client and makes evidence of what they find: the same code for a live run and for a recording."""

import asyncio
import logging
import math
import traceback
from collections.abc import Iterable, Mapping

import httpx

from probes.addresses import addresses
from probes.api import Api, capabilities_without
from probes.credentials import Held
from probes.errors import (
    BudgetSpent,
    DocumentError,
    HostUnreachable,
    KeycapError,
    NotAllowed,
    NotRecorded,
    PriceUnknown,
    SettingMissing,
    UsageError,
)
from probes.evidence import Cause, Evidence, Level, Origin, Outcome
from probes.ledger import Ledger
from probes.money import Budget, Model
from probes.plan import Job
from probes.probe import Probe, Tier
from probes.session import Finding, Session
from probes.settings import OwnSettings
from probes.sync import outlasting_one_cancel
from probes.undo import IN_A_RUN, undo_all

log = logging.getLogger(__name__)

CAUSES: tuple[tuple[type[KeycapError], Cause], ...] = (
    (NotRecorded, Cause.NOT_RECORDED),
    (HostUnreachable, Cause.UNREACHABLE),
    (DocumentError, Cause.DOCUMENT_UNAVAILABLE),
    (BudgetSpent, Cause.BUDGET_SPENT),
    (PriceUnknown, Cause.PRICE_UNKNOWN),
    (SettingMissing, Cause.SETTING_MISSING),
    (UsageError, Cause.CREDENTIAL_MISSING),
    (KeycapError, Cause.REFUSED_BY_GUARD),
)


NOT_ALLOWED = {
    "credential": Cause.CREDENTIAL_REFUSED,
    "scope": Cause.PERMISSION_MISSING,
    "rate": Cause.RATE_LIMITED,
    "missing": Cause.CREDENTIAL_MISSING,
}


async def run_probes(
    job: Job,
    client: httpx.AsyncClient,
    tag: str,
    *,
    stop: asyncio.Event | None = None,
    held: Mapping[str, Held] | None = None,
    ledger: Ledger | None = None,
    model: Model | None = None,
    budget: Budget | None = None,
    settings: OwnSettings | None = None,
    live: bool = False,
    waits: float = 1.0,
) -> dict[str, list[Finding]]:
    """Findings by probe name. A probe that fails is inconclusive, with the cause, on what it had not reported yet.

    When `stop` is set, probes that have not finished are cancelled, what they created is undone, and they are reported as interrupted.
    A replay runs one probe after the other, in the order of the record: two that ask for the same would get each other's answers.
    """
    bases = addresses(job.provider, job.endpoint)
    own, money = settings or OwnSettings(), budget or Budget(math.inf)
    session = Session(job.name, job.provider, bases, tag, client, held or {}, ledger, model, money, own, live, waits)
    turns = asyncio.Semaphore(max(1, len(job.probes)) if live else 1)
    tasks = {probe: asyncio.create_task(_run(probe, Api(session, probe, order), turns)) for order, probe in enumerate(job.probes)}
    waiting: set[asyncio.Task[object]] = set(tasks.values())
    stopped = asyncio.create_task(stop.wait()) if stop is not None else None
    try:
        while waiting and not (stopped and stopped.done()):
            watched = waiting | ({stopped} if stopped else set())
            await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
            waiting = {task for task in waiting if not task.done()}
    finally:
        for task in [*waiting, *([stopped] if stopped else [])]:
            task.cancel()
        await asyncio.gather(*tasks.values(), *([stopped] if stopped else []), return_exceptions=True)
    return {probe.name: _complete(probe, task) for probe, task in tasks.items()}


async def _run(probe: Probe, api: Api, turns: asyncio.Semaphore) -> list[Finding]:
    async with turns:
        try:
            return await _findings(probe, api)
        finally:
            await outlasting_one_cancel(_undo_all(api))


async def _undo_all(api: Api) -> None:
    """Undo what a probe created, the newest first; one that cannot be undone, or not be noted, does not keep the others from it."""
    if api.session.ledger is None:
        return
    for result in await undo_all(api.created, api.session.ledger, api.send_as_person, pauses=IN_A_RUN, seen=api.seen):
        if not result.gone:
            log.warning("%s: %s %s %s", result.entry.provider, result.entry.kind, result.entry.name, result)


async def _findings(probe: Probe, api: Api) -> list[Finding]:
    try:
        await probe.run(api)
    except NotAllowed as error:
        cause = NOT_ALLOWED[error.means]
        return [*api.findings, *_inconclusive(probe, api.findings, cause, error.what)]
    except KeycapError as error:
        cause = next(cause for kind, cause in CAUSES if isinstance(error, kind))
        return [*api.findings, *_inconclusive(probe, api.findings, cause, str(error).splitlines()[0])]
    except Exception as error:  # noqa: BLE001  (told as a finding)
        # Where it happened, not what was said: the message may quote an answer.
        frames = "".join(traceback.format_tb(error.__traceback__))
        log.debug("probe %s of %s failed: %s\n%s", probe.name, probe.provider, type(error).__name__, frames)
        return [*api.findings, *_inconclusive(probe, api.findings, Cause.PROBE_FAILED, type(error).__name__)]
    return api.findings


def _complete(probe: Probe, task: "asyncio.Task[list[Finding]]") -> list[Finding]:
    if task.cancelled():
        return list(_inconclusive(probe, [], Cause.INTERRUPTED, ""))
    return task.result()


def _inconclusive(probe: Probe, reported: list[Finding], cause: Cause, detail: str) -> Iterable[Finding]:
    for capability in capabilities_without(reported, probe):
        yield Finding(capability, Outcome.INCONCLUSIVE, cause, detail, "", ())


def to_evidence(job: Job, findings: dict[str, list[Finding]], *, origin: Origin, recorded_at: str, record: str) -> list[Evidence]:
    """Evidence from findings; `record` is the cassette's name relative to the cassettes folder."""
    return [
        Evidence(
            provider=job.name,
            capability=finding.capability,
            outcome=finding.outcome,
            level=_level(job.tier, finding),
            origin=origin,
            tier=job.tier.word,
            probe=name,
            cause=finding.cause,
            detail=finding.detail,
            recorded_at=recorded_at,
            as_of=finding.as_of or recorded_at[:10],
            exchanges=tuple(f"{record}#{position}" for position in finding.exchanges),
            figures=finding.figures,
        )
        for name, found in findings.items()
        for finding in found
    ]


def _level(tier: Tier, finding: Finding) -> Level:
    """What was seen beside a measurement, like a header, is behaviour: only a limit that stopped traffic is enforcement."""
    return Level.BEHAVIOUR if tier is Tier.SPEND and not finding.figures else tier.level
