"""From results and a language to the context of the templates: one for Markdown and HTML, so that both state the same facts."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from probes.evidence import Level, Missing, VerdictStatus
from probes.headline import Answer
from probes.results import Results
from probes.vocabulary import Kind, Mechanism, Status
from reports import changes
from reports.cells import Cell, Headline, anchor, by_api, cell, headline, name_of
from reports.frames import reference_date
from reports.measured import Measured, measured
from reports.ranking import Ranking, explanation, ranking
from reports.text import LANGUAGES, Language, Texts, texts
from reports.view_changes import CAPPED, changes_view
from reports.view_looked import left_out
from reports.view_provider import ProviderView, provider_view


@dataclass(frozen=True, slots=True)
class Group:
    """A group of capabilities and the matrix cells below them: `rows` has (provider, cells)."""

    id: str
    name: str
    capabilities: Sequence[tuple[str, str, str]]
    """Anchor-free id, name and question of each."""
    rows: Sequence[tuple[Headline, Sequence[Cell]]]


@dataclass(frozen=True, slots=True)
class Answers:
    """The providers with one answer to the headline question."""

    answer: str
    word: str
    says: str
    rows: Sequence[Headline]


@dataclass(frozen=True, slots=True)
class Unchecked:
    """Unverified claims with one reason: `providers` has (name, anchor, [(capability, anchor)])."""

    word: str
    says: str
    count: int
    providers: Sequence[tuple[str, str, Sequence[tuple[str, str]]]]


def view(results: Results, language: Language) -> dict[str, Any]:
    """The context of both templates, in one language."""
    t = texts(language)
    today = reference_date(results)
    headlines = {name: headline(results, name, t) for name in results.claims.providers}
    ranks = ranking(results, t)
    cells = {key: cell(results, *key, t, today) for key in results.verdicts}
    rows = measured(results, t)
    chapters = _chapters(results, headlines, t, today=today, cells=cells, rows=rows)
    return {
        "t": t,
        "language": language,
        "other": next(each for each in LANGUAGES if each != language),
        "lines": _lines(results, t, today),
        "answers": _answers(results, headlines, ranks, t),
        "unchecked": _unchecked(results, t),
        "causes": _causes(results, t),
        "changes": changes_view(results, t, ranks, cells),
        "groups": _groups(results, headlines, t, cells),
        "legend": _legend(t),
        "ranking": ranks,
        "scoring": explanation(t),
        "measured": rows,
        "kinds": _kinds(results, headlines, ranks),
        "existing": _existing(results, t),
        "first": [each.name for each in _best(results, headlines, ranks, Answer.NATIVE)],
        "second": [each.name for each in _best(results, headlines, ranks, Answer.COMPOSED)],
        "china": _china(results, ranks, t),
        "providers": chapters,
        "left_out": left_out(results.claims, t),
        "levels": [(t.word("level", each), t.word("level_says", each)) for each in Level],
        "origins": [(t.texts[f"origin.{each}"], t.texts[f"origin_says.{each}"]) for each in ("live", "attested", "lab", "override")],
    }


def _chapters(
    results: Results,
    headlines: Mapping[str, Headline],
    t: Texts,
    *,
    today: date,
    cells: Mapping[tuple[str, str], Cell],
    rows: Sequence[Measured],
) -> list[ProviderView]:
    """A chapter for each provider; what the whole report found is split by provider once."""
    evidence, conclusions, series = (defaultdict(list) for _ in range(3))
    for each in results.evidence:
        evidence[each.provider].append(each)
    for conclusion in changes.conclusions(results):
        conclusions[conclusion.provider].append(conclusion)
    for row in rows:
        series[row.anchor].append(row)
    return [
        provider_view(
            results, name, headlines[name], t,
            today=today, cells=cells, evidence=evidence[name], conclusions=conclusions[name], measured=series[anchor(name)],
        )
        for name in results.claims.providers
    ]  # fmt: skip


def _lines(results: Results, t: Texts, today: date) -> list[str]:
    """The verdict line, what it rests on, and how old that is."""
    answers = Counter(each.answer for each in results.headlines.values())
    capped = [name for name, each in results.headlines.items() if each.answer in CAPPED]
    lines = [
        t(
            "verdict_line",
            total=len(results.headlines),
            capped=len(capped),
            proven=sum(results.headline_level(name) > Level.CLAIMED for name in capped),
            **{each.value: answers[each] for each in Answer},
        )
    ]
    contradicted = [name for name, each in results.headlines.items() if _contradicted(results, name, each.rests_on)]
    if contradicted:
        lines.append(t("contradicted_line", names=t.join(name_of(results, name, t) for name in contradicted)))
    verdicts = Counter(each.status for each in results.verdicts.values())
    lines.append(t("verdict_counts_line", total=len(results.verdicts), **{each.value: verdicts[each] for each in VerdictStatus}))
    if not results.evidence:
        return [*lines, t("no_evidence_line", reference=today.isoformat())]
    facts = {"newest": results.newest[:10], "oldest": results.oldest[:10], "reference": today.isoformat()}
    conclusive = sum(each.conclusive for each in results.evidence)
    return [*lines, t("evidence_line", count=len(results.evidence), conclusive=conclusive, **facts)]


def _contradicted(results: Results, name: str, rests_on: Iterable[str]) -> bool:
    return any(results.verdicts[name, capability].status in (VerdictStatus.REFUTED, VerdictStatus.CONFLICT) for capability in rests_on)


def _answers(results: Results, headlines: Mapping[str, Headline], ranks: Sequence[Ranking], t: Texts) -> list[Answers]:
    """Providers by answer, the best for capped keys first."""
    order = _for_capped_keys(ranks)
    found = []
    for answer in Answer:
        rows = [headlines[name] for name in order if results.headlines[name].answer is answer]
        if rows:
            found.append(Answers(answer.value, t.word("answer", answer), t.word("answer_says", answer), rows))
    return found


def _unchecked(results: Results, t: Texts) -> list[Unchecked]:
    found = []
    for missing in Missing:
        cells = [key for key, verdict in results.verdicts.items() if verdict.missing is missing]
        providers = [
            (
                name_of(results, name, t),
                anchor(name),
                [(t.pick(results.claims.capabilities[c].name), anchor(name, c)) for each, c in cells if each == name],
            )
            for name in dict.fromkeys(name for name, _ in cells)
        ]
        if cells:
            found.append(Unchecked(t.word("missing", missing), t.word("missing_says", missing), len(cells), providers))
    return found


def _causes(results: Results, t: Texts) -> list[tuple[str, int]]:
    """Why probes could not tell, over the unverified claims: (sentence, claims)."""
    claims = {
        (evidence.cause, key)
        for key, verdict in results.verdicts.items()
        if verdict.status is VerdictStatus.UNVERIFIED
        for evidence in verdict.decided_by
    }
    counted = Counter(cause for cause, _ in claims)
    return [(t.word("cause", cause), count) for cause, count in sorted(counted.items(), key=lambda item: (-item[1], item[0]))]


def _groups(results: Results, headlines: Mapping[str, Headline], t: Texts, cells: Mapping[tuple[str, str], Cell]) -> list[Group]:
    found = []
    asked = results.claims.capabilities.items()
    for group, described in results.claims.groups.items():
        capabilities = [(key, t.pick(each.name), t.pick(each.question)) for key, each in asked if each.group == group]
        rows = [(headlines[name], [cells[name, key] for key, _, _ in capabilities]) for name in results.claims.providers]
        found.append(Group(group, t.pick(described.name), capabilities, rows))
    return found


def _legend(t: Texts) -> dict[str, str]:
    shapes = t.join(f"{t.word('shape', each)} {t.word('status', each)}" for each in Status)
    marks = t.join(f"{t.word('mark', each)} {t.word('verdict', each)}" for each in VerdictStatus)
    return {"shapes": shapes, "marks": marks}


def _kinds(results: Results, headlines: Mapping[str, Headline], ranks: Sequence[Ranking]) -> dict[str, list[Headline]]:
    """Providers by kind, the best for capped keys first."""
    order = _for_capped_keys(ranks)
    return {kind.value: [headlines[name] for name in order if results.claims.providers[name].kind is kind] for kind in Kind}


def _for_capped_keys(ranks: Sequence[Ranking]) -> list[str]:
    """All providers, the best for capped keys first."""
    return [each.provider for rank in ranks if rank.id == "customer_keys" for each in rank.all]


def _best(results: Results, headlines: Mapping[str, Headline], ranks: Sequence[Ranking], answer: Answer) -> list[Headline]:
    """The three best for capped keys among those with this answer."""
    order = [each.provider for rank in ranks if rank.id == "customer_keys" for each in rank.all if each.percent]
    return [headlines[name] for name in order if results.headlines[name].answer is answer][:3]


def _existing(results: Results, t: Texts) -> list[dict[str, Any]]:
    """What each surveyed provider has towards control of spending, by API and by hand."""
    return [_controls(results, name, t) for name, provider in results.claims.providers.items() if provider.seed is not None]


def _controls(results: Results, name: str, t: Texts) -> dict[str, Any]:
    provider = results.claims.providers[name]
    named = {capability: t.pick(question.name) for capability, question in results.claims.capabilities.items() if question.group != "key"}
    console = [label for capability, label in named.items() if provider.claims[capability].mechanism is Mechanism.CONSOLE]
    return {
        "name": t.pick(provider.name),
        "anchor": anchor(name),
        "by_api": [label for capability, label in named.items() if by_api(results, name, capability)],
        "by_console": console,
        "limits": [t.pick(each) for each in provider.limits],
    }


def _china(results: Results, ranks: Sequence[Ranking], t: Texts) -> list[dict[str, Any]]:
    order = [each.provider for rank in ranks if rank.id == "mainland_china" for each in rank.all]
    return [_controls(results, name, t) for name in order]
