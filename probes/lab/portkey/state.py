"""The simulated organisation: workspaces, keys and policies as they are kept, and what each has used. Money is USD, times are seconds."""

import secrets
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from probes.lab.simulator import Behaviour, Meter

SECONDS = {"rps": 1, "rpm": 60, "rph": 3600, "rpd": 86_400, "rpw": 604_800}
"""Of a unit of rate."""

EXACT = 1e-9
"""USD by which sums of floating-point costs may miss the limit they add up to."""

SHARED = "ws-made-up-42"
"""The workspace that is there from the start, by the id that keycap's examples use."""

SPENT_BEFORE = 25.75
"""USD that the ordinary key spent on the day before."""


def stamp(moment: datetime | None = None) -> str:
    """As the contract writes times: ISO 8601, UTC, with milliseconds; now where none is given."""
    return (moment or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def new_secret() -> str:
    """What a key is known by. The vendor's have no prefix."""
    return secrets.token_urlsafe(20)


@dataclass
class Use:
    """What counts under a limit: USD and tokens under a budget, requests and tokens under a rate."""

    spent: dict[str, Meter] = field(default_factory=lambda: {name: Meter(time.monotonic) for name in ("cost", "tokens")})
    passed: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: {"requests": [], "tokens": []})

    def is_used_up(self, limit: dict[str, Any], lag: float) -> bool:
        """Whether a budget is; it learns of a call only `lag` seconds later."""
        most: float = limit["credit_limit"] - EXACT
        return self.spent[limit.get("type", "cost")].counted(lag) >= most

    def is_too_fast(self, limit: dict[str, Any]) -> bool:
        """Whether a rate is used up for now."""
        since, most = time.monotonic() - SECONDS[limit["unit"]], float(limit["value"])
        return sum(much for at, much in self.passed[limit["type"]] if at > since) >= most

    def admit(self) -> None:
        """Count a request before it is served."""
        self.passed["requests"].append((time.monotonic(), 1))

    def charge(self, usd: float, tokens: int) -> None:
        """Count what a served call took."""
        self.spent["cost"].charge(usd)
        self.spent["tokens"].charge(tokens)
        self.passed["tokens"].append((time.monotonic(), tokens))

    def reset(self) -> None:
        """Begin a budget anew."""
        for meter in self.spent.values():
            meter.charges.clear()


@dataclass
class Made:
    """What everything has. `born` and `gone` are on the monotonic clock."""

    name: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()), kw_only=True)
    settings: dict[str, Any] = field(default_factory=dict, kw_only=True)
    """Fields that a caller may set."""
    created_at: str = field(default_factory=stamp, kw_only=True)
    updated_at: str = field(default_factory=stamp, kw_only=True)
    born: float = field(default_factory=time.monotonic, kw_only=True)
    gone: float | None = field(default=None, kw_only=True)

    def change(self, given: dict[str, Any]) -> None:
        """What is given replaces what was; the rest stays."""
        self.name = given.pop("name", self.name)
        self.settings |= given
        self.updated_at = stamp()


@dataclass
class Workspace(Made):
    """Keys live in one; its limits are for all of them together."""

    slug: str
    use: Use = field(default_factory=Use)

    @property
    def usage_limits(self) -> list[dict[str, Any]]:
        return self.settings.get("usage_limits") or []

    @property
    def rate_limits(self) -> list[dict[str, Any]]:
        return self.settings.get("rate_limits") or []


@dataclass
class Key(Made):
    """A key of a workspace, or of the organisation where it has none. `former` is the secret before a rotation, and until when it works."""

    workspace: Workspace | None
    secret: str = field(default_factory=new_secret)
    former: tuple[str, datetime] | None = None
    use: Use = field(default_factory=Use)

    @property
    def kind(self) -> str:
        return "organisation-service" if self.workspace is None else "workspace-service"

    @property
    def usage_limits(self) -> list[dict[str, Any]]:
        limit = self.settings.get("usage_limits")
        return [limit] if limit else []

    @property
    def rate_limits(self) -> list[dict[str, Any]]:
        return self.settings.get("rate_limits") or []

    @property
    def expires_at(self) -> datetime | None:
        told = self.settings.get("expires_at")
        return None if told is None else datetime.fromisoformat(told)

    def may(self, *scopes: str) -> bool:
        """Whether it has one of these scopes; the first key has all."""
        held = self.settings.get("scopes", ())
        return held == ["*"] or any(scope in held for scope in scopes)

    def answers_to(self, secret: str) -> bool:
        if secrets.compare_digest(self.secret.encode(), secret.encode()):
            return True
        return self.former is not None and self.former[0] == secret and datetime.now(UTC) < self.former[1]


@dataclass
class Policy(Made):
    """A budget of its own for each value of what it groups by, where its conditions hold."""

    workspace: Workspace
    uses: dict[str, Use] = field(default_factory=dict)

    @property
    def limit(self) -> dict[str, Any]:
        return self.settings

    def use_of(self, key: Key) -> Use | None:
        """What counts for a key, None where a condition does not hold for it."""
        if not all(each["value"] in told(key, each["key"]) for each in self.settings["conditions"]):
            return None
        group = "&".join(f"{each['key']}:{next(iter(told(key, each['key'])), '')}" for each in self.settings["group_by"])
        return self.uses.setdefault(group, Use())


def told(key: Key, name: str) -> tuple[str, ...]:
    """What a condition or a group may call a key by."""
    if name == "api_key":
        return (key.id,)
    return (key.workspace.slug, key.workspace.id) if name == "workspace_id" and key.workspace is not None else ()


@dataclass(frozen=True)
class Call:
    """One served call, for the analytics."""

    at: datetime
    key: Key
    usd: float


class Organisation:
    """Everything that the simulator knows."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.id = str(uuid.uuid4())
        self.shared = Workspace("Shared", SHARED, born=0.0)
        self.admin = Key("administration", None, settings={"scopes": ["*"]}, born=0.0)
        limits = [{"type": "requests", "unit": "rpm", "value": 600}]
        settings = {"scopes": ["completions.write"], "rate_limits": limits, "usage_limits": {"type": "cost", "credit_limit": 500}}
        self.ordinary = Key("production", self.shared, settings=settings, born=0.0)
        self.workspaces, self.keys, self.policies = [self.shared], [self.admin, self.ordinary], list[Policy]()
        self.calls = [Call(datetime.now(UTC) - timedelta(days=1), self.ordinary, SPENT_BEFORE)]

    def is_seen(self, made: Made) -> bool:
        """Whether it is listed and found: not once it is deleted, and not right after it was created where that takes time."""
        return made.gone is None and time.monotonic() >= made.born + self.behaviour.appears_after

    def authenticated(self, secret: str) -> Key | None:
        """The key with this secret, while it works: deleting and expiring may take time to be noticed."""
        key = next((key for key in self.keys if key.answers_to(secret)), None)
        if key is None or time.monotonic() < key.born + self.behaviour.appears_after:
            return None
        lag = self.behaviour.revoke_lag
        deleted = key.gone is not None and time.monotonic() >= key.gone + lag
        expired = key.expires_at is not None and (datetime.now(UTC) - key.expires_at).total_seconds() >= lag
        return None if deleted or expired else key

    def over(self, key: Key) -> Iterator[tuple[Use, list[dict[str, Any]], list[dict[str, Any]]]]:
        """What counts for a call with this key, with the budgets and the rates on it."""
        yield key.use, key.usage_limits, key.rate_limits
        if key.workspace is not None:
            yield key.workspace.use, key.workspace.usage_limits, key.workspace.rate_limits
        for policy in self.policies:
            if policy.gone is None and (use := policy.use_of(key)) is not None:
                yield use, [policy.limit], []
