"""Who was looked at and left out of the comparison, by what was found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from probes.claims import Claims
from probes.vocabulary import Looked
from reports.text import Texts


@dataclass(frozen=True, slots=True)
class Vendor:
    """One vendor without an entry; `address` is empty where the source has none that could be linked."""

    name: str
    found: str
    source: str
    address: str
    read: date


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The vendors of which the same was found."""

    word: str
    vendors: Sequence[Vendor]


def left_out(claims: Claims, t: Texts) -> list[LeftOut]:
    """All of them, grouped, in the order of the kinds and of the file."""
    groups = []
    for kind in Looked:
        vendors = [
            Vendor(each.name, t.pick(each.found), each.source, each.source if "://" in each.source else "", each.read)
            for each in claims.looked_at
            if each.kind is kind
        ]
        groups += [LeftOut(t.word("looked", kind), vendors)] if vendors else []
    return groups
