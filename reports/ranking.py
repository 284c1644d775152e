"""The advice, put into words: one table per need, each score with its terms."""

from collections.abc import Sequence
from dataclasses import dataclass

from probes.evidence import Level
from probes.results import Results
from reports import advice, needs
from reports.cells import anchor, name_of
from reports.text import Texts, number

SHOWN = 5
"""Rows of a ranking; the rest is counted. Needs that already narrow the providers show all that score."""


@dataclass(frozen=True, slots=True)
class Place:
    """One provider in a ranking; `terms` are `(capability, arithmetic)`."""

    provider: str
    name: str
    anchor: str
    score: str
    percent: int
    terms: Sequence[tuple[str, str]]
    total: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """One need with its best providers (`places`), and all of them (`all`)."""

    id: str
    name: str
    says: str
    weights: str
    places: Sequence[Place]
    all: Sequence[Place]
    note: str


def ranking(results: Results, t: Texts) -> list[Ranking]:
    """Every need, ranked."""
    by_need: dict[str, list[advice.Advice]] = {}
    for each in advice.advise(results):
        by_need.setdefault(each.need, []).append(each)
    return [_rank(results, need, by_need.get(need.id, []), t) for need in needs.NEEDS]


def explanation(t: Texts) -> list[str]:
    """How a score is made, from the constants that make it."""
    levels = t.join(f"{t.word('level', level)} {number(value)}" for level, value in advice.CONFIDENCE.items() if isinstance(level, Level))
    return [
        t("advice.intro"),
        t("advice.status"),
        t("advice.confidence", levels=levels, conflict=number(advice.CONFLICT)),
        t("advice.fit", scope=number(advice.OTHER_SCOPE), stand_in=number(needs.STAND_IN), unit=number(advice.OTHER_UNIT)),
    ]


def _rank(results: Results, need: needs.Need, found: Sequence[advice.Advice], t: Texts) -> Ranking:
    places = [_place(results, each, t) for each in found]
    scored = [place for place, each in zip(places, found, strict=True) if each.score]
    shown = scored if need.kinds or need.regions else scored[:SHOWN]
    note = t("advice.limit", count=len(shown), scored=len(scored), zero=len(found) - len(scored)) if scored else t("advice.nobody")
    weights = t.join(f"{_either(results, wish, t)} {wish.weight}" for wish in need.wishes)
    return Ranking(need.id, t(f"need.{need.id}.name"), t(f"need.{need.id}.says"), t("advice.weights", weights=weights), shown, places, note)


def _either(results: Results, wish: needs.Wish, t: Texts) -> str:
    names = [_capability(results, option.capability, t) for option in wish.options]
    return names[0] if len(names) == 1 else t("advice.either", first=names[0], second=names[1])


def _place(results: Results, each: advice.Advice, t: Texts) -> Place:
    return Place(
        provider=each.provider,
        name=name_of(results, each.provider, t),
        anchor=anchor(each.provider),
        score=t("advice.out_of", score=number(each.score), out_of=each.out_of, percent=each.percent),
        percent=each.percent,
        terms=[(_capability(results, term.capability, t), term.arithmetic) for term in each.terms if term.value],
        total=each.arithmetic,
    )


def _capability(results: Results, capability: str, t: Texts) -> str:
    known = results.claims.capabilities.get(capability)
    return t.pick(known.name) if known else capability
