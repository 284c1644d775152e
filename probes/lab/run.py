"""The surroundings of a run in the lab: every simulator started, credentials made up, nothing but the simulators to be reached."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from probes.credentials import Environment
from probes.errors import UsageError
from probes.lab import endpoint, environment, simulated, simulator
from probes.lab.server import serving
from probes.lab.simulator import Simulator
from probes.surroundings import Surroundings

SPACING = 0.5
"""Seconds between two attempts: a simulator has no hiccups to outlast."""


@contextmanager
def lab(providers: Collection[str]) -> Iterator[tuple[Surroundings, dict[str, Simulator]]]:
    """The named providers' simulators, all where none is named, until the end of the block.

    The ledger is a folder that goes with them: what is left in a simulator that has stopped is gone. Raises UsageError where a provider has
    no simulator.
    """
    known = simulated()
    for name in providers:
        if name not in known:
            raise UsageError("has no simulator", where=name, hint=f"Simulated are {', '.join(known)}.")
    running = {name: simulator(name) for name in known if not providers or name in providers}
    with serving(running) as network, TemporaryDirectory(prefix="keycap-lab-") as folder:
        surroundings = Surroundings(
            Environment(environment(running)),
            {name: endpoint(name) for name in running},
            {name: each.model for name, each in running.items()},
            Path(folder) / "ledger",
            network,
            SPACING,
        )
        yield surroundings, running
