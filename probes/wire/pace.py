"""How often a host is asked: few requests at once, evenly spaced, retried with patience, and not at all once it is known to be dead."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

import httpx

from probes.errors import ConnectionDropped, HostUnreachable
from probes.wire.extensions import BURST, RETRY

IN_FLIGHT = 4
PER_SECOND = 5.0
RETRIES = 2
LONGEST_WAIT = 10.0
"""Seconds; a host that asks for a longer pause has its answer returned instead."""

FIRST_BACKOFF = 0.5
"""Seconds before the first retry where the host names no pause; doubled for each further one."""

_RETRIED_METHODS = frozenset({"GET", "HEAD"})
_RETRIED_STATUSES = frozenset({429, 503})
_SECONDS = re.compile(r"\d{1,9}(\.\d+)?")


@dataclass
class _Lane:
    """What is known of one host. `free_at` is when, on the clock, it may be asked next."""

    slots: asyncio.Semaphore
    first: asyncio.Lock = field(default_factory=asyncio.Lock)
    reached: bool = False
    dead: HostUnreachable | None = None
    free_at: float = 0.0


class Pace(httpx.AsyncBaseTransport):
    """Spaces requests to each host (name and port). One instance serves a whole run.

    `clock` gives monotonic seconds, `wall` seconds since 1970 (a Retry-After may be a date), `sleep` waits.
    """

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        *,
        in_flight: int = IN_FLIGHT,
        per_second: float = PER_SECOND,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._inner, self._in_flight, self._interval = inner, in_flight, 1.0 / per_second
        self._clock, self._wall, self._sleep = clock, wall, sleep
        self._lanes: dict[str, _Lane] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request when it is its turn. Raises HostUnreachable at once for a host that could not be reached before."""
        host = request.url.netloc.decode("ascii")
        lane = self._lanes.setdefault(host, _Lane(asyncio.Semaphore(self._in_flight)))
        if lane.reached and request.extensions.get(BURST):
            return await self._inner.handle_async_request(request)
        if not lane.reached:
            async with lane.first:  # the first request goes alone: one attempt finds out for all
                if lane.dead is not None:
                    raise HostUnreachable(lane.dead.what, where=lane.dead.where, hint=lane.dead.hint) from lane.dead
                if not lane.reached:
                    return await self._first(lane, request)
        return await self._send(lane, request)

    async def aclose(self) -> None:
        """Close the inner transport."""
        await self._inner.aclose()

    async def _first(self, lane: _Lane, request: httpx.Request) -> httpx.Response:
        try:
            response = await self._send(lane, request)
        except HostUnreachable as error:
            lane.dead = error
            raise
        except Exception:
            lane.reached = True  # a bad answer is an answer
            raise
        lane.reached = True
        return response

    async def _send(self, lane: _Lane, request: httpx.Request) -> httpx.Response:
        retries = RETRIES if request.method in _RETRIED_METHODS and request.extensions.get(RETRY, True) else 0
        for attempt in range(retries):
            pause = FIRST_BACKOFF * 2**attempt
            try:
                response = await self._once(lane, request)
            except ConnectionDropped:
                pass  # retried below
            else:
                if response.status_code not in _RETRIED_STATUSES:
                    return response
                pause = self._asked_pause(response, pause)
                if pause > LONGEST_WAIT:
                    return response
                await response.aclose()
            lane.free_at = max(lane.free_at, self._clock() + pause)  # the pause is the host's: all its requests keep it
        return await self._once(lane, request)

    async def _once(self, lane: _Lane, request: httpx.Request) -> httpx.Response:
        async with lane.slots:
            while (wait := lane.free_at - self._clock()) > 0:  # another request may have been told to pause meanwhile
                await self._sleep(wait)
            lane.free_at = self._clock() + self._interval
            return await self._inner.handle_async_request(request)

    def _asked_pause(self, response: httpx.Response, otherwise: float) -> float:
        """Seconds that a Retry-After asks for, as a number or as a date; `otherwise` when it says neither."""
        asked = response.headers.get("retry-after", "").strip()
        if _SECONDS.fullmatch(asked):
            return float(asked)
        try:
            return max(0.0, parsedate_to_datetime(asked).timestamp() - self._wall())
        except (ValueError, OverflowError):
            return otherwise
