"""Charts: text stays text, the font has every letter of it, the same bytes each time, nothing a strict page would refuse."""

import re
import subprocess
import sys
import warnings
from collections import Counter
from xml.etree import ElementTree as ET

import pytest
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from probes.claims import Claims
from probes.evidence import Level, Origin, Outcome
from probes.figures import Figures, Limited
from probes.results import Results
from reports.charts import CHARTS, charts, pngs, standalone
from reports.charts.canvas import LEVELS, WIDTH
from reports.charts.measuring import measure
from reports.charts.standing import Standing, standings, swatch
from reports.fonts import FILE
from reports.fonts.make_subset import characters
from reports.text import LANGUAGES, Language, texts
from tests.reports.invented import evidence, found, invented

SVG = "{http://www.w3.org/2000/svg}"


def letters() -> set[str]:
    """What the bundled font can draw."""
    return {chr(code) for code in TTFont(FILE).getBestCmap()}


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 — our own


def labels(svg: str) -> list[str]:
    return ["".join(each.itertext()) for each in parsed(svg).iter(f"{SVG}text")]


@pytest.fixture(scope="module")
def drawn(real: Results) -> dict[str, str]:
    """All charts of the real record by `name.language`."""
    return {f"{name}.{language}": each.svg for language in LANGUAGES for name, each in charts(real, language).items()}


def test_every_letter_of_every_label_is_in_the_bundled_font(drawn: dict[str, str]) -> None:
    known = letters()
    for name, svg in drawn.items():
        assert labels(svg), name
        assert set("".join(labels(svg))) <= known, name


def test_the_font_has_what_its_script_would_put_in_it_today(real_claims: Claims) -> None:
    """A new provider's name or a new word needs `python -m reports.fonts.make_subset`; shapes that the source lacks are not letters."""
    lacking = {letter for letter in set(characters(real_claims)) - letters() if letter.isalnum()}
    assert lacking == set(), "run python -m reports.fonts.make_subset NotoSansCJK-Regular.ttc"


def test_the_font_says_what_it_is_and_is_small() -> None:
    names = TTFont(FILE)["name"]
    assert "Noto" not in names.getDebugName(1) + names.getDebugName(4) + names.getDebugName(6)
    assert "SIL Open Font License" in names.getDebugName(13)
    assert "SIL OPEN FONT LICENSE Version 1.1" in (FILE.parent / "OFL.txt").read_text(encoding="utf-8")
    assert FILE.stat().st_size < 300_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_glyph_is_missing_while_drawing(language: Language, real: Results) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        charts(real, language)


def test_the_same_results_give_the_same_bytes_in_another_process(invented: Results) -> None:
    code = (
        "from tests.reports.invented import results\nfrom reports.charts import charts\nimport hashlib\n"
        "print(hashlib.sha256(''.join(each.svg for each in charts(results(), 'zh').values()).encode()).hexdigest())"
    )
    runs = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


def test_a_strict_page_takes_them(drawn: dict[str, str]) -> None:
    allowed = {"svg", "g", "defs", "path", "use", "text"}
    used: Counter[str] = Counter()
    for name, svg in drawn.items():
        root = parsed(svg)
        for element in root.iter():
            assert element.tag.removeprefix(SVG) in allowed
            assert not {"style", "onload", "onclick"} & element.attrib.keys()
        identities = {element.attrib["id"] for element in root.iter() if "id" in element.attrib}
        used.update(identities if name.endswith(".en") else ())
        assert {element.attrib["href"][1:] for element in root.iter(f"{SVG}use")} == identities
        assert root.attrib["role"] == "img"
        assert (root.attrib["width"], root.attrib["font-family"].count("Noto Sans CJK SC")) == (str(WIDTH), 1)
        assert "currentColor" in svg
    assert set(used.values()) <= {1}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_says_in_words_what_it_shows(language: Language, real: Results) -> None:
    other = next(each for each in LANGUAGES if each != language)
    for name, chart in charts(real, language).items():
        assert parsed(chart.svg).attrib["aria-label"] == chart.alt
        assert 60 < len(chart.alt) < 4000
        assert bool(re.search("[\u4e00-\u9fff]", chart.alt)) == (language == "zh")
        assert texts(other)(f"chart.{name}.title") not in chart.svg
        assert texts(language)(f"chart.{name}.title") in labels(chart.svg)


def test_a_file_has_paper_and_ink_of_its_own_in_light_and_dark(drawn: dict[str, str]) -> None:
    whole = standalone(drawn["age.en"])
    assert whole.count("<style>") == 1
    assert "prefers-color-scheme:dark" in whole
    assert labels(whole) == labels(drawn["age.en"])


def test_colours_are_those_that_everybody_tells_apart() -> None:
    """Okabe and Ito's, and no two standings that look alike."""
    looks = [(each.fill, each.edge, each.dashed) for each in map(swatch, Standing)]
    assert len(set(looks)) == len(Standing)
    assert set(LEVELS.values()) - {"#8c8c8c"} <= {"#e69f00", "#56b4e9", "#009e73", "#0072b2", "#d55e00", "#cc79a7"}


def test_only_what_settles_is_filled_and_a_simulator_stands_apart(invented: Results) -> None:
    stands = {(provider, capability): standing for provider, capability, standing in standings(invented)}
    assert stands["acme", "spend.limit.key"] is Standing.ENFORCEMENT
    assert stands["acme", "key.rotate"] is Standing.CONTRADICTED
    assert stands["acme", "key.read"] is Standing.CONTRADICTED
    assert stands["acme", "rate.set"] is Standing.UNKNOWN
    lab = Results.of(invented.claims, [found("rate.error", Outcome.PRESENT, Level.ENFORCEMENT, origin=Origin.LAB)])
    assert {(p, c): s for p, c, s in standings(lab)}["acme", "rate.error"] is Standing.SIMULATED


def series(in_flight: int, past: int, **more: object) -> Figures:
    given: dict[str, object] = {"limited": Limited.SPEND, "limit": 0.01, "in_flight": in_flight, "understated": False, "calls": 5 + past,
                                "calls_past": past, "usd": 0.02, "usd_past": past * 0.002}  # fmt: skip
    return Figures(**(given | more))  # type: ignore[arg-type]


def test_overshoot_sets_sequence_against_parallel_and_marks_what_is_simulated() -> None:
    both = (series(1, 1), series(8, 7))
    made = [
        found("spend.limit.key", Outcome.PRESENT, Level.ENFORCEMENT, figures=both),
        found("spend.limit.scope", Outcome.PRESENT, Level.ENFORCEMENT, figures=both),  # the same series once more
        found("spend.limit.scope", Outcome.PRESENT, Level.ENFORCEMENT, provider="cloudy", origin=Origin.LAB, figures=(series(8, 40),)),
    ]
    chart = charts(Results.of(invented(), made), "en")["overshoot"]
    said = labels(chart.svg)
    assert said.count("Acme") == 1
    assert said.index("Simulators only: these say that the probe works, nothing of the provider") < next(
        place for place, each in enumerate(said) if each.startswith("Cloudy")
    )
    assert said.count("not tried") == 1  # the simulator ran nothing in sequence, which is not the same as none past the cap
    assert "Measured at the provider or gateway itself, 1 rows: at most 1 calls got past in sequence and 7 in parallel." in chart.alt
    assert "With simulators, which say nothing of the provider, 1 rows: at most 0 and 40." in chart.alt


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_record_is_drawn_as_empty(language: Language) -> None:
    for name, chart in charts(Results.of(invented(), []), language).items():
        assert labels(chart.svg), name
    assert texts(language)("chart.overshoot.none") in labels(charts(Results.of(invented(), []), language)["overshoot"].svg)


def test_hostile_names_stay_text_and_inside_the_picture() -> None:
    evil = "</text><script>alert(1)</script>$x^2$\u202e\x07" + "长" * 10_000
    claims = invented(name={"zh": evil, "en": evil})
    for chart in charts(Results.of(claims, evidence()), "zh").values():
        assert "script" not in {each.tag.removeprefix(SVG) for each in parsed(chart.svg).iter()}
        assert not re.search("[\u202e\x07]", chart.svg)
        for element in parsed(chart.svg).iter(f"{SVG}text"):
            assert measure("".join(element.itertext())) < WIDTH


def test_png_on_request(invented: Results) -> None:
    images = pngs(invented, "zh")
    assert list(images) == list(CHARTS)
    assert all(image.startswith(b"\x89PNG") and len(image) > 5000 for image in images.values())
    assert images == pngs(invented, "zh")
