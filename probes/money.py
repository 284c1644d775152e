"""What an inference call may cost, and the bound that no run spends past: all amounts are USD."""

import math
from dataclasses import dataclass, field
from threading import Lock

from probes.errors import BudgetSpent, UsageError

MILLION = 1_000_000

OVERHEAD_TOKENS = 200
"""Input tokens that a vendor may add to a body's own: roles, templates, a system prompt."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model and its price in USD per million tokens."""

    name: str
    input: float
    output: float

    @classmethod
    def parse(cls, text: str) -> "Model":
        """Read `NAME@INPUT,OUTPUT`. Raises UsageError on anything else, and on a price that is no amount."""
        name, separator, prices = text.rpartition("@")
        try:
            given, taken = (float(price) for price in prices.split(","))
        except ValueError:
            given = taken = math.nan
        if not name or not separator or not all(math.isfinite(price) and price >= 0 for price in (given, taken)):
            raise UsageError(
                "is not NAME@INPUT,OUTPUT", where=text, hint="For example my-model@5,15: USD per million input and output tokens."
            )
        return cls(name, given, taken)

    def __str__(self) -> str:
        return f"{self.name}@{self.input:g},{self.output:g}"

    def cost(self, input_tokens: float, output_tokens: float) -> float:
        """USD for so many tokens."""
        return (input_tokens * self.input + output_tokens * self.output) / MILLION

    def bound(self, body_bytes: int, max_tokens: int) -> float:
        """The most that one call can cost: no tokenizer makes more tokens than there are bytes."""
        return self.cost(body_bytes + OVERHEAD_TOKENS, max_tokens)


@dataclass
class Budget:
    """What a run may spend. Money is counted before a call leaves: `reserve`, then `settle` when its cost is known."""

    limit: float
    spent: float = 0.0
    """Reserved and settled together: what the run may have cost so far, at most."""
    _lock: Lock = field(default_factory=Lock, repr=False)

    def reserve(self, usd: float) -> float:
        """Count a call's bound before it is sent. Raises BudgetSpent, and then it must not be sent."""
        if not math.isfinite(usd) or usd < 0:
            raise BudgetSpent(f"a call whose cost is not known ({usd}) is never sent")
        with self._lock:
            if self.spent + usd > self.limit:
                raise BudgetSpent(
                    f"the next call may cost {usd:.6f} USD, and {self.limit - self.spent:.6f} of {self.limit:g} USD are left",
                    hint="Raise --max-spend if that is what you want.",
                )
            self.spent += usd
        return usd

    def settle(self, reserved: float, actual: float) -> None:
        """Replace what was reserved by what the call cost. A vendor that charged more than the bound is counted with what it charged."""
        with self._lock:
            self.spent += max(0.0, actual) - reserved
