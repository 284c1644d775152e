"""The whole matrix at a glance: the shape of a cell is the claim, its colour the evidence behind it."""

from collections import Counter, defaultdict

from matplotlib.path import Path

from probes.headline import Answer
from probes.results import Results
from probes.vocabulary import Status
from reports.cells import name_of
from reports.charts.canvas import GREY, INK, LEVELS, SMALL, VERMILLION, WHITE, Canvas, Drawing, Swatch, fitted, measure
from reports.charts.standing import PROVEN, Standing, standings, word
from reports.text import Texts

ROW, COLUMN, LEFT, TOP = 18, 28, 178, 56
HALF = Path([(-0.5, -0.5), (-0.5, 0.5), (0.5, -0.5), (-0.5, -0.5)], [Path.MOVETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY])
SHAPES: dict[Status, tuple[str | Path, float]] = {
    Status.SUPPORTED: ("s", 11),
    Status.PARTIAL: (HALF, 12),
    Status.UNSUPPORTED: ("o", 7),
    Status.UNKNOWN: ("_", 5),
}
INNER = {Standing.SURFACE: "_", Standing.BEHAVIOUR: "+", Standing.ENFORCEMENT: "*"}
"""What tells levels apart without colour, in the full squares."""


def heatmap(results: Results, t: Texts) -> Drawing:
    """Providers by answer, then in the claims' order; capabilities by group."""
    order = {answer: [name for name, each in results.headlines.items() if each.answer is answer] for answer in Answer}
    order = {answer: names for answer, names in order.items() if names}
    columns = list(results.claims.capabilities)
    titles = {key: t.pick(each.name) for key, each in results.claims.capabilities.items()}
    head = round(TOP + 12 + max(measure(title, SMALL) for title in titles.values()) * 0.71)
    canvas = Canvas(head + sum(ROW * (len(names) + 1) for names in order.values()) + 84)
    canvas.heading(t("chart.heatmap.title"), t("chart.heatmap.says"))
    xs = {key: LEFT + COLUMN * (place + 0.5) for place, key in enumerate(columns)}
    for key, title in titles.items():
        canvas.text(xs[key] - 2, head - 4, title, size=SMALL, turned=45)
    ys = _rows(canvas, results, order, head, t)
    bottom = head + sum(ROW * (len(names) + 1) for names in order.values())
    firsts = [key for key, before in zip(columns[1:], columns, strict=False) if _group(results, key) != _group(results, before)]
    for key in firsts:
        canvas.line(xs[key] - COLUMN / 2, head, xs[key] - COLUMN / 2, bottom, faint=True)
    _cells(canvas, results, xs, ys)
    below = canvas.legend(bottom + 18, [(t.word("status", each), Swatch(*_plain(each))) for each in Status])
    shown = dict.fromkeys(sorted((each for _, _, each in standings(results)), key=list(Standing).index))
    canvas.legend(below, [(word(each, t), _swatch(each)) for each in shown if each is not Standing.UNKNOWN])
    return Drawing(canvas, _alt(results, order, t))


def _rows(canvas: Canvas, results: Results, order: dict[Answer, list[str]], head: float, t: Texts) -> dict[str, float]:
    ys: dict[str, float] = {}
    y = head
    for answer, names in order.items():
        canvas.text(8, y + ROW / 2 + 2, t("chart.ordinal", name=t.word("answer", answer), count=len(names)), size=SMALL, faint=True)
        y += ROW
        for name in names:
            ys[name] = y + ROW / 2
            canvas.text(LEFT - 6, ys[name], fitted(name_of(results, name, t), LEFT - 20), anchor="right")
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
            canvas.marks(at, INNER[standing], 6, fill=WHITE, edge=WHITE)
        if standing is Standing.SIMULATED:
            canvas.marks(at, "o", 2, fill=GREY, edge=GREY)
        if standing is Standing.CONTRADICTED:
            canvas.marks(at, "x", 9, edge=INK)


def _colours(standing: Standing) -> tuple[str, str]:
    """Fill and edge: only what is proven is filled."""
    if standing in PROVEN:
        return LEVELS[PROVEN[standing]], LEVELS[PROVEN[standing]]
    return (VERMILLION, VERMILLION) if standing is Standing.CONTRADICTED else ("none", GREY)


def _plain(status: Status) -> tuple[str | Path, str, str]:
    shape, _ = SHAPES[status]
    return (shape, "none", INK)


def _swatch(standing: Standing) -> Swatch:
    fill, edge = _colours(standing)
    dot = {Standing.SIMULATED: "."}.get(standing, "")
    return Swatch("s", fill, edge, inner=INNER.get(standing, dot), size=11)


def _group(results: Results, capability: str) -> str:
    return results.claims.capabilities[capability].group


def _alt(results: Results, order: dict[Answer, list[str]], t: Texts) -> str:
    counted = Counter(results.claims.providers[name].claims[capability].status for name, capability in results.verdicts)
    answers = t.join(t("chart.ordinal", name=t.word("answer", answer), count=len(names)) for answer, names in order.items())
    sizes = {"providers": len(results.claims.providers), "capabilities": len(results.claims.capabilities)}
    return t("chart.heatmap.alt", answers=answers, **sizes, **{each.value: counted[each] for each in Status})
