"""Judging recordings: every verdict is re-derived from the cassettes folder, which is the only store of evidence."""

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from probes.addresses import addresses, contract_address, of_created
from probes.claims import Claims
from probes.errors import CassetteError
from probes.evidence import Evidence, Origin
from probes.excerpt import shown
from probes.findings import run_probes, to_evidence
from probes.judged import Judged, joined
from probes.money import Model
from probes.plan import Job, all_probes
from probes.probe import Tier
from probes.settings import OwnSettings
from probes.sync import run_sync
from probes.wire.cassette import CassetteTransport, Loaded, cassette_path, check_hosts, load
from probes.wire.redact import Redactor

ORIGINS = (Origin.LIVE, Origin.LAB, Origin.OVERRIDE)
"""Origins that have a folder of cassettes."""


async def load_all(claims: Claims, cassettes: Path) -> Judged:
    """The same as `load_record`, for callers with an event loop."""
    return joined([await _judged(job, path) for job, path in recordings(claims, cassettes)])


def judge_some(claims: Claims, cassettes: Path, paths: Collection[Path]) -> list[tuple[int, Judged]]:
    """What some of the recordings show, each with its place in the record. Raises CassetteError when one cannot be trusted."""

    async def judged() -> list[tuple[int, Judged]]:
        held = enumerate(recordings(claims, cassettes))
        return [(place, await _judged(job, path)) for place, (job, path) in held if path in paths]

    return run_sync(judged())


async def _judged(job: Job, path: Path) -> Judged:
    loaded = read_recording(path, job)
    evidence = await judge(job, loaded)
    headers = {host.action_header.lower() for host in job.provider.hosts.values() if host.action_header}
    return Judged(evidence, dict(shown(loaded, evidence, headers)))


def recordings(claims: Claims, cassettes: Path) -> Iterator[tuple[Job, Path]]:
    """Every recording of a cassettes folder, in the claims' order, with the job that judges it."""
    for name, provider in claims.providers.items():
        for tier in Tier:
            for origin in ORIGINS:
                path = cassette_path(cassettes, origin, name, tier.word)
                if path.is_file():
                    yield Job(name, provider, tier, origin, None, tuple(all_probes(name, provider, claims, tier))), path


async def judge(job: Job, loaded: Loaded) -> list[Evidence]:
    """What the probes of a job conclude from a recording."""
    metadata = loaded.metadata
    job = replace(job, endpoint=metadata.endpoint or None)
    own = OwnSettings.recorded(job.provider) if job.tier >= Tier.READ else OwnSettings()
    redactor = Redactor(fields=job.provider.secrets, accounts=own.accounts(job.provider))
    model = Model.parse(metadata.model) if metadata.model else None
    async with _Replay(transport=CassetteTransport.replaying(loaded, redactor), trust_env=False) as client:
        findings = await run_probes(job, client, metadata.tag, model=model, settings=own)
    record = f"{metadata.origin}/{metadata.provider}/{metadata.tier}.yaml"
    return to_evidence(job, findings, origin=Origin(metadata.origin), recorded_at=metadata.recorded_at, record=record)


class _Replay(httpx.AsyncClient):
    """A client of a cassette: no credential, no redirect and no cookie goes to a file, and what would care for them takes half the time."""

    async def send(self, request: httpx.Request, **_: Any) -> httpx.Response:
        """The recorded answer, read."""
        response = await self._transport.handle_async_request(request)
        response.request = request
        await response.aread()
        return response


def read_recording(path: Path, job: Job) -> Loaded:
    """A recording of a job. Raises CassetteError when it is not intact, or holds exchanges with a host that is not the provider's."""
    loaded = load(path)
    metadata = loaded.metadata
    if (metadata.origin, metadata.provider, metadata.tier) != (job.origin, job.name, job.tier.word):
        raise CassetteError(
            f"says that it is {metadata.origin} {metadata.provider} {metadata.tier}, its place says otherwise",
            where=str(path),
            hint="Put it back where it was recorded, or record again.",
        )
    bases = addresses(job.provider, metadata.endpoint or None)
    allowed = {contract_address(key, each, bases) for key, each in job.provider.contracts.items()} | set(bases.values())
    asked = [request.uri for request, _ in loaded.interactions] + [failure.uri for failure in loaded.failures]
    names = {found[0] for uri in asked if (found := re.search(rf"keycap-probe-{re.escape(metadata.tag)}-\d+(?=\.)", uri))}
    allowed |= {of_created(base, name) for base in bases.values() for name in names}
    check_hosts(loaded, {_authority(url) for url in allowed if url})
    return loaded


def _authority(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
