"""The simulated account: keys, guardrails and workspaces as they are kept, and which budgets apply to a key. Money is USD."""

import hashlib
import secrets
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from probes.lab.openrouter.refusals import invalid
from probes.lab.simulator import Behaviour, Meter, Window

USER = "user_lab0000000000000000000000000"
BOUGHT = 100.5
SPENT_BEFORE = 25.75
FREE_A_DAY, FREE_A_MINUTE = 1000, 20
"""Requests to models ending in `:free`, for an account that has bought ten credits."""


@dataclass
class Made:
    """What every created thing has. `born` and `gone` are seconds on the monotonic clock."""

    name: str
    created_at: str = field(default_factory=lambda: stamp(datetime.now(UTC)), kw_only=True)
    updated_at: str | None = field(default=None, kw_only=True)
    born: float = field(default_factory=time.monotonic, kw_only=True)
    gone: float | None = field(default=None, kw_only=True)


@dataclass
class Key(Made):
    """An API key. `settings` are the fields that a caller may set."""

    secret: str
    workspace: "Workspace"
    settings: dict[str, Any]
    is_management: bool = False
    off_since: float | None = None
    guardrail: "Guardrail | None" = None
    last_used_at: str | None = None
    meter: Meter = field(default_factory=lambda: Meter(time.monotonic))

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.secret.encode()).hexdigest()

    @property
    def label(self) -> str:
        return f"{self.secret[:12]}...{self.secret[-3:]}"


@dataclass
class Guardrail(Made):
    """Restrictions and a budget, which count for each key that it is assigned to."""

    id: str
    workspace: "Workspace"
    settings: dict[str, Any]


@dataclass
class Workspace(Made):
    """Keys live in one. `budgets` are by interval."""

    id: str
    slug: str
    budgets: dict[str, dict[str, Any]] = field(default_factory=dict)
    counts_byok: bool = False
    meter: Meter = field(default_factory=lambda: Meter(time.monotonic))


class Account:
    """Everything that the simulator knows."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.newest_first = True
        """The order of lists, which the contract leaves open."""
        self.default = Workspace("Default", str(uuid.uuid4()), "default", born=0.0)
        self.workspaces = [self.default]
        self.guardrails: list[Guardrail] = []
        self.keys: list[Key] = []
        self.meter = Meter(time.monotonic)
        self.minute, self.free_today = Window(time.monotonic), 0
        self.management = self.add_key("administration", {}, is_management=True, born=0.0)
        self.ordinary = self.add_key("production", {}, born=0.0)

    def add_key(self, name: str, settings: dict[str, Any], *, workspace: Workspace | None = None, **more: Any) -> Key:
        """A key; management keys are not among those that are listed."""
        secret = "sk-or-v1-" + secrets.token_hex(32)
        chosen = {"limit": None, "limit_reset": None, "include_byok_in_limit": False, "expires_at": None, "disabled": False, **settings}
        key = Key(name, secret, workspace or self.default, chosen, **more)
        self.keys.append(key)
        return key

    def workspace(self, identity: str) -> Workspace:
        """The workspace that a body names. Raises Refused."""
        found = next((each for each in self.workspaces if each.id == identity and self.is_seen(each)), None)
        if found is None:
            raise invalid()
        return found

    def is_seen(self, made: Made) -> bool:
        """Whether it is listed and found: not once it is deleted, and not right after it was created where that takes time."""
        return made.gone is None and time.monotonic() >= made.born + self.behaviour.appears_after

    def authenticated(self, secret: str) -> Key | None:
        """The key with this secret, while it works: deleting, disabling and expiring may take time to be noticed."""
        key = next((key for key in self.keys if secrets.compare_digest(key.secret, secret)), None)
        if key is None or time.monotonic() < key.born + self.behaviour.appears_after:
            return None
        return key if all(time.monotonic() < end + self.behaviour.revoke_lag for end in self._ends(key)) else None

    def is_expired(self, key: Key) -> bool:
        return key.settings["expires_at"] is not None and datetime.fromisoformat(key.settings["expires_at"]) <= datetime.now(UTC)

    def budgets(self, key: Key) -> list[dict[str, Any]]:
        """Every budget that is checked for a call with this key, in the order in which they are checked."""
        lag = self.behaviour.cap_lag
        layers = []
        guardrail = key.guardrail
        if guardrail is not None and guardrail.gone is None and guardrail.settings["limit_usd"] is not None:
            limit, interval = guardrail.settings["limit_usd"], guardrail.settings["reset_interval"]
            byok = guardrail.settings["include_byok_in_budgets"]
            layers.append(_layer("api_key", limit, key.meter.counted(lag), interval, byok=byok, guardrail=guardrail.id))
        for budget in key.workspace.budgets.values():
            spent = key.workspace.meter.counted(lag)
            byok = key.workspace.counts_byok
            layers.append(_layer("workspace", budget["limit_usd"], spent, budget["reset_interval"], byok=byok, budget=budget["id"]))
        if key.settings["limit"] is not None:
            byok = key.settings["include_byok_in_limit"]
            interval = key.settings["limit_reset"]
            layers.append(_layer("key_limit", key.settings["limit"], key.meter.counted(lag), interval, byok=byok))
        return layers

    def charge(self, key: Key, usd: float) -> None:
        """Note a served call wherever it counts."""
        key.last_used_at = stamp(datetime.now(UTC))
        for meter in (key.meter, key.workspace.meter, self.meter):
            meter.charge(usd)

    @property
    def used(self) -> float:
        """USD that the account has used, as far as it is counted by now."""
        return round(SPENT_BEFORE + self.meter.counted(self.behaviour.cap_lag), 9)

    def usage(self, key: Key) -> float:
        """USD that the key has used; what was spent before the start was spent with the ordinary key."""
        return round(key.meter.counted(self.behaviour.cap_lag) + (SPENT_BEFORE if key is self.ordinary else 0.0), 9)

    def _ends(self, key: Key) -> list[float]:
        """When, on the monotonic clock, the key ceased to be valid, for each reason there is."""
        ends = [end for end in (key.gone, key.off_since) if end is not None]
        if self.is_expired(key):
            ago = datetime.now(UTC) - datetime.fromisoformat(key.settings["expires_at"])
            ends.append(time.monotonic() - ago.total_seconds())
        return ends


def _layer(
    scope: str, limit: float, spent: float, interval: str | None, *, byok: bool, budget: str | None = None, guardrail: str | None = None
) -> dict[str, Any]:
    return {
        "scope": scope,
        "limit_usd": limit,
        "spend_usd": round(spent, 9),
        "remaining_usd": round(max(0.0, limit - spent), 9),
        "reset_interval": interval,
        "resets_at": resets_at(interval),
        "include_byok": byok,
        "budget_id": budget,
        "guardrail_id": guardrail,
    }


def resets_at(interval: str | None) -> str | None:
    """When a window ends: midnight UTC, Monday, the first of the month."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    match interval:
        case "daily":
            return stamp(midnight + timedelta(days=1))
        case "weekly":
            return stamp(midnight + timedelta(days=7 - midnight.weekday()))
        case "monthly":
            return stamp((midnight.replace(day=28) + timedelta(days=4)).replace(day=1))
    return None


def stamp(moment: datetime) -> str:
    """As OpenRouter writes times: ISO 8601, UTC, with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
