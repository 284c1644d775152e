"""Using the page: filters, the address, cells, comparison and advice, by mouse and by keyboard."""

import json
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.testing import CliRunner

from probes.cli import app
from probes.results import Results
from probes.vocabulary import Region
from reports.advice import ranked, row
from reports.needs import NEEDS, named, together
from tests.reports.browser.conftest import Open, Visit

pytestmark = pytest.mark.xdist_group("browser")


def test_filters_narrow_the_rows_and_the_address_keeps_them(visit: Open, real: Results, real_pages: Path) -> None:
    seen = visit(real_pages / "report.en.html")
    everyone = seen.shown()
    assert sorted(everyone) == sorted(real.claims.providers)
    seen.page.select_option("#tools [name=region]", "cn")
    chinese = [name for name, each in real.claims.providers.items() if each.region != "global"]
    assert sorted(seen.shown()) == sorted(chinese)
    assert seen.state() == "#matrix?region=cn"
    seen.page.select_option("#tools [name=kind]", "hosted-model-api")
    assert set(seen.shown()) < set(chinese)
    seen.page.reload()
    assert seen.state() == "#matrix?region=cn&kind=hosted-model-api"
    assert set(seen.shown()) < set(chinese)
    assert seen.page.input_value("#tools [name=kind]") == "hosted-model-api"


def test_back_undoes_a_choice_and_reset_undoes_all(visit: Open, real_pages: Path) -> None:
    seen = visit(real_pages / "report.en.html")
    everyone = seen.shown()
    seen.page.select_option("#tools [name=answer]", "native")
    native = seen.shown()
    seen.page.select_option("#tools [name=status]", "partial")
    seen.page.go_back()
    assert seen.shown() == native
    assert seen.page.input_value("#tools [name=status]") == ""
    seen.page.go_back()
    assert seen.shown() == everyone
    seen.page.go_forward()
    assert seen.shown() == native
    seen.page.click("#tools [type=reset]")
    assert seen.shown() == everyone


def test_search_finds_names_in_both_languages_and_tells_how_many(visit: Open, invented_pages: Path) -> None:
    seen = visit(invented_pages / "report.en.html")
    for words in ("acme", "顶点", "AGGREGATOR"):
        seen.page.fill("#tools [name=q]", words)
        assert seen.shown() == ["acme"]
        assert seen.page.inner_text("#tools output") == "1 of 3 providers"
    assert seen.state() == "#matrix?q=AGGREGATOR"


def test_a_need_shows_its_columns_and_orders_by_its_score(visit: Open, real: Results, real_pages: Path) -> None:
    seen = visit(real_pages / "report.en.html", "#matrix?need=alerts")
    need = next(each for each in NEEDS if each.id == "alerts")
    assert seen.shown() == [each.provider for each in ranked(real, need)]
    heads = seen.page.eval_on_selector_all("th[data-capability]", "all => all.filter(e => !e.hidden).map(e => e.dataset.capability)")
    assert set(heads) == {option.capability for wish in need.wishes for option in wish.options}


@pytest.mark.parametrize(
    ("state", "selector"),
    [("status=partial", "partial"), ("only=stale", "stale"), ("only=aside", "aside"), ("only=conflict", "conflict"), ("level=4", "l4")],
)
def test_other_cells_are_dimmed_and_rows_without_a_match_go(visit: Open, invented_pages: Path, state: str, selector: str) -> None:
    seen = visit(invented_pages / "report.en.html", f"#matrix?{state}")
    bright = "all => all.filter(e => !e.closest('tr').hidden && !e.classList.contains('dim')).every(e => e.classList.contains('%s'))"
    assert seen.page.eval_on_selector_all("td.c", bright % selector)
    rows = "all => [...new Set(all.map(e => e.closest('tr').dataset.id))].sort()"
    assert sorted(seen.shown()) == seen.page.eval_on_selector_all(f"td.c.{selector}", rows)


def test_columns_and_rows_can_be_hidden_and_shown_again(visit: Open, invented_pages: Path) -> None:
    seen = visit(invented_pages / "report.en.html")
    seen.page.uncheck("#tools [value=rate]")
    seen.page.click("tr[data-id=hub] .hide")
    assert seen.state() == "#matrix?without=rate&hide=hub"
    assert seen.shown() == ["acme", "cloudy"]
    assert seen.page.is_hidden("th[data-capability='rate.set']")
    seen.page.click("#tools [name=unhide]")
    seen.page.check("#tools [name=compact]")
    assert len(seen.shown()) == 3
    assert seen.state() == "#matrix?without=rate&compact=1"


def test_rows_are_ordered_by_name_by_score_and_by_a_column(visit: Open, real: Results, real_pages: Path) -> None:
    seen = visit(real_pages / "report.en.html", "#matrix?sort=score")
    need = next(each for each in NEEDS if each.id == "customer_keys")
    assert seen.shown()[0] == ranked(real, need)[0].provider
    seen.page.select_option("#tools [name=sort]", "name")
    names = seen.page.eval_on_selector_all("table.matrix tbody th > a", "all => all.map(e => e.textContent)")
    assert names == sorted(names, key=str.casefold)
    seen.page.click("th[data-capability='key.rotate'] button")
    assert real.claims.providers[seen.shown()[0]].claims["key.rotate"].status == "supported"
    assert seen.page.get_attribute("th[data-capability='key.rotate']", "aria-sort") == "descending"


def opened(seen: Visit) -> str:
    return seen.page.inner_text("dialog[open]")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_cell_opens_by_keyboard_and_escape_returns_to_it(visit: Open, invented_pages: Path, language: str) -> None:
    seen = visit(invented_pages / f"report.{language}.html", "#matrix?region=global")
    link = "table.matrix a[href='#acme--spend.limit.key']"
    seen.page.focus(link)
    seen.page.keyboard.press("Enter")
    assert seen.state() == "#acme--spend.limit.key?region=global"
    assert "403 after 3 calls" in opened(seen)
    assert "https://acme.example/openapi.yaml" in opened(seen)
    assert seen.page.evaluate("document.querySelector('dialog').contains(document.activeElement)")
    seen.page.keyboard.press("Escape")
    seen.page.wait_for_selector("dialog:not([open])", state="attached")
    assert seen.state() == "#matrix?region=global"
    assert seen.page.evaluate(f'document.activeElement.matches("{link}")')


def test_every_cell_has_an_anchor_that_opens_it(visit: Open, real: Results, real_pages: Path) -> None:
    provider = next(name for name, capability in real.verdicts if real.by_claim.get((name, capability)))
    seen = visit(real_pages / "report.en.html", f"#{provider}--key.create")
    name = real.claims.capabilities["key.create"].name.en
    assert seen.page.inner_text("#cell-title").endswith(name)
    seen.page.click("dialog details summary >> nth=0")
    assert seen.page.locator("dialog .exchanges li").first.inner_text().split()[0] in ("GET", "POST", "PUT", "PATCH", "DELETE")
    seen.page.keyboard.press("Escape")
    seen.page.wait_for_selector("dialog:not([open])", state="attached")
    anchors = seen.page.eval_on_selector_all("td.c a", "all => all.map(e => decodeURIComponent(e.hash.slice(1)))")
    assert len(anchors) == len(real.verdicts)
    assert seen.page.evaluate("all => all.every(each => document.getElementById(each))", anchors)


def test_the_language_switch_keeps_anchor_and_view(visit: Open, real_pages: Path) -> None:
    seen = visit(real_pages / "report.en.html", "#matrix?region=cn")
    seen.page.click("a.switch")
    seen.page.wait_for_url("**/report.zh.html#*")
    assert seen.state() == "#matrix?region=cn"
    assert seen.page.input_value("#tools [name=region]") == "cn"


@pytest.mark.parametrize(("locale", "language"), [("zh-CN", "zh"), ("en-GB", "en"), ("fr-FR", "en")])
def test_the_start_page_picks_the_readers_language(visit: Open, invented_pages: Path, locale: str, language: str) -> None:
    seen = visit(invented_pages / "index.html", "#acme", locale=locale)
    seen.page.wait_for_url(f"**/report.{language}.html#acme")


def test_three_providers_stand_side_by_side(visit: Open, invented_pages: Path) -> None:
    seen = visit(invented_pages / "report.en.html")
    for name in ("acme", "hub"):
        seen.page.check(f"tr[data-id={name}] input")
    assert seen.state() == "#matrix?compare=acme,hub"
    seen.page.select_option("#chosen [name=p3]", "cloudy")
    assert seen.state() == "#compare?compare=acme,hub,cloudy"
    before = seen.page.locator("#compared tbody tr").count()
    seen.page.check("#chosen [name=differences]")
    assert 0 < seen.page.locator("#compared tbody tr").count() < before
    seen.page.reload()
    heads = seen.page.locator("#compared thead th").all_inner_texts()
    assert [head.split()[0] for head in heads[1:]] == ["Acme", "Hub", "Cloudy"]


def test_side_by_side_nothing_runs_out_of_its_column(visit: Open, real_pages: Path) -> None:
    seen = visit(real_pages / "report.en.html", "#compare?compare=openrouter,litellm,openai")
    wide = "cells => cells.filter(cell => cell.scrollWidth > cell.clientWidth + 1).map(cell => cell.textContent)"
    assert seen.page.eval_on_selector_all("#compared td", wide) == []


def test_examples_have_a_tab_for_each_form(visit: Open, invented_pages: Path) -> None:
    seen = visit(invented_pages / "report.en.html", "#acme")
    forms = seen.page.locator("#acme .forms")
    forms.get_by_role("tab").first.focus()
    seen.page.keyboard.press("ArrowRight")
    assert "import httpx" in forms.get_by_role("tabpanel").inner_text()


WANTS = [["customer_keys"], ["team_budgets", "alerts"], ["mainland_china", "reset"], ["self_hosted", "usage_by_key", "rate_limits"],
         [need.id for need in NEEDS if not need.kinds and not need.regions]]  # fmt: skip


def test_the_ranking_on_the_page_is_that_of_advise(visit: Open, real: Results, real_pages: Path) -> None:
    seen = visit(real_pages / "report.en.html")
    for wants, where in product(WANTS, (None, Region.CN, Region.GLOBAL)):
        expected = [row(each) for each in ranked(real, together(named(wants, real.claims)), where) if each.score]
        seen.page.evaluate("fragment => location.hash = fragment", f"#advice?want={','.join(wants)}&where={where or ''}")
        seen.page.wait_for_function("want => [...document.querySelectorAll('[name=want]:checked')].length == want", arg=len(wants))
        assert seen.page.input_value("#wants [name=where]") == (where or "")
        assert ranking(seen) == [
            Place(
                each["provider"], each["score"], str(each["percent"]), [arithmetic(term) for term in each["terms"] if term["value"] != "0"]
            )
            for each in expected
        ]


def test_the_ranking_on_the_page_is_that_of_the_command(visit: Open, real_pages: Path) -> None:
    said = CliRunner().invoke(app, ["advise", "--need", "customer_keys", "--need", "alerts", "--region", "cn", "--json"])
    expected = [(each["provider"], each["score"]) for each in json.loads(said.stdout)["ranking"] if each["score"] != "0"]
    shown = ranking(visit(real_pages / "report.zh.html", "#advice?want=customer_keys,alerts&where=cn"))
    assert [(each.provider, each.score) for each in shown] == expected


class Place(NamedTuple):
    """One row of a ranking."""

    provider: str
    score: str
    percent: str
    terms: list[str]


def arithmetic(term: dict[str, str]) -> str:
    factors = [term["status"], term["confidence"], *([] if term["fit"] == "1" else [term["fit"]]), str(term["weight"])]
    return f"{' × '.join(factors)} = {term['value']}"


def ranking(seen: Visit) -> list[Place]:
    if seen.page.locator("#ranked button").count():
        seen.page.click("#ranked button")
    read = """rows => rows.map(row => [row.dataset.id, row.dataset.score, row.dataset.percent,
        row.querySelector(".terms div").innerText.split("\\n").filter(Boolean).map(line => line.match(/[0-9.]+ × .*/)[0])])"""
    return [Place(*each) for each in seen.page.eval_on_selector_all("#ranked tbody tr", read)]
