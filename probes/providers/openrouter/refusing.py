"""Requests with one wrong value, which must be refused for it: a field that is ignored would let them pass."""

from typing import Any

from probes import dry
from probes.api import Api
from probes.probe import Tier
from probes.providers.openrouter.routes import ALL_KEYS, GUARDRAILS, KEYS, provider, undo_of

NO_ROUTE = "POST /api/v1/keycap-none"


@provider.probe("key.create", tier=Tier.DRY)
async def a_key_without_a_name_is_refused(api: Api) -> None:
    """`name` is required."""
    await refuse_key(api, "key.create", {"name": None})


@provider.probe("spend.limit.key", "spend.reset", "key.expiry", tier=Tier.DRY)
async def a_key_with_a_wrong_limit_interval_or_expiry_is_refused(api: Api) -> None:
    """`limit` is a number, `limit_reset` one of three intervals, `expires_at` a time."""
    await refuse_key(api, "spend.limit.key", {"limit": "five dollars"})
    await refuse_key(api, "spend.reset", {"limit": 0.01, "limit_reset": "hourly"})
    await refuse_key(api, "key.expiry", {"limit": 0.01, "expires_at": "soon"})


@provider.probe("key.restrict", "spend.limit.scope", tier=Tier.DRY)
async def a_guardrail_with_wrong_models_or_a_wrong_budget_is_refused(api: Api) -> None:
    """`allowed_models` is a list, `limit_usd` a number that comes with a `reset_interval`."""
    await refuse_guardrail(api, "key.restrict", {"allowed_models": 5})
    await refuse_guardrail(api, "spend.limit.scope", {"limit_usd": "five dollars", "reset_interval": "monthly"})


async def refuse_key(api: Api, capability: str, settings: dict[str, Any]) -> None:
    """A key that must not be created."""
    undo = undo_of(f"{KEYS}/{{id}}", ALL_KEYS, "hash")
    body = {"name": api.name, **settings}
    await dry.must_refuse(api, capability, f"POST {KEYS}", json=body, control=NO_ROUTE, kind="key", identity="data.hash", undo=undo)


async def refuse_guardrail(api: Api, capability: str, settings: dict[str, Any]) -> None:
    """A guardrail that must not be created."""
    undo = undo_of(f"{GUARDRAILS}/{{id}}", f"{GUARDRAILS}?limit=100", "id")
    body = {"name": api.name, **settings}
    call = f"POST {GUARDRAILS}"
    await dry.must_refuse(api, capability, call, json=body, control=NO_ROUTE, kind="guardrail", identity="data.id", undo=undo)
