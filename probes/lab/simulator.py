"""What a simulator is, and how it can be made to behave. Times are seconds, prices USD per million tokens."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp

from probes.money import Model


def _nothing(_method: str, _path: str) -> Response | None:
    return None


@dataclass
class Behaviour:
    """How a simulated provider behaves; may be changed while it runs."""

    cap_lag: float = 0.15
    """A served call counts against a cap only this long afterwards: what makes overshoot real."""
    appears_after: float = 0.0
    """A created thing is neither listed nor found for this long."""
    revoke_lag: float = 0.0
    """A revoked key works this long."""
    latency: float = 0.02
    """Each inference call takes this long."""
    dearness: float = 1.0
    """What a call costs, as a multiple of the simulator's own price."""
    requests_per_minute: int = 0
    """A limit that the provider imposes and no call can set; 0 for none."""
    deny: Callable[[str, str], Response | None] = _nothing
    """Asked with method and path before each request: a response of its own replaces the simulator's."""


def completion(prompt: int, output: int, *, finish: str = "length") -> dict[str, Any]:
    """What an answer to a chat tells in the words of OpenAI, which most vendors speak: one choice, and the tokens it took."""
    return {
        "choices": [{"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": "1 2 3"}}],
        "usage": {"prompt_tokens": prompt, "completion_tokens": output, "total_tokens": prompt + output},
    }


class Simulator(ABC):
    """One simulated provider: an app for each of its hosts, made-up credentials, and what only the simulator knows."""

    hosts: Mapping[str, ASGIApp]
    """By the names that the claims give the hosts."""
    environment: Mapping[str, str]
    """Made-up credentials and settings by the names of their variables."""
    model: Model
    """What it bills: name, and USD per million tokens."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.served = 0
        """Inference calls that were answered with 2xx: the honest count."""

    @abstractmethod
    def leftovers(self) -> list[str]:
        """Names of what a run left behind, and of settings that are not as they were: empty when all was undone."""


@dataclass
class Meter:
    """What was spent under one cap: a charge counts only `lag` seconds after it was made."""

    clock: Callable[[], float]
    charges: list[tuple[float, float]] = field(default_factory=list)
    """Time and USD."""

    def charge(self, usd: float) -> None:
        """Note a served call."""
        self.charges.append((self.clock(), usd))

    def counted(self, lag: float) -> float:
        """USD that the cap knows of by now."""
        known = self.clock() - lag
        return sum(usd for at, usd in self.charges if at <= known)

    @property
    def total(self) -> float:
        """USD that was really spent."""
        return sum(usd for _, usd in self.charges)


@dataclass
class Slots:
    """Calls under way, for a limit on how many there may be at a time."""

    limit: int
    taken: int = 0

    @property
    def are_full(self) -> bool:
        """Whether another call is one too many."""
        return self.taken >= self.limit

    @contextmanager
    def one(self) -> Iterator[None]:
        """Take one for the length of a call."""
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1


@dataclass
class Window:
    """Requests within the last `seconds`, for a rate limit."""

    clock: Callable[[], float]
    seconds: float = 60.0
    times: list[float] = field(default_factory=list)

    def admit(self, limit: int) -> float:
        """Count a request and return 0.0, or return the seconds until the next one is admitted."""
        now = self.clock()
        self.times = [at for at in self.times if at > now - self.seconds]
        if len(self.times) >= limit:
            return self.times[len(self.times) - limit] + self.seconds - now
        self.times.append(now)
        return 0.0
