"""The survey of 2024 against today."""

from probes.results import Results
from reports.changes import Held, conclusions, rows, said_to_cap_keys


def test_each_conclusion_is_held_against_todays_claim_and_evidence(invented: Results) -> None:
    held = {each.capability: each.held for each in conclusions(invented)}
    assert held == {
        "spend.limit.key": Held.HOLDS,
        "key.rotate": Held.UNCLEAR,  # today's claim is contradicted
        "spend.usage": Held.NO_LONGER,
        "key.read": Held.UNCLEAR,  # evidence disagrees with itself
        "rate.set": Held.UNCLEAR,  # today's claim is unknown
    }


def test_the_survey_and_who_it_said_can_cap_keys(invented: Results) -> None:
    assert said_to_cap_keys(invented) == ["acme"]
    assert [(row.provider, row.stars, row.now["spend"]) for row in rows(invented)] == [("acme", 5, "spend.limit.key")]


def test_the_report_has_every_conclusion_row_and_star_of_the_survey(real: Results, rendered_real: dict[str, str]) -> None:
    page = rendered_real["zh.html"]
    for provider in real.claims.providers.values():
        if provider.seed is not None:
            assert f"{provider.seed.stars} 星" in page
            assert all(text.zh in page for text in provider.seed.row.values())
            assert page.count("原结论") >= 1
