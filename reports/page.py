"""What the page's script is given beside the markup: examples, findings, exchanges and scores, as JSON without repetition.

Everything a reader needs is in the markup already; this is what opens on demand. Texts that repeat are kept once, in `texts`, and named
by their place. Each text is made harmless as in the templates: control characters show, addresses are linked only where `href` lets them.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from probes.excerpt import Exchange
from probes.results import Results
from reports.cells import STALE
from reports.examples import Example
from reports.frames import reference_date
from reports.markup import href, visible
from reports.scores import scores
from reports.text import Texts
from reports.view_provider import EvidenceView, ProviderView

SHOWN = 4
"""Exchanges of one finding that are shown, the first and the last: a series of calls repeats itself in between. Half for simulators."""

UNSAFE = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}
"""What could end the element that the JSON stands in, or a line of script."""


_compact: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Interned:
    """Texts by the place at which each stands once."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        """The place of a text, made harmless."""
        return self.places.setdefault(visible(text), len(self.places))


def embedded(data: Mapping[str, Any]) -> str:
    """JSON that may stand inside a script element; each provider and each text has a line of its own, so that changes can be read."""
    lines = []
    for name, value in data.items():
        if isinstance(value, dict):
            inner = ",\n".join(f"{_compact(key)}:{_compact(each)}" for key, each in value.items())
            lines.append(f"{_compact(name)}:{{\n{inner}\n}}")
        elif isinstance(value, list):
            inner = ",\n".join(map(_compact, value))
            lines.append(f"{_compact(name)}:[\n{inner}\n]")
        else:
            lines.append(f"{_compact(name)}:{_compact(value)}")
    return f"{{{','.join(lines)}}}".translate(UNSAFE)


def page_data(results: Results, chapters: Sequence[ProviderView], t: Texts) -> dict[str, Any]:
    """The data of one language's page; see `reports/templates/page/data.js` for how it is read."""
    intern = Interned()
    capabilities = [
        [capability, visible(t.pick(question.name)), visible(t.pick(question.question))]
        for capability, question in results.claims.capabilities.items()
    ]
    places = {capability: place for place, (capability, _, _) in enumerate(capabilities)}
    return {
        "capabilities": capabilities,
        "providers": {chapter.headline.id: _provider(results, chapter, places, intern) for chapter in chapters},
        "scores": scores(results, t),
        "ui": _ui(t),
        "reference": reference_date(results).isoformat(),
        "stale": STALE.days,
        "texts": list(intern.places),
    }


def _ui(t: Texts) -> dict[str, str]:
    """Texts of the interface, and those of the markup that the script writes too."""
    headings = {f"heading_{part}": t(f"section.{part}") for part in ("evidence", "sources", "summary", "recipe")}
    own = {key.removeprefix("ui."): text for key, text in t.texts.items() if key.startswith("ui.")}
    return own | headings | {"heading_capability": t("column.capability"), "out_of": t.texts["advice.out_of"]}


def _provider(results: Results, chapter: ProviderView, places: Mapping[str, int], intern: Interned) -> dict[str, Any]:
    provider = chapter.headline.id
    capabilities = list(places)
    exchanges: dict[str, int] = {}
    decisive = sorted(chapter.evidence, key=lambda each: (not each.settles, each.simulated))
    findings = [_finding(each, places[each.anchor.removeprefix(f"{provider}--")], exchanges, intern) for each in decisive]
    links = {label: target for each in chapter.evidence for label, target in each.exchanges}
    examples = {capabilities[place]: claim.example for place, claim in enumerate(chapter.claims) if claim.example}
    return {
        "sources": {str(place): list(claim.sources) for place, claim in enumerate(chapter.claims) if claim.sources},
        "examples": {str(places[capability]): _example(example, intern) for capability, example in examples.items()},
        "findings": findings,
        "exchanges": [_exchange(label, links[label], results.exchanges.get(label), intern) for label in exchanges],
    }


def _example(example: Example, intern: Interned) -> list[list[int]]:
    """Each form as the places of its lines: most lines are those of other examples too."""
    return [[intern(line) for line in form.split("\n")] for form in (example.curl, example.python)]


def _finding(each: EvidenceView, place: int, exchanges: dict[str, int], intern: Interned) -> list[Any]:
    """`[capability, outcome, sentence, detail, document, level, pips, origin, marks, date, age, probe, [exchanges], how many]`.

    Marks: 1 decides the verdict, 2 settles nothing because of its origin.
    """
    detail, _, document = each.detail.partition(" — ")
    labels = [label for label, _ in each.exchanges]
    ends = SHOWN // 4 if each.simulated else SHOWN // 2
    few = labels if len(labels) <= 2 * ends else [*labels[:ends], *labels[-ends:]]
    return [
        place,
        intern(each.outcome),
        intern(each.sentence),
        intern(detail),
        intern(document),
        intern(each.level),
        each.pips,
        intern(each.origin),
        each.settles + 2 * each.simulated,
        intern(each.date),
        intern(each.age),
        intern(each.probe),
        [exchanges.setdefault(label, len(exchanges)) for label in few],
        len(labels),
    ]


def _exchange(label: str, target: str, shown: Exchange | None, intern: Interned) -> list[Any]:
    """`[recording, position, link, method, url, status, excerpt]`; the last four only where the recording was read."""
    record, _, position = label.partition("#")
    described = [shown.method, intern(shown.address), shown.status, intern(shown.excerpt)] if shown else []
    return [intern(record), visible(position), intern(href(target)), *described]
