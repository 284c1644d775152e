"""Since when a contract declares what is claimed: by bisection over its editions, each of which is read at most once.

Bisection takes it that what was declared stays declared; each date is a bracket between an edition that lacks it and one that has it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from probes import editions
from probes.claims import Capability, Claim, Provider
from probes.editions import Edition
from probes.errors import DocumentError, UsageError
from probes.generic.contract import declares
from probes.testable import judged_by


@dataclass(frozen=True, slots=True)
class Appearance:
    """When a claimed operation, with the fields that the claim needs, appeared. Dates are ISO dates of editions."""

    capability: str
    what: str
    """The operation, and the fields in brackets."""
    lacking: str
    """Name and date of the last edition that lacks it, empty when the oldest already has it."""
    declaring: str
    """Name and date of the first edition that declares it, empty when the newest lacks it."""
    since: str
    """As a claim has it: a date, `before DATE`, or empty."""
    claimed: str
    """What the claim says."""


def appearances(
    provider: Provider, capabilities: Mapping[str, Capability], contract: str, known: Sequence[Edition]
) -> tuple[list[Appearance], dict[str, str]]:
    """For every claim with an endpoint that the contract describes, in the claims' order; `known` from the oldest to the newest.

    Also returns, by name, why editions could not be read; they are passed over. Raises DocumentError when none can be.
    """
    readable, broken = list(known), dict[str, str]()
    found = []
    for name, claim in provider.claims.items():
        if claim.endpoint and judged_by(provider, name, capabilities[name], provider.contracts[contract]):
            place = _first(claim, readable, broken)
            has = readable[place] if place < len(readable) else None
            lacks = readable[place - 1] if place else None
            found.append(Appearance(name, _what(claim), _named(lacks), _named(has), _since(lacks, has), claim.since or ""))
    if known and not readable:
        raise DocumentError(f"no edition can be read: {next(iter(broken.values()))}", where=known[-1].name)
    return found, broken


def editions_of(
    provider: Provider, contract: str | None, *, documents: Path | None, checkout: Path | None, file: str | None
) -> tuple[str, list[Edition]]:
    """The contract that is meant, by name, and its editions: of a checkout, of a folder where it holds dated copies, else releases.

    Raises UsageError where none can be had.
    """
    if contract is not None and contract not in provider.contracts:
        raise UsageError(
            "there is no contract of that name", where=f"--contract {contract}", hint=f"Known: {', '.join(provider.contracts)}."
        )
    known = {contract: provider.contracts[contract]} if contract else provider.contracts
    if (checkout is None) != (file is None):
        raise UsageError("--checkout DIR and --file PATH belong together", where="since")
    for name, each in known.items():
        if checkout and file and not each.package:
            return name, editions.in_checkout(each, checkout, file)
        if documents and not checkout and len(found := editions.in_folder(each, documents)) > 1:
            return name, found
    packages = [name for name, each in known.items() if each.package and not checkout]
    if not packages:
        raise UsageError(
            "has no dated copies, checkout or official package to look through", where="since", hint="See keycap since --help."
        )
    return packages[0], editions.released(known[packages[0]], [documents] if documents else [])


def _first(claim: Claim, readable: list[Edition], broken: dict[str, str]) -> int:
    """The place of the first edition that declares it, their number when the newest does not; takes those out that cannot be read."""
    while True:
        low, high = -1, len(readable)
        middle = high - 1
        try:
            while high - low > 1:
                if declares(claim, readable[middle].extract):
                    high = middle
                elif middle == len(readable) - 1:
                    return len(readable)
                else:
                    low = middle
                middle = (low + high) // 2
        except DocumentError as error:
            broken[readable[middle].name] = str(error).splitlines()[0]
            del readable[middle]
        else:
            return high


def _what(claim: Claim) -> str:
    named = [*claim.fields, *claim.returns]
    return f"{claim.endpoint} [{', '.join(named)}]" if named else str(claim.endpoint)


def _named(edition: Edition | None) -> str:
    return f"{edition.name} ({edition.date})" if edition else ""


def _since(before: Edition | None, found: Edition | None) -> str:
    if found is None:
        return ""
    return found.date if before else f"before {found.date}"
