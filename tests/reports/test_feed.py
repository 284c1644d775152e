"""The feed and the badges: news only, the same bytes again, valid, in both languages."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

import reports
from probes.claims import Claims
from probes.headline import Answer
from probes.results import Results
from reports.badges import COLOURS, badges
from reports.feed import ATOM, NEWEST, feed
from reports.history import Line
from reports.states import State
from tests.reports.invented import evidence, invented

KNOWN = State("supported", "confirmed", "contract", "present")
GONE = State("supported", "refuted", "contract", "absent")
NAMES = {"a": ATOM, "h": "http://www.w3.org/1999/xhtml"}


@pytest.fixture
def results() -> Results:
    return Results.of(invented(), evidence())


def line(day: int = 1, **changes: object) -> Line:
    return replace(Line(date(2026, 11, day), "acme", "key.create", KNOWN, GONE), **changes)  # type: ignore[arg-type]


def parsed(text: str) -> Xml.Element:
    return Xml.fromstring(text)  # noqa: S314  (our own files)


def entries(lines: list[Line], results: Results) -> list[Xml.Element]:
    return parsed(feed(lines, results)).findall("a:entry", NAMES)


def test_only_what_changed_is_news_the_newest_first(results: Results) -> None:
    told = [
        line(1, before=None, after=KNOWN),
        line(2),
        line(3, before=GONE, after=KNOWN),
        line(4, origin="lab"),
        line(5, provider="gone"),
        line(6, capability="gone"),
    ]
    found = entries(told, results)
    assert [each.findtext("a:updated", "", NAMES)[:10] for each in found] == ["2026-11-03", "2026-11-02"]


def test_each_entry_speaks_both_languages_and_links_its_cell(results: Results) -> None:
    [entry] = entries([line()], results)
    words = {each.get("{http://www.w3.org/XML/1998/namespace}lang"): each.text or "" for each in entry.iterfind(".//h:p", NAMES)}
    assert "capability vanished" in words["en"]
    assert "能力消失" in words["zh-Hans"]
    hrefs = [each.get("href") for each in entry.findall("a:link", NAMES)]
    assert hrefs == ["report.en.html#acme--key.create", "report.zh.html#acme--key.create"]


def test_the_same_history_gives_the_same_bytes_and_ids_do_not_depend_on_the_commit(results: Results) -> None:
    lines = [line(day) for day in range(1, 29)]
    assert feed(lines, results) == feed(lines, results)
    known = [line(day, commit="abc123") for day in range(1, 29)]
    assert feed(known, results) == feed(lines, results)
    ids = [each.findtext("a:id", "", NAMES) for each in entries([*lines, line(5)], results)]
    assert len(set(ids)) == len(ids) == 29


def test_an_empty_and_a_long_history_are_feeds_too(results: Results) -> None:
    assert entries([], results) == []
    assert parsed(feed([], results)).findtext("a:updated", "", NAMES).startswith("20")
    assert len(entries([line(1 + number % 28) for number in range(200)], results)) == NEWEST


def test_what_would_be_markup_is_text() -> None:
    evil = "<script>alert(1)</script>\u202e & more"
    results = Results.of(invented(name={"zh": evil, "en": evil}), evidence())
    for text in (feed([line()], results), badges(results)["badges/acme.svg"]):
        assert "<script>" not in text
        assert "\u202e" not in text
        parsed(text)


def test_each_provider_has_a_badge_in_both_languages(results: Results, tmp_path: Path) -> None:
    made = badges(results)
    assert set(made) == {f"badges/{name}.svg" for name in results.claims.providers}
    for text in made.values():
        svg = parsed(text)
        [switch] = svg.iter("{http://www.w3.org/2000/svg}switch")
        assert [group.get("systemLanguage") for group in switch] == ["zh", None]
        assert (svg.get("role"), svg.get("aria-label")) == ("img", svg.findtext("{http://www.w3.org/2000/svg}title"))
        assert "密钥" in str(svg.get("aria-label"))
        assert "key" in str(svg.get("aria-label"))
        assert len(text) < 1200
    written = {path.relative_to(tmp_path).as_posix() for path in reports.render(results, tmp_path)}
    assert set(made) <= written


def test_a_badge_of_a_provider_that_is_no_longer_claimed_goes(results: Results, tmp_path: Path) -> None:
    (tmp_path / "badges").mkdir()
    (tmp_path / "badges" / "gone.svg").write_text("<svg/>", encoding="utf-8")
    reports.render(results, tmp_path)
    assert not (tmp_path / "badges" / "gone.svg").exists()


@pytest.mark.parametrize("answer", list(Answer))
def test_white_text_stands_out_on_every_badge(answer: Answer) -> None:
    parts = [int(COLOURS[answer][place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    assert 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) >= 4.5


def test_the_real_claims_have_badges(real_claims: Claims) -> None:
    assert len(badges(Results.of(real_claims, []))) == len(real_claims.providers)
