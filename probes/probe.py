"""What a probe is: an async function that tests claims of one provider and reports what it found through the `Api` it is handed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from probes.evidence import Level

if TYPE_CHECKING:
    from probes.api import Api


class Tier(IntEnum):
    """How far a probe goes; opt-in upwards."""

    CONTRACT = 1
    SURFACE = 2
    READ = 3
    DRY = 4
    WRITE = 5
    SPEND = 6

    @property
    def word(self) -> str:
        return self.name.lower()

    @property
    def level(self) -> Level:
        """The level of evidence that a conclusive finding of this tier has."""
        if self is Tier.SPEND:
            return Level.ENFORCEMENT
        return {Tier.CONTRACT: Level.CONTRACT, Tier.SURFACE: Level.SURFACE}.get(self, Level.BEHAVIOUR)


@dataclass(frozen=True, slots=True)
class Probe:
    """One probe. `name` is unique within a provider and tier; `capabilities` are the claims it may report on."""

    provider: str
    name: str
    capabilities: tuple[str, ...]
    tier: Tier
    run: Callable[["Api"], Awaitable[None]]


@dataclass(frozen=True)
class Provider:
    """The probes of one provider, in its own file under `probes/providers/`; the name is the claims' and the file's.

    provider = Provider("acme")

    @provider.probe("key.list", tier=Tier.READ)
    async def keys_are_listed(api: Api) -> None: …
    """

    name: str
    probes: list[Probe] = field(default_factory=list)

    def probe(self, *capabilities: str, tier: Tier) -> Callable[[Callable[["Api"], Awaitable[None]]], Callable[["Api"], Awaitable[None]]]:
        """Register a probe; it must report on every capability named, or is inconclusive on it."""

        def register(run: Callable[["Api"], Awaitable[None]]) -> Callable[["Api"], Awaitable[None]]:
            self.probes.append(Probe(self.name, run.__name__, capabilities, tier, run))
            return run

        return register
