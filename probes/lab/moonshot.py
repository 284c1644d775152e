"""Moonshot's two platforms (CNY on .cn, USD on .ai) and Kimi Code, simulated: an account of the lowest tier, with a key of .cn.

The lowest tier has one call under way and no more; its three a minute are simulated only when asked for, so that a run need not wait. A
refusal for the rate says in its message how long to wait, and sends no header: the help centre names three, client authors saw none.
"""

import asyncio
import secrets
import time
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from probes.lab.simulator import Behaviour, Simulator, Slots, Window, completion
from probes.money import Model

AT_ONCE = 1
SHORTEST_CALL = 0.25
"""Seconds: a limit on calls under way shows only where calls take a while."""

INPUT_TOKENS, LONGEST = 200, 500
MODELS = {"object": "list", "data": [{"id": "moonshot-v1-8k", "object": "model", "owned_by": "moonshot"}]}


class Refused(HTTPException):
    """A refusal: `{error: {type, message}}`."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(status, message)
        self.kind = kind


def refusal(request: Request, error: Exception) -> Response:
    """The body of a refusal; an unknown route has another shape."""
    if isinstance(error, Refused):
        return JSONResponse({"error": {"type": error.kind, "message": error.detail}}, error.status_code)
    if not isinstance(error, HTTPException):
        raise error
    told = {"code": 5, "error": "url.not_found", "message": "没找到对象", "method": request.method, "scode": "0x5", "status": False}
    return JSONResponse({**told, "ua": request.headers.get("user-agent", ""), "url": request.url.path}, error.status_code)


class Account(Simulator):
    """One account on .cn and one subscription to Kimi Code. Amounts are in the platform's currency."""

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__(behaviour)
        self.model = Model("moonshot-v1-8k", 2.0, 3.2)
        self.key, self.subscription = f"sk-{secrets.token_hex(24)}", f"sk-kimi-{secrets.token_hex(24)}"
        self.environment = {"MOONSHOT_API_KEY": self.key, "KIMI_API_KEY": self.subscription}
        self.voucher, self.cash, self.slots, self.window = 46.58893, 3.00001, Slots(AT_ONCE), Window(time.monotonic)
        self.whose = f"org-{secrets.token_hex(16)}<ak-{secrets.token_hex(10)}>"
        code = [Route("/coding/v1/models", self._of_code(MODELS)), Route("/coding/v1/usages", self._of_code(_usages()))]
        handlers: Any = {HTTPException: refusal}
        self.hosts = {
            "api": self._platform(self.key),
            "international": self._platform(f"sk-{secrets.token_hex(24)}"),
            "kimi_code": Starlette(routes=code, exception_handlers=handlers),
        }

    def leftovers(self) -> list[str]:
        """Nothing can be created or changed."""
        return []

    def _platform(self, key: str) -> Starlette:
        async def models(request: Request) -> Response:
            _check(request, key)
            return JSONResponse(MODELS)

        async def balance(request: Request) -> Response:
            _check(request, key)
            available = round(max(0.0, self.voucher + self.cash), 5)
            data = {"available_balance": available, "voucher_balance": self.voucher, "cash_balance": self.cash}
            return JSONResponse({"code": 0, "data": data, "scode": "0x0", "status": True})

        async def chat(request: Request) -> Response:
            _check(request, key)
            return await self._chat(request)

        routes = [
            Route("/v1/models", models),
            Route("/v1/users/me/balance", balance),
            Route("/v1/chat/completions", chat, methods=["POST"]),
        ]
        handlers: Any = {HTTPException: refusal}
        return Starlette(routes=routes, exception_handlers=handlers)

    def _of_code(self, answer: dict[str, Any]) -> Any:
        async def told(request: Request) -> Response:
            _check(request, self.subscription)
            return JSONResponse(answer)

        return told

    async def _chat(self, request: Request) -> Response:
        try:
            given = await request.json()
        except ValueError as error:
            raise Refused(400, "invalid_request_error", "Invalid request: the body is not JSON") from error
        if not isinstance(given, dict) or not given.get("messages"):
            raise Refused(400, "invalid_request_error", "Invalid request: messages must not be empty")
        if given.get("model") != self.model.name:
            what = f"Not found the model {given.get('model')} or Permission denied"
            raise Refused(404, "resource_not_found_error", what)
        if self.voucher + self.cash <= 0:
            what = f"Your account {self.whose} is suspended, please check your plan and billing details"
            raise Refused(429, "exceeded_current_quota_error", what)
        self._within_rate()
        with self.slots.one():
            await asyncio.sleep(max(self.behaviour.latency, SHORTEST_CALL))
        output = min(int(given.get("max_tokens") or LONGEST), LONGEST)
        self.cash = round(self.cash - self.model.cost(INPUT_TOKENS, output), 5)
        self.served += 1
        told = {
            "id": f"chatcmpl-{secrets.token_hex(12)}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": self.model.name,
        }
        return JSONResponse(told | completion(INPUT_TOKENS, output))

    def _within_rate(self) -> None:
        limit = self.behaviour.requests_per_minute
        which = f"concurrency: {self.slots.limit}" if self.slots.are_full else ""
        if not which and limit and self.window.admit(limit) > 0:
            which = f"RPM: {limit}"
        if which:
            what = f"Your account {self.whose} request reached organization max {which}, please try again after 1 seconds"
            raise Refused(429, "rate_limit_reached_error", what)


def _check(request: Request, key: str) -> None:
    sent = request.headers.get("authorization", "")
    if not sent:
        raise Refused(401, "incorrect_api_key_error", "Incorrect API key provided")
    if sent.removeprefix("Bearer ") != key:
        raise Refused(401, "invalid_authentication_error", "Invalid Authentication")


def _usages() -> dict[str, Any]:
    window = {"duration": 300, "timeUnit": "TIME_UNIT_MINUTE"}
    charge = {"monthlyChargeLimit": {"priceInCents": "5000", "currency": "USD"}, "monthlyUsed": {"priceInCents": "1200", "currency": "USD"}}
    return {
        "usage": {"used": "40", "limit": "1000", "resetTime": "2026-11-30T05:20:51Z"},
        "limits": [{"window": window, "detail": {"used": "1", "limit": "100", "resetTime": "2026-11-23T15:00:00Z"}}],
        "boosterWallet": {
            "balance": {"type": "BOOSTER", "amount": "2000000000", "amountLeft": "1500000000"},
            "monthlyChargeLimitEnabled": True,
            **charge,
        },
    }


def simulator(behaviour: Behaviour) -> Simulator:
    """The account, its two platforms and the subscription."""
    return Account(behaviour)
