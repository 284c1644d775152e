"""Inference: chat completions of one paid model and its free variant, and the list of both.

Each call takes `PROMPT` input tokens and as many output tokens as it asks for, at most `LONGEST`. Budgets are checked before a call is
served and learn of its cost only later, so the call that crosses a limit, and those in flight beside it, complete.
"""

import asyncio
import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from probes.lab.openrouter import bodies
from probes.lab.openrouter.access import account, caller
from probes.lab.openrouter.account import BOUGHT, FREE_A_DAY, FREE_A_MINUTE, USER, Account, Key
from probes.lab.openrouter.refusals import invalid, refusal, spent, too_fast, unaffordable
from probes.money import Model

MODEL = Model("openai/gpt-4.1-nano", 1.0, 3.0)
"""The price is made up: at the true one, caps of a few calls would be too small to read."""

FREE = f"{MODEL.name}:free"
PROMPT, LONGEST = 100, 500
EXACT = 1e-9
"""USD by which sums of floating-point costs may miss the limit they add up to."""

REQUEST: dict[str, bodies.Rule] = {
    "model": bodies.text,
    "messages": lambda value: isinstance(value, list) and bool(value) and all(isinstance(each, dict) and "role" in each for each in value),
    "max_tokens": lambda value: value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0),
    "max_completion_tokens": lambda value: value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0),
}


async def complete(request: Request) -> Response:
    """One chat completion."""
    key, known = caller(request), account(request)
    if key.is_management:
        raise refusal(403, "Management keys cannot be used for inference")
    given = await bodies.fields(request, REQUEST, required=frozenset({"messages"}))
    asked = given.get("max_tokens") or given.get("max_completion_tokens") or 65536
    model = given.get("model", MODEL.name)
    check_model(key, model)
    if model == FREE:
        check_free(known)
    else:
        check_budgets(known, key, asked)
    await asyncio.sleep(known.behaviour.latency)
    taken = min(asked, LONGEST)
    cost = 0.0 if model == FREE else priced(known, PROMPT, taken)
    known.charge(key, cost)
    request.app.state.served()
    return JSONResponse(completion(model, taken, cost, is_cut=taken == asked))


def check_model(key: Key, model: str) -> None:
    """Raises Refused for a model that is not there, or that the key's guardrail keeps from it."""
    if model not in (MODEL.name, FREE):
        raise invalid(f"{model} is not a valid model ID")
    guardrail = key.guardrail
    if guardrail is None or guardrail.gone is not None:
        return
    allowed, ignored = guardrail.settings["allowed_models"], guardrail.settings["ignored_models"]
    if (allowed is not None and model not in allowed) or (ignored is not None and model in ignored):
        page = "https://openrouter.ai/settings/privacy"
        raise refusal(404, f"No endpoints available matching your guardrail restrictions and data policy. Configure: {page}")


def check_free(known: Account) -> None:
    """Counts a call of a free model, per account and not per key. Raises Refused."""
    if known.free_today >= FREE_A_DAY:
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        raise too_fast("free-models-per-day-high-balance", FREE_A_DAY, midnight, USER, source="openrouter_free_tier_daily")
    per_minute = known.behaviour.requests_per_minute or FREE_A_MINUTE
    if wait := known.minute.admit(per_minute):
        raise too_fast("free-models-per-min", per_minute, datetime.now(UTC) + timedelta(seconds=wait), USER)
    known.free_today += 1


def check_budgets(known: Account, key: Key, asked: int) -> None:
    """Raises Refused where a budget is used up, or what is left of the key's cap or the credit may not suffice."""
    layers = known.budgets(key)
    for layer in layers:
        if layer["spend_usd"] >= layer["limit_usd"] - EXACT:
            raise spent(layer, key.hash)
    lefts = [(True, layer["remaining_usd"]) for layer in layers if layer["scope"] == "key_limit"] + [(False, BOUGHT - known.used)]
    for of_key, left in lefts:
        if priced(known, PROMPT, asked) > left + EXACT:
            affordable = max(0, int((left - priced(known, PROMPT, 0)) / priced(known, 0, 1)))
            raise unaffordable(asked, affordable, of_key=of_key, user=USER)


def priced(known: Account, prompt: int, output: int) -> float:
    """USD for so many tokens."""
    return MODEL.cost(prompt, output) * known.behaviour.dearness


def completion(model: str, taken: int, cost: float, *, is_cut: bool) -> dict[str, Any]:
    message = {"role": "assistant", "content": "one two three", "refusal": None, "reasoning": None}
    return {
        "id": f"gen-{int(time.time())}-{secrets.token_urlsafe(15)}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "provider": "OpenAI",
        "system_fingerprint": None,
        "choices": [{"index": 0, "finish_reason": "length" if is_cut else "stop", "message": message}],
        "usage": {"prompt_tokens": PROMPT, "completion_tokens": taken, "total_tokens": PROMPT + taken, "cost": cost, "is_byok": False},
    }


async def list_models(request: Request) -> Response:
    """All models, or a page of them; nobody needs a key for it."""
    free_first = request.query_params.get("sort") == "pricing-low-to-high"
    listed = [(MODEL.name, MODEL), (FREE, Model(FREE, 0, 0))]
    listed = list(reversed(listed)) if free_first else listed
    offset, limit = bodies.number(request, "offset", 0), bodies.number(request, "limit", len(listed), least=1, most=1000)
    rows = [described(name, model) for name, model in listed[offset : offset + limit]]
    return JSONResponse({"data": rows, "total_count": len(listed), "links": {"next": None}})


def described(name: str, model: Model) -> dict[str, Any]:
    return {
        "id": name,
        "canonical_slug": f"{MODEL.name}-2025-04-14",
        "name": name,
        "created": 1744651369,
        "pricing": {"prompt": f"{model.input / 1e6:g}", "completion": f"{model.output / 1e6:g}"},
        "context_length": 1047576,
        "architecture": {"modality": "text->text", "input_modalities": ["text"], "output_modalities": ["text"]},
        "top_provider": {"context_length": 1047576, "max_completion_tokens": 32768, "is_moderated": True},
        "per_request_limits": None,
        "supported_parameters": ["max_tokens", "temperature"],
        "default_parameters": None,
        "supported_voices": None,
        "links": {"details": f"/api/v1/models/{MODEL.name}/endpoints"},
    }


ROUTES = [
    Route("/chat/completions", complete, methods=["POST"]),
    Route("/models", list_models, methods=["GET"]),
]
