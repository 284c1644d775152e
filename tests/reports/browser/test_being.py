"""What the page is without being used: accessible, printable, complete without JavaScript, harmless whatever it shows."""

import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

import reports
from probes.results import Results
from reports.text import texts
from tests.reports.browser.conftest import Open, Visit
from tests.reports.test_rendering import hostile

pytestmark = pytest.mark.xdist_group("browser")

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PLACEHOLDER = re.compile(r"\{[a-z_]+\}")


@pytest.mark.parametrize("fragment", ["", "#acme--spend.limit.key", "#compare?compare=acme,hub&want=customer_keys&compact=1"])
@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("zh", "dark")])
def test_axe_finds_nothing(visit: Open, invented_pages: Path, language: str, scheme: str, fragment: str) -> None:
    seen = visit(invented_pages / f"report.{language}.html", fragment, color_scheme=scheme)
    assert [(each["id"], each["impact"], each["nodes"][0]["html"][:200]) for each in violations(seen)] == []


def test_axe_finds_nothing_on_a_phone(visit: Open, invented_pages: Path) -> None:
    seen = visit(invented_pages / "report.en.html", "#matrix?compact=1", width=360)
    assert [(each["id"], each["impact"], each["nodes"][0]["html"][:200]) for each in violations(seen)] == []


def violations(seen: Visit) -> list[dict[str, Any]]:
    # What is far off is not laid out until it is near, and axe takes what it cannot measure for an overlap.
    seen.page.evaluate("for (const each of document.querySelectorAll('article')) each.style.contentVisibility = 'visible'")
    found: list[dict[str, Any]] = Axe().run(seen.page, options={"runOnly": STANDARDS}).response["violations"]
    return found


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_phone_shows_it_without_scrolling_sideways(visit: Open, real_pages: Path, language: str) -> None:
    seen = visit(real_pages / f"report.{language}.html", width=360, height=780)
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 360
    assert seen.page.locator("#tools").is_hidden()
    seen.page.click("#toolbox summary")
    assert seen.page.locator("#tools").is_visible()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_without_javascript_it_is_complete(visit: Open, real: Results, real_pages: Path, language: str) -> None:
    seen = visit(real_pages / f"report.{language}.html", java_script_enabled=False)
    assert seen.page.locator("#tools").is_hidden()
    assert seen.page.locator("#compare-section").is_hidden()
    assert seen.page.locator("table.matrix tbody tr").count() == len(real.claims.providers)
    for name, provider in real.claims.providers.items():
        chapter = seen.page.locator(f"[id='{name}']")
        assert chapter.locator(".claims tbody tr").count() == len(real.claims.capabilities)
        assert chapter.locator(".sources li").count() == len(provider.sources)
        assert chapter.locator("pre:visible").count() >= 2 or not provider.recipe
        found = [each for each in real.evidence if each.provider == name]
        told = chapter.locator(".findings li").all_text_contents()
        assert len(told) == len({each.exchanges[0].partition("#")[0] if each.exchanges else "" for each in found})
        assert chapter.locator(".findings li b").count() == len(found)
    seen.page.click("td.c a >> nth=0")
    assert re.search(r"#\w+--[a-z.]+$", seen.page.url)


def test_it_prints_whole_on_a4(visit: Open, invented_pages: Path) -> None:
    seen = visit(invented_pages / "report.zh.html")
    printed = seen.page.pdf(prefer_css_page_size=True, print_background=True)
    assert printed.startswith(b"%PDF")
    boxes = {tuple(round(float(side)) for side in box) for box in re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)}
    assert boxes <= {(842, 595), (842, 596)}
    seen.page.emulate_media(media="print")
    assert seen.page.locator("#tools").is_hidden()
    assert seen.page.locator("#acme pre").first.is_visible()


def test_no_word_of_the_english_interface_stands_in_the_chinese_page(visit: Open, invented_pages: Path) -> None:
    seen = visit(invented_pages / "report.zh.html", "#acme--spend.limit.key?compare=acme,hub&want=alerts&hide=cloudy")
    labels = "all => all.flatMap(e => [e.getAttribute('aria-label'), e.getAttribute('title')]).filter(Boolean).join('\\n')"
    shown = seen.page.inner_text("body") + "\n" + seen.page.eval_on_selector_all("*", labels)
    for key, text in texts("en").texts.items():
        if texts("zh").texts[key] != text:
            pieces = [piece.strip() for piece in PLACEHOLDER.split(text) if len(re.findall(r"[a-z]{3,}", piece)) > 1]
            assert [piece for piece in pieces if piece in shown] == [], key


@pytest.mark.parametrize("language", ["en", "zh"])
def test_hostile_content_stays_text_also_where_the_script_shows_it(visit: Open, tmp_path: Path, language: str) -> None:
    reports.render(hostile(), tmp_path)
    seen = visit(tmp_path / f"report.{language}.html", "#acme--key.list?compare=acme,hub&want=customer_keys")
    assert "<script>alert(1)</script>" in seen.page.inner_text("dialog")
    assert seen.page.locator("script").count() == 2
    assert seen.page.locator("a[href^='javascript' i], a[href*='etc'], img, iframe, object").count() == 0
    assert not re.search("[\u202a-\u202e\x1b]", seen.page.inner_text("body"))
    seen.page.keyboard.press("Escape")
    seen.page.wait_for_selector("dialog:not([open])", state="attached")
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 1440
