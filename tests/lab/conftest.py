"""A provider's probes run against its simulator on loopback, in this process, with a record and a ledger of their own."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from probes import runner
from probes.claims import Claims
from probes.credentials import Environment
from probes.evidence import Evidence, Origin
from probes.figures import Figures
from probes.lab import endpoint, environment, simulator
from probes.lab.server import serving
from probes.lab.simulator import Behaviour, Simulator
from probes.money import Budget
from probes.outcome import Outcome
from probes.plan import plan
from probes.probe import Tier

NEVER, SHORT = 100.0, 0.1
"""Seconds of a lag that no test waits for, and what waits are multiplied by then."""

AUTHENTICATED = (Tier.READ, Tier.DRY, Tier.WRITE, Tier.SPEND)


@dataclass(frozen=True)
class LabRun:
    """What a run in the lab left: its evidence, its recordings, and the simulator as it is now."""

    provider: str
    evidence: Sequence[Evidence]
    simulator: Simulator
    cassettes: Path
    ledger: Path
    spent: float
    """USD, at most."""
    requests: int
    outcome: Outcome

    @cached_property
    def outcomes(self) -> dict[str, str]:
        """Outcome by capability: of the highest level that is conclusive, else `inconclusive`."""
        strongest = sorted(self.evidence, key=lambda each: (each.conclusive, each.level))
        return {each.capability: str(each.outcome) for each in strongest}

    @cached_property
    def causes(self) -> dict[str, set[str]]:
        """All causes by capability."""
        found: dict[str, set[str]] = {}
        for each in self.evidence:
            found.setdefault(each.capability, set()).add(str(each.cause))
        return found

    @cached_property
    def figures(self) -> dict[str, tuple[Figures, ...]]:
        """What was measured, by capability."""
        return {each.capability: each.figures for each in self.evidence if each.figures}

    @property
    def unsettled(self) -> list[str]:
        """Claims that are supported or partial by API and that nothing settled."""
        return sorted(capability for capability, outcome in self.outcomes.items() if outcome == "inconclusive")


Verify = Callable[..., LabRun]


class Lab:
    """Runs a provider's probes against a fresh simulator."""

    def __init__(self, claims: Claims, folder: Path) -> None:
        self.claims, self.folder, self.runs = claims, folder, 0

    def verify(
        self,
        provider: str,
        behaviour: Behaviour | None = None,
        *,
        tiers: Collection[Tier] = AUTHENTICATED,
        max_spend: float = 1.0,
        record: Path | None = None,
        waits: float | None = None,
        prepare: Callable[[Simulator], None] = lambda _: None,
        variables: Callable[[dict[str, str]], dict[str, str]] = lambda given: given,
        made: Simulator | None = None,
    ) -> LabRun:
        """`prepare` is handed the simulator before the run; `variables` may replace its credentials.

        `record` is one to go on with, `made` a simulator of a test's own.

        Waits are shortened where what a probe waits for never comes: where a lag says so, or `waits` does.
        """
        never = behaviour is not None and max(behaviour.cap_lag, behaviour.revoke_lag) > NEVER
        self.runs += 1
        made = made or simulator(provider, behaviour)
        prepare(made)
        folder = self.folder / str(self.runs)
        held = Environment(variables(environment({provider: made})))
        jobs = plan(self.claims, providers=[provider], tiers=tiers, endpoints={provider: endpoint(provider)}, environment=held)
        with serving({provider: made}) as network:
            settings = runner.Settings(
                record or folder / "cassettes",
                environment=held,
                ledger=folder / "ledger",
                models={provider: made.model},
                budget=(budget := Budget(max_spend)),
                network=network,
                spacing=0.1,
                waits=waits if waits is not None else SHORT if never else 1.0,
            )
            outcome = runner.verify(jobs, self.claims, settings)
        evidence = [each for each in outcome.evidence if each.provider == provider and each.origin is Origin.LAB]
        requests = sum(job.requests for job in outcome.jobs)
        return LabRun(provider, evidence, made, settings.cassettes, folder / "ledger", budget.spent, requests, outcome)


@pytest.fixture
def lab(real_claims: Claims, tmp_path: Path) -> Lab:
    return Lab(real_claims, tmp_path)
