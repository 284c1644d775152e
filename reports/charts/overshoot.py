"""What got past spending caps, in sequence against in parallel; simulated figures stand apart and say so."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from probes.evidence import SETTLING
from probes.figures import Figures, Limited
from probes.results import Results
from reports.cells import name_of
from reports.charts.canvas import BLUE, GREY, SMALL, VERMILLION, WIDTH, Canvas, Drawing, Swatch
from reports.charts.measuring import fitted
from reports.charts.shapes import CIRCLE, DIAMOND
from reports.text import Texts

ROW, HEAD, LEFT, RIGHT, TOP = 30, 28, 238, 160, 76
"""A row has two lanes: what came in sequence above what came in parallel, so that equal figures stand apart."""

LANE = 6.5
"""Pixels from the middle of a row to that of a lane."""


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
    canvas = Canvas(TOP + (sum(HEAD + ROW * len(some) for _, some in parts) + 34 if parts else 24))
    canvas.heading(t("chart.overshoot.title"), t("chart.overshoot.says"))
    if not parts:
        canvas.text(8, TOP, t("chart.overshoot.none"))
        return Drawing(canvas, t("chart.overshoot.none"))
    most = max(each.calls_past for row in rows for each in row.series)
    unit = (WIDTH - LEFT - RIGHT) / max(most, 1)
    y = float(TOP)
    canvas.text(LEFT, TOP - 10, t("chart.overshoot.axis"), size=SMALL, faint=True)
    canvas.text(WIDTH - 8, TOP - 10, t("chart.overshoot.spent"), size=SMALL, faint=True, anchor="right")
    for title, some in parts:
        canvas.text(8, y + HEAD / 2, title, faint=True)
        y += HEAD
        canvas.line(LEFT, y + 2, LEFT, y + ROW * len(some) - 2, faint=True)
        for row in some:
            _row(canvas, row, y + ROW / 2, unit, t)
            y += ROW
    most_at_once = max(each.in_flight for row in rows for each in row.series)
    canvas.legend(
        y + 18,
        [
            (t("chart.overshoot.sequence"), Swatch(CIRCLE, "none", BLUE)),
            (t("chart.overshoot.parallel", count=most_at_once), Swatch(DIAMOND, VERMILLION, VERMILLION, size=8)),
        ],
    )
    return Drawing(canvas, _alt(rows, t))


def _row(canvas: Canvas, row: Row, y: float, unit: float, t: Texts) -> None:
    canvas.text(LEFT - 14, y - LANE, fitted(row.name, LEFT - 22), anchor="right", faint=row.simulated)
    canvas.text(LEFT - 14, y + LANE, fitted(row.what, LEFT - 22, SMALL), anchor="right", size=SMALL, faint=True)
    for parallel, at in ((False, y - LANE), (True, y + LANE)):
        past = row.past(parallel=parallel)
        if past is None:
            canvas.text(LEFT + 8, at, t("chart.overshoot.untried"), size=SMALL, faint=True)
            continue
        x = LEFT + past * unit
        if past * unit > 5:
            canvas.line(LEFT, at, x - 5, at, colour=GREY, dashed=row.simulated)
        colour = GREY if row.simulated else VERMILLION if parallel else BLUE
        shape, size = (DIAMOND, 8) if parallel else (CIRCLE, 9)
        canvas.marks([(x, at)], shape, size, fill=colour if parallel else "none", edge=colour)
        canvas.text(x + 9, at, str(past), size=SMALL, faint=row.simulated)
    amount = f"{row.usd:.4f}".rstrip("0").rstrip(".")
    canvas.text(WIDTH - 8, y, fitted(t("chart.overshoot.past", amount=amount), 100), anchor="right", faint=row.simulated)


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
