"""What a simulated TokenHub account holds. Times are seconds since 1970; quotas, and what is used of them, are tokens."""

import secrets
import time
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from probes.lab.simulator import Behaviour, Meter, Window
from probes.money import Model

MODEL = Model("hunyuan-made-up", 1.0, 3.0)
"""What it bills, USD per million tokens: dearer than any true price."""

MODELS = (MODEL.name, "deepseek-made-up", "glm-made-up")
MOST_KEYS = 50
"""Of one account, unless it asks for more."""
DAY = 86_400.0
ZONE = 8 * 3_600
"""Seconds by which the vendor's clock, whose days quotas go by, is ahead of UTC: a guess, no source tells the zone."""


@dataclass
class Quota:
    """One package of tokens; its meter counts tokens, not USD."""

    unit: str
    credits: int
    start_day: int
    meter: Meter
    since: float
    number: str = field(default_factory=lambda: f"pkg-{secrets.token_hex(6)}")

    @property
    def until(self) -> float:
        """When its period ends; a lifetime has a far end."""
        if self.unit == "lifetime":
            return self.since + 36_500 * DAY
        days = 1 if self.unit == "d" else 30
        return self.since + days * DAY


@dataclass
class Key:
    """One API key. `used` is what DescribeUsageRankList tells: tokens of input and of output."""

    number: str
    name: str
    remark: str
    bind_type: str
    bindings: list[dict[str, Any]]
    addresses: list[str]
    enabled: bool
    value: str
    created: float
    quotas: dict[str, Quota] = field(default_factory=dict)
    """By their unit: there is one of each."""
    used: list[tuple[float, int, int]] = field(default_factory=list)
    updated: float = 0.0
    ended: float | None = None
    """Since when it no longer opens."""
    deleted: bool = False


@dataclass
class Account:
    """All of it. `answers` replace those of actions, for what misbehaves."""

    behaviour: Behaviour
    usage_lag: float = 0.5
    """What was used is told so late; more than eight minutes were seen at the vendor."""
    secrets: dict[str, str] = field(default_factory=lambda: {f"AKID{secrets.token_hex(16)}": secrets.token_urlsafe(24)[:32]})
    keys: dict[str, Key] = field(default_factory=dict)
    windows: dict[str, Window] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    quota_refusal: tuple[int, str, str, str] = (402, "permission_error", "401008", "the token quota of the api key is used up")
    balance: float = 123_456.0
    """Fen, hundredths of a yuan."""
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.person = self.new_key("production", "", "all", [], [], enabled=True)
        self.person.created -= DAY
        self.person.used.append((self.clock() - 3_600, 12_000, 3_400))

    @staticmethod
    def clock() -> float:
        return time.time()

    def new_key(
        self, name: str, remark: str, bind_type: str, bindings: list[dict[str, Any]], addresses: list[str], *, enabled: bool
    ) -> Key:
        now = self.clock()
        number = f"ak-{time.strftime('%Y%m%d', time.gmtime(now))}-{next(self.numbers):04}{secrets.token_hex(2)}"
        key = Key(number, name, remark, bind_type, bindings, addresses, enabled, f"sk-{secrets.token_urlsafe(36)}", now, updated=now)
        if not enabled:
            key.ended = now
        self.keys[number] = key
        return key

    def shown(self, number: object) -> Key | None:
        """A key as the control plane knows it: not before it appears, not once it is deleted."""
        key = self.keys.get(number) if isinstance(number, str) else None
        return None if key is None or key.deleted or key.created + self.behaviour.appears_after > self.clock() else key

    def listed(self) -> list[Key]:
        """All keys that are shown, the newest first."""
        return sorted((key for key in self.keys.values() if self.shown(key.number)), key=lambda key: (-key.created, key.number))

    def opened_by(self, value: str) -> Key | None:
        """The key of a bearer value, None for one that opens nothing (any more, or yet)."""
        now = self.clock()
        key = next((key for key in self.keys.values() if key.value == value), None)
        if key is None or key.created + self.behaviour.appears_after > now:
            return None
        return None if key.ended is not None and now >= key.ended + self.behaviour.revoke_lag else key

    def set_quotas(self, key: Key, wanted: list[tuple[str, int, int]]) -> None:
        """The wanted state: a package whose size changes keeps what was used of it, one whose month begins elsewhere begins anew."""
        kept = {}
        for unit, size, start_day in wanted:
            old = key.quotas.get(unit)
            meter = old.meter if old is not None and old.start_day == start_day else Meter(self.clock)
            day = (self.clock() + ZONE) // DAY * DAY - ZONE
            kept[unit] = Quota(unit, size, start_day, meter, self.clock() if unit == "lifetime" else day)
        key.quotas = kept

    def spent(self, key: Key) -> Quota | None:
        """The quota that is used up, as the gateway knows it by now."""
        return next((each for each in key.quotas.values() if each.meter.counted(self.behaviour.cap_lag) >= each.credits), None)
