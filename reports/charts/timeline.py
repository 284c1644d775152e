"""When each capability appeared: the claims' `since`, exact to the day, the month or the year, or only known to be no later."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from probes.periods import Period
from probes.results import Results
from reports.cells import by_api, name_of
from reports.charts.canvas import BLUE, INK, SMALL, WHITE, WIDTH, Canvas, Drawing, Swatch
from reports.charts.measuring import fitted, measure
from reports.charts.shapes import ARROW, BLOCK, Shape
from reports.frames import reference_date
from reports.text import Texts

TOP = 66
YEARS = 4
"""How far back the scale goes; what is older stands to the left of it."""

QUARTER, NAMES, EARLIER, LEFT = 17, 136, 146, 176
"""Pixels: the width of a quarter, where names end, where the place of what is older begins, and where the scale does."""

LANE, HIGH, BETWEEN = 14, 11, 6
"""Pixels: from lane to lane, the height of a mark, and around the lanes of a row."""

TINY = 8.0
"""Size of a number that is too wide for its mark otherwise, in pixels."""

Slots = tuple[int, int]
"""The first and the last quarter that a mark covers, from 1; 0 is the place of what is older than the scale."""


@dataclass(frozen=True, slots=True)
class Since:
    """One claim's beginning."""

    provider: str
    text: str
    period: Period

    @property
    def kind(self) -> str:
        """`before`, `year`, or `day`."""
        return "day" if self.period.exact == "month" else self.period.exact

    @property
    def middle(self) -> date:
        """The day at which it is drawn."""
        first = self.period.first or self.period.last
        return date.fromordinal((first.toordinal() + self.period.last.toordinal()) // 2)


def timeline(results: Results, t: Texts) -> Drawing:
    """A row for each capability; a mark covers the quarter or the year in which providers had it by API, and counts them."""
    today = reference_date(results)
    first = today.year - YEARS
    rows = {capability: _since(results, capability) for capability in results.claims.capabilities}
    totals = {capability: sum(by_api(results, name, capability) for name in results.claims.providers) for capability in rows}
    dated = sum(map(len, rows.values()))
    lanes = {capability: _lanes(claims, first) for capability, claims in rows.items()}
    heights = {capability: LANE * max(len(found), 2) + BETWEEN for capability, found in lanes.items()}
    bottom = TOP + sum(heights.values())
    canvas = Canvas(bottom + 40)
    canvas.heading(t("chart.timeline.title"), t("chart.timeline.says") if dated else t("chart.timeline.none"))
    for year in range(first, today.year + 2):
        x = LEFT + (year - first) * 4 * QUARTER
        canvas.line(x, TOP - 4, x, bottom, faint=True)
        if year <= today.year:
            canvas.text(x + 2 * QUARTER, TOP - 10, str(year), size=SMALL, faint=True, anchor="center")
    canvas.text(LEFT - 6, TOP - 10, t("chart.timeline.earlier"), size=SMALL, faint=True, anchor="right")
    y, right = float(TOP), LEFT + (YEARS + 1) * 4 * QUARTER + 10
    for capability, claims in rows.items():
        height = heights[capability]
        middle = y + height / 2
        canvas.text(NAMES, middle - 6, fitted(t.pick(results.claims.capabilities[capability].name), NAMES - 8), anchor="right")
        counted = t("chart.timeline.dated", dated=len(claims), total=totals[capability])
        canvas.text(NAMES, middle + 7, fitted(counted, NAMES - 8, SMALL), anchor="right", size=SMALL, faint=True)
        for lane, marks in enumerate(lanes[capability]):
            for (kind, slots), count in marks.items():
                _mark(canvas, kind, slots, middle + LANE * (lane - (len(lanes[capability]) - 1) / 2), count)
        if claims:
            canvas.text(right, middle - 6, fitted(name_of(results, claims[0].provider, t), WIDTH - right - 6, SMALL), size=SMALL)
            canvas.text(right, middle + 7, t.since(claims[0].text), size=SMALL, faint=True)
        y += height
        canvas.line(8, y, WIDTH - 8, y, faint=True)
    canvas.legend(bottom + 22, [(t(f"chart.timeline.{kind}"), Swatch(*_look(kind), size=14)) for kind in ("day", "year", "before")])
    return Drawing(canvas, _alt(results, rows, dated, sum(totals.values()), t))


def _since(results: Results, capability: str) -> list[Since]:
    """Dated claims by API, the earliest first; those that are only no later than a day come after those that are exact."""
    found = []
    for name, provider in results.claims.providers.items():
        since = provider.claims[capability].since
        if since and by_api(results, name, capability):
            found.append(Since(name, since, Period.parse(since)))
    return sorted(found, key=lambda each: (each.middle, each.kind == "before"))


def _slots(since: Since, first: int) -> Slots:
    """Where a mark stands; what is only no later than a day stands in the quarter before it, with an arrow to the left."""
    day = since.middle - timedelta(days=since.kind == "before")
    quarter = (day.year - first) * 4 + (day.month - 1) // 3 + 1
    quarter = min(max(quarter, 0), (YEARS + 1) * 4)
    if since.kind != "year" or not quarter:
        return quarter, quarter
    start = (quarter - 1) // 4 * 4 + 1
    return start, start + 3


def _lanes(claims: list[Since], first: int) -> list[dict[tuple[str, Slots], int]]:
    """Marks and how many providers each counts, in as few lanes as keep them apart."""
    counts = Counter((each.kind, _slots(each, first)) for each in claims)
    lanes: list[dict[tuple[str, Slots], int]] = []
    taken: list[set[int]] = []
    for (kind, (start, end)), count in sorted(counts.items(), key=lambda item: (("day", "before", "year").index(item[0][0]), item[0][1])):
        covered = set(range(start, end + 1))
        lane = next((number for number, others in enumerate(taken) if not covered & others), len(lanes))
        if lane == len(lanes):
            lanes.append({})
            taken.append(set())
        lanes[lane][kind, (start, end)] = count
        taken[lane] |= covered
    return lanes


def _mark(canvas: Canvas, kind: str, slots: Slots, y: float, count: int) -> None:
    """One mark, with a number in it where it stands for several providers."""
    start, end = slots
    left, right = (LEFT + QUARTER * (start - 1), LEFT + QUARTER * end) if start else (EARLIER, EARLIER + 24)
    shape, fill, edge = _look(kind)
    middle, width = (left + right) / 2, right - left - 3
    canvas.mark((middle, y), shape, (width, HIGH), fill=fill, edge=edge)
    if count > 1:
        told = str(count)
        size = SMALL if measure(told, SMALL) <= width else TINY
        ink = WHITE if kind == "day" else INK
        canvas.text(middle + (kind == "before"), y, fitted(told, width, size), size=size, anchor="center", colour=ink)


def _look(kind: str) -> tuple[Shape, str, str]:
    """Shape, fill and edge of a mark: what is known to the day or month is filled."""
    return {"day": (BLOCK, BLUE, BLUE), "year": (BLOCK, "none", INK), "before": (ARROW, "none", INK)}[kind]


def _alt(results: Results, rows: dict[str, list[Since]], dated: int, total: int, t: Texts) -> str:
    told = [
        t(
            "chart.timeline.alt_row",
            capability=t.pick(results.claims.capabilities[capability].name),
            count=len(claims),
            provider=name_of(results, claims[0].provider, t),
            since=t.since(claims[0].text),
        )
        for capability, claims in rows.items()
        if claims
    ]
    reference = reference_date(results).isoformat()
    return t("chart.timeline.alt", reference=reference, dated=dated, total=total, rows=t.join(told) or t("habit.none"))
