"""Judging recordings: every verdict is re-derived from the cassettes folder, which is the only store of evidence."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from probes.addresses import addresses, contract_address, of_created
from probes.claims import Claims
from probes.errors import CassetteError
from probes.evidence import Evidence, Origin
from probes.excerpt import Exchange, shown
from probes.findings import run_probes, to_evidence
from probes.money import Model
from probes.plan import Job, all_probes
from probes.probe import Tier
from probes.processes import at_once
from probes.settings import OwnSettings
from probes.sync import run_sync
from probes.wire.cassette import CassetteTransport, Loaded, cassette_path, check_hosts, load
from probes.wire.redact import Redactor

ORIGINS = (Origin.LIVE, Origin.LAB, Origin.OVERRIDE)
"""Origins that have a folder of cassettes."""


@dataclass(frozen=True)
class Judged:
    """All that a cassettes folder shows: the evidence, and the exchanges that it names."""

    evidence: list[Evidence] = field(default_factory=list)
    exchanges: dict[str, Exchange] = field(default_factory=dict)


def load_evidence(claims: Claims, cassettes: Path) -> list[Evidence]:
    """All evidence of a cassettes folder. Raises CassetteError when a recording cannot be trusted."""
    return load_record(claims, cassettes).evidence


def load_record(claims: Claims, cassettes: Path, *, processes: int = 1, meanwhile: Callable[[], object] | None = None) -> Judged:
    """The same with the exchanges that the evidence names; `processes` and `meanwhile` as in `at_once`."""
    sizes = [path.stat().st_size for _, path in recordings(claims, cassettes)]
    shares = at_once(_judged_places, [(claims, cassettes, places) for places in _shares(sizes, processes)], processes, meanwhile=meanwhile)
    return _joined([each for _, each in sorted((each for share in shares for each in share), key=itemgetter(0))])


async def load_all(claims: Claims, cassettes: Path) -> Judged:
    """The same as `load_record`, for callers with an event loop."""
    return _joined([await _judged(job, path) for job, path in recordings(claims, cassettes)])


def _shares(sizes: Sequence[int], count: int) -> list[set[int]]:
    """Places in `sizes`, parted so that each share has about as many bytes."""
    shares: list[set[int]] = [set() for _ in range(count)]
    filled = [0] * count
    for place in sorted(range(len(sizes)), key=sizes.__getitem__, reverse=True):
        least = filled.index(min(filled))
        shares[least].add(place)
        filled[least] += sizes[place]
    return shares


def _judged_places(part: tuple[Claims, Path, set[int]]) -> list[tuple[int, Judged]]:
    claims, cassettes, places = part

    async def all_of_them() -> list[tuple[int, Judged]]:
        held = enumerate(recordings(claims, cassettes))
        return [(place, await _judged(job, path)) for place, (job, path) in held if place in places]

    return run_sync(all_of_them())


async def _judged(job: Job, path: Path) -> Judged:
    loaded = read_recording(path, job)
    evidence = await judge(job, loaded)
    headers = {host.action_header.lower() for host in job.provider.hosts.values() if host.action_header}
    return Judged(evidence, dict(shown(loaded, evidence, headers)))


def _joined(found: Sequence[Judged]) -> Judged:
    return Judged([one for each in found for one in each.evidence], {name: one for each in found for name, one in each.exchanges.items()})


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
