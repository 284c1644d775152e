"""The smallest parts of the report: a cell of the matrix, a provider's headline, anchors and names."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from probes.claims import Claim, Provider
from probes.evidence import SETTLING, Level, Origin, Verdict, VerdictStatus
from probes.headline import Answer
from probes.results import Results
from probes.vocabulary import Mechanism, Status
from reports.states import State
from reports.text import Texts

NAME_LIMIT = 120
"""Characters of a name that are shown; names are labels and stand in tables."""

STALE = timedelta(days=90)
"""Evidence older than this is marked: vendors change their API within weeks."""

_DATE = re.compile(r"\d{4}(-\d{2}){0,2}")


@dataclass(frozen=True, slots=True)
class Cell:
    """One provider × capability."""

    anchor: str
    capability: str
    shape: str
    status: str
    status_id: str
    mark: str
    verdict: str
    verdict_id: str
    level: str
    pips: int
    """The level as a number, 0 (claimed) to 4 (enforcement)."""
    date: str
    """ISO date, or part of one: of the deciding evidence, else of the newest source; empty without either."""
    stale: bool
    """Whether what it rests on is older than `STALE`: the deciding evidence or, unverified, the newest reading of a source."""
    aside: str
    """What a simulator or somebody's own endpoint showed; settles nothing."""

    @property
    def aside_only(self) -> bool:
        """Whether nothing else has tested the claim."""
        return bool(self.aside) and self.verdict_id == VerdictStatus.UNVERIFIED.value


@dataclass(frozen=True, slots=True)
class Headline:
    """One provider's answer to the headline question."""

    id: str
    anchor: str
    name: str
    kind: str
    answer: str
    answer_id: str
    proof: str
    detail: str
    """Verdict and level of each claim that the answer rests on."""
    since: str
    caveat: str


def anchor(provider: str, capability: str = "") -> str:
    """The same in both languages and both formats: `acme`, `acme--key.create`."""
    return f"{provider}--{capability}" if capability else provider


def clip(text: str, limit: int) -> str:
    """A text of at most `limit` characters, the cut shown by an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def name_of(results: Results, provider: str, t: Texts) -> str:
    """A provider's name in this language."""
    return clip(t.pick(results.claims.providers[provider].name), NAME_LIMIT)


def names_of(results: Results, names: Iterable[str], t: Texts) -> str:
    """Several providers' names, the word for none where there are none."""
    return t.join(name_of(results, name, t) for name in names) or t("habit.none")


def by_api(results: Results, name: str, capability: str) -> bool:
    """Whether a capability is claimed, at least in part, by API."""
    claim = results.claims.providers[name].claims[capability]
    return claim.status in (Status.SUPPORTED, Status.PARTIAL) and claim.mechanism is Mechanism.API


def cell(results: Results, provider: str, capability: str, t: Texts, today: date) -> Cell:
    """The cell of one claim; ages count to `today`."""
    entry = results.claims.providers[provider]
    claim, verdict = entry.claims[capability], results.verdicts[provider, capability]
    return Cell(
        anchor=anchor(provider, capability),
        capability=t.pick(results.claims.capabilities[capability].name),
        shape=t.word("shape", claim.status),
        status=t.word("status", claim.status),
        status_id=claim.status.value,
        mark=t.word("mark", verdict.status),
        verdict=t.word("verdict", verdict.status),
        verdict_id=verdict.status.value,
        level=t.word("level", verdict.level),
        pips=int(verdict.level),
        date=verdict.as_of or source_date(entry, claim),
        stale=_stale(entry, claim, verdict, today),
        aside=_aside(results, provider, capability, t),
    )


def headline(results: Results, provider: str, t: Texts) -> Headline:
    """A provider's answer, how well it is proven, since when, and what to know."""
    entry, answer = results.claims.providers[provider], results.headlines[provider]
    verdicts = {capability: results.verdicts[provider, capability] for capability in answer.rests_on}
    details = [_detail(t.pick(results.claims.capabilities[capability].name), verdict, t) for capability, verdict in verdicts.items()]
    contradicted = any(each.status in (VerdictStatus.REFUTED, VerdictStatus.CONFLICT) for each in verdicts.values())
    level = t.word("level", results.headline_level(provider))
    claims = [entry.claims[capability] for capability in reversed(answer.rests_on)]
    return Headline(
        id=provider,
        anchor=anchor(provider),
        name=name_of(results, provider, t),
        kind=t.word("kind", entry.kind),
        answer=t.word("answer", answer.answer),
        answer_id=answer.answer.value,
        proof=t("proof.contradicted") if contradicted else level,
        detail=t.join(details),
        since="" if answer.answer is Answer.NO else t.since(_latest([claim.since for claim in claims if claim.since])),
        caveat=t.sentences([next((t.pick(claim.note) for claim in claims if claim.note), "")]),
    )


def source_date(provider: Provider, claim: Claim) -> str:
    """The newest date of a claim's sources: their own, or the day they were read."""
    dates = [provider.sources[each].dated or provider.sources[each].read.isoformat() for each in claim.sources]
    return max((found[0] for each in dates if (found := _DATE.search(each))), default="")


def _stale(provider: Provider, claim: Claim, verdict: Verdict, today: date) -> bool:
    if verdict.as_of:
        return today - date.fromisoformat(verdict.as_of) > STALE
    read = [provider.sources[each].read for each in claim.sources]
    return bool(read) and today - max(read) > STALE


def _detail(capability: str, verdict: Verdict, t: Texts) -> str:
    known = {"capability": capability, "verdict": t.word("verdict", verdict.status)}
    if verdict.level is Level.CLAIMED:
        return t("proof.detail", **known)
    return t("proof.detail_level", **known, mark=t.word("mark", verdict.status), level=t.word("level", verdict.level))


def _latest(dates: Sequence[str]) -> str | None:
    """The latest of partial dates: an answer holds since the last of the parts it needs."""
    return max(dates, key=lambda each: each.removeprefix("before "), default=None)


def _aside(results: Results, provider: str, capability: str, t: Texts) -> str:
    found = [each for each in results.by_claim.get((provider, capability), ()) if each.origin not in SETTLING and each.conclusive]
    best = {each.origin: each for each in sorted(found, key=lambda each: each.level)}
    shown = [best[origin] for origin in (Origin.LAB, Origin.OVERRIDE) if origin in best]
    return t.join(t("matrix.aside", origin=t.word("origin", each.origin), outcome=t.word("outcome", each.outcome)) for each in shown)


def in_words(state: State, t: Texts) -> str:
    """A state as the report words it."""
    words = [t.word("status", state.status), t.word("verdict", state.verdict)]
    proof = [t.word("level", state.level)] if state.verdict != "unverified" else []
    return t.join([*words, *proof, *([t.word("outcome", state.outcome)] if state.outcome else [])])
