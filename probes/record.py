"""A record as a whole: claims, recordings, and what is settled from them. Drift is what two records differ in."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

from probes.addresses import addresses, contract_address
from probes.claims_file import load_claims
from probes.contracts.extract import Extract
from probes.evidence import Evidence, Origin
from probes.judge import judge, read_recording, recordings
from probes.outcome import Outcome
from probes.plan import Job
from probes.probe import Tier
from probes.results import Results
from probes.sync import run_sync
from probes.wire.cassette import Loaded


@dataclass(frozen=True)
class Record:
    """What is settled, the recordings that settle it, and the day (UTC) to which ages count."""

    results: Results
    recordings: tuple[tuple[Job, Loaded], ...]
    day: date
    revision: str = ""
    """The commit that it is of, abbreviated; empty for the files as they are."""

    @classmethod
    def read(cls, claims: Path, cassettes: Path, *, day: date, revision: str = "") -> "Record":
        """A claims file and a folder of cassettes, judged by today's probes. Raises ClaimsError or CassetteError."""
        loaded = load_claims(claims)
        found = tuple((job, read_recording(path, job)) for job, path in recordings(loaded, cassettes))
        return cls(Results.of(loaded, run_sync(_judged(found))), found, day, revision)

    @classmethod
    def around(cls, outcome: Outcome, results: Results, day: date) -> "tuple[Record, Record]":
        """The record before a run and after it, as far as the run replaced recordings; `results` are those after it."""
        pairs = [(each.job, each.replaced) for each in outcome.jobs if each.replaced]
        before, after = (tuple((job, pair[which].loaded) for job, pair in pairs) for which in (0, 1))
        then = Results.of(results.claims, outcome.earlier).decided_by(*results.origins)
        return cls(then, before, day), cls(results, after, day)

    def decided_by(self, *origins: Origin) -> "Record":
        """The same record as other origins see it; see `Results.decided_by`."""
        return replace(self, results=self.results.decided_by(*origins))

    @cached_property
    def origins(self) -> frozenset[Origin]:
        """Whose recordings count here."""
        return frozenset(self.results.origins)

    @cached_property
    def contracts(self) -> Mapping[tuple[str, str], Extract]:
        """Extracts by provider and name of the contract, as recorded from the vendor."""
        return dict(contracts(self.recordings))


async def _judged(found: Iterable[tuple[Job, Loaded]]) -> list[Evidence]:
    return [each for job, loaded in found for each in await judge(job, loaded)]


def contracts(recordings: Iterable[tuple[Job, Loaded]]) -> Iterator[tuple[tuple[str, str], Extract]]:
    """The extracts that recordings of the tier `contract` hold."""
    for job, loaded in recordings:
        if job.tier is not Tier.CONTRACT or job.origin is not Origin.LIVE:
            continue
        bases = addresses(job.provider, loaded.metadata.endpoint or None)
        names = {contract_address(key, contract, bases): key for key, contract in job.provider.contracts.items()}
        for request, response in loaded.interactions:
            if request.uri in names:
                yield (job.name, names[request.uri]), Extract.from_json(json.loads(response["body"]["string"]))
