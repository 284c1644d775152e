"""Accepting: what the evidence says of a claim it contradicts, written into capabilities.yaml where the claim stands.

Nothing is guessed: where the evidence does not say by which call, or disagrees with itself, the claim is a person's to write.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from probes.claims import Claim, Claims, Provider, Source
from probes.claims_file import load_claims
from probes.claims_places import ClaimsError
from probes.contracts.extract import Operation
from probes.errors import KeycapError, UsageError
from probes.evidence import Cause, Evidence, Level, Outcome, Verdict, VerdictStatus
from probes.generic.contract import refuting
from probes.record import Record
from probes.surgery import NotEditable, changed
from probes.vocabulary import Mechanism, Status

HAND = "Change the claim by hand; keycap explain shows all evidence."


class NotEnough(UsageError):
    """The evidence does not say what the claim should be."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What accepting would change: entries of a claim (None: removed), and a source that its provider does not list yet."""

    provider: str
    capability: str
    entries: dict[str, Any]
    sources: dict[str, Any] = field(default_factory=dict)
    has_note: bool = False
    """Whether the claim carries a note, which may no longer be true."""


def acceptable(record: Record, providers: Iterable[str] | None = None) -> list[Proposal | NotEnough]:
    """A proposal, or why there is none, for every contradicted claim."""
    found: list[Proposal | NotEnough] = []
    for provider, capability in record.results.contradicted:
        if providers is None or provider in providers:
            try:
                found.append(propose(record, provider, capability))
            except NotEnough as error:
                found.append(error)
    return found


def propose(record: Record, provider: str, capability: str) -> Proposal:
    """What the evidence says of one claim. Raises NotEnough when it contradicts nothing, itself, or does not say enough."""
    where = f"{provider}.{capability}"
    entry = record.results.claims.providers[provider]
    claim, verdict = entry.claims[capability], record.results.verdicts[provider, capability]
    refusals = {
        VerdictStatus.CONFIRMED: "the evidence says what is claimed: there is nothing to accept",
        VerdictStatus.UNVERIFIED: f"no evidence settles it ({str(verdict.missing).replace('_', ' ')})",
        VerdictStatus.CONFLICT: "pieces of evidence disagree with each other",
    }
    if verdict.status in refusals:
        raise NotEnough(refusals[verdict.status], where=where, hint=HAND)
    present = verdict.decided_by[0].outcome is Outcome.PRESENT
    entries = _present(record, entry, claim, verdict, where) if present else _absent(claim)
    shows = max(verdict.decided_by, key=lambda each: each.as_of)
    name, listed = _source(entry, claim, shows)
    if name and name not in claim.sources:
        entries["sources"] = [*claim.sources, name]
    entries["accepted"] = {
        "record": shows.exchanges[0].partition("#")[0] if shows.exchanges else shows.probe,
        "dated": date.fromisoformat(shows.as_of),
    }
    return Proposal(provider, capability, entries, listed, claim.note is not None)


def accept(path: Path, proposals: Iterable[Proposal]) -> None:
    """Write proposals into a claims file, whole or not at all. Raises KeycapError when that cannot be done without touching more."""
    with path.open(encoding="utf-8", newline="") as file:
        text = file.read()
    before = load_claims(path)
    chosen = list(proposals)
    for each in chosen:
        at = ("providers", each.provider)
        try:
            if each.sources:
                text = changed(text, (*at, "sources"), each.sources, [*before.providers[each.provider].sources, *each.sources])
            text = changed(text, (*at, "claims", each.capability), each.entries, list(Claim.model_fields))
        except NotEditable as error:
            raise KeycapError(error.what, where=f"{each.provider}.{each.capability}, {error.where}", hint=HAND) from error
    candidate = path.with_name(f".{path.name}.accepted")
    try:
        candidate.write_text(text, encoding="utf-8", newline="")
        _check(before, load_claims(candidate), chosen)
        os.replace(candidate, path)  # noqa: PTH105  (the call that makes it atomic, by its name)
    except ClaimsError as error:
        raise KeycapError(f"what the evidence says makes no valid claim: {error.what}", where=str(path), hint=HAND) from error
    except OSError as error:
        raise KeycapError(f"cannot be written: {error.strerror or error}", where=str(path)) from error
    finally:
        candidate.unlink(missing_ok=True)


def _check(before: Claims, after: Claims, proposals: Iterable[Proposal]) -> None:
    """Nothing but what was named may differ."""
    named = {(each.provider, each.capability) for each in proposals}
    sources = {each.provider for each in proposals if each.sources}
    restored = {
        name: provider.model_copy(
            update={
                "claims": {
                    key: before.providers[name].claims[key] if (name, key) in named else each for key, each in provider.claims.items()
                },
                "sources": before.providers[name].sources if name in sources else provider.sources,
            }
        )
        for name, provider in after.providers.items()
    }
    if after.model_copy(update={"providers": restored}) != before:
        raise KeycapError("more than the named claims would have changed, so nothing was written", hint=HAND)


def _absent(claim: Claim) -> dict[str, Any]:
    """The endpoint stays: it is what is not there."""
    return {"status": Status.UNSUPPORTED.value} | ({"mechanism": None} if claim.mechanism is Mechanism.API else {})


def _present(record: Record, provider: Provider, claim: Claim, verdict: Verdict, where: str) -> dict[str, Any]:
    found: dict[str, Any] = {"status": Status.SUPPORTED.value, "mechanism": Mechanism.API.value}
    if claim.endpoint:
        return found
    if verdict.level is Level.CONTRACT:
        found |= _declared(record, provider, claim, verdict, where)
    elif verdict.level is Level.SURFACE and len(claim.refuted_by) == 1:
        found["endpoint"] = claim.refuted_by[0]
    else:
        raise NotEnough("the evidence does not say by which call", where=where, hint=HAND)
    return found | {"refuted_by": None}


def _declared(record: Record, provider: Provider, claim: Claim, verdict: Verdict, where: str) -> dict[str, Any]:
    """The endpoint, and the field if one told, of the operation that a contract declares against the claim."""
    for each in verdict.decided_by:
        contract = provider.contracts.get(each.probe)
        extract = record.contracts.get((each.provider, each.probe))
        hit = refuting(claim, extract) if contract and extract and each.cause is Cause.REFUTING_DECLARED else None
        if contract and hit:
            _, operation, name = hit
            host = contract.host or next(iter(provider.hosts))
            prefix = "" if host == next(iter(provider.hosts)) else f"{host}:"
            action = {"action": operation.action} if operation.action and provider.hosts[host].action_header else {}
            return {"endpoint": f"{operation.method} {prefix}{operation.path}", **action, **_field(operation, name)}
    raise NotEnough("no contract of the record declares it any more", where=where, hint=HAND)


def _field(operation: Operation, name: str) -> dict[str, Any]:
    if not name:
        return {}
    return {"fields": [name]} if name in operation.request else {"returns": [name]}


def _source(provider: Provider, claim: Claim, shows: Evidence) -> tuple[str, dict[str, Any]]:
    """The source that the evidence is: one that is listed, else a new entry where the claim has none at all; empty where neither."""
    contract = provider.contracts.get(shows.probe) if shows.level is Level.CONTRACT else None
    if contract is None:
        address = "live capture"
    else:
        address = f"PyPI package {contract.package.replace('==', ' ')}" if contract.package else str(contract.url)
    day = date.fromisoformat(shows.recorded_at[:10])
    fitting = [name for name, source in provider.sources.items() if source.url == address and (contract or source.read == day)]
    if fitting or claim.sources or (contract and contract.url is None and contract.package is None):
        return next(iter(fitting), ""), {}
    name = f"recorded_{day:%Y_%m_%d}"
    return name, {name: Source(url=address, read=day).model_dump(mode="json", exclude_none=True) | {"read": day}}
