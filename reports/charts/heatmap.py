"""The whole matrix at a glance: the shape of a cell is the claim, its colour the evidence behind it."""

from collections import Counter, defaultdict

from probes.headline import Answer
from probes.results import Results
from probes.vocabulary import Status
from reports.cells import name_of
from reports.charts.canvas import GREY, INK, LEVELS, NORMAL, SMALL, VERMILLION, WHITE, Canvas, Drawing, Swatch, legend_height
from reports.charts.measuring import fitted, measure
from reports.charts.shapes import CIRCLE, CROSS, DASH, HALF, PLUS, SQUARE, STAR, Shape
from reports.charts.standing import PROVEN, Standing, standings, word
from reports.text import Texts

ROW, COLUMN, LEFT, TOP = 18, 24, 204, 56
TITLES = 150
"""Pixels of a capability's name."""

AGAIN = 30
"""Providers from which on the capabilities stand below the grid once more."""

SHAPES: dict[Status, tuple[Shape, float]] = {
    Status.SUPPORTED: (SQUARE, 12),
    Status.PARTIAL: (HALF, 12),
    Status.UNSUPPORTED: (CIRCLE, 7),
    Status.UNKNOWN: (DASH, 5),
}
INNER = {Standing.SURFACE: DASH, Standing.BEHAVIOUR: PLUS, Standing.ENFORCEMENT: STAR}
"""What tells levels apart without colour, in the full squares."""


def heatmap(results: Results, t: Texts) -> Drawing:
    """Providers by answer, then in the claims' order; capabilities by group."""
    order = {answer: [name for name, each in results.headlines.items() if each.answer is answer] for answer in Answer}
    order = {answer: names for answer, names in order.items() if names}
    columns = list(results.claims.capabilities)
    titles = {key: fitted(t.pick(each.name), TITLES, SMALL) for key, each in results.claims.capabilities.items()}
    slope = 12 + max(measure(title, SMALL) for title in titles.values()) * 0.71
    head = round(TOP + slope)
    bottom = head + sum(ROW * (len(names) + 1) for names in order.values())
    below = bottom + (round(slope) if len(results.claims.providers) >= AGAIN else 0)
    statuses = [(t.word("status", each), Swatch(*_plain(each))) for each in Status]
    shown = dict.fromkeys(sorted((each for _, _, each in standings(results)), key=list(Standing).index))
    levels = [(word(each, t), _swatch(each)) for each in shown if each is not Standing.UNKNOWN]
    canvas = Canvas(below + 24 + sum(legend_height([name for name, _ in entries]) for entries in (statuses, levels)))
    canvas.heading(t("chart.heatmap.title"), t("chart.heatmap.says"))
    xs = {key: LEFT + COLUMN * (place + 0.5) for place, key in enumerate(columns)}
    for key, title in titles.items():
        canvas.text(xs[key] - 2, head - 4, title, size=SMALL, turned=45)
        if below > bottom:
            canvas.text(xs[key] - 4, bottom + 10, title, size=SMALL, turned=-45)
    ys = _rows(canvas, results, order, head, t)
    firsts = [key for key, before in zip(columns[1:], columns, strict=False) if _group(results, key) != _group(results, before)]
    for key in firsts:
        canvas.line(xs[key] - COLUMN / 2, head, xs[key] - COLUMN / 2, bottom, faint=True)
    _cells(canvas, results, xs, ys)
    canvas.legend(canvas.legend(below + 18, statuses), levels)
    return Drawing(canvas, _alt(results, order, t))


def _rows(canvas: Canvas, results: Results, order: dict[Answer, list[str]], head: float, t: Texts) -> dict[str, float]:
    ys: dict[str, float] = {}
    y = head
    for answer, names in order.items():
        canvas.text(8, y + ROW / 2 + 2, t("chart.ordinal", name=t.word("answer", answer), count=len(names)), size=SMALL, faint=True)
        y += ROW
        for name in names:
            ys[name] = y + ROW / 2
            told = name_of(results, name, t)
            size = NORMAL if measure(told) <= LEFT - 14 else SMALL
            canvas.text(LEFT - 6, ys[name], fitted(told, LEFT - 14, size), anchor="right", size=size)
            canvas.line(LEFT, y + ROW, LEFT + COLUMN * len(results.claims.capabilities), y + ROW, faint=True)
            y += ROW
    return ys


def _cells(canvas: Canvas, results: Results, xs: dict[str, float], ys: dict[str, float]) -> None:
    """All cells of one look at once."""
    places: defaultdict[tuple[Status, Standing], list[tuple[float, float]]] = defaultdict(list)
    for provider, capability, standing in standings(results):
        status = results.claims.providers[provider].claims[capability].status
        places[status, standing].append((xs[capability], ys[provider]))
    for (status, standing), at in sorted(places.items(), key=lambda item: item[0]):
        shape, size = SHAPES[status]
        fill, edge = _colours(standing)
        canvas.marks(at, shape, size, fill=fill, edge=edge)
        if status is Status.SUPPORTED and standing in INNER:
            canvas.marks(at, INNER[standing], 6, fill=WHITE, edge=WHITE, inside=True)
        if standing is Standing.SIMULATED:
            canvas.marks(at, CIRCLE, 2, fill=GREY, edge=GREY, inside=True)
        if standing is Standing.CONTRADICTED:
            canvas.marks(at, CROSS, 9, edge=INK, inside=True)


def _colours(standing: Standing) -> tuple[str, str]:
    """Fill and edge: only what is proven is filled."""
    if standing in PROVEN:
        return LEVELS[PROVEN[standing]], LEVELS[PROVEN[standing]]
    return (VERMILLION, VERMILLION) if standing is Standing.CONTRADICTED else ("none", GREY)


def _plain(status: Status) -> tuple[Shape, str, str]:
    shape, _ = SHAPES[status]
    return (shape, "none", INK)


def _swatch(standing: Standing) -> Swatch:
    fill, edge = _colours(standing)
    if standing is Standing.CONTRADICTED:
        return Swatch(SQUARE, fill, edge, inner=CROSS, inked=INK, size=12)
    inner = ({Standing.SIMULATED: CIRCLE} | INNER).get(standing)
    return Swatch(SQUARE, fill, edge, inner=inner, inked=edge if fill == "none" else WHITE, size=12)


def _group(results: Results, capability: str) -> str:
    return results.claims.capabilities[capability].group


def _alt(results: Results, order: dict[Answer, list[str]], t: Texts) -> str:
    counted = Counter(results.claims.providers[name].claims[capability].status for name, capability in results.verdicts)
    answers = t.join(t("chart.ordinal", name=t.word("answer", answer), count=len(names)) for answer, names in order.items())
    sizes = {"providers": len(results.claims.providers), "capabilities": len(results.claims.capabilities)}
    return t("chart.heatmap.alt", answers=answers, **sizes, **{each.value: counted[each] for each in Status})
