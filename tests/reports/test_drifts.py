"""What two records differ in, and how that is told in text, Markdown and JSON."""

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import autocorrect_py
import pytest

from probes.evidence import Cause, Evidence, Level, Origin, Outcome
from probes.record import Record
from probes.results import Results
from probes.shapes import Change, Place
from probes.unclaimed import Discovery
from reports.drift_forms import to_json, to_markdown, to_text
from reports.drifts import Drift, compare, stale
from reports.states import Became
from reports.text import texts
from tests.reports.invented import found, invented
from tests.reports.test_language import prose

DAY = date(2026, 11, 24)


def record(*evidence: Evidence, day: date = DAY, **changes: Any) -> Record:
    return Record(Results.of(invented(**changes), evidence), (), day, "0123456789ab" if day < DAY else "")


def create(outcome: Outcome, level: Level = Level.BEHAVIOUR, **more: Any) -> Evidence:
    return found("key.create", outcome, level, **more)


THERE, GONE = create(Outcome.PRESENT), create(Outcome.ABSENT, cause=Cause.NOT_DONE, detail="status 404")


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ([THERE], [GONE], Became.VANISHED),
        ([GONE], [THERE], Became.APPEARED),
        ([THERE], [], Became.LOST),
        ([THERE], [create(Outcome.INCONCLUSIVE)], Became.LOST),
        ([], [THERE], Became.SETTLED),
        ([], [GONE], Became.REFUTED),
        ([THERE], [THERE, replace(GONE, probe="other")], Became.REFUTED),
        ([THERE, replace(GONE, probe="other")], [THERE], Became.CONFIRMED),
        ([THERE], [create(Outcome.PRESENT, Level.CONTRACT)], Became.LEVEL),
    ],
)
def test_a_verdict_that_changed_is_one_row_that_says_what_became_of_it(before: list[Evidence], after: list[Evidence], kind: Became) -> None:
    (row,) = compare(record(*before), record(*after)).verdicts
    assert (row.provider, row.capability, row.kind) == ("acme", "key.create", kind)


def test_equal_records_differ_in_nothing_whatever_their_day() -> None:
    assert not compare(record(THERE, day=DAY - timedelta(days=300)), record(THERE))


def test_what_a_simulator_shows_is_no_drift_unless_asked_for() -> None:
    then, now = (record(replace(each, origin=Origin.LAB)) for each in (THERE, GONE))
    assert not compare(then, now)
    assert compare(then.decided_by(Origin.LAB), now.decided_by(Origin.LAB)).verdicts[0].kind is Became.VANISHED


def test_evidence_that_grew_too_old_since_is_told_once() -> None:
    age = timedelta(days=30)
    fresh, old = record(THERE, day=date(2026, 12, 1)), record(THERE, day=date(2026, 12, 28))
    assert [row.kind for row in compare(fresh, old, max_age=age).verdicts] == [Became.STALE]
    assert not compare(fresh, old)
    assert not compare(old, record(THERE, day=date(2026, 12, 29)), max_age=age)
    assert stale(old, age) == [("acme", "key.create")]


def test_a_provider_or_claim_that_was_not_there_before_is_no_drift() -> None:
    before = record()
    claims = before.results.claims
    fewer = claims.model_copy(update={"providers": {"hub": claims.providers["hub"]}})
    assert not compare(Record(Results.of(fewer, ()), (), DAY), record(THERE))


FULL = Drift(
    "0123456789ab",
    date(2026, 11, 17),
    DAY,
    compare(record(THERE, day=date(2026, 11, 17)), record(GONE)).verdicts,
    (Change(Place("acme", "read", "GET /v1/keys/{keyId}"), ("header x-old", "code gone|away"), ("field error.code",)),),
    (
        Discovery("acme", "openapi", "POST /v1/caps", ("amount", "currency"), True, "https://acme.example/openapi.yaml", "2026-11-20"),
        Discovery("hub", "openapi", "GET /v1/budgets", (), False, "https://hub.example/openapi.yaml", "2026-11-20"),
    ),
)


def test_each_form_names_every_change_once() -> None:
    text = "\n".join(to_text(FULL))
    page = to_markdown(FULL, invented(), "en")
    for told in (text, page):
        for name in ("POST /v1/caps", "GET /v1/budgets", "GET /v1/keys/{keyId}", "status 404", "header x-old", "amount, currency"):
            assert told.count(name) == 1, (name, told)
    assert text.splitlines()[:2] == [
        "acme key.create: capability vanished",
        "  supported, confirmed, behaviour, present → supported, refuted, behaviour, absent",
    ]
    assert "code gone\\|away" in page


def test_json_has_flat_rows_with_the_words_of_the_design() -> None:
    told = json.loads(json.dumps(to_json(FULL)))
    assert told["verdicts"] == [
        {
            "provider": "acme", "capability": "key.create", "kind": "vanished",
            "from": {"status": "supported", "verdict": "confirmed", "level": "behaviour", "outcome": "present"},
            "to": {"status": "supported", "verdict": "refuted", "level": "behaviour", "outcome": "absent"},
            "as_of": "2026-11-22", "detail": ["status 404"], "declared": [],
        }
    ]  # fmt: skip
    assert [each["new"] for each in told["discoveries"]] == [True, False]


def test_markdown_has_both_languages_unless_one_is_named() -> None:
    both = to_markdown(FULL, invented())
    assert "## What changed" in both
    assert "## 变化" in both
    chinese = to_markdown(FULL, invented(), "zh")
    assert "What changed" not in chinese
    assert "能力消失" in chinese
    for line in prose(chinese):
        assert autocorrect_py.format(line) == line
    english = {value for key, value in texts("en").texts.items() if key.startswith("drift.") and len(value.split()) > 2}
    assert not [value for value in english if re.split(r"\{", value)[0] and value in chinese]


@pytest.mark.parametrize("hostile", ["a|b `c` <script>", "[x](javascript:1)", "\u202eevil", "*x*\n# y"])
def test_nothing_from_a_document_is_markup_in_markdown(hostile: str) -> None:
    discovery = Discovery("acme", "openapi", f"POST /{hostile}", (hostile,), True, "https://acme.example/", "2026-11-20")
    page = to_markdown(replace(FULL, verdicts=(), answers=(), discoveries=(discovery,)), invented(), "en")
    assert "\u202e" not in page
    rows = [line for line in page.splitlines() if "acme.example" in line]
    assert len(rows) == 1
    assert len(re.findall(r"(?<!\\)\|", rows[0])) == 5


def test_nothing_changed_is_said() -> None:
    same = compare(record(THERE), record(THERE))
    assert list(to_text(same)) == ["Nothing changed."]
    assert "没有变化。" in to_markdown(same, invented(), "zh")
