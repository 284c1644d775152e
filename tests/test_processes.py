"""Work shared among processes: the same results in the same order, the same errors, and nothing left running."""

import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from probes.claims import Claims
from probes.errors import CassetteError, KeycapError
from probes.judged import load_record
from probes.processes import at_once, processors

forking = pytest.mark.skipif(processors() < 2, reason="one processor, or a system whose processes are not forked")


def doubled(number: int) -> tuple[int, int]:
    return number * 2, os.getpid()


def refused(number: int) -> int:
    if number == 2:
        raise CassetteError("cut short", where="there", hint="Record again.")
    return number


def killed(number: int) -> int:
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@forking
def test_parts_are_done_at_once_and_come_back_in_order() -> None:
    results = at_once(doubled, [1, 2, 3], processes=3)
    assert [value for value, _ in results] == [2, 4, 6]
    assert results[0][1] == os.getpid()
    assert len({process for _, process in results}) == 3
    assert multiprocessing.active_children() == []


def test_with_fewer_processes_than_parts_all_is_done_here() -> None:
    assert at_once(doubled, [1, 2, 3], processes=2) == [(value, os.getpid()) for value in (2, 4, 6)]


@forking
def test_an_error_elsewhere_is_raised_here_with_all_that_it_says() -> None:
    with pytest.raises(CassetteError) as found:
        at_once(refused, [1, 2], processes=2)
    assert (found.value.what, found.value.where, found.value.hint) == ("cut short", "there", "Record again.")


@forking
def test_a_process_that_the_system_ends_is_told_of() -> None:
    with pytest.raises(KeycapError, match="ended without a result"):
        at_once(killed, [1, 2], processes=2)


@forking
def test_a_record_is_judged_to_the_same_by_several_processes(real_claims: Claims, checkout: Path) -> None:
    several = load_record(real_claims, checkout / "cassettes", processes=2)
    assert several == load_record(real_claims, checkout / "cassettes")


@forking
def test_while_others_work_something_else_is_done_here() -> None:
    done: list[int] = []
    results = at_once(doubled, [1, 2], processes=2, meanwhile=lambda: done.append(os.getpid()))
    assert [value for value, _ in results] == [2, 4]
    assert done == [os.getpid()]
    assert os.getpid() not in {process for _, process in results}


def test_with_one_process_it_is_done_first() -> None:
    done: list[int] = []
    assert at_once(doubled, [1], meanwhile=lambda: done.append(1)) == [(2, os.getpid())]
    assert done == [1]
