"""What got past spending caps, in sequence against in parallel; simulated figures stand apart and say so."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from probes.evidence import SETTLING
from probes.figures import Figures, Limited
from probes.results import Results
from reports.cells import name_of
from reports.charts.canvas import BLUE, GREY, VERMILLION, WIDTH, Canvas, Drawing, Swatch, fitted, measure
from reports.text import Texts

ROW, LEFT, RIGHT, TOP = 22, 296, 110, 56
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass
class Row:
    """The series of one cap."""

    name: str
    what: str
    """The capability, with a word where the calls understated their output."""
    simulated: bool
    series: list[Figures] = field(default_factory=list)

    def past(self, *, parallel: bool) -> int | None:
        """Calls past the cap: the most of the series of a kind, None without any."""
        return max((each.calls_past for each in self.series if (each.in_flight > 1) is parallel), default=None)

    @property
    def usd(self) -> float:
        return max(each.usd_past for each in self.series)


def overshoot(results: Results, t: Texts) -> Drawing:
    """One row for each cap that was run into."""
    rows = _rows(results, t)
    parts = [(t("chart.overshoot.live"), [row for row in rows if not row.simulated])]
    parts += [(t("chart.overshoot.lab"), [row for row in rows if row.simulated])]
    parts = [(title, some) for title, some in parts if some]
    canvas = Canvas(TOP + (sum(26 + ROW * len(some) for _, some in parts) + 66 if parts else 30))
    canvas.heading(t("chart.overshoot.title"), t("chart.overshoot.says"))
    if not parts:
        canvas.text(8, TOP + 10, t("chart.overshoot.none"))
        return Drawing(canvas, t("chart.overshoot.none"))
    most = max(each.calls_past for row in rows for each in row.series)
    step = next(each for each in STEPS if each * 6 >= most)
    unit = (WIDTH - LEFT - RIGHT) / max(most, 1)
    y = float(TOP)
    bottom = TOP + sum(26 + ROW * len(some) for _, some in parts)
    for value in range(0, most + 1, step):
        canvas.line(LEFT + value * unit, TOP, LEFT + value * unit, bottom + 4, faint=True)
        canvas.text(LEFT + value * unit, bottom + 12, str(value), anchor="center", faint=True)
    for title, some in parts:
        canvas.text(8, y + 14, title, faint=True)
        y += 26
        for row in some:
            _row(canvas, row, y + ROW / 2, unit, t)
            y += ROW
    canvas.text(LEFT, bottom + 28, t("chart.overshoot.axis"), faint=True)
    most_at_once = max(each.in_flight for row in rows for each in row.series)
    canvas.legend(
        bottom + 48,
        [
            (t("chart.overshoot.sequence"), Swatch("o", "none", BLUE)),
            (t("chart.overshoot.parallel", count=most_at_once), Swatch("D", VERMILLION, VERMILLION, size=8)),
        ],
    )
    return Drawing(canvas, _alt(rows, t))


def _row(canvas: Canvas, row: Row, y: float, unit: float, t: Texts) -> None:
    what = t("chart.overshoot.row", what=row.what)
    canvas.text(LEFT - 14, y, fitted(row.name, LEFT - 24 - measure(what)) + what, anchor="right", faint=row.simulated)
    alone, together = row.past(parallel=False), row.past(parallel=True)
    ends = [LEFT + each * unit for each in (alone, together) if each is not None]
    if len(ends) > 1:
        canvas.line(ends[0], y, ends[1], y, colour=GREY, dashed=row.simulated)
    red, blue = (GREY, GREY) if row.simulated else (VERMILLION, BLUE)
    if together is not None:
        canvas.marks([(LEFT + together * unit, y)], "D", 8, fill=red, edge=red)
    if alone is not None:
        canvas.marks([(LEFT + alone * unit, y)], "o", 9, edge=blue)
    canvas.text(max(ends) + 12, y, t("chart.overshoot.past", amount=f"{row.usd:.4f}".rstrip("0").rstrip(".")), faint=row.simulated)


def _rows(results: Results, t: Texts) -> list[Row]:
    """Caps in the claims' order; series that several claims share stand once."""
    rows: dict[tuple[str, str, bool], Row] = {}
    seen: set[tuple[str, Figures]] = set()
    for each in results.evidence:
        simulated = each.origin not in SETTLING
        for figures in each.figures:
            if figures.limited is Limited.SPEND and figures.calls and (each.provider, figures) not in seen:
                seen.add((each.provider, figures))
                what = t.pick(results.claims.capabilities[each.capability].name)
                what = t.aside(what, t("chart.overshoot.understated")) if figures.understated else what
                key = (each.provider, each.capability, figures.understated)
                rows.setdefault(key, Row(name_of(results, each.provider, t), what, simulated)).series.append(figures)
    return list(rows.values())


def _alt(rows: Sequence[Row], t: Texts) -> str:
    """The worst of each kind; the rows themselves stand in the report's table."""
    told = []
    for kind, some in (("live", [row for row in rows if not row.simulated]), ("lab", [row for row in rows if row.simulated])):
        worst = {way: max((row.past(parallel=way == "parallel") or 0 for row in some), default=0) for way in ("sequence", "parallel")}
        told += [t(f"chart.overshoot.alt_{kind}", count=len(some), **worst)] if some else []
    return t.sentences([t("chart.overshoot.alt"), *told])
