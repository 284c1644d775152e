"""The gateway: chat completions of one model, and the list of it.

Each call takes `PROMPT` input tokens and as many output tokens as it asks for, at most `LONGEST`. Budgets of key, workspace and policies
are looked at before a call and learn of its cost only later: the call that crosses one, and those in flight beside it, complete.
"""

import asyncio
import secrets
import time
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from probes.lab.portkey import answers
from probes.lab.portkey.answers import bearer, gateway_refusal, simulated
from probes.lab.portkey.state import Call, Key
from probes.lab.simulator import completion
from probes.money import Model

MODEL = Model("@made-up/made-up-8b", 1.0, 3.0)
"""An integration's model, with a made-up price."""

PROMPT, LONGEST = 100, 500

REQUEST: dict[str, answers.Rule] = {
    "model": answers.text,
    "messages": lambda value: isinstance(value, list) and bool(value),
    "max_tokens": lambda value: value is None or answers.whole(1)(value),
}


async def complete(request: Request) -> Response:
    """One chat completion."""
    key, known = caller(request), simulated(request).organisation
    if not key.may("completions.write"):
        raise gateway_refusal(403, "The API key does not have the scope completions.write")
    given = await answers.fields(request, REQUEST, required=("messages", "model"))
    model = simulated(request).model
    if given["model"] != model.name:
        raise gateway_refusal(404, "Model not found")
    over = list(known.over(key))
    if any(use.is_used_up(limit, known.behaviour.cap_lag) for use, budgets, _ in over for limit in budgets):
        raise gateway_refusal(412, "Usage is exhausted")
    if any(use.is_too_fast(limit) for use, _, rates in over for limit in rates):
        raise gateway_refusal(429, "Too many requests")
    for use, _, _ in over:
        use.admit()
    await asyncio.sleep(known.behaviour.latency)
    output = min(given.get("max_tokens") or LONGEST, LONGEST)
    usd = model.cost(PROMPT, output) * known.behaviour.dearness
    for use, _, _ in over:
        use.charge(usd, PROMPT + output)
    known.calls.append(Call(datetime.now(UTC), key, usd))
    simulated(request).served += 1
    answer = completion(PROMPT, output)
    for choice in answer["choices"]:
        choice["logprobs"] = None
        choice["message"]["refusal"] = None
    named = {"id": f"chatcmpl-{secrets.token_hex(12)}", "object": "chat.completion", "created": int(time.time()), "model": model.name}
    return JSONResponse(named | answer)


async def list_models(request: Request) -> Response:
    """What a key may call; every key may ask."""
    caller(request)
    row = {"id": simulated(request).model.name, "object": "model", "created": 1_700_000_000, "owned_by": "made-up"}
    return JSONResponse({"object": "list", "data": [row]})


def caller(request: Request) -> Key:
    """The key that the gateway is asked with. Raises Refused."""
    key = bearer(request)
    if key is None:
        raise gateway_refusal(401, "Invalid API Key. Error Code: 03")
    return key


ROUTES = [
    Route("/chat/completions", complete, methods=["POST"]),
    Route("/models", list_models, methods=["GET"]),
]
