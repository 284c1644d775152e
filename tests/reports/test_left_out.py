"""Who was looked at and left out stands in the report, told as what it is."""

import pytest

from probes.claims import Claims
from reports.text import texts
from reports.view_looked import left_out
from tests.reports.invented import invented


@pytest.mark.parametrize("form", ["md", "html"])
def test_the_report_names_them_with_what_was_found_and_where(rendered: dict[str, str], form: str) -> None:
    page = rendered[f"en.{form}"]
    assert all(text in page for text in ("Looked at and left out", "Elsewhere: Not a word", "Handy docs", "read 2026-11-20"))
    assert "没有找到" in rendered[f"zh.{form}"]
    linked = "](https://elsewhere.example/docs)" if form == "md" else 'href="https://elsewhere.example/docs"'
    assert linked in page


def test_they_are_grouped_by_what_was_found() -> None:
    groups = left_out(invented(), texts("en"))
    assert [(group.word, [each.name for each in group.vendors]) for group in groups] == [
        ("Nothing was found", ["Elsewhere"]),
        ("A cap that is set by hand", ["Handy"]),
    ]


def test_none_of_them_has_an_entry(real_claims: Claims) -> None:
    entries = {provider.name.en.casefold() for provider in real_claims.providers.values()}
    assert len(real_claims.looked_at) > 20
    assert not {each.name.casefold() for each in real_claims.looked_at} & entries
