"""Calling against a limit measures what really got past it, and a replay measures the same."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx
import pytest

from probes import enforcement
from probes.api import Api
from probes.claims import Provider
from probes.claims_inference import Inference as Declared
from probes.errors import BudgetSpent
from probes.figures import Figures, Limited
from probes.money import Budget, Model
from probes.probe import Probe, Tier
from probes.series import series
from probes.session import Session
from probes.vocabulary import Means
from probes.wire.cassette import CassetteTransport, Metadata, load
from probes.wire.redact import Redactor
from tests.test_money import DECLARED

PRICE = Model("tiny", 5, 15)
COST = 0.02
"""USD of each call of the model below: 1,000 tokens in, 1,000 out."""


class Capped:
    """A model behind a cap that counts a call only `lag` seconds after it was served."""

    def __init__(self, cap: float, *, lag: float = 0.0, latency: float = 0.001) -> None:
        self.cap, self.lag, self.latency = cap, lag, latency
        self.served: list[float] = []

    async def __call__(self, _request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(self.latency)
        now = time.monotonic()
        if sum(COST for at in self.served if at <= now - self.lag) >= self.cap - 1e-9:
            return httpx.Response(403, json={"error": {"code": "key_limit", "message": "Key limit exceeded"}})
        self.served.append(now)
        return httpx.Response(200, json={"usage": {"prompt_tokens": 1000, "completion_tokens": 1000}})


class AsAsked:
    """A model that gives just what was asked for, as those of vendors do."""

    def __init__(self) -> None:
        self.usd = 0.0

    async def __call__(self, _request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0.005)
        self.usd += PRICE.cost(40, 500)
        return httpx.Response(200, json={"usage": {"prompt_tokens": 40, "completion_tokens": 500}})


class Streamed(Capped):
    """A model whose answers do not tell their tokens."""

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        answer = await super().__call__(request)
        return answer if answer.status_code >= 400 else httpx.Response(200, text="data: [DONE]")


class PerMinute:
    """A model that serves so many calls and asks to wait a little for more."""

    def __init__(self, calls: int) -> None:
        self.left, self.refused = calls, False

    async def __call__(self, _request: httpx.Request) -> httpx.Response:
        self.left -= 1
        if self.left >= 0 or self.refused:
            return httpx.Response(200, json={"usage": {"prompt_tokens": 1000, "completion_tokens": 1000}})
        self.refused = True
        headers = {"retry-after": "0.01", "x-ratelimit-limit": "3", "x-other": "1"}
        return httpx.Response(429, json={"error": {"code": "rate_limited", "message": "Too many requests"}}, headers=headers)


NAME = {"zh": "甲", "en": "A"}


def provider() -> Provider:
    credential = {"name": NAME, "env": ["A_KEY"], "send": "Authorization: Bearer {}", "get": NAME}
    return Provider.model_validate(
        {
            "name": NAME,
            "kind": "hosted-model-api",
            "region": "global",
            "summary": NAME,
            "hosts": {"api": {"url": "https://api.example.com"}},
            "sources": {},
            "claims": {},
            "credentials": {"inference": credential},
            "refusals": [{"code": "key_limit", "means": "spend", "when": NAME}],
            "inference": Declared.model_dump(DECLARED),
        }
    )


async def _probe(_: Api) -> None:
    """Never run."""


Handler = Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]
Measure = Callable[[Api], Awaitable[Figures]]


async def measured(model: Handler, measure: Measure, folder: Path, *, budget: float = 10.0) -> Figures:
    """What was measured live; the recording measures the same."""
    transport = CassetteTransport.recording(httpx.MockTransport(model), Redactor())
    live = await measure(_api(transport, Budget(budget), live=True))
    path = folder / "spend.yaml"
    transport.save(path, Metadata("lab", "spend", "acme", "00000000", "0", "2026-11-24T00:00:00Z"))
    replayed = await measure(_api(CassetteTransport.replaying(load(path), Redactor()), Budget(1e9), live=False))
    assert replayed == live
    return live


def _api(transport: httpx.AsyncBaseTransport, budget: Budget, *, live: bool) -> Api:
    session = Session(
        "acme",
        provider(),
        {"api": "https://api.example.com"},
        "00000000",
        httpx.AsyncClient(transport=transport),
        model=PRICE,
        budget=budget,
        live=live,
    )
    return Api(session, Probe("acme", "probe", (), Tier.SPEND, _probe), 0)


def cap(usd: float, **how: Any) -> Measure:
    return lambda api: enforcement.cap(api, secret="sk-made-up", cap_usd=usd, **how)


async def test_a_prompt_cap_lets_nothing_past(tmp_path: Path) -> None:
    figures = await measured(Capped(0.06), cap(0.06), tmp_path)
    assert (figures.calls, figures.calls_past, figures.usd, figures.usd_past) == (3, 0, 0.06, 0.0)
    assert (figures.status, figures.code, figures.means, figures.refused) == (403, "key_limit", Means.SPEND, True)
    assert figures.seconds_to_block is not None
    assert figures.seconds_to_block >= 0


@pytest.mark.parametrize("in_flight", [1, 8])
async def test_a_slow_cap_is_overshot_by_what_the_model_really_served(tmp_path: Path, in_flight: int) -> None:
    model = Capped(0.06, lag=0.1, latency=0.02)
    figures = await measured(model, cap(0.06, in_flight=in_flight, calls=200), tmp_path)
    assert figures.calls == len(model.served)
    assert figures.calls_past == len(model.served) - 3
    assert figures.usd_past == pytest.approx(len(model.served) * COST - 0.06)
    assert figures.calls_past >= 3
    assert figures.seconds_to_block is not None
    assert 0.09 <= figures.seconds_to_block < 5


async def test_a_quota_counts_tokens_and_no_money(tmp_path: Path) -> None:
    model = Capped(0.06, lag=0.1, latency=0.02)
    figures = await measured(model, lambda api: enforcement.quota(api, secret="sk-made-up", tokens=6_000, calls=200), tmp_path)
    assert (figures.limited, figures.limit, figures.refused, figures.means) == (Limited.TOKENS, 6_000.0, True, Means.SPEND)
    assert figures.calls == len(model.served)
    assert figures.calls_past == len(model.served) - 3 >= 3
    assert (figures.tokens_past, figures.usd_past) == (2_000 * len(model.served) - 6_000, 0.0)
    assert figures.seconds_to_block is not None
    assert 0.09 <= figures.seconds_to_block < 5


async def test_where_answers_do_not_tell_their_cost_the_books_do(tmp_path: Path) -> None:
    model = Streamed(0.05)

    async def booked() -> float:
        return 3 * COST

    figures = await measured(model, cap(0.05, booked=booked), tmp_path)
    assert (figures.calls, figures.calls_past, figures.usd, figures.usd_past) == (3, 0, 0.06, 0.01)


async def test_the_four_series_leave_room_for_three_calls_or_one(tmp_path: Path) -> None:
    async def measure(api: Api) -> Figures:
        each, *others = series(api)
        assert [(other.in_flight, other.inference.is_understated) for other in others] == [(8, False), (1, True), (8, True)]
        assert each.cap_usd == pytest.approx(3 * api.inference.bound, rel=0.05)
        assert others[0].cap_usd == others[2].cap_usd == pytest.approx(api.inference.bound, rel=0.05)
        return await each.measure(api, "sk-made-up")

    figures = await measured(Capped(0.06), measure, tmp_path)
    assert (figures.in_flight, figures.understated, figures.refused) == (1, False, True)


async def test_what_is_never_refused_is_not_called_enforced(tmp_path: Path) -> None:
    figures = await measured(Capped(100), cap(0.06, calls=6), tmp_path)
    assert (figures.calls, figures.status, figures.refused, figures.seconds_to_block) == (6, None, False, None)


async def test_a_raised_cap_is_timed_until_it_opens(tmp_path: Path) -> None:
    model = Capped(0.04)

    async def raise_it(api: Api) -> Figures:
        figures = await cap(0.04)(api)
        since = await api.spend(api.inference, secret="sk-made-up")
        model.cap = 1.0
        return await enforcement.reopened(api, figures, secret="sk-made-up", since=since)

    figures = await measured(model, raise_it, tmp_path)
    assert figures.seconds_to_reopen is not None
    assert 0 <= figures.seconds_to_reopen < 5


async def test_a_rate_limit_tells_who_was_refused_and_whether_waiting_suffices(tmp_path: Path) -> None:
    figures = await measured(
        PerMinute(3), lambda api: enforcement.rate(api, secret="sk-made-up", per_minute=3, calls=8), tmp_path
    )  # fmt: skip
    assert (figures.calls, figures.calls_past, figures.status, figures.means) == (3, 0, 429, Means.RATE)
    assert (figures.retry_after, figures.waiting_sufficed) == (0.01, True)
    assert figures.headers == ("retry-after", "x-ratelimit-limit")


async def test_the_budget_is_a_hard_bound_with_eight_in_flight(tmp_path: Path) -> None:
    model, allowed = AsAsked(), 0.1
    with pytest.raises(BudgetSpent):
        await measured(model, cap(100.0, in_flight=8, calls=1000), tmp_path, budget=allowed)
    assert allowed - 0.01 - 8 * 0.01 < model.usd <= allowed
