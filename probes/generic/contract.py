"""Contract probes: does the vendor's own machine-readable contract declare what is claimed, or lack it? Needs no credential.

A claim with an endpoint is judged by that operation and by the fields it names; a claim of absence by its `refuted_by` patterns, and only
by a contract that `covers` the capability: silence of a document about something else proves nothing.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import partial
from urllib.parse import parse_qsl, urlsplit

from probes.api import Api
from probes.claims import Capability, Claim, Contract, Provider
from probes.contracts.extract import Extract, Operation
from probes.endpoint import Endpoint, Pattern, path_matches, same_route
from probes.evidence import Cause
from probes.probe import Probe, Tier
from probes.testable import judged_by


def probes(name: str, provider: Provider, capabilities: dict[str, Capability]) -> Iterator[Probe]:
    """One probe for each of the provider's contracts, over all claims that it could settle."""
    for key, contract in provider.contracts.items():
        judged = tuple(each for each in provider.claims if judged_by(provider, each, capabilities[each], contract))
        if judged:
            yield Probe(name, key, judged, Tier.CONTRACT, partial(_judge_all, key, judged))


async def _judge_all(key: str, judged: tuple[str, ...], api: Api) -> None:
    contract = api.provider.contracts[key]
    extract = await api.contract(key)
    for capability in judged:
        judge(api, capability, api.provider.claims[capability], contract, extract)


def judge(api: Api, capability: str, claim: Claim, contract: Contract, extract: Extract) -> None:
    """Report what `extract` says on one claim; nothing where it neither covers the capability nor declares the operation."""
    covered = capability in contract.covers
    present, cause, what = _absence(claim, extract) if claim.endpoint is None else _presence(claim, extract)
    where = extract.provenance
    detail = f"{what} — {where.address} ({', '.join(filter(None, (where.version, where.date)))})"
    if present or (covered and present is not None):
        api.found(capability, present, cause, detail, as_of=where.date)
    elif cause is not Cause.NOT_DECLARED:
        api.inconclusive(capability, cause, detail, as_of=where.date)


def _absence(claim: Claim, extract: Extract) -> tuple[bool, Cause, str]:
    """Whether anything is declared that a claim of absence says must not exist."""
    found = refuting(claim, extract)
    if found is None:
        return False, Cause.NOT_DECLARED, ", ".join(claim.refuted_by)
    _, operation, field = found
    return True, Cause.REFUTING_DECLARED, f"{operation.name} {field}".strip()


def _presence(claim: Claim, extract: Extract) -> tuple[bool | None, Cause, str]:
    """Whether the claimed operation is declared with the fields that the claim needs; None where the document describes no answers."""
    operation = find(Endpoint.parse(claim.endpoint or ""), claim.action or "", extract)
    if operation is None:
        return False, Cause.NOT_DECLARED, str(claim.endpoint)
    lacking = [name for name in claim.fields if not _has_field(name, operation.request)]
    lacking += [name for name in claim.returns if not _has_field(name, operation.response)]
    if lacking and not operation.response and not set(lacking) & set(claim.fields):
        return None, Cause.FIELD_NOT_DECLARED, f"{operation.name} [{', '.join(lacking)}]"
    named = lacking or [*claim.fields, *claim.returns]
    what = f"{operation.name} [{', '.join(named)}]" if named else operation.name
    return (False, Cause.FIELD_NOT_DECLARED, what) if lacking else (True, Cause.DECLARED, what)


def declares(claim: Claim, extract: Extract) -> bool:
    """Whether a contract declares the claimed operation with the fields that the claim needs."""
    return claim.endpoint is not None and _presence(claim, extract)[0] is True


def find(endpoint: Endpoint, action: str, extract: Extract) -> Operation | None:
    """The declared operation that a claim's endpoint names."""
    return next((operation for operation in extract.operations if is_operation(endpoint, action, operation)), None)


def is_operation(endpoint: Endpoint, action: str, operation: Operation) -> bool:
    """Whether an endpoint names a declared operation; RPC-style ones are told apart by their action."""
    path = urlsplit(operation.path)
    if operation.method != endpoint.method or not same_route(endpoint.path, path.path):
        return False
    declared = dict(parse_qsl(path.query))
    wanted = action or dict(endpoint.query).get("Action", "")
    if "Action" in declared or (wanted and operation.action):
        return wanted == declared.get("Action", operation.action)
    return True


def refuting(claim: Claim, extract: Extract) -> tuple[Pattern, Operation, str] | None:
    """The first declared operation that a claim of absence says must not exist: the pattern it fits, and the field that fits, if any."""
    for pattern in map(Pattern.parse, claim.refuted_by):
        for operation in extract.operations:
            if _method_and_path(pattern, operation.method, operation.path):
                hit = _field_hit(pattern, operation)
                if hit is not None:
                    return pattern, operation, hit
        if not pattern.fields:
            for other in extract.others:
                method, _, path = other.partition(" ")
                if _method_and_path(pattern, method, path):
                    return pattern, Operation(method, path), ""
    return None


def _method_and_path(pattern: Pattern, method: str, path: str) -> bool:
    return pattern.method in ("*", method) and path_matches(pattern.path, path)


def _field_hit(pattern: Pattern, operation: Operation) -> str | None:
    if not pattern.fields:
        return ""
    for name in (*operation.request, *operation.response):
        if any(fnmatchcase(name.lower(), glob.lower()) for glob in pattern.fields):
            return name
    return None


def _has_field(name: str, declared: dict[str, str]) -> bool:
    """Whether a field is declared, at its dotted name or as the object or list that holds such fields."""
    return name in declared or any(other.startswith((f"{name}.", f"{name}[]")) for other in declared)
