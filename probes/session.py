"""What the probes of one provider at one tier share: its client, addresses and credentials, the ledger, the money, what they found."""

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import httpx

from probes.addresses import as_sent, host_of, of_created
from probes.answer import Answer
from probes.claims import Host, Provider
from probes.credentials import Held
from probes.endpoint import Endpoint
from probes.evidence import Cause, Outcome
from probes.figures import Figures
from probes.ledger import Ledger
from probes.money import Budget, Model
from probes.settings import OwnSettings


@dataclass(frozen=True, slots=True)
class Finding:
    """What a probe concluded on one capability, and the positions of the exchanges that show it."""

    capability: str
    outcome: Outcome
    cause: Cause
    detail: str
    as_of: str
    """ISO date of the document that was looked at; empty for an answer, whose date is the recording's."""
    exchanges: tuple[int, ...]
    figures: tuple[Figures, ...] = ()


@dataclass(frozen=True)
class Session:
    """One provider at one tier: its client and what its probes share. `addresses` has the base address of each host."""

    name: str
    provider: Provider
    addresses: Mapping[str, str]
    tag: str
    client: httpx.AsyncClient
    held: Mapping[str, Held] = field(default_factory=dict)
    """A person's credentials by name; empty without any, and on replay, where nothing is sent."""
    ledger: Ledger | None = None
    """What is created is entered here before the request leaves; None on replay, where nothing is created."""
    model: Model | None = None
    """The model and price that a person named, or that a recording was made with; None for the claims' own."""
    budget: Budget = field(default_factory=lambda: Budget(math.inf))
    """What the run may spend; without bound on replay, where nothing is sent."""
    settings: OwnSettings = field(default_factory=OwnSettings)
    """Names of a person's own things that stand in paths; none below the tier `read`, those of a recording on replay."""
    live: bool = False
    """Whether waiting takes time: not on replay, and not in a preview."""
    waits: float = 1.0
    """What every wait is multiplied by: below 1 against a simulator in which nothing changes with time."""
    shared: dict[tuple[str, str, str], asyncio.Future[Answer]] = field(default_factory=dict)

    def host(self, name: str) -> Host:
        """The host of that name, the first one for an empty name."""
        return self.provider.hosts[name or next(iter(self.provider.hosts))]

    def url(self, endpoint: Endpoint, *, created: str = "") -> str:
        """The full address of an endpoint, its parameters filled with the person's and the provider's values, else with the run's tag.

        `created` names what a probe created, where each such thing has a host of its own. Raises SettingMissing.
        """
        name = endpoint.host or next(iter(self.provider.hosts))
        endpoint = replace(endpoint, query=tuple((key, self.settings.filled(value)) for key, value in endpoint.query))
        values = {**self.provider.parameters, **self.settings.of(endpoint.parameters)}
        return of_created(self.addresses[name], created or self.resource).rstrip("/") + endpoint.target(values, self.resource)

    def host_of(self, url: str) -> Host:
        """The host that a full address is of."""
        return host_of(self.provider, self.addresses, url)

    def sent(self, host: Host, url: str, *, action: str = "") -> tuple[str, dict[str, str]]:
        """An address as it is sent, and its host's headers, filled with the person's values."""
        url, headers = as_sent(host, url, action=action)
        return url, self.settings.headers(headers)

    @property
    def resource(self) -> str:
        """The name of everything a probe creates or asks for."""
        return f"keycap-probe-{self.tag}"
