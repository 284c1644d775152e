"""All that a cassettes folder shows, judged by as many processes as there may be.

What reads and judges recordings imports vcrpy and its patches for other libraries, three quarters of a second: only where it is done.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path

from probes.claims import Claims
from probes.evidence import Evidence
from probes.excerpt import Exchange
from probes.processes import at_once

Place = int
"""Where a recording stands in the order of the record."""


@dataclass(frozen=True)
class Judged:
    """The evidence of recordings, and the exchanges that it names."""

    evidence: list[Evidence] = field(default_factory=list)
    exchanges: dict[str, Exchange] = field(default_factory=dict)


def load_evidence(claims: Claims, cassettes: Path) -> list[Evidence]:
    """All evidence of a cassettes folder. Raises CassetteError when a recording cannot be trusted."""
    return load_record(claims, cassettes).evidence


def load_record(claims: Claims, cassettes: Path, *, processes: int = 1, meanwhile: Callable[[], object] | None = None) -> Judged:
    """The same with the exchanges that the evidence names; `processes` and `meanwhile` as in `at_once`."""
    shares = at_once(_judged, [(claims, cassettes, share) for share in _shares(cassettes, processes)], processes, meanwhile=meanwhile)
    return joined(each for _, each in sorted((each for share in shares for each in share), key=itemgetter(0)))


def joined(found: Iterable[Judged]) -> Judged:
    """The evidence of several recordings together, in the order given."""
    whole = Judged()
    for each in found:
        whole.evidence.extend(each.evidence)
        whole.exchanges.update(each.exchanges)
    return whole


def _shares(cassettes: Path, count: int) -> list[frozenset[Path]]:
    """The recordings in so many shares, each of about as many bytes."""
    sizes = {path: path.stat().st_size for path in sorted(cassettes.glob("*/*/*.yaml"))}
    shares: list[list[Path]] = [[] for _ in range(count)]
    filled = [0] * count
    for path in sorted(sizes, key=sizes.__getitem__, reverse=True):
        least = filled.index(min(filled))
        shares[least].append(path)
        filled[least] += sizes[path]
    return [frozenset(share) for share in shares]


def _judged(part: tuple[Claims, Path, frozenset[Path]]) -> list[tuple[Place, Judged]]:
    from probes.judge import judge_some  # noqa: PLC0415

    return judge_some(*part)
