"""Whatever ends a run, nothing that it created stays behind."""

import random
import signal
import time
from threading import Event

import pytest

from tests.account.hub import Hub
from tests.account.kill_runs import killed_runs
from tests.account.runs import FOREIGN, Gate, Runs, ended, outcomes
from tests.servers import Reply


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_undoes_what_it_created(hub: Hub, runs: Runs, number: signal.Signals) -> None:
    gate = Gate(hub)
    process = runs.write()
    assert gate.reached()
    process.send_signal(number)
    code, document, err = ended(process)
    gate.open()
    assert code == 130
    assert "not run" in err
    assert (hub.ours, hub.keys, runs.ledger) == ([], FOREIGN, [])
    assert document["run"]["interrupted"]


@pytest.mark.timeout(180)
def test_after_ten_kills_at_random_moments_cleanup_leaves_nothing(hub: Hub, runs: Runs) -> None:
    chance = random.Random(20261124)  # noqa: S311  (moments, not secrets)
    killed = list(killed_runs(hub, runs, count=10, chance=chance))
    assert [each for each in killed if each.wrong] == []
    assert any(each.remembered for each in killed), "none of them was killed while there was anything to lose"
    again = runs.cleanup()
    assert (again.returncode, again.stdout.strip()) == (0, "0 removed, 0 left")


def test_two_runs_at_once_do_not_clean_up_each_other(hub: Hub, runs: Runs) -> None:
    gate = Gate(hub)
    one, other = runs.write(), runs.write(record="other")
    assert gate.reached(2)
    one.kill()
    one.communicate()
    cleaned = runs.cleanup()
    assert (cleaned.returncode, cleaned.stdout.splitlines()[-1]) == (0, "1 removed, 0 left")
    assert len(hub.ours) == 1
    gate.open()
    code, document, _ = ended(other)
    assert (code, {outcome for outcome, _ in outcomes(document).values()}) == (0, {"present"})
    assert (hub.keys, runs.ledger) == (FOREIGN, [])


def test_two_cleanups_at_once_do_not_trip_over_each_other(hub: Hub, runs: Runs) -> None:
    gate = Gate(hub)
    killed = [runs.write(record=f"record{number}") for number in range(3)]
    assert gate.reached(3)
    for process in killed:
        process.kill()
        process.communicate()
    cleanups = [runs.start("cleanup") for _ in range(2)]
    told = [process.communicate(timeout=60) for process in cleanups]
    assert [process.returncode for process in cleanups] == [0, 0], told
    assert (hub.keys, runs.ledger) == (FOREIGN, [])


def test_a_second_ctrl_c_ends_the_undoing_and_the_ledger_remembers(hub: Hub, runs: Runs) -> None:
    undoing, stuck = Event(), Event()

    def hold(method: str, target: str) -> None:
        if method == "DELETE":
            undoing.set()
            stuck.wait(30)

    hub.before = hold
    process = runs.write()
    assert undoing.wait(30)
    for _ in range(2):
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
    began = time.monotonic()
    out, err = process.communicate(timeout=20)
    stuck.set()
    assert time.monotonic() - began < 5
    assert (process.returncode, out, "keycap cleanup" in err, "Traceback" in err) == (130, "", True, False), err
    assert len(runs.ledger) == 1
    hub.before = lambda _method, _target: None
    assert runs.cleanup().returncode == 0
    assert hub.keys == FOREIGN


def test_what_cannot_be_removed_is_told_and_kept_in_mind(hub: Hub, runs: Runs) -> None:
    hub.before = lambda method, _target: Reply(500) if method == "DELETE" else None
    _, _, err = ended(runs.write())
    assert "may still be there" in err
    assert len(hub.ours) == 1
    left = runs.cleanup()
    assert (left.returncode, "LEFT: DELETE answered 500" in left.stdout) == (1, True)
    hub.before = lambda _method, _target: None
    assert (runs.cleanup().returncode, hub.ours, runs.ledger) == (0, [], [])


def test_cleanup_without_the_credential_says_what_it_needs(hub: Hub, runs: Runs) -> None:
    hub.before = lambda method, _target: Reply(500) if method == "DELETE" else None
    ended(runs.write())
    del runs.environment["HUB_ADMIN_TOKEN"]
    left = runs.cleanup()
    assert (left.returncode, "needs HUB_ADMIN_TOKEN" in left.stdout, len(runs.ledger)) == (1, True, 1)


def test_cleanup_leaves_a_run_that_is_still_at_work_alone(hub: Hub, runs: Runs) -> None:
    gate = Gate(hub)
    process = runs.write()
    assert gate.reached()
    assert runs.cleanup().stdout.strip() == "0 removed, 0 left"
    assert len(hub.ours) == 1
    gate.open()
    ended(process)
    assert hub.ours == []
