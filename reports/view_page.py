"""What only the HTML page has: the first screen's counts, the tools' choices, and the rows of the matrix in the order of their answers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from probes.evidence import Level, VerdictStatus
from probes.headline import Answer
from probes.results import Results
from probes.vocabulary import Kind, Region, Status
from reports.cells import Cell, Headline
from reports.history import Line
from reports.measured import Measured
from reports.needs import NEEDS
from reports.text import Texts
from reports.view_history import by_provider, latest
from reports.view_provider import ProviderView

NAMES = 8
"""Names on a card of the first screen; the rest unfolds."""


@dataclass(frozen=True, slots=True)
class Row:
    """One provider's row of the matrix; `find` is what the search looks through."""

    headline: Headline
    kind: str
    region: str
    find: str
    matrix: Sequence[Cell]


def page_view(results: Results, view: Mapping[str, Any], history: Sequence[Line]) -> dict[str, Any]:
    """What the page's templates need beside the view that they share with the Markdown."""
    t: Texts = view["t"]
    chapters = {each.headline.id: each for each in view["providers"]}
    return {
        "NAMES": NAMES,
        "shares": _shares(results, t),
        "choices": _choices(t),
        "legend": view["legend"] | {
            "status": [(each.value, t.word("shape", each), t.word("status", each)) for each in Status],
            "verdict": [(each.value, t.word("mark", each), t.word("verdict", each)) for each in VerdictStatus],
        },
        "ordered": [_row(results, chapters[each.id]) for group in view["answers"] for each in group.rows],
        "latest": latest(results, history, t),
        "history": by_provider(results, history, t),
        "overshoot": {chapter.headline.id: _overshoot(chapter.measured, t) for chapter in view["providers"]},
    }  # fmt: skip


def _shares(results: Results, t: Texts) -> dict[str, Any]:
    """Verdicts by status, as parts of a bar: (status, start, count, word)."""
    counted = Counter(each.status for each in results.verdicts.values())
    parts, start = [], 0
    for status in (VerdictStatus.CONFIRMED, VerdictStatus.REFUTED, VerdictStatus.CONFLICT, VerdictStatus.UNVERIFIED):
        parts.append((status.value, start, counted[status], t.word("verdict", status)))
        start += counted[status]
    return {"total": start, "parts": parts}


def _choices(t: Texts) -> dict[str, list[tuple[str, str]]]:
    """The options of each of the matrix's selects, as (value, word)."""
    return {
        "answer": [(each.value, t.word("answer", each)) for each in Answer],
        "region": [(each.value, t.word("region", each)) for each in (Region.GLOBAL, Region.CN)],
        "kind": [(each.value, t.word("kind", each)) for each in Kind],
        "need": [(each.id, t(f"need.{each.id}.name")) for each in NEEDS],
        "status": [(each.value, t.word("status", each)) for each in Status],
        "level": [(str(int(each)), t.word("level", each)) for each in Level if each],
        "only": [
            *((each.value, t.word("verdict", each)) for each in VerdictStatus),
            ("stale", t("ui.stale")),
            ("aside", t("ui.simulated")),
        ],
        "sort": [("", t("column.answer")), ("name", t("column.provider")), ("score", t("column.score"))],
    }


def _row(results: Results, chapter: ProviderView) -> Row:
    cells = [claim.cell for claim in chapter.claims]
    return Row(chapter.headline, chapter.kind, chapter.region, _find(results, chapter), cells)


def _find(results: Results, chapter: ProviderView) -> str:
    """Names in both languages and the words of kind and region, in small letters."""
    name = results.claims.providers[chapter.headline.id].name
    said = dict.fromkeys([chapter.headline.id, chapter.headline.name, name.en[:80], name.zh[:80], chapter.facts])
    return " ".join(said).lower()


def _overshoot(rows: Sequence[Measured], t: Texts) -> list[str]:
    """What was measured past each limit, in one line a series; simulators say nothing of a gateway."""
    return [t.labelled(f"{row.limit}{t('habit.list')}{row.way}", row.past) for row in rows if not row.simulated]
