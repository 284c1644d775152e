"""The inference of a simulated TokenHub: a key has to be allowed the model and the address, and to have tokens left."""

import asyncio
import ipaddress
import secrets

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from probes.lab.simulator import Simulator, Window, completion
from probes.lab.tencent_hunyuan.answers import refused
from probes.lab.tencent_hunyuan.keys import CUSTOM
from probes.lab.tencent_hunyuan.state import MODELS, Account, Key

INPUT_TOKENS, LONGEST = 100, 500


class Inference:
    """Handlers over one account; `simulator` has the count of calls that were served."""

    def __init__(self, account: Account, simulator: Simulator) -> None:
        self.account, self.simulator = account, simulator

    def routes(self) -> list[Route]:
        return [Route("/v1/models", self.models, methods=["GET"]), Route("/v1/chat/completions", self.complete, methods=["POST"])]

    async def models(self, request: Request) -> Response:
        """All of them, whatever the key is bound to."""
        key = self._key(request)
        if isinstance(key, Response):
            return key
        return JSONResponse({"object": "list", "data": [{"id": name, "object": "model"} for name in MODELS]})

    async def complete(self, request: Request) -> Response:
        key = self._key(request)
        if isinstance(key, Response):
            return key
        try:
            body = await request.json()
        except ValueError:
            body = {}
        model = str(body.get("model"))
        if (refusal := self._refusal(key, model, told=bool(body.get("messages")))) is not None:
            return refusal
        await asyncio.sleep(self.simulator.behaviour.latency)
        output = min(int(body.get("max_tokens") or LONGEST), LONGEST)
        self.simulator.served += 1
        key.used.append((self.account.clock(), INPUT_TOKENS, output))
        for quota in key.quotas.values():
            quota.meter.charge((INPUT_TOKENS + output) * self.simulator.behaviour.dearness)
        answer = {"id": f"chatcmpl-{secrets.token_hex(8)}", "object": "chat.completion", "model": model}
        return JSONResponse(answer | completion(INPUT_TOKENS, output))

    def _refusal(self, key: Key, model: str, *, told: bool) -> Response | None:
        if not told:
            return refused(400, "invalid_request_error", "400001", "messages is required")
        if model not in MODELS:
            return refused(400, "invalid_request_error", "400004", "model or service ID does not exist")
        if key.bind_type == CUSTOM and model not in [each.get("ResourceId") for each in key.bindings]:
            return refused(400, "permission_error", "401006", "the api key is not bound to the model")
        if self.account.spent(key) is not None:
            return refused(*self.account.quota_refusal)
        rpm = self.simulator.behaviour.requests_per_minute
        if rpm and self.account.windows.setdefault(model, Window(self.account.clock)).admit(rpm) > 0:
            return refused(429, "rate_limit_error", "429001", "rate limit exceeded on dimension: rpm")
        return None

    def _key(self, request: Request) -> Key | Response:
        """The key of a request; a disabled one is answered as one that does not exist."""
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        key = self.account.opened_by(value) if scheme == "Bearer" else None
        if key is None:
            return refused(401, "authentication_error", "401002", "invalid api key")
        caller = ipaddress.IPv4Address(request.client.host if request.client else "127.0.0.1")
        if key.addresses and not any(caller in ipaddress.IPv4Network(each) for each in key.addresses):
            return refused(403, "permission_error", "403001", "the address is not allowed")
        return key
