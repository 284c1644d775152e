"""BigModel (CNY) and Z.ai (USD), simulated: chat, the coding plan's quota and the balance of one account, which has a key on BigModel only.

Console and monitor routes refuse with HTTP 200 and a code in the body; inference refuses with 401 and 429 and never sends a header about
limits. A key is `id.secret`: sent after Bearer, bare to the monitor, or signed as a JWT (HS256 over api_key, exp and timestamp). The limit
is on calls under way. Guessed: the 404 of an unknown inference route, and that Z.ai has the balance, on which its readers disagree.
"""

import asyncio
import base64
import hashlib
import hmac
import json
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

AT_ONCE = 5
INPUT_TOKENS, LONGEST = 200, 500
NO_HEADER = "Header中未收到Authorization参数，无法进行身份验证。"
SHORTEST_CALL = 0.25
"""Seconds: a limit on calls under way shows only where calls take a while."""

TOO_FAST = "您的账户已达到速率限制，请您控制请求频率"
EMPTY = "余额不足或无可用资源包,请充值。"


class Refused(HTTPException):
    """A refusal of an inference route: `{error: {code, message}}`, the code a string."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(status, message)
        self.code = code


def refusal(_request: Request, error: Exception) -> Response:
    """The body of a refusal, also for a route that does not exist."""
    if not isinstance(error, HTTPException):
        raise error
    return JSONResponse({"error": {"code": getattr(error, "code", str(error.status_code)), "message": error.detail}}, error.status_code)


class Account(Simulator):
    """One account with a coding plan. `balance` is in the site's currency, and what its calls cost is taken from it."""

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__(behaviour)
        self.model = Model("glm-5.3-flash", 2.0, 3.2)
        self.id, self.secret = secrets.token_hex(16), secrets.token_urlsafe(12)[:16].replace("-", "x").replace("_", "y")
        self.environment = {"ZHIPUAI_API_KEY": f"{self.id}.{self.secret}"}
        self.balance, self.slots, self.window = 12.34, Slots(AT_ONCE), Window(time.monotonic)
        self.hosts = {"api": self._site(home=True), "international": self._site(home=False)}

    def leftovers(self) -> list[str]:
        """Nothing can be created or changed."""
        return []

    def _site(self, *, home: bool) -> Starlette:
        async def chat(request: Request) -> Response:
            return await self._chat(request, home=home)

        async def files(request: Request) -> Response:
            self._inference(request, home=home)
            return JSONResponse({"object": "list", "data": [], "has_more": False})

        async def quota(request: Request) -> Response:
            return self._console(request, _quota(), home=home, bare=True)

        async def report(request: Request) -> Response:
            money = {"rechargeAmount": 10.0, "giveAmount": 2.34, "frozenBalance": 0.0, "totalSpendAmount": 87.66}
            return self._console(request, {"balance": self.balance, "availableBalance": self.balance, **money}, home=home)

        async def retired(_request: Request) -> Response:
            return JSONResponse({"code": 404, "msg": "NOT_FOUND", "success": False})

        routes = [
            Route("/api/paas/v4/chat/completions", chat, methods=["POST"]),
            Route("/api/paas/v4/files", files),
            Route("/api/monitor/usage/quota/limit", quota),
            Route("/api/biz/account/query-customer-account-report", report),
            Route("/api/biz/{rest:path}", retired),
            Route("/api/monitor/{rest:path}", retired),
        ]
        return Starlette(routes=routes, exception_handlers={HTTPException: refusal})

    def _known(self, sent: str, *, home: bool) -> bool:
        return home and (hmac.compare_digest(sent, f"{self.id}.{self.secret}") or self._signed(sent))

    def _signed(self, token: str) -> bool:
        """Whether it is a JWT that this key signed and that has not expired; times are milliseconds."""
        try:
            head, claims, signature = token.split(".")
            told = json.loads(_decoded(claims))
        except ValueError:
            return False
        expected = hmac.new(self.secret.encode(), f"{head}.{claims}".encode(), hashlib.sha256).digest()
        valid = hmac.compare_digest(_decoded(signature), expected)
        return valid and told.get("api_key") == self.id and told.get("exp", 0) > time.time() * 1000

    def _console(self, request: Request, data: dict[str, Any], *, home: bool, bare: bool = False) -> Response:
        sent = request.headers.get("authorization", "")
        if not sent:
            return JSONResponse({"code": 1001, "msg": NO_HEADER, "success": False})
        if not self._known(sent if bare else sent.removeprefix("Bearer "), home=home):
            code, message = (401, "令牌已过期或验证不正确") if home else (1000, "Authentication Failed")
            return JSONResponse({"code": code, "msg": message, "success": False})
        return JSONResponse({"code": 200, "msg": "操作成功", "success": True, "data": data})

    def _inference(self, request: Request, *, home: bool) -> None:
        sent = request.headers.get("authorization", "")
        if not sent:
            raise Refused(401, "1001", NO_HEADER)
        if not self._known(sent.removeprefix("Bearer "), home=home):
            raise Refused(401, "1000", "身份验证失败。")

    async def _chat(self, request: Request, *, home: bool) -> Response:
        self._inference(request, home=home)
        try:
            given = await request.json()
        except ValueError as error:
            raise Refused(400, "1210", "API 调用参数有误，请检查文档。") from error
        if not isinstance(given, dict) or not given.get("messages"):
            raise Refused(400, "1214", "messages 参数非法。请检查文档。")
        if given.get("model") != self.model.name:
            raise Refused(400, "1211", "模型不存在，请检查模型代码。")
        if self.balance <= 0:
            raise Refused(429, "1113", EMPTY)
        limit = self.behaviour.requests_per_minute
        if self.slots.are_full or (limit and self.window.admit(limit) > 0):
            raise Refused(429, "1302", TOO_FAST)
        with self.slots.one():
            await asyncio.sleep(max(self.behaviour.latency, SHORTEST_CALL))
        output = min(int(given.get("max_tokens") or LONGEST), LONGEST)
        self.balance -= self.model.cost(INPUT_TOKENS, output)
        self.served += 1
        told = {"id": secrets.token_hex(16), "request_id": secrets.token_hex(16), "created": int(time.time()), "model": self.model.name}
        return JSONResponse(told | completion(INPUT_TOKENS, output))


def _quota() -> dict[str, Any]:
    resets = int(time.time() * 1000) + 3_600_000
    tools = {"type": "TIME_LIMIT", "unit": 5, "number": 1, "usage": 100, "currentValue": 12, "remaining": 88, "percentage": 12}
    used = [{"modelCode": "search-prime", "usage": 12}]
    tokens = {"type": "TOKENS_LIMIT", "unit": 3, "number": 5, "percentage": 34, "nextResetTime": resets}
    return {"level": "lite", "limits": [{**tools, "nextResetTime": resets, "usageDetails": used}, tokens]}


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def simulator(behaviour: Behaviour) -> Simulator:
    """The account and its two sites."""
    return Account(behaviour)
