"""Charts have room, however many providers: no text touches another, a mark or a line, no mark another, nothing leaves the picture."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise, product

import pytest

from probes.results import Results
from reports.charts import CHARTS, charts
from reports.charts.canvas import WIDTH
from reports.charts.measuring import fitted, measure
from reports.charts.shapes import Placed, Point, around
from reports.charts.svg import reduced
from reports.text import LANGUAGES, Language, texts
from tests.reports.invented import evidence, invented, many

CELL = 40
"""Pixels of the squares in which neighbours are looked for."""


@pytest.fixture(scope="module")
def crowd() -> Results:
    return many(300)


def apart(one: Placed, other: Placed) -> bool:
    """Whether a straight line passes between two convex outlines."""
    for corners in (one.corners, other.corners):
        for (x0, y0), (x1, y1) in pairwise([*corners, corners[0]]):
            ones, others = ([(y0 - y1) * x + (x1 - x0) * y for x, y in each.corners] for each in (one, other))
            length = max(abs(x1 - x0), abs(y1 - y0))
            if max(ones) <= min(others) + 0.1 * length or max(others) <= min(ones) + 0.1 * length:
                return True
    return False


def holds(outer: Placed, inner: Placed) -> bool:
    """Whether an upright mark has a text wholly inside, as bars have their numbers."""
    (left, top), (right, bottom) = outer.corners[0], outer.corners[2]
    return all(left <= x <= right and top <= y <= bottom for x, y in inner.corners)


def clashes(placed: list[Placed]) -> Iterator[tuple[str, str]]:
    cells: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for number, each in enumerate(placed):
        xs, ys = zip(*each.corners, strict=True)
        for cell in product(range(int(min(xs)) // CELL, int(max(xs)) // CELL + 1), range(int(min(ys)) // CELL, int(max(ys)) // CELL + 1)):
            cells[cell].append(number)
    near = {(a, b) for numbers in cells.values() for place, a in enumerate(numbers) for b in numbers[place + 1 :]}
    for one, other in ((placed[a], placed[b]) for a, b in near):
        if "text" not in (one.kind, other.kind) and "line" in (one.kind, other.kind):
            continue  # a mark stands on its line, and grid lines cross
        inside = {one.kind, other.kind} == {"mark", "text"} and holds(*((one, other) if one.kind == "mark" else (other, one)))
        if not inside and not apart(one, other):
            yield one.what, other.what


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("record", ["real", "crowd", "invented", "empty"])
def test_nothing_touches_what_it_does_not_belong_to(name: str, language: Language, record: str, request: pytest.FixtureRequest) -> None:
    results: Results = Results.of(invented(), []) if record == "empty" else request.getfixturevalue(record)
    canvas = CHARTS[name](results, texts(language)).canvas
    assert sorted(set(clashes(canvas.placed))) == []
    for each in canvas.placed:
        assert all(0 <= x <= WIDTH and 0 <= y <= canvas.height for x, y in each.corners), each.what


def test_a_hostile_name_finds_no_room_either() -> None:
    evil = "长$x^2$\u202e" * 100
    results = Results.of(invented(name={"zh": evil, "en": evil}), evidence())
    for name in CHARTS:
        assert sorted(set(clashes(CHARTS[name](results, texts("zh")).canvas.placed))) == [], name


def square(x: float, y: float, kind: str = "text", turned: bool = False) -> Placed:
    corners: tuple[Point, ...] = ((x, y - 7), (x + 7, y), (x, y + 7), (x - 7, y)) if turned else around(x - 5, y - 5, x + 5, y + 5)
    return Placed("mark" if kind == "mark" else "text", f"{x:g}", corners)


def test_the_test_sees_what_touches() -> None:
    assert list(clashes([square(10, 10), square(19, 10)])) == [("10", "19")]
    assert list(clashes([square(10, 10), square(20, 10)])) == []
    assert list(clashes([square(10, 10, turned=True), square(18, 18, turned=True)])) == []
    assert list(clashes([square(10, 10, turned=True), square(16, 16, turned=True)])) == [("10", "16")]
    assert list(clashes([square(10, 10, "mark"), square(10, 10)])) == []
    assert list(clashes([square(10, 10, "mark"), square(12, 10)])) == [("10", "12")]


def test_a_text_is_cut_to_its_room_and_no_earlier() -> None:
    text = "Cap above the key"
    assert fitted(text, measure(text)) == text
    cut = fitted(text, 60)
    assert cut.endswith("…")
    assert measure(cut) <= 60 < measure(cut + "Wm")


def test_many_marks_of_one_look_are_one_path_with_a_line_for_each(real: Results) -> None:
    """A changed cell is a changed line or two, and the picture of 54 providers stays small."""
    svg = charts(real, "en")["heatmap"].svg
    assert max(map(len, svg.partition(">")[2].splitlines())) < 300
    assert len(svg) < 60_000
    assert svg.count("<path") < 60


def test_a_path_of_straight_lines_is_written_in_steps() -> None:
    path = '<path d="M 1.0 2.0 \nL 4.0 2.0 \nL 4.0 5.5 \nL 1.0 2.0 \nz\nM 7 7 \nL 8.256 9 \n"/>'
    svg = reduced(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{path}</svg>', "x", "alt", "en", ink="#1f2328")
    assert 'd="M1 2h3v3.5z\nM7 7l1.26 2"' in svg
