"""What a simulated Qianfan account holds: access keys, bearer keys with their access-control lists, endpoints with their rates."""

import secrets
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from probes.lab.simulator import Behaviour, Window
from probes.money import Model

MODEL = Model("ernie-speed-pro-128k", 1.0, 3.0)
"""What it bills, USD per million tokens: dearer than the true price."""

SERVICE = "svcp-7940ab471306"
QUOTA = {"rpm": 5_000, "tpm": 500_000, "tpmInput": 400_000, "tpmOutput": 100_000}
"""Of the model's service; no endpoint may have more."""

INFERENCE = "bce:wenxinfactory"
"""The service whose permission inference needs."""


@dataclass
class Endpoint:
    """One inference endpoint."""

    name: str
    description: str
    rate: dict[str, int]
    created: float


@dataclass
class Account:
    """All of it."""

    behaviour: Behaviour
    access_keys: dict[str, str] = field(default_factory=lambda: {f"ALTAK{secrets.token_hex(11)}": secrets.token_hex(16)})
    permanent: str = field(default_factory=lambda: f"bce-v3/ALTAK-{secrets.token_hex(11)}/{secrets.token_hex(20)}")
    tokens: dict[str, tuple[float, float, list[dict[str, Any]] | None]] = field(default_factory=dict)
    """Short-term keys: since when, until when, and their list of permissions, None for all."""
    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    windows: dict[str, Window] = field(default_factory=dict)
    used: dict[str, list[tuple[float, int]]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for name, age in (("production-chat", 172_800.0), ("keycap-endpoint", 86_400.0)):
            endpoint = Endpoint(name, "", {"tpm": 150_000, "rpm": 120, "tpmInput": 15_000, "tpmOutput": 15_000}, self.clock() - age)
            self.endpoints[f"ep_{secrets.token_hex(4)}_{name}"] = endpoint

    @staticmethod
    def clock() -> float:
        return time.time()

    def mint(self, seconds: int, acl: list[dict[str, Any]] | None) -> str:
        value = f"bce-v3/ALTAK-{secrets.token_hex(11)}/{secrets.token_hex(20)}"
        self.tokens[value] = (self.clock(), self.clock() + seconds, acl)
        return value

    def opens(self, value: str) -> bool | None:
        """Whether a bearer key may be used for inference, None for one that nobody knows (any more, or yet)."""
        if value == self.permanent:
            return True
        since, until, acl = self.tokens.get(value, (0.0, 0.0, None))
        if not since + self.behaviour.appears_after <= self.clock() < until + self.behaviour.revoke_lag:
            return None
        allowed = [each for each in acl or () if each.get("service") == INFERENCE and each.get("effect") == "Allow"]
        return acl is None or any("*" in each.get("resource", ()) for each in allowed)
