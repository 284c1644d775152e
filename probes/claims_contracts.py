"""Claims against the vendors' contracts that are recorded: a claim, its endpoint and those it names besides are what a contract declares.

Only a contract that covers a capability speaks of it; a newer edition speaks for an older one.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from probes.addresses import addresses, contract_address
from probes.claims import Claim, Claims, Provider
from probes.claims_places import Path_, Places, Problem
from probes.contracts.extract import Extract
from probes.endpoint import Endpoint, same_route
from probes.evidence import Evidence, Origin, Outcome, Verdict, VerdictStatus
from probes.generic.contract import find
from probes.judge import judge, read_recording
from probes.plan import Job, all_probes
from probes.probe import Tier
from probes.results import Results
from probes.sync import run_sync
from probes.wire.cassette import Loaded, cassette_path


def contradictions(claims: Claims, places: Places, cassettes: Path) -> list[Problem]:
    """Claims that the recorded contract of their provider contradicts. Raises CassetteError for a recording that cannot be trusted."""
    evidence: list[Evidence] = []
    found: list[Problem] = []
    for name, provider in claims.providers.items():
        path = cassette_path(cassettes, Origin.LIVE, name, Tier.CONTRACT.word)
        if path.is_file():
            job = Job(name, provider, Tier.CONTRACT, Origin.LIVE, None, tuple(all_probes(name, provider, claims, Tier.CONTRACT)))
            loaded = read_recording(path, job)
            evidence += run_sync(judge(job, loaded))
            found += _undeclared(("providers", name, "claims"), provider, _extracts(provider, loaded), places)
    for (name, capability), verdict in Results.of(claims, evidence).contradicted.items():
        at = ("providers", name, "claims", capability)
        claim = claims.providers[name].claims[capability]
        found.append(places.problem((*at, "endpoint" if claim.endpoint else "status"), _said(claim, verdict)))
    return found


def _said(claim: Claim, verdict: Verdict) -> str:
    said = {Outcome.PRESENT: "declares it", Outcome.ABSENT: "does not declare it"}
    what = "; ".join(dict.fromkeys(each.detail for each in verdict.decided_by))
    if verdict.status is VerdictStatus.CONFLICT:
        return f"is {claim.status}, and its contracts disagree: {what}"
    return f"is {claim.status}, but the contract {said[verdict.decided_by[0].outcome]}: {what}"


def _extracts(provider: Provider, loaded: Loaded) -> dict[str, Extract]:
    """The recorded extracts by the contract's name."""
    bases = addresses(provider, None)
    bodies = {request.uri: response["body"]["string"] for request, response in loaded.interactions if response["status"]["code"] == 200}
    named = {key: contract_address(key, contract, bases) for key, contract in provider.contracts.items()}
    return {key: Extract.from_json(json.loads(bodies[address])) for key, address in named.items() if address in bodies}


def _undeclared(at: Path_, provider: Provider, extracts: dict[str, Extract], places: Places) -> Iterator[Problem]:
    """Endpoints that a claim names besides, undeclared by contracts that cover the capability and know the collection above them."""
    first = next(iter(provider.hosts))
    for capability, claim in provider.claims.items():
        for index, text in enumerate(claim.also):
            endpoint = Endpoint.parse(text)
            speaking = [
                extract
                for key, extract in extracts.items()
                if capability in provider.contracts[key].covers
                and (provider.contracts[key].host or first) == (endpoint.host or first)
                and any(_is_beside(endpoint.path, path) for _, path in _declared(extract))
            ]
            if speaking and not any(_declares(endpoint, extract) for extract in speaking):
                read = ", ".join(extract.provenance.address for extract in speaking)
                yield places.problem((*at, capability, "also", index), f"is not declared by {read}", text)


def _declares(endpoint: Endpoint, extract: Extract) -> bool:
    plain = any(method == endpoint.method and same_route(endpoint.path, path) for method, path in _declared(extract))
    return find(endpoint, "", extract) is not None if dict(endpoint.query).get("Action") else plain


def _declared(extract: Extract) -> Iterator[tuple[str, str]]:
    """Method and path of every operation of the document."""
    for name in (*(operation.name for operation in extract.operations), *extract.others):
        method, _, path = name.partition(" ")
        yield method, path.partition("?")[0]


def _is_beside(claimed: str, declared: str) -> bool:
    """Whether a declared path is below the collection that a claimed one is in."""
    above = claimed.strip("/").split("/")[:-1]
    return same_route("/".join(above), "/".join(declared.strip("/").split("/")[: len(above)]))
