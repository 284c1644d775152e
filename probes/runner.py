"""Runs probes: all providers at once, each tier of each one cassette, and re-derives every finding from what was recorded.

A run records first and judges the recording, so that what `verify` says is what `report` will say from the same files.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import replace

from probes.claims import Claims
from probes.errors import Interrupted
from probes.evidence import Origin
from probes.jobs import Run, Settings, name_of
from probes.journal import Journal, at_work, jobs_named
from probes.judge import load_all
from probes.judged import load_evidence
from probes.keeping import predecessor
from probes.outcome import JobOutcome, Outcome, joined
from probes.plan import Job, all_probes
from probes.sync import run_sync, stopped_by_signal
from probes.vocabulary import Kind
from probes.wire.cassette import utc_now
from probes.wire.quiet import quiet

__all__ = ["Settings", "replay_run", "verify", "verify_async", "without_address"]


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
    """The same as `verify`, for callers with an event loop. Ctrl-C stops probes that have not finished and keeps what is done.

    What the same run recorded before it was cut short is not repeated. Raises RecordInUse while another run is at work on the record.
    """
    started_at = utc_now()
    stop = asyncio.Event()
    names = {name_of(job, settings): job for job in jobs}
    with at_work(settings.cassettes, jobs_named(names), fresh=settings.fresh) as journal:
        before = [outcome async for outcome in _recorded_before(names, journal, claims)]
        names = {name: job for name, job in names.items() if name not in dict(before)}
        with quiet(), stopped_by_signal(stop):
            async with settings.network() as inner:
                run = Run(claims, settings, journal, inner, stop)
                finished = await asyncio.gather(*(run.in_turn(name, job) for name, job in names.items()), return_exceptions=True)
        for fault in finished:
            if isinstance(fault, BaseException):
                raise fault  # only now: what the other jobs recorded is on disk
        record = (await load_all(claims, settings.cassettes)).evidence
        if not stop.is_set():
            journal.over()
    outcomes = [*(each for each in finished if isinstance(each, JobOutcome)), *(outcome for _, outcome in before)]
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


async def _recorded_before(names: Mapping[str, Job], journal: Journal, claims: Claims) -> AsyncIterator[tuple[str, JobOutcome]]:
    """What the same run recorded before it was cut short, by the name of the job; read before anything is sent. Raises CassetteError."""
    for name, job in names.items():
        noted = journal.earlier.get(name)
        if noted is None or not noted.path.is_file():
            continue
        whole = replace(job, origin=Origin(noted.origin), probes=tuple(all_probes(job.name, job.provider, claims, job.tier)))
        now = await predecessor(whole, noted.path)
        if now is None or now.loaded.metadata.tag != noted.tag:
            continue  # somebody put another one there
        older = await predecessor(whole, noted.replaced)
        moment = now.loaded.metadata.recorded_at
        yield name, JobOutcome(whole, now.evidence, saved=True, replaced=(older, now) if older else None, recorded_before=moment)
