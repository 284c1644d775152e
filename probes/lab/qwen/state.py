"""What a simulated Model Studio account holds: workspaces, keys, temporary keys, rates. Times are seconds of the simulator's clock."""

import secrets
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from probes.lab.simulator import Behaviour, Window
from probes.money import Model

MODEL = Model("qwen-flash", 1.0, 3.0)
"""What it bills, USD per million tokens: dearer than the true price."""

MODELS = (MODEL.name, "qwen-plus", "qwen-max")
ALL: Mapping[str, Any] = {"type": "All"}

ACCOUNT_LIMIT: Mapping[str, Any] = {
    "requestLimit": 600,
    "requestLimitPeriod": 60,
    "usageLimit": 1_000_000,
    "usageLimitField": "total_tokens",
    "usageLimitPeriod": 60,
}


@dataclass
class Key:
    """One API key; its value changes when it is reset."""

    number: int
    workspace: str
    description: str
    auth: Mapping[str, Any]
    value: str
    created: float
    disabled: bool = False
    deleted: bool = False


@dataclass
class Account:
    """All of it. `ended` has the values that no longer count, and since when."""

    behaviour: Behaviour
    access_keys: dict[str, str] = field(default_factory=lambda: {f"LTAI{secrets.token_hex(10)}": secrets.token_urlsafe(22)[:30]})
    nonces: set[str] = field(default_factory=set)
    workspaces: dict[str, str] = field(default_factory=dict)
    """Names by id; the first is the default workspace."""
    callable: dict[str, set[str]] = field(default_factory=dict)
    """Models that a workspace may call; the default workspace may call all."""
    limits: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    """Custom rates by workspace and model."""
    keys: dict[int, Key] = field(default_factory=dict)
    ended: dict[str, tuple[int, float]] = field(default_factory=dict)
    temporary: dict[str, float] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    windows: dict[tuple[str, str], Window] = field(default_factory=dict)
    used: dict[tuple[str, str], list[tuple[float, int]]] = field(default_factory=lambda: defaultdict(list))
    spent: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    numbers: "count[int]" = field(default_factory=lambda: count(120_001))

    def __post_init__(self) -> None:
        self.default = self.new_workspace("default")
        self.callable[self.default] = set(MODELS)
        self.person = self.new_key(self.default, "production", ALL)
        self.person.created -= 86_400
        self.spent[self.person.number] = 12.34

    @staticmethod
    def clock() -> float:
        return time.time()

    def new_workspace(self, name: str) -> str:
        identity = f"ws-{secrets.token_hex(8)}"
        self.workspaces[identity] = name
        self.callable[identity] = set()
        return identity

    def new_key(self, workspace: str, description: str, auth: Mapping[str, Any]) -> Key:
        number = next(self.numbers)
        self.keys[number] = Key(number, workspace, description, auth, f"sk-{secrets.token_hex(16)}", self.clock())
        return self.keys[number]

    def shown(self, number: int) -> Key | None:
        """A key as the control plane knows it: not before it appears, not once it is deleted."""
        key = self.keys.get(number)
        if key is None or key.deleted or key.created + self.behaviour.appears_after > self.clock():
            return None
        return key

    def end(self, key: Key) -> None:
        """The key's value stops counting, after the lag of revocation."""
        self.ended[key.value] = (key.number, self.clock())

    def accepted(self, value: str) -> Key | None:
        """The key that a bearer value opens, None for one that opens nothing (any more, or yet)."""
        now = self.clock()
        if value in self.temporary:
            return self.accepted(self.parents[value]) if self.temporary[value] > now else None
        if value in self.ended:
            number, since = self.ended[value]
            return self.keys[number] if now < since + self.behaviour.revoke_lag else None
        return next((key for key in self.keys.values() if key.value == value and self.shown(key.number) and not key.disabled), None)

    def settings(self) -> dict[str, str]:
        """What is the person's own, as text."""
        own = {key.description: (key.auth, key.disabled, key.deleted, key.value) for key in self.keys.values()}
        named = {name: repr(value) for name, value in own.items() if not name.startswith("keycap-probe-")}
        rates = {model: limit for (workspace, model), limit in self.limits.items() if workspace == self.default}
        return named | {"rates of the default workspace": repr(rates)}
