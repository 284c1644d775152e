"""Kills runs at random moments and shows that a cleanup leaves nothing.

    python -m tests.account.kill_runs --runs 100 [--seed N] [--signal TERM]

The simulated gateway is at times slow, acts on a creation only after its client is gone, does not show at once what it has created, or
deletes late. After each kill `keycap cleanup` runs, once more when the gateway has settled, and once more a quarter of an hour later, for
which the ledger is made older than it is. Then no key of keycap's may be alive, none but its own may have been asked to be deleted, and the
ledger must be empty.
"""

import argparse
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.account.hub import Hub, running_hub
from tests.account.runs import FOREIGN, Runs

BEHAVIOURS = ("prompt", "prompt", "slow", "acts late", "shows late", "deletes late")


@dataclass(frozen=True)
class Killed:
    """One run that was killed: how the gateway behaved, what it had of keycap's when the signal came, and what is wrong in the end."""

    behaviour: str
    alive: int
    remembered: bool
    wrong: tuple[str, ...]


def killed_runs(hub: Hub, runs: Runs, *, count: int, chance: random.Random, number: signal.Signals = signal.SIGKILL) -> Iterator[Killed]:
    """Run, send the signal, clean up, and look; so many times."""
    runs.write().communicate()
    whole = hub.requests
    for _ in range(count):
        behaviour = chance.choice(BEHAVIOURS)
        behave(hub, behaviour, chance)
        moment = hub.requests + chance.randint(0, whole)
        process = runs.write()
        while process.poll() is None and hub.requests < moment:
            time.sleep(0.005)
        time.sleep(chance.uniform(0.0, 0.4))  # keycap asks five times a second
        alive, remembered = len(hub.ours), bool(runs.ledger)
        process.send_signal(number)
        process.communicate(timeout=60)
        yield Killed(behaviour, alive, remembered, tuple(cleaned_up(hub, runs)))


def behave(hub: Hub, behaviour: str, chance: random.Random) -> None:
    """Let the gateway behave so until it is told otherwise."""
    pause = chance.uniform(0.02, 0.3) if behaviour == "slow" else 0.02
    hub.before = lambda _method, _target: time.sleep(pause)
    hub.acts_after = chance.uniform(0.0, 2.0) if behaviour == "acts late" else None
    hub.shows_after = chance.uniform(0.0, 2.0) if behaviour == "shows late" else 0.0
    hub.deletes_after = chance.uniform(0.0, 2.0) if behaviour == "deletes late" else None


def cleaned_up(hub: Hub, runs: Runs) -> Iterator[str]:
    """What is wrong after the cleanups: nothing."""
    yield from _cleanup(runs, "at once")
    hub.settle()
    time.sleep(hub.shows_after)
    if runs.ledger:
        yield from _cleanup(runs, "again")
    if hub.ours:
        yield f"left: {', '.join(hub.ours)}"
    if runs.ledger:
        runs.age()
        yield from _cleanup(runs, "later")
    if hub.keys != FOREIGN:
        yield f"keys: {hub.keys}"
    if not FOREIGN.keys().isdisjoint(hub.deleted):
        yield f"asked to delete: {hub.deleted}"
    if runs.ledger:
        yield f"in the ledger: {[path.name for path in runs.ledger]}"


def _cleanup(runs: Runs, when: str) -> Iterator[str]:
    done = runs.cleanup()
    if done.returncode:
        yield f"cleanup {when} ended with {done.returncode}: {done.stdout}{done.stderr}"


def main() -> int:
    """Tell of each run that left something, and how many left nothing."""
    parser = argparse.ArgumentParser(description="Kill runs at random moments; show that a cleanup leaves nothing.")
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--signal", choices=["KILL", "TERM", "INT"], default="KILL")
    asked = parser.parse_args()
    began, clean, moments = time.monotonic(), 0, Counter[str]()
    with tempfile.TemporaryDirectory() as name, running_hub() as hub:
        folder = Path(name) / "run"
        folder.mkdir()
        runs = Runs(hub, folder)
        chance = random.Random(asked.seed)  # noqa: S311  (moments, not secrets)
        number = signal.Signals[f"SIG{asked.signal}"]
        for each in killed_runs(hub, runs, count=asked.runs, chance=chance, number=number):
            clean += not each.wrong
            moments["with a key alive" if each.alive else "with the ledger open" if each.remembered else "before or after"] += 1
            for wrong in each.wrong:
                sys.stdout.write(f"{each.behaviour}: {wrong[-2000:]}\n")
    told = ", ".join(f"{count} {moment}" for moment, count in moments.most_common())
    sys.stdout.write(
        f"{clean} of {asked.runs} left nothing (SIG{asked.signal}, seed {asked.seed}; {told}; {time.monotonic() - began:.0f} s)\n"
    )
    return 0 if clean == asked.runs else 1


if __name__ == "__main__":
    sys.exit(main())
