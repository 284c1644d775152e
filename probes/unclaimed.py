"""Discovery: operations of a vendor's contract that look like management of keys, spend or rate and that no claim mentions.

This is how a new way to cap a key is noticed on the day it is published.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from probes.claims import Provider
from probes.contracts.extract import Extract, Operation
from probes.contracts.words import telling, telling_field
from probes.endpoint import Endpoint
from probes.generic.contract import is_operation
from probes.record import Record


@dataclass(frozen=True, slots=True)
class Discovery:
    """An operation, and those of its fields that tell why it is shown; all of its request fields where its path tells."""

    provider: str
    contract: str
    operation: str
    fields: tuple[str, ...]
    new: bool
    """Whether the earlier record's edition of that contract lacks it."""
    address: str
    date: str
    """Of the document that declares it."""


def discoveries(before: Record, after: Record, *, every: bool = False) -> list[Discovery]:
    """What the contracts of `after` declare anew, by provider and path; with `every` also what they declared before.

    A contract that `before` does not hold has nothing new.
    """
    return list(_discoveries(before, after, every=every))


def mentioned(provider: Provider, operation: Operation) -> list[str]:
    """The capabilities whose claims name an operation by their endpoints; `recipe` and `inference` name operations too."""
    named = [(name, text, claim.action or "") for name, claim in provider.claims.items() if (text := claim.endpoint)]
    named += [(name, text, "") for name, claim in provider.claims.items() for text in claim.also]
    named += [("recipe", step.call, "") for step in provider.recipe]
    named += [("inference", provider.inference.call, "")] if provider.inference else []
    named += [("control", host.control, "") for host in provider.hosts.values() if host.control]
    return list(dict.fromkeys(name for name, text, action in named if is_operation(Endpoint.parse(text), action, operation)))


def declared_anew(before: Extract | None, after: Extract) -> list[Operation]:
    """Operations that a newer edition declares and the older one does not; none without an older one."""
    if before is None:
        return []
    known = {_plain(operation) for operation in _all(before)}
    return [operation for operation in _all(after) if _plain(operation) not in known]


def _discoveries(before: Record, after: Record, *, every: bool) -> Iterator[Discovery]:
    seen = set()
    for (name, key), extract in after.contracts.items():
        provider = after.results.claims.providers[name]
        earlier = before.contracts.get((name, key))
        anew = {operation.name for operation in declared_anew(earlier, extract)}
        known = _request_fields(earlier)
        for operation in _all(extract):
            shown, new = _shown(provider, operation, operation.name in anew, known.get(operation.name))
            if (new or every) and shown is not None and (name, _plain(operation)) not in seen:
                seen.add((name, _plain(operation)))
                where = extract.provenance
                yield Discovery(name, key, operation.name, shown, new, where.address, where.date)


def _shown(provider: Provider, operation: Operation, anew: bool, known: frozenset[str] | None) -> tuple[tuple[str, ...] | None, bool]:
    """The fields to show, None when there is nothing to tell of; and whether that is new."""
    fields = {name for name in operation.request if telling_field(name, operation.method)}
    claims = mentioned(provider, operation)
    claimed = {name for each in claims if each in provider.claims for name in provider.claims[each].fields}
    fresh = fields - known - claimed if known is not None else set()
    if fresh:
        return tuple(sorted(fresh)), True
    if claims:
        return None, False
    if telling(operation.path, operation.action):
        return tuple(sorted(operation.request)), anew
    return (tuple(sorted(fields)) or None), anew


def _plain(operation: Operation) -> str:
    """The name without the names of its parameters, which differ between a vendor's documents and change."""
    return re.sub(r"\{[^{}]*\}", "{}", operation.name)


def _all(extract: Extract) -> Iterator[Operation]:
    """Every operation; of those that the extract only names, without fields."""
    yield from extract.operations
    for name in extract.others:
        method, path = name.split(" ", 1)
        yield Operation(method, path)


def _request_fields(extract: Extract | None) -> Mapping[str, frozenset[str]]:
    return {operation.name: frozenset(operation.request) for operation in extract.operations} if extract else {}
