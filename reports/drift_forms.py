"""Drift as text, Markdown and JSON: the same facts in each."""

from collections.abc import Iterator
from typing import Any

from probes.claims import Claims
from reports.cells import clip, in_words
from reports.drifts import Changed, Drift
from reports.templating import markdown
from reports.text import LANGUAGES, Language, Texts, texts

LIMIT = 100
"""Rows of a table in Markdown: the body of a pull request holds 65,536 characters."""

LINE = 160
"""Characters of a detail that are shown."""


def to_json(drift: Drift) -> dict[str, Any]:
    """Flat rows with the words of the design; the names are a promise."""
    return {
        "verdicts": [
            {
                "provider": each.provider,
                "capability": each.capability,
                "kind": each.kind.value,
                "from": each.before.to_json(),
                "to": each.after.to_json(),
                "as_of": each.as_of,
                "detail": list(each.why),
                "declared": list(each.declared),
            }
            for each in drift.verdicts
        ],
        "answers": [
            {
                "provider": each.place.provider,
                "tier": each.place.tier,
                "route": each.place.route,
                "gone": list(each.gone),
                "new": list(each.new),
            }
            for each in drift.answers
        ],
        "discoveries": [
            {
                "provider": each.provider,
                "contract": each.contract,
                "operation": each.operation,
                "fields": list(each.fields),
                "new": each.new,
                "address": each.address,
                "date": each.date,
            }
            for each in drift.discoveries
        ],
    }


def to_text(drift: Drift, language: Language = "en") -> Iterator[str]:
    """Lines for a terminal; ids are not translated."""
    t = texts(language)
    for each in drift.verdicts:
        yield t.labelled(f"{each.provider} {each.capability}", t.word("drift.kind", each.kind))
        yield f"  {_change(each, t)}"
        yield from (f"  {clip(why, LINE)}" for why in each.why)
        yield from (f"  + {operation}" for operation in each.declared)
    for change in drift.answers:
        yield t.labelled(f"{change.place.provider} {change.place.route}", t("drift.answer"))
        yield from (f"  - {feature}" for feature in change.gone)
        yield from (f"  + {feature}" for feature in change.new)
    for found in drift.discoveries:
        yield t.labelled(f"{found.provider} {found.operation}", t("drift.discovered" if found.new else "drift.undiscovered"))
        if found.fields:
            yield f"  {clip(', '.join(found.fields), LINE)}"
    if not drift:
        yield t("drift.nothing")


def to_markdown(drift: Drift, claims: Claims, *languages: Language, rows: int = LIMIT) -> str:
    """A document with one section for each language, both where none is named, and at most so many rows in each table."""
    return "\n".join(_markdown(drift, claims, texts(language), rows) for language in languages or LANGUAGES)


def _markdown(drift: Drift, claims: Claims, t: Texts, rows: int) -> str:
    context = {
        "t": t,
        "drift": drift,
        "limit": rows,
        "verdicts": [
            {
                "provider": t.pick(claims.providers[each.provider].name),
                "capability": t.pick(claims.capabilities[each.capability].name),
                "kind": t.word("drift.kind", each.kind),
                "before": in_words(each.before, t),
                "after": in_words(each.after, t),
                "row": each,
            }
            for each in drift.verdicts[:rows]
        ],
        "name": lambda provider: t.pick(claims.providers[provider].name),
        "clip": lambda fields: clip(", ".join(fields), LINE),
    }
    return markdown().get_template("drift.md.jinja").render(context)


def _change(each: Changed, t: Texts) -> str:
    after = in_words(each.after, t)
    return after if each.before == each.after else f"{in_words(each.before, t)} → {after}"
