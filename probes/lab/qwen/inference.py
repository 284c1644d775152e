"""The data plane of a simulated Model Studio: the OpenAI-compatible calls, and temporary keys."""

import asyncio
import ipaddress
import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from probes.lab.qwen.answers import compatible, native
from probes.lab.qwen.state import MODEL, MODELS, Account, Key
from probes.lab.simulator import Simulator, Window, completion

INPUT_TOKENS = MOST_OUTPUT_TOKENS = 500
LONGEST_LIFE, DEFAULT_LIFE = 1800, 60
"""Seconds of a temporary key."""


class Inference:
    """Handlers over one account; `simulator` has the count of calls that were served."""

    def __init__(self, account: Account, simulator: Simulator) -> None:
        self.account, self.simulator = account, simulator

    def routes(self) -> list[Route]:
        return [
            Route("/compatible-mode/v1/models", self.models, methods=["GET"]),
            Route("/compatible-mode/v1/chat/completions", self.complete, methods=["POST"]),
            Route("/api/v1/tokens", self.temporary, methods=["POST"]),
        ]

    async def models(self, request: Request) -> Response:
        if not isinstance(key := self._key(request), Key):
            return key
        return JSONResponse({"object": "list", "data": [{"id": name, "object": "model"} for name in MODELS]})

    async def temporary(self, request: Request) -> Response:
        if not isinstance(key := self._key(request, is_native=True), Key):
            return key
        wanted = request.query_params.get("expire_in_seconds", str(DEFAULT_LIFE))
        if not wanted.isdigit() or not 1 <= int(wanted) <= LONGEST_LIFE:
            return native(400, "InvalidParameter", "expire_in_seconds must be between 1 and 1800.")
        value, ends = f"st-{secrets.token_hex(24)}", self.account.clock() + int(wanted)
        self.account.temporary[value], self.account.parents[value] = ends, key.value
        return JSONResponse({"token": value, "expires_at": int(ends)})

    async def complete(self, request: Request) -> Response:
        if not isinstance(key := self._key(request), Key):
            return key
        try:
            body = await request.json()
        except ValueError:
            body = {}
        if (refusal := self._refusal(key, body)) is not None:
            return refusal
        model: str = body["model"]
        output = min(body.get("max_tokens", MOST_OUTPUT_TOKENS), MOST_OUTPUT_TOKENS)
        if (throttled := self._throttled(key.workspace, model, INPUT_TOKENS + output)) is not None:
            return throttled
        await asyncio.sleep(self.simulator.behaviour.latency)
        self.simulator.served += 1
        self.account.spent[key.number] += MODEL.cost(INPUT_TOKENS, output)
        answer = {"id": f"chatcmpl-{secrets.token_hex(12)}", "object": "chat.completion", "model": model}
        return JSONResponse(answer | completion(INPUT_TOKENS, output, finish="stop"))

    def _refusal(self, key: Key, body: Any) -> Response | None:
        model, asked = body.get("model"), body.get("max_tokens", MOST_OUTPUT_TOKENS)
        if not body.get("messages") or not isinstance(asked, int) or asked < 1:
            return compatible(400, "invalid_parameter_error", "Either messages or max_tokens is not valid.")
        if model not in MODELS:
            return compatible(404, "model_not_found", f"The model {model} does not exist or you do not have access to it.")
        scope = key.auth.get("modelAccessScope", {"allowAllModels": True})
        if model not in self.account.callable[key.workspace] or not (scope["allowAllModels"] or model in scope["accessibleModels"]):
            return compatible(403, "Model.AccessDenied", "Model access denied.")
        return None

    def _throttled(self, workspace: str, model: str, tokens: int) -> Response | None:
        """Counted per workspace and model, the account's own rate over all; neither says how long to wait."""
        limit = dict(self.account.limits.get((workspace, model), {}))
        if (imposed := self.simulator.behaviour.requests_per_minute) > 0:
            limit.setdefault("requestLimit", imposed)
        now, period = self.account.clock(), limit.get("usageLimitPeriod", 60)
        used = self.account.used[workspace, model]
        recent = sum(count for at, count in used if at > now - period)
        if "usageLimit" in limit and recent >= limit["usageLimit"]:
            return compatible(429, "insufficient_quota", "Allocated quota exceeded, please increase your quota limit.")
        window = self.account.windows.setdefault((workspace, model), Window(self.account.clock, float(limit.get("requestLimitPeriod", 60))))
        if "requestLimit" in limit and window.admit(limit["requestLimit"]) > 0:
            return compatible(429, "limit_requests", "You exceeded your current requests list.")
        used.append((now, tokens))
        return None

    def _key(self, request: Request, *, is_native: bool = False) -> Key | Response:
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        key = self.account.accepted(value) if scheme == "Bearer" else None
        if key is None:
            return _unknown(is_native, bool(value))
        client = ipaddress.ip_address(request.client.host if request.client else "127.0.0.1")
        networks = [ipaddress.ip_network(each) for each in key.auth.get("accessIps", ["0.0.0.0/0", "::/0"])]
        if not any(client in network for network in networks if network.version == client.version):
            return compatible(403, "access_denied", "Access denied.")
        return key


def _unknown(is_native: bool, given: bool) -> Response:
    if is_native:
        return native(401, "InvalidApiKey", "Invalid API-key provided." if given else "No API-key provided.")
    return compatible(401, "invalid_api_key", "Incorrect API key provided." if given else "You didn't provide an API key.")
