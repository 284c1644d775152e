"""History: a line for every changed verdict, appended, never twice, and made anew from git."""

from datetime import date
from pathlib import Path

import pytest

from probes.errors import KeycapError
from probes.evidence import Level, Origin, Outcome
from probes.results import Results
from reports import history
from tests.keycap import Keycap
from tests.reports.invented import found, invented

FIRST, LATER = date(2026, 11, 20), date(2026, 11, 24)


def settled(outcome: Outcome, level: Level = Level.CONTRACT) -> Results:
    return Results.of(invented(), [found("key.create", outcome, level)])


def test_only_what_changed_is_appended(tmp_path: Path) -> None:
    path = tmp_path / "reports" / "history.jsonl"
    assert len(history.update(path, settled(Outcome.PRESENT), FIRST, "0123456789ab")) == 1
    before = path.read_bytes()
    assert history.update(path, settled(Outcome.PRESENT), LATER) == []
    assert path.read_bytes() == before
    (line,) = history.update(path, settled(Outcome.ABSENT), LATER)
    assert path.read_bytes().startswith(before)
    assert line.before is not None
    assert (line.before.outcome, line.after.outcome, line.after.verdict) == ("present", "absent", "refuted")
    assert [each.commit for each in history.read(path)] == ["0123456789ab", ""]


def test_what_nothing_is_known_of_has_no_line_until_it_is_settled(tmp_path: Path) -> None:
    assert history.update(tmp_path / "h", Results.of(invented(), ()), FIRST) == []
    assert not (tmp_path / "h").exists()


def test_evidence_that_was_lost_is_noted(tmp_path: Path) -> None:
    history.update(tmp_path / "h", settled(Outcome.PRESENT), FIRST)
    (line,) = history.update(tmp_path / "h", Results.of(invented(), ()), LATER)
    assert (line.after.verdict, line.after.outcome) == ("unverified", "")


def test_what_simulators_showed_is_a_history_of_its_own(tmp_path: Path) -> None:
    results = Results.of(invented(), [found("key.create", Outcome.PRESENT, Level.BEHAVIOUR, origin=Origin.LAB)])
    assert history.changes([], results, FIRST) == []
    (line,) = history.changes([], results.decided_by(Origin.LAB), FIRST)
    assert line.origin == "lab"


def test_a_line_reads_back_as_it_was_written(tmp_path: Path) -> None:
    lines = history.update(tmp_path / "h", settled(Outcome.PRESENT), FIRST, "0123456789ab")
    assert history.read(tmp_path / "h") == lines


def test_two_branches_merge_line_by_line(tmp_path: Path) -> None:
    """git puts the lines of both sides below each other: one that both have counts once, and the later day wins."""
    path = tmp_path / "h"
    history.update(path, settled(Outcome.PRESENT), FIRST)
    first = path.read_text(encoding="utf-8")
    history.update(path, settled(Outcome.ABSENT), LATER)
    path.write_text(path.read_text(encoding="utf-8").removeprefix(first) + first + first, encoding="utf-8")
    assert [line.after.outcome for line in history.read(path)] == ["present", "absent"]
    assert history.update(path, settled(Outcome.ABSENT), LATER) == []


@pytest.mark.parametrize("broken", ["{", "[]", '{"date": "2026-13-01"}', '{"date": 3}', "null", '"x"'])
def test_a_line_that_is_none_is_named(tmp_path: Path, broken: str) -> None:
    history.update(tmp_path / "h", settled(Outcome.PRESENT), FIRST)
    with (tmp_path / "h").open("a", encoding="utf-8") as file:
        file.write(broken)
    with pytest.raises(KeycapError, match="is no line of a history") as caught:
        history.read(tmp_path / "h")
    assert caught.value.where.endswith(":2")
    assert "--rebuild" in caught.value.hint


def test_successive_records_give_the_same_lines_as_updates_did(tmp_path: Path) -> None:
    history.update(tmp_path / "h", settled(Outcome.PRESENT), FIRST, "a" * 12)
    history.update(tmp_path / "h", settled(Outcome.ABSENT, Level.BEHAVIOUR), LATER, "b" * 12)
    records = [(settled(Outcome.PRESENT), FIRST, "a" * 12), (settled(Outcome.ABSENT, Level.BEHAVIOUR), LATER, "b" * 12)]
    assert history.rebuilt(records) == (tmp_path / "h").read_text(encoding="utf-8")


def test_the_command_shows_a_provider_or_one_of_its_claims(keycap: Keycap, tmp_path: Path, checkout: Path) -> None:
    where = ("--history", tmp_path / "h", "--claims", tmp_path / "c.yaml")
    (tmp_path / "c.yaml").write_bytes((checkout / "capabilities.yaml").read_bytes())
    line = '{"date": "2026-11-20", "provider": "openai", "capability": "CAP", "from": null, "to": STATE}\n'
    state = '{"status": "supported", "verdict": "confirmed", "level": "contract", "outcome": "present"}'
    text = "".join(line.replace("CAP", each).replace("STATE", state) for each in ("key.create", "key.list"))
    (tmp_path / "h").write_text(text, encoding="utf-8")
    assert len(keycap("history", "openai", *where).out.splitlines()) == 2
    assert [each["capability"] for each in keycap("history", "openai", "key.list", "--json", *where).json["history"]] == ["key.list"]
    assert "did you mean openai?" in keycap("history", "opanai", *where).err
