"""The V2 inference of a simulated Qianfan: by model or by endpoint, whose rate is kept."""

import asyncio
import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from probes.lab.qianfan.answers import compatible
from probes.lab.qianfan.state import MODEL, Account
from probes.lab.simulator import Simulator, Window, completion

INPUT_TOKENS = MOST_OUTPUT_TOKENS = 500
DEFAULT_RATE = {"rpm": 300, "tpm": 300_000}


class Inference:
    """Handlers over one account; `simulator` has the count of calls that were served."""

    def __init__(self, account: Account, simulator: Simulator) -> None:
        self.account, self.simulator = account, simulator

    def routes(self) -> list[Route]:
        return [Route("/v2/models", self.models, methods=["GET"]), Route("/v2/chat/completions", self.complete, methods=["POST"])]

    async def models(self, request: Request) -> Response:
        return self._refusal(request) or JSONResponse({"object": "list", "data": [{"id": MODEL.name, "object": "model"}]})

    async def complete(self, request: Request) -> Response:
        if (refusal := self._refusal(request)) is not None:
            return refusal
        try:
            body = await request.json()
        except ValueError:
            body = {}
        model, asked = body.get("model"), body.get("max_completion_tokens", MOST_OUTPUT_TOKENS)
        if not body.get("messages") or not isinstance(asked, int) or asked < 1:
            return compatible(400, "invalid_messages", "the messages or their length are not valid", "invalid_request_error")
        endpoint = self.account.endpoints.get(model)
        if endpoint is None and model != MODEL.name:
            return compatible(401, "invalid_model", "No permission to use the model", "invalid_request_error")
        output = min(asked, MOST_OUTPUT_TOKENS)
        rate = dict(endpoint.rate if endpoint else DEFAULT_RATE)
        if (imposed := self.simulator.behaviour.requests_per_minute) > 0:
            rate["rpm"] = min(rate["rpm"], imposed)
        if (throttled := self._throttled(model, rate, INPUT_TOKENS + output)) is not None:
            return throttled
        await asyncio.sleep(self.simulator.behaviour.latency)
        self.simulator.served += 1
        answer = {"id": f"as-{secrets.token_hex(5)}", "object": "chat.completion", "model": model}
        return JSONResponse(answer | completion(INPUT_TOKENS, output, finish="normal"), headers=self._headers(model, rate))

    def _throttled(self, model: str, rate: dict[str, int], tokens: int) -> Response | None:
        now = self.account.clock()
        used = self.account.used[model]
        if sum(count for at, count in used if at > now - 60) >= rate["tpm"]:
            return compatible(429, "tpm_rate_limit_exceeded", "Rate limit reached for TPM", "rate_limit_exceeded")
        window = self.account.windows.setdefault(model, Window(self.account.clock))
        if window.admit(rate["rpm"]) > 0:
            return compatible(429, "rpm_rate_limit_exceeded", "Rate limit reached for RPM", "rate_limit_exceeded")
        used.append((now, tokens))
        return None

    def _headers(self, model: str, rate: dict[str, Any]) -> dict[str, str]:
        now = self.account.clock()
        tokens = sum(count for at, count in self.account.used[model] if at > now - 60)
        values = {
            "Limit-Requests": rate["rpm"],
            "Limit-Tokens": rate["tpm"],
            "Remaining-Requests": rate["rpm"] - len(self.account.windows[model].times),
            "Remaining-Tokens": max(0, rate["tpm"] - tokens),
        }
        return {f"X-Ratelimit-{name}": str(value) for name, value in values.items()}

    def _refusal(self, request: Request) -> Response | None:
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        opens = self.account.opens(value) if scheme == "Bearer" else None
        if opens is None:
            return compatible(401, "invalid_iam_token", "IAM Certification failed", "invalid_request_error")
        return None if opens else compatible(403, "access_denied", "No permission to access the resource", "access_denied")
