"""What the page says of changes: the last day with any, and each provider's own."""

from datetime import date

from probes.results import Results
from reports.history import Line
from reports.rendering import documents
from reports.states import State
from reports.text import texts
from reports.view_history import by_provider, latest

CLAIMED = State("supported", "unverified", "claimed", "")
PROVEN = State("supported", "confirmed", "contract", "present")
GONE = State("supported", "refuted", "surface", "absent")

HISTORY = [
    Line(date(2026, 11, 20), "acme", "key.create", None, PROVEN),
    Line(date(2026, 11, 22), "acme", "key.create", PROVEN, GONE),
    Line(date(2026, 11, 22), "hub", "key.create", CLAIMED, PROVEN),
    Line(date(2026, 11, 22), "hub", "key.list", None, PROVEN),
    Line(date(2026, 11, 23), "acme", "key.list", PROVEN, GONE, origin="lab"),
    Line(date(2026, 11, 23), "nobody", "key.list", PROVEN, GONE),
]


def test_the_last_day_counts_first_verdicts_and_names_changed_ones(invented: Results) -> None:
    found = latest(invented, HISTORY, texts("en"))
    assert found is not None
    assert (found.date, found.settled, [each.anchor for each in found.changed]) == (
        "2026-11-22",
        1,
        ["acme--key.create", "hub--key.create"],
    )
    assert found.changed[0].what == "capability vanished"
    assert latest(invented, [], texts("en")) is None


def test_a_providers_changes_stand_in_its_section(invented: Results) -> None:
    assert set(by_provider(invented, HISTORY, texts("en"))) == {"acme", "hub"}
    page = documents(invented, "en", HISTORY)["report.en.html"]
    assert "on 2026-11-22 1 verdicts were settled for the first time, and 2 became another" in page
    assert "capability vanished" in page
    assert "verdicts were settled for the first time, and 0" not in documents(invented, "en")["report.en.html"]
