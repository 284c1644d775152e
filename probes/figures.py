"""What calling against a cap or a rate limit measured: plain numbers, the same from a live run and from its recording."""

from dataclasses import dataclass
from enum import StrEnum

from probes.vocabulary import Means


class Limited(StrEnum):
    """What the limit counts."""

    SPEND = "spend"
    RATE = "rate"
    TOKENS = "tokens"
    """A quota of tokens, which is no money."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One series of calls against one limit. Times are seconds, money is USD."""

    limited: Limited
    limit: float | None
    """USD for spend, requests a minute for rate, a number of tokens; None where the vendor does not say it and it was only run into."""
    in_flight: int
    """Calls under way at the same time; 1 is in sequence."""
    understated: bool
    """Whether the calls asked for fewer output tokens than they got."""
    calls: int
    """Calls that were served."""
    calls_past: int
    """Of these, calls that were served although those answered before them had used the limit up: the overshoot."""
    usd: float
    """What the served calls cost together."""
    usd_past: float
    """By how much that is above a limit on spend; 0 for the others."""
    status: int | None = None
    """Of the first refusal; None when nothing was refused."""
    code: str = ""
    means: Means = Means.UNKNOWN
    seconds_to_block: float | None = None
    """From the answer that used the limit up to the first refusal; None where calls were refused before it was used up."""
    seconds_to_reopen: float | None = None
    """From raising the limit, or from the refusal for a rate, to the next call that was served."""
    retry_after: float | None = None
    """Seconds that the refusal asks to wait, None when it does not say."""
    waiting_sufficed: bool | None = None
    """Whether a call was served after waiting that long; None when it was not tried."""
    headers: tuple[str, ...] = ()
    """Names of the refusal's headers that speak of limits."""
    tokens_past: int = 0
    """By how many tokens the served calls together are above a quota of tokens; 0 for the others."""

    @property
    def refused(self) -> bool:
        """Whether the limit stopped traffic, and not something else: an account that ran dry is no cap."""
        return self.means is (Means.RATE if self.limited is Limited.RATE else Means.SPEND)
