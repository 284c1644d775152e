"""Whatever ends a run, nothing that it created stays behind."""

import random
import signal
import time

import pytest

from tests.account.conftest import FOREIGN, Gate, Runs, ended
from tests.account.hub import Hub
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
    hub.before = lambda _method, _target: time.sleep(0.05)
    for _ in range(10):
        process = runs.write()
        time.sleep(chance.uniform(0.3, 2.2))
        process.kill()
        process.communicate()
        first = runs.cleanup()
        assert (first.returncode, hub.ours, hub.keys) == (0, [], FOREIGN), first.stdout + first.stderr
    second = runs.cleanup()
    assert (second.returncode, second.stdout.strip(), runs.ledger) == (0, "0 removed, 0 left", [])
    assert set(hub.deleted).isdisjoint(FOREIGN)


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
