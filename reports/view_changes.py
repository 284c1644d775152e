"""The chapter on what changed since the survey of 2024."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from probes.headline import Answer
from probes.results import Results
from probes.vocabulary import Kind, Region
from reports import changes
from reports.cells import Cell, anchor, by_api, name_of, names_of
from reports.ranking import Ranking
from reports.text import Texts

CAPPED = (Answer.NATIVE, Answer.COMPOSED)
GATEWAYS = (Kind.GATEWAY, Kind.API_GATEWAY)


def changes_view(results: Results, t: Texts, ranks: Sequence[Ranking], cells: Mapping[tuple[str, str], Cell]) -> dict[str, Any] | None:
    """The chapter on what changed since 2024, None where the claims hold no survey: sentences, the two tables, the conclusions."""
    rows, conclusions = changes.rows(results), changes.conclusions(results)
    if not rows:
        return None
    answers = Counter(each.answer for each in results.headlines.values())
    said = changes.said_to_cap_keys(results)
    others = [name for name, each in results.headlines.items() if each.answer in CAPPED and name not in said]
    china = [name for name, each in results.claims.providers.items() if each.region is not Region.GLOBAL and each.kind not in GATEWAYS]
    keys = [name for name in china if by_api(results, name, "key.create")]
    capped = [name for name in china if results.headlines[name].answer in CAPPED]
    held = Counter(each.held.value for each in conclusions)
    share = {each.provider: each.percent for rank in ranks if rank.id == "customer_keys" for each in rank.all}
    sentences = [
        t(
            "changes.monopoly",
            surveyed=len(rows),
            count=len(said),
            names=names_of(results, said, t),
            native=answers[Answer.NATIVE],
            composed=answers[Answer.COMPOSED],
        ),
        t("changes.only", names=names_of(results, others, t)) if others else t("changes.still_only"),
        t("changes.china", total=len(china), capped=len(capped), keys=len(keys)),
        t("changes.counts", total=len(conclusions), **{each.value: held[each.value] for each in changes.Held}),
    ]
    table = [
        {
            "provider": name_of(results, row.provider, t),
            "anchor": anchor(row.provider),
            "stars": t("changes.stars", stars=row.stars),
            "columns": [(t.pick(row.said.get(column)), cells[row.provider, row.now[column]]) for column in row.now],
            "answer": t.word("answer", results.headlines[row.provider].answer),
            "score": f"{share[row.provider]}%",
        }
        for row in rows
    ]
    return {"sentences": sentences, "table": table, "conclusions": [_conclusion(results, each, t, cells) for each in conclusions]}


def _conclusion(results: Results, each: changes.Conclusion, t: Texts, cells: Mapping[tuple[str, str], Cell]) -> dict[str, Any]:
    return {
        "provider": name_of(results, each.provider, t),
        "anchor": anchor(each.provider, each.capability),
        "capability": t.pick(results.claims.capabilities[each.capability].name),
        "says": t.pick(each.says),
        "said": t.word("status", each.said),
        "cell": cells[each.provider, each.capability],
        "held": t.word("held", each.held),
        "css": each.held.value,
    }
