"""DeepInfra's scoped tokens, simulated: an account with one API key, which signs tokens that have a limit, a lifetime and models.

Written from the vendor's page on them. What a spent or expired token is answered that page does not say; here it is a 402 and a 401. A
token is a JWT by HS256 that bears its own terms: the account keeps nothing of it but what it has spent.
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

from probes.answer import is_number
from probes.lab.simulator import Behaviour, Meter, Simulator, completion
from probes.money import Model

PREFIX = "jwt:"
INPUT_TOKENS, LONGEST = 100, 500
EXACT = 1e-9
"""USD by which sums of floating-point costs may miss the limit they add up to."""


class Account(Simulator):
    """The account, its key and what each token has spent."""

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__(behaviour)
        self.model = Model("meta-llama/made-up-8B", 1.0, 3.0)
        self.key = secrets.token_urlsafe(24)
        self.environment = {"DEEPINFRA_API_KEY": self.key}
        self.spent: dict[str, Meter] = {}
        self.limit_refusal = 402, "Spending limit of this token exceeded"
        handlers: Any = {HTTPException: _refusal}
        routes = [
            Route("/v1/scoped-jwt", self._make, methods=["POST"]),
            Route("/v1/openai/models", self._models),
            Route("/v1/openai/chat/completions", self._chat, methods=["POST"]),
        ]
        self.hosts = {"api": Starlette(routes=routes, exception_handlers=handlers)}

    def leftovers(self) -> list[str]:
        """Tokens are stored nowhere."""
        return []

    async def _make(self, request: Request) -> Response:
        self._must_be_key(_bearer(request))
        given = await _fields(request)
        if given.get("api_key_name") != "auto":
            raise HTTPException(404, "API key not found")
        seconds, limit, models = given.get("expires_delta"), given.get("spending_limit"), given.get("models")
        if not is_number(seconds) or seconds <= 0 or not (limit is None or (is_number(limit) and limit >= 0)):
            raise HTTPException(422, "expires_delta and spending_limit are numbers")
        if not (models is None or (isinstance(models, list) and all(isinstance(each, str) for each in models))):
            raise HTTPException(422, "models is a list of names")
        terms = {"jti": secrets.token_hex(8), "exp": time.time() + seconds, "spending_limit": limit, "models": models}
        return JSONResponse({"token": PREFIX + self._signed(terms)})

    async def _models(self, _request: Request) -> Response:
        return JSONResponse({"object": "list", "data": [{"id": self.model.name, "object": "model"}]})

    async def _chat(self, request: Request) -> Response:
        terms = self._terms(_bearer(request))
        given = await _fields(request)
        if given.get("model") != self.model.name:
            raise HTTPException(404, "Model not found")
        if terms["models"] is not None and self.model.name not in terms["models"]:
            raise HTTPException(403, "This token may not use the model")
        meter = self.spent.setdefault(terms["jti"], Meter(time.monotonic))
        limit = terms["spending_limit"]
        if limit is not None and meter.counted(self.behaviour.cap_lag) >= limit - EXACT:
            raise HTTPException(*self.limit_refusal)
        await asyncio.sleep(self.behaviour.latency)
        output = min(int(given.get("max_tokens") or LONGEST), LONGEST)
        meter.charge(self.model.cost(INPUT_TOKENS, output) * self.behaviour.dearness)
        self.served += 1
        return JSONResponse({"object": "chat.completion", "model": self.model.name} | completion(INPUT_TOKENS, output))

    def _must_be_key(self, bearer: str) -> None:
        if bearer != self.key:
            raise HTTPException(401, "Invalid authentication")

    def _terms(self, bearer: str) -> dict[str, Any]:
        """What a token allows; the key itself has no bounds."""
        if not bearer.startswith(PREFIX):
            self._must_be_key(bearer)
            return {"jti": "", "exp": float("inf"), "spending_limit": None, "models": None}
        header, _, rest = bearer.removeprefix(PREFIX).partition(".")
        payload, _, signature = rest.partition(".")
        if not hmac.compare_digest(signature, self._mac(f"{header}.{payload}")):
            raise HTTPException(401, "Invalid token")
        terms: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        if terms["exp"] <= time.time():
            raise HTTPException(401, "Token has expired")
        return terms

    def _signed(self, terms: dict[str, Any]) -> str:
        text = f"{_encoded({'alg': 'HS256', 'kid': 'auto', 'typ': 'JWT'})}.{_encoded(terms)}"
        return f"{text}.{self._mac(text)}"

    def _mac(self, text: str) -> str:
        return base64.urlsafe_b64encode(hmac.new(self.key.encode(), text.encode(), hashlib.sha256).digest()).decode().rstrip("=")


def _encoded(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _bearer(request: Request) -> str:
    return request.headers.get("authorization", "").removeprefix("Bearer ")


async def _fields(request: Request) -> dict[str, Any]:
    try:
        given = await request.json()
    except ValueError as error:
        raise HTTPException(422, "the body is not JSON") from error
    if not isinstance(given, dict):
        raise HTTPException(422, "the body is no object")
    return given


async def _refusal(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return JSONResponse({"detail": {"error": error.detail}}, error.status_code)


def simulator(behaviour: Behaviour) -> Simulator:
    """The account and its key."""
    return Account(behaviour)
