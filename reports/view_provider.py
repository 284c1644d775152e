"""One provider's chapter of the report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from urllib.parse import quote

from probes.claims import Claim, Provider, Source
from probes.evidence import SETTLING, Evidence
from probes.results import Results
from reports import changes
from reports.cells import Cell, Headline, anchor, clip
from reports.examples import Example, of_claim, of_recipe
from reports.measured import Measured
from reports.text import Texts

DETAIL_LIMIT = 400
"""Characters of a finding's detail that are shown; evidence.json has it whole."""

CASSETTES = "../../cassettes/"
"""Where recordings stand, seen from the committed report."""


@dataclass(frozen=True, slots=True)
class ClaimView:
    """One claim: what is said, where, and what evidence made of it."""

    cell: Cell
    question: str
    mechanism: str
    endpoint: str
    scope: str
    unit: str
    since: str
    missing: str
    note: str
    sources: Sequence[int]
    """Places of its sources in the provider's list, from 1."""
    recording: str
    """Relative link to the recording that decides, empty while unverified."""
    example: Example | None


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source; `href` is empty where it has no address, `when` has both dates with their labels."""

    text: str
    href: str
    dated: str
    read: str
    when: str
    says: str


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """One finding; `exchanges` has (label, relative link), the link empty where the reference is none of ours."""

    capability: str
    anchor: str
    sentence: str
    detail: str
    outcome: str
    level: str
    origin: str
    settles: bool
    date: str
    age: str
    probe: str
    exchanges: Sequence[tuple[str, str]]
    pips: int
    simulated: bool
    """Whether its origin settles nothing."""

    @property
    def recording(self) -> str:
        """The link to the recording that shows it, empty where none does."""
        return self.exchanges[0][1] if self.exchanges else ""


@dataclass(frozen=True, slots=True)
class ProviderView:
    """Everything the report says of one provider."""

    headline: Headline
    kind: str
    region: str
    facts: str
    version: str
    summary: str
    credentials: Sequence[tuple[str, str, str, str]]
    steps: Sequence[tuple[str, str]]
    recipe: Example | None
    claims: Sequence[ClaimView]
    limits: Sequence[str]
    refusals: Sequence[tuple[str, str, str, str, str]]
    sources: Sequence[SourceView]
    evidence: Sequence[EvidenceView]
    measured: Sequence[Measured]
    seed_row: str
    seed: Sequence[tuple[str, str, str, Cell, str]]


def provider_view(
    results: Results,
    name: str,
    headline: Headline,
    t: Texts,
    *,
    today: date,
    cells: Mapping[tuple[str, str], Cell],
    evidence: Sequence[Evidence],
    conclusions: Sequence[changes.Conclusion],
    measured: Sequence[Measured],
) -> ProviderView:
    """The chapter on one provider, from what the whole report found on it; ages count to `today`."""
    provider = results.claims.providers[name]
    capabilities = results.claims.capabilities
    return ProviderView(
        headline=headline,
        kind=provider.kind.value,
        region=provider.region.value,
        facts=t("provider.facts", kind=t.word("kind", provider.kind), region=t.word("region", provider.region)),
        version=t("provider.version", version=provider.version) if provider.version else "",
        summary=t.pick(provider.summary),
        credentials=[(t.pick(each.name), ", ".join(each.env), each.send, t.pick(each.get)) for each in provider.credentials.values()],
        steps=[(t.pick(step.does), step.call) for step in provider.recipe],
        recipe=of_recipe(provider, t),
        claims=[_claim(results, name, capability, t, cells[name, capability]) for capability in capabilities],
        limits=[t.pick(each) for each in provider.limits],
        refusals=_refusals(provider, t),
        sources=[_source(each, t) for each in provider.sources.values()],
        evidence=[_evidence(results, each, t, today) for each in evidence],
        measured=measured,
        seed_row=_seed_row(provider, t),
        seed=[
            (t.pick(capabilities[each.capability].name), t.pick(each.says), t.word("status", each.said),
             cells[name, each.capability], t.word("held", each.held))
            for each in conclusions
        ],
    )  # fmt: skip


def _claim(results: Results, name: str, capability: str, t: Texts, cell: Cell) -> ClaimView:
    provider, question = results.claims.providers[name], results.claims.capabilities[capability]
    claim, verdict = provider.claims[capability], results.verdicts[name, capability]
    return ClaimView(
        cell=cell,
        question=t.pick(question.question),
        mechanism=t.word("mechanism", claim.mechanism),
        endpoint=claim.endpoint or "",
        scope=t.words("scope", claim.scope),
        unit=t.word("unit", claim.unit) if claim.unit else "",
        since=t.since(claim.since) if claim.since else "",
        missing=t.word("missing", verdict.missing) if verdict.missing else "",
        note=t.sentences([t.pick(claim.note), *_extra(claim, t)]),
        sources=[number for number, each in enumerate(provider.sources, 1) if each in claim.sources],
        recording=next((_exchange(each.exchanges[0])[1] for each in verdict.decided_by if verdict.as_of and each.exchanges), ""),
        example=of_claim(provider, claim, t),
    )


def _extra(claim: Claim, t: Texts) -> list[str]:
    """What a claim says beyond its note: further calls, response headers, the refusal."""
    extra = [t("provider.also", calls=t.join(claim.also))] if claim.also else []
    extra += [t("provider.headers", headers=t.join(claim.headers))] if claim.headers else []
    return [*extra, t("provider.error", error=t.join(str(value) for value in claim.error.values()))] if claim.error else extra


def _refusals(provider: Provider, t: Texts) -> list[tuple[str, str, str, str, str]]:
    """(status, code, message, meaning, when) of each refusal, and of the rate error that is claimed."""
    rows = [
        (str(each.status or ""), each.code or "", each.message or "", t.word("means", each.means), t.pick(each.when))
        for each in provider.refusals
    ]
    claim = provider.claims.get("rate.error")
    if claim is not None and claim.error:
        status, code = str(claim.error.get("status", "")), str(claim.error.get("code", ""))
        if not any(row[:2] == (status, code) for row in rows):
            rows.append((status, code, "", t("means.rate"), t("provider.rate_error")))
    return rows


def _source(source: Source, t: Texts) -> SourceView:
    href = source.url if source.url.startswith(("https://", "http://")) else ""
    read = source.read.isoformat()
    dated = [t.labelled(t("column.dated"), source.dated)] if source.dated else []
    when = t.join([*dated, t.labelled(t("column.read"), read)])
    return SourceView(source.url, href, source.dated or "", read, when, source.says or "")


def _evidence(results: Results, each: Evidence, t: Texts, today: date) -> EvidenceView:
    verdict = results.verdicts[each.provider, each.capability]
    return EvidenceView(
        capability=t.pick(results.claims.capabilities[each.capability].name),
        anchor=anchor(each.provider, each.capability),
        sentence=t.word("cause", each.cause),
        detail=clip(each.detail, DETAIL_LIMIT),
        outcome=t.word("outcome", each.outcome),
        level=t.word("level", each.level),
        origin=t.word("origin", each.origin),
        settles=each.conclusive and each in verdict.decided_by,
        date=each.as_of,
        age=t.age(each.as_of, today) if each.as_of else "",
        probe=each.probe,
        exchanges=[_exchange(reference) for reference in each.exchanges],
        pips=int(each.level),
        simulated=each.origin not in SETTLING,
    )


def _exchange(reference: str) -> tuple[str, str]:
    """A reference and its link."""
    return reference, _recording(reference.partition("#")[0])


@lru_cache(maxsize=1 << 10)
def _recording(path: str) -> str:
    """The link to a recording, empty for what would lead out of the cassettes folder."""
    inside = path and ":" not in path and "\\" not in path and not path.startswith("/") and ".." not in path.split("/")
    return CASSETTES + quote(path) if inside else ""


def _seed_row(provider: Provider, t: Texts) -> str:
    if provider.seed is None:
        return ""
    row = {column: t.pick(provider.seed.row.get(column)) or t("habit.no_date") for column in ("key", "spend", "rate")}
    return t("provider.seed_row", stars=provider.seed.stars, **row)
