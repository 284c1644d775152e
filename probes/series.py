"""The four series of calls by which a cap is measured: in sequence and in parallel, each with an honest and an understated `max_tokens`."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from probes import enforcement
from probes.api import Api
from probes.figures import Figures
from probes.inference import Inference

IN_FLIGHT = 8


@dataclass(frozen=True, slots=True)
class Series:
    """One of them: `cap_usd` is what the key or whatever is capped must be given before it is measured."""

    name: str
    inference: Inference
    cap_usd: float
    in_flight: int

    async def measure(self, api: Api, secret: str | None, *, booked: Callable[[], Awaitable[float]] | None = None) -> Figures:
        """Call until refused; see `enforcement.cap`."""
        return await enforcement.cap(
            api, secret=secret, cap_usd=self.cap_usd, in_flight=self.in_flight, inference=self.inference, booked=booked
        )


def series(api: Api) -> list[Series]:
    """The four, the plain one first. In sequence the cap has room for three calls, in parallel for one. Raises PriceUnknown."""
    honest = api.inference
    understated = honest.understated(really=honest.declared.max_tokens.value)
    some, one = enforcement.room(honest, 3), enforcement.room(honest, 1)
    return [
        Series("sequence", honest, some, 1),
        Series("parallel", honest, one, IN_FLIGHT),
        Series("understated", understated, some, 1),
        Series("understated-parallel", understated, one, IN_FLIGHT),
    ]
