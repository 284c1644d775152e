"""What exists in the simulated subscription: accounts with keys, deployments and cost controls, budgets. Times are seconds of one clock.

Changes of accounts and deployments take `settles` seconds; until then their provisioningState is not terminal and they refuse any other.
"""

import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from probes.lab.simulator import Behaviour, Meter
from probes.money import Model

SETTLES = 0.1
"""Seconds that an operation takes; a minute or more in truth."""

PREFIX = "keycap-probe-"


def key() -> str:
    """An account key: 32 hexadecimal digits, without any prefix."""
    return secrets.token_hex(16)


@dataclass
class Settling:
    """A resource whose last change may not be through yet."""

    settles_at: float = 0.0
    doing: str = "Succeeded"
    """Its provisioningState until then."""
    then: Callable[[], None] | None = None
    """What the change does once it is through."""

    def begin(self, until: float, doing: str, then: Callable[[], None] | None = None) -> None:
        """Start an operation that is through at `until`."""
        self.settles_at, self.doing, self.then = until, doing, then

    def state(self, now: float) -> str:
        """The provisioningState, after whatever has come through by now."""
        if now < self.settles_at:
            return self.doing
        if self.then is not None:
            done, self.then = self.then, None
            done()
        return "Succeeded"


@dataclass
class Control:
    """A cost control: its properties and, for the counter of whatever it is attached to, what was spent."""

    name: str
    properties: dict[str, Any]
    meter: Meter
    etag: str = field(default_factory=lambda: f'"{uuid.uuid4()}"')


@dataclass
class Deployment(Settling):
    """A model under a name; `capacity` is thousands of tokens per minute."""

    name: str = ""
    sku: dict[str, Any] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)
    used: list[tuple[float, int]] = field(default_factory=list)
    """Time and tokens of each call that was let in."""

    @property
    def capacity(self) -> int:
        return int(self.sku["capacity"])


@dataclass
class Account(Settling):
    """One resource with its fixed pair of keys."""

    name: str = ""
    location: str = ""
    kind: str = "AIServices"
    sku: dict[str, Any] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)
    created_at: float = 0.0
    keys: dict[str, str] = field(default_factory=lambda: {"key1": key(), "key2": key()})
    revoked: dict[str, float] = field(default_factory=dict)
    """Replaced keys, and until when they work."""
    deployments: dict[str, Deployment] = field(default_factory=dict)
    controls: dict[str, Control] = field(default_factory=dict)

    def opens(self, given: str, now: float) -> bool:
        """Whether a key is one of this account's."""
        return given in self.keys.values() or now < self.revoked.get(given, 0.0)


class Cloud:
    """One subscription with one resource group of the person's, in which an account of theirs exists before any run."""

    def __init__(self, behaviour: Behaviour, model: Model) -> None:
        self.behaviour, self.model, self.clock = behaviour, model, time.monotonic
        self.subscription, self.tenant = str(uuid.uuid4()), str(uuid.uuid4())
        self.group, self.location = f"rg-{secrets.token_hex(4)}", "eastus"
        self.billing_account, self.billing_profile = (
            f"{uuid.uuid4()}:{uuid.uuid4()}_2019-05-31",
            f"{secrets.token_hex(2).upper()}-{secrets.token_hex(2).upper()}-BG7-PGB",
        )
        self.token, self.reader = _token(), _token()
        """Access tokens for ARM: of a Contributor, and of a Reader."""
        theirs = Account(
            name="contoso-openai", location=self.location, sku={"name": "S0"}, properties={"customSubDomainName": "contoso-openai"}
        )
        theirs.deployments["gpt-4.1"] = Deployment(
            name="gpt-4.1", sku={"name": "GlobalStandard", "capacity": 30}, properties=model_named("gpt-4.1")
        )
        self.accounts = {theirs.name: theirs}
        self.deleted: dict[str, Account] = {}
        self.settles = SETTLES
        self.budgets: dict[str, dict[str, Any]] = {}
        self._untouched = repr(theirs)
        self._theirs = theirs

    @property
    def now(self) -> float:
        return self.clock()

    @property
    def later(self) -> float:
        """When an operation that starts now is through."""
        return self.clock() + self.settles

    def visible(self, account: Account) -> bool:
        """Whether an account is shown yet."""
        return self.now >= account.created_at + self.behaviour.appears_after

    def settle(self) -> None:
        """Let everything come through whose time has come."""
        for account in list(self.accounts.values()):
            account.state(self.now)
            for deployment in list(account.deployments.values()):
                deployment.state(self.now)

    def account_of(self, given: str) -> Account | None:
        """The account that a key opens."""
        return next((account for account in self.accounts.values() if account.opens(given, self.now)), None)

    def capacity_used(self, model: str) -> int:
        """Thousands of tokens per minute that all deployments of a model take from the subscription's quota."""
        return sum(
            each.capacity
            for account in self.accounts.values()
            for each in account.deployments.values()
            if each.properties["model"]["name"] == model
        )

    def leftovers(self) -> list[str]:
        """What a run left, soft-deleted accounts too; and the person's own account when it is not as it was."""
        self.settle()
        named = [*self.accounts, *self.deleted, *(path.rpartition("/")[2] for path in self.budgets)]
        left = sorted(name for name in named if name.startswith(PREFIX))
        return left if repr(self._theirs) == self._untouched else [*left, self._theirs.name]


def model_named(name: str) -> dict[str, Any]:
    """The properties of a deployment of a model in its default version."""
    return {"model": {"format": "OpenAI", "name": name, "version": "2025-04-14"}}


def _token() -> str:
    return f"eyJ{secrets.token_urlsafe(24)}.eyJ{secrets.token_urlsafe(48)}.{secrets.token_urlsafe(32)}"
