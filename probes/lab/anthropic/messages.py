"""Inference: what a call costs, and which of the limits refuses it."""

import asyncio
import math
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .organisation import Organisation
from .state import Key, Refused, Workspace, body, invalid, missing, now, stamp, tagged

INPUT_TOKENS, LONGEST = 200, 500
TOKENS_PER_MINUTE = {"tokens": 2_400_000, "input-tokens": 2_000_000, "output-tokens": 400_000}


class Messages:
    """POST /v1/messages and GET /v1/models of one organisation."""

    def __init__(self, organisation: Organisation) -> None:
        self.of = organisation

    async def models(self, request: Request) -> Response:
        """What the key may use."""
        self.of.caller(request)
        name = self.of.model.name
        rows = [{"type": "model", "id": name, "display_name": "Claude Haiku 4.5", "created_at": "2025-10-15T00:00:00Z"}]
        return JSONResponse({"data": rows, "has_more": False, "first_id": name, "last_id": name})

    async def create(self, request: Request) -> Response:
        """One message of at most LONGEST tokens, billed once it is answered."""
        key = self.of.caller(request)
        given = await body(request)
        longest = given.get("max_tokens")
        if not isinstance(longest, int) or isinstance(longest, bool) or longest < 1:
            raise invalid("max_tokens: Field required" if longest is None else "max_tokens: must be at least 1")
        if not isinstance(given.get("messages"), list) or not given["messages"]:
            raise invalid("messages: at least one message is required")
        if given.get("model") != self.of.model.name:
            raise missing(f"model: {given.get('model')}")
        workspace = self.of.workspaces[key.workspace]
        self._within_spend(key)
        if (wait := workspace.admit()) > 0:
            headers = self._headers(workspace, remaining=0) | {"retry-after": str(math.ceil(wait))}
            what = f"This request would exceed your workspace's rate limit of {workspace.per_minute} requests per minute"
            raise Refused(429, "rate_limit_error", what, headers=headers)
        await asyncio.sleep(self.of.behaviour.latency)
        output = min(longest, LONGEST)
        workspace.meter.charge(self.of.model.cost(INPUT_TOKENS, output))
        self.of.served += 1
        answer = {
            "id": tagged("msg"), "type": "message", "role": "assistant", "model": self.of.model.name,
            "content": [{"type": "text", "text": "1 2 3"}], "stop_reason": "max_tokens" if longest <= LONGEST else "end_turn",
            "stop_sequence": None, "usage": {"input_tokens": INPUT_TOKENS, "output_tokens": output},
        }  # fmt: skip
        return JSONResponse(answer, headers=self._headers(workspace, remaining=math.floor(workspace.bucket)))

    def _within_spend(self, key: Key) -> None:
        lag = self.of.behaviour.cap_lag
        for limit in self.of.limits.values():
            scope = limit["scope"]
            if scope["type"] == "workspace" and scope["workspace_id"] == key.workspace:
                spent, whose = self.of.workspaces[key.workspace].meter.counted(lag), "specified workspace"
            elif scope["type"] == "organization":
                spent, whose = sum(each.meter.counted(lag) for each in self.of.workspaces.values()), "specified"
            else:
                continue
            if spent * 100 >= int(limit["amount"]) - 1e-6:
                opens = (now().replace(day=1) + timedelta(days=32)).replace(day=1)
                raise invalid(f"You have reached your {whose} API usage limits. You will regain access on {opens:%Y-%m-01} at 00:00 UTC.")

    def _headers(self, workspace: Workspace, remaining: int) -> dict[str, str]:
        reset = stamp(now() + timedelta(seconds=1))
        names = {"requests": workspace.per_minute, **TOKENS_PER_MINUTE}
        headers = {"request-id": tagged("req"), "anthropic-organization-id": "00000000-0000-4000-8000-000000000000"}
        for name, limit in names.items():
            left = remaining if name == "requests" else limit
            told = {"limit": str(limit), "remaining": str(left), "reset": reset}
            headers |= {f"anthropic-ratelimit-{name}-{part}": value for part, value in told.items()}
        return headers
