"""A vendor changes its mind: simulated, noticed by the next run, told once, and noted for good."""

import json
import subprocess
from datetime import date
from pathlib import Path

import pytest
from starlette.responses import JSONResponse

from probes.evidence import Origin
from probes.lab.simulator import Behaviour
from probes.probe import Tier
from probes.record import Record
from probes.results import Results
from reports import drift, history
from reports.drift_forms import to_json, to_markdown, to_text
from reports.drifts import Drift
from reports.states import Became
from tests.keycap import Keycap
from tests.lab.conftest import Lab, LabRun

DAYS = [date(2026, 11, day) for day in (20, 21, 22, 23)]
CELL = ("moonshot", "spend.balance")


def told_to_anybody() -> Behaviour:
    """A balance that needs no key is nobody's."""
    body = {"code": 0, "status": True, "data": {"available_balance": 5, "voucher_balance": 5, "cash_balance": 0}}
    return Behaviour(deny=lambda _method, path: JSONResponse(body) if "/balance" in path else None)


@pytest.fixture
def runs(lab: Lab, tmp_path: Path) -> list[LabRun]:
    """As it was, changed, changed still, and changed back."""
    behaviours = [None, told_to_anybody(), told_to_anybody(), None]
    return [lab.verify("moonshot", behaviour, tiers=[Tier.READ], record=tmp_path / "cassettes") for behaviour in behaviours]


def seen(lab: Lab, run: LabRun) -> Results:
    return Results.of(lab.claims, run.outcome.evidence).decided_by(Origin.LAB)


def drift_of(lab: Lab, run: LabRun, day: date) -> Drift:
    return drift(*Record.around(run.outcome, seen(lab, run), day))


def test_a_change_is_told_as_exactly_that_cell_once_and_so_is_its_undoing(lab: Lab, runs: list[LabRun]) -> None:
    first, changed, still, back = (drift_of(lab, run, day) for run, day in zip(runs, DAYS, strict=True))
    assert not first
    assert not still
    for found, kind, outcome in ((changed, Became.VANISHED, "absent"), (back, Became.APPEARED, "present")):
        (row,) = found.verdicts
        assert ((row.provider, row.capability), row.kind, row.after.outcome, row.after.level) == (CELL, kind, outcome, "behaviour")
        assert (found.answers, found.discoveries) == ((), ())
        assert sum(line.startswith("moonshot spend.balance") for line in to_text(found)) == 1
        assert [(each["provider"], each["capability"]) for each in to_json(found)["verdicts"]] == [CELL]
        page = to_markdown(found, lab.claims)
        assert page.count("| Moonshot AI (Kimi) | Balance |") == 1
        assert page.count("| 月之暗面（Kimi） | 余额 |") == 1


def test_a_change_is_asked_for_twice_before_it_is_believed(runs: list[LabRun]) -> None:
    asked = [run.requests for run in runs]
    assert asked[1] == 2 * asked[2]
    assert asked[3] == 2 * asked[0]


def test_the_history_holds_both_changes_and_nothing_twice(lab: Lab, runs: list[LabRun], tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    for run, day in zip(runs, DAYS, strict=True):
        history.update(path, seen(lab, run), day)
        assert history.update(path, seen(lab, run), day) == []
    lines = list(history.of(history.read(path), *CELL))
    assert [(line.date, line.after.outcome, line.origin) for line in lines] == [
        (DAYS[0], "present", "lab"),
        (DAYS[1], "absent", "lab"),
        (DAYS[3], "present", "lab"),
    ]
    assert [line.before for line in lines] == [None, lines[0].after, lines[1].after]


def test_an_outage_is_not_tested_and_changes_nothing(lab: Lab, tmp_path: Path) -> None:
    lab.verify("moonshot", tiers=[Tier.READ], record=tmp_path / "c")
    broken = Behaviour(deny=lambda _method, _path: JSONResponse({}, 503))
    run = lab.verify("moonshot", broken, tiers=[Tier.READ], record=tmp_path / "c")
    assert not drift_of(lab, run, DAYS[0])
    assert "not tested" in next(iter(run.outcome.messages()))
    assert seen(lab, run).verdicts[CELL].decided_by[0].outcome == "present"


def test_the_command_compares_with_the_last_commit(lab: Lab, keycap: Keycap, checkout: Path, tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        who = ["-c", "user.name=t", "-c", "user.email=t@t.example", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True)

    record = ("--claims", tmp_path / "capabilities.yaml", "--cassettes", tmp_path / "cassettes", "--lab")
    (tmp_path / "capabilities.yaml").write_bytes((checkout / "capabilities.yaml").read_bytes())
    lab.verify("moonshot", tiers=[Tier.READ], record=tmp_path / "cassettes")
    git("init", "-q")
    git("add", "capabilities.yaml", "cassettes")
    git("commit", "-qm", "as it was")
    assert keycap("drift", *record).code == 0
    lab.verify("moonshot", told_to_anybody(), tiers=[Tier.READ], record=tmp_path / "cassettes")
    ended = keycap("drift", *record, "--format", "json")
    assert ended.code == 1
    assert [(row["provider"], row["capability"], row["kind"]) for row in ended.json["drift"]["verdicts"]] == [(*CELL, "vanished")]
    assert json.loads(ended.out)["schema"] == 1
    assert "余额" in keycap("drift", *record, "--format", "md").out
