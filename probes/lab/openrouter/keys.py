"""The routes about keys: `/keys`, `/key`, `/credits`, `/activity`."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from probes.lab.openrouter import bodies
from probes.lab.openrouter.access import account, administrator, caller
from probes.lab.openrouter.account import BOUGHT, FREE_A_DAY, SPENT_BEFORE, USER, Account, Key, stamp
from probes.lab.openrouter.refusals import invalid, not_found

PAGE = 100

CHANGEABLE: dict[str, bodies.Rule] = {
    "name": bodies.text,
    "limit": bodies.amount,
    "limit_reset": bodies.interval,
    "include_byok_in_limit": bodies.boolean,
    "workspace_id": bodies.text,
}
AT_CREATION = {**CHANGEABLE, "expires_at": bodies.moment, "creator_user_id": lambda value: value is None or bodies.text(value)}
AFTERWARDS = {**CHANGEABLE, "disabled": bodies.boolean}


async def list_keys(request: Request) -> Response:
    """A page of a hundred of one workspace; disabled and expired keys only when they are asked for."""
    known = administrator(request)
    workspace = request.query_params.get("workspace_id", known.default.id)
    listed = [
        key
        for key in (reversed(known.keys) if known.newest_first else known.keys)
        if not key.is_management
        and known.is_seen(key)
        and key.workspace.id == workspace
        and (bodies.flag(request, "include_disabled") or not key.settings["disabled"])
        and (bodies.flag(request, "include_expired") or not known.is_expired(key))
    ]
    offset = bodies.number(request, "offset", 0)
    return JSONResponse({"data": [row(known, key) for key in listed[offset : offset + PAGE]]})


async def create_key(request: Request) -> Response:
    """The one answer that has the secret."""
    known = administrator(request)
    given = await bodies.fields(request, AT_CREATION, required=frozenset({"name"}))
    workspace = known.workspace(given.pop("workspace_id", known.default.id))
    given.pop("creator_user_id", None)
    key = known.add_key(given.pop("name"), given, workspace=workspace)
    return JSONResponse({"data": row(known, key), "key": key.secret}, 201)


async def read_key(request: Request) -> Response:
    known = administrator(request)
    return JSONResponse({"data": row(known, found(known, request))})


async def update_key(request: Request) -> Response:
    """Settings that are not given stay; a body without any known one is refused."""
    known = administrator(request)
    key = found(known, request)
    given = await bodies.fields(request, AFTERWARDS)
    if not given:
        raise invalid("No update fields provided")
    key.workspace = known.workspace(given.pop("workspace_id", key.workspace.id))
    key.name = given.pop("name", key.name)
    key.settings |= given
    if not key.settings["disabled"]:
        key.off_since = None
    elif key.off_since is None:
        key.off_since = time.monotonic()
    key.updated_at = stamp(datetime.now(UTC))
    return JSONResponse({"data": row(known, key)})


async def delete_key(request: Request) -> Response:
    found(administrator(request), request).gone = time.monotonic()
    return JSONResponse({"deleted": True})


async def read_own(request: Request) -> Response:
    """What a key may know of itself, with every budget that applies to it."""
    key, known = caller(request), account(request)
    budgets = known.budgets(key)
    left = FREE_A_DAY - known.free_today
    told = row(known, key)
    shared = ("label", "limit", "limit_remaining", "limit_reset", "include_byok_in_limit", "creator_user_id", "expires_at", "workspace_id")
    data = {name: told[name] for name in (*shared, *(name for name in told if "usage" in name))}
    data |= {
        "is_free_tier": False,
        "is_management_key": key.is_management,
        "is_provisioning_key": key.is_management,
        "organization_id": None,
        "allowed_data_regions": ["global", "europe", "us"],
        "free_model_daily_requests": {"limit": FREE_A_DAY, "used": known.free_today, "remaining": left},
        "budgets": budgets,
        "effective_budget": min(budgets, key=lambda budget: budget["remaining_usd"], default=None),
        "rate_limit": {"interval": "10s", "requests": -1, "note": "This field is deprecated and safe to ignore."},
    }
    return JSONResponse({"data": data})


async def read_credits(request: Request) -> Response:
    known = administrator(request)
    return JSONResponse({"data": {"total_credits": BOUGHT, "total_usage": known.used}})


async def read_activity(request: Request) -> Response:
    """Complete days only: what was spent before the start, with the ordinary key, on the day before."""
    known = administrator(request)
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    asked = request.query_params
    if "date" in asked and not bodies.moment(f"{asked['date']}T00:00:00Z"):
        raise invalid()
    shown = asked.get("date", yesterday) == yesterday and asked.get("api_key_hash", known.ordinary.hash) == known.ordinary.hash
    day = {
        "date": yesterday,
        "model": "openai/gpt-4.1",
        "model_permaslug": "openai/gpt-4.1-2025-04-14",
        "endpoint_id": "00000000-0000-0000-0000-0000000000e1",
        "provider_name": "OpenAI",
        "usage": SPENT_BEFORE,
        "byok_usage_inference": 0.0,
        "requests": 50,
        "prompt_tokens": 500_000,
        "completion_tokens": 1_250_000,
        "reasoning_tokens": 0,
    }
    return JSONResponse({"data": [day] if shown else []})


def found(known: Account, request: Request) -> Key:
    """The key that the path names. Raises Refused."""
    asked = request.path_params["hash"]
    key = next((key for key in known.keys if key.hash == asked and not key.is_management and known.is_seen(key)), None)
    if key is None:
        raise not_found()
    return key


def row(known: Account, key: Key) -> dict[str, Any]:
    """A key as a management key sees it."""
    usage, limit = known.usage(key), key.settings["limit"]
    return {
        "hash": key.hash,
        "name": key.name,
        "label": key.label,
        **key.settings,
        "limit_remaining": None if limit is None else round(max(0.0, limit - usage), 9),
        **dict.fromkeys(("usage", "usage_daily", "usage_weekly", "usage_monthly"), usage),
        **dict.fromkeys(("byok_usage", "byok_usage_daily", "byok_usage_weekly", "byok_usage_monthly"), 0),
        "created_at": key.created_at,
        "updated_at": key.updated_at,
        "last_used_at": key.last_used_at,
        "creator_user_id": USER,
        "external_user": None,
        "workspace_id": key.workspace.id,
    }


ROUTES = [
    Route("/keys", list_keys, methods=["GET"]),
    Route("/keys", create_key, methods=["POST"]),
    Route("/keys/{hash}", read_key, methods=["GET"]),
    Route("/keys/{hash}", update_key, methods=["PATCH"]),
    Route("/keys/{hash}", delete_key, methods=["DELETE"]),
    Route("/key", read_own, methods=["GET"]),
    Route("/credits", read_credits, methods=["GET"]),
    Route("/activity", read_activity, methods=["GET"]),
]
