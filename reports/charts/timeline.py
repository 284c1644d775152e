"""When each capability appeared: the claims' `since`, exact to the day, the month or the year, or only known to be no later."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from probes.periods import Period
from probes.results import Results
from reports.cells import by_api, name_of
from reports.charts.canvas import BLUE, SMALL, WIDTH, Canvas, Drawing, Swatch, fitted, measure
from reports.frames import reference_date
from reports.text import Texts

ROW, LEFT, RIGHT, TOP = 24, 196, 216, 66
YEARS = 4
"""How far back the scale goes; what is older stands to the left of it."""

TINY = 8.0
"""Size of the numbers beside marks, in pixels."""

APART = 9.0
"""Pixels between two marks of a row that stand beside each other; nearer ones are put above and below."""


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
    """A row for each capability, a mark for each provider that has it by API."""
    today = reference_date(results)
    first = date(today.year - YEARS, 1, 1)
    rows = {capability: _since(results, capability) for capability in results.claims.capabilities}
    total = sum(by_api(results, name, capability) for name in results.claims.providers for capability in rows)
    dated = sum(map(len, rows.values()))
    canvas = Canvas(TOP + ROW * len(rows) + 44)
    canvas.heading(t("chart.timeline.title"), t("chart.timeline.says") if dated else t("chart.timeline.none"))
    scale = (WIDTH - RIGHT - LEFT) / max((today - first).days, 1)
    bottom = TOP + ROW * len(rows)
    for year in range(first.year, today.year + 1):
        x = LEFT + (date(year, 1, 1) - first).days * scale
        canvas.line(x, TOP - 4, x, bottom, faint=True)
        canvas.text(x + 3, TOP - 8, str(year), size=SMALL, faint=True)
    canvas.text(LEFT - 4, TOP - 8, t("chart.timeline.earlier"), size=SMALL, faint=True, anchor="right")
    for place, (capability, claims) in enumerate(rows.items()):
        y = TOP + ROW * (place + 0.5)
        canvas.text(LEFT - 46, y, t.pick(results.claims.capabilities[capability].name), anchor="right")
        canvas.line(LEFT - 40, y + ROW / 2, WIDTH - 8, y + ROW / 2, faint=True)
        _marks(canvas, claims, y, first, scale)
        if claims:
            canvas.text(WIDTH - RIGHT + 12, y, fitted(_first(results, claims, t), RIGHT - 20, SMALL), size=SMALL)
    canvas.legend(bottom + 22, [(t(f"chart.timeline.{kind}"), Swatch(*_look(kind))) for kind in ("day", "year", "before")])
    return Drawing(canvas, _alt(results, rows, dated, total, t))


def _since(results: Results, capability: str) -> list[Since]:
    """Dated claims by API, the earliest first; those that are only no later than a day come after those that are exact."""
    found = []
    for name, provider in results.claims.providers.items():
        since = provider.claims[capability].since
        if since and by_api(results, name, capability):
            found.append(Since(name, since, Period.parse(since)))
    return sorted(found, key=lambda each: (each.middle, each.kind == "before"))


def _marks(canvas: Canvas, claims: list[Since], y: float, first: date, scale: float) -> None:
    """One mark for each date, with a number beside it where several providers have the same."""
    lanes = [-1e9, -1e9, -1e9]
    for (kind, middle), count in Counter((each.kind, each.middle) for each in claims).items():
        x = LEFT + (middle - first).days * scale if middle >= first else LEFT - 16.0
        lane = next((number for number, taken in enumerate(lanes) if x - taken >= APART), lanes.index(min(lanes)))
        shape, fill, edge = _look(kind)
        at = y + (0, -7, 7)[lane]
        canvas.marks([(x, at)], shape, 6, fill=fill, edge=edge)
        told = f"×{count}" if count > 1 else ""
        if told:
            canvas.text(x + 5, at, told, size=TINY)
        lanes[lane] = x + measure(told, TINY)


def _look(kind: str) -> tuple[str, str, str]:
    """Shape, fill and edge of a mark."""
    return {"day": ("o", BLUE, BLUE), "year": ("s", "none", BLUE), "before": ("<", "none", BLUE)}[kind]


def _first(results: Results, claims: list[Since], t: Texts) -> str:
    return t("chart.timeline.first", provider=name_of(results, claims[0].provider, t), since=t.since(claims[0].text))


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
