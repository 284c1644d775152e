"""Stacked bars: coverage by level of evidence, and the age of what settled the claims."""

from collections import Counter
from collections.abc import Mapping
from datetime import date

from probes.results import Results
from reports.charts.canvas import NORMAL, SMALL, WIDTH, Canvas, Drawing, legend_height
from reports.charts.measuring import fitted, measure
from reports.charts.standing import Standing, lettering, standings, swatch, word
from reports.frames import reference_date
from reports.text import Texts

ROW, LEFT, TOP = 22, 150, 60
GROUP = 28
"""Pixels of a group's name above its bars."""

BINS = (7, 30, 90, 180)
"""Last days of the classes of age; what is older is a class of its own."""

NEVER = 12
"""Pixels that set apart what has no age."""

STALE = 90
"""Days after which evidence is old; one of `BINS`."""


def coverage(results: Results, t: Texts) -> Drawing:
    """For each capability, how many providers' claims stand how well."""
    counts: dict[str, Counter[Standing]] = {capability: Counter() for capability in results.claims.capabilities}
    for _, capability, standing in standings(results):
        counts[capability][standing] += 1
    totals = sum(counts.values(), Counter[Standing]())
    shown = [each for each in Standing if totals[each]]
    groups = {group: [key for key, each in results.claims.capabilities.items() if each.group == group] for group in results.claims.groups}
    height = TOP + sum(GROUP + ROW * len(keys) for keys in groups.values()) + 20 + legend_height([word(each, t) for each in shown])
    canvas = Canvas(height)
    canvas.heading(t("chart.coverage.title"), t("chart.coverage.says", providers=len(results.claims.providers)))
    y = TOP - 8.0
    for group, keys in groups.items():
        canvas.text(8, y + GROUP - 12, t.pick(results.claims.groups[group].name), faint=True)
        y += GROUP
        for key in keys:
            canvas.text(LEFT - 8, y + ROW / 2, fitted(t.pick(results.claims.capabilities[key].name), LEFT - 16), anchor="right")
            _bar(canvas, y, counts[key], len(results.claims.providers))
            y += ROW
    canvas.legend(y + 20, [(word(each, t), swatch(each)) for each in shown])
    facts = {each.value: totals[each] for each in Standing}
    numbers = {"providers": len(results.claims.providers), "capabilities": len(counts), "total": sum(totals.values())}
    return Drawing(canvas, t("chart.coverage.alt", **numbers, **facts))


def age(results: Results, t: Texts) -> Drawing:
    """Settled claims by the age of the evidence that settled them, and how many nothing settled."""
    today = reference_date(results)
    classes: list[Counter[Standing]] = [Counter() for _ in range(len(BINS) + 2)]
    for provider, capability, standing in standings(results):
        as_of = results.verdicts[provider, capability].as_of
        place = sum((today - date.fromisoformat(as_of)).days > last for last in BINS) if as_of else len(BINS) + 1
        classes[place][standing] += 1
    shown = [each for each in Standing if any(counts[each] for counts in classes)]
    canvas = Canvas(TOP + (ROW + 6) * len(classes) + NEVER + 28 + legend_height([word(each, t) for each in shown]))
    canvas.heading(t("chart.age.title"), t("chart.age.says", reference=today.isoformat()))
    most = max((counts.total() for counts in classes), default=1)
    firsts = [0, *(last + 1 for last in BINS)]
    labels = [t("chart.age.days", first=first, last=last) for first, last in zip(firsts, BINS, strict=False)]
    labels += [t("chart.age.over", last=BINS[-1]), t("chart.age.never")]
    y = TOP + 4.0
    for place, (label, counts) in enumerate(zip(labels, classes, strict=True)):
        if place == len(classes) - 1:
            canvas.line(LEFT, TOP, LEFT, y, faint=True)
            y += NEVER
        canvas.text(LEFT - 8, y + ROW / 2, label, anchor="right")
        end = _bar(canvas, y, counts, most, numbered=False)
        stale = counts.total() and BINS.index(STALE) < place <= len(BINS)
        canvas.text(end + 8, y + ROW / 2, t.aside(str(counts.total()), t("chart.age.stale")) if stale else str(counts.total()))
        y += ROW + 6
    canvas.legend(y + 20, [(word(each, t), swatch(each)) for each in shown])
    bins = t.join(t("chart.ordinal", name=label, count=counts.total()) for label, counts in zip(labels, classes, strict=True))
    old = sum(counts.total() for counts in classes[BINS.index(STALE) + 1 : -1])
    return Drawing(canvas, t("chart.age.alt", reference=today.isoformat(), bins=bins, stale=old, limit=STALE))


def _bar(canvas: Canvas, y: float, counts: Mapping[Standing, int], whole: int, *, numbered: bool = True) -> float:
    """One stacked bar; returns where it ends."""
    unit = (WIDTH - LEFT - (16 if numbered else 130)) / max(whole, 1)
    x = float(LEFT)
    for standing in Standing:
        count = counts.get(standing, 0)
        if count:
            look, wide = swatch(standing), count * unit
            gap = min(1.0, wide / 2)
            canvas.box(x + gap / 2, y + 3, wide - gap, ROW - 6, fill=look.fill, edge=look.edge, dashed=look.dashed)
            size = next((each for each in (NORMAL, SMALL) if measure(str(count), each) + 3 < wide), 0)
            if numbered and size:
                canvas.text(x + wide / 2, y + ROW / 2, str(count), anchor="center", colour=lettering(standing), size=size)
            x += count * unit
    return x
