"""Requests with one wrong value, which must be refused for it: a field that is ignored would let them pass."""

from typing import Any

from probes import dry
from probes.api import Api
from probes.probe import Tier
from probes.providers.portkey.routes import KEYS, SCOPES, WORKSPACES, provider, undo_of

NO_ROUTE = "POST /v1/keycap-none/keycap-none"


@provider.probe("key.create", "key.restrict", "key.expiry", tier=Tier.DRY)
async def a_key_without_a_name_or_with_wrong_scopes_or_expiry_is_refused(api: Api) -> None:
    """`name` is required, `scopes` are a list, `expires_at` is a time."""
    await refuse_key(api, "key.create", {"name": None})
    await refuse_key(api, "key.restrict", {"scopes": 5})
    await refuse_key(api, "key.expiry", {"expires_at": "soon"})


@provider.probe("spend.limit.key", "spend.reset", "spend.alert", "rate.set", tier=Tier.DRY)
async def a_key_with_a_wrong_limit_is_refused(api: Api) -> None:
    """Budget and threshold are whole numbers, the reset one of two words, a rate has one of five units."""
    await refuse_key(api, "spend.limit.key", {"usage_limits": {"type": "cost", "credit_limit": "five dollars"}})
    await refuse_key(api, "spend.reset", {"usage_limits": {"type": "cost", "credit_limit": 5, "periodic_reset": "hourly"}})
    await refuse_key(api, "spend.alert", {"usage_limits": {"type": "cost", "credit_limit": 5, "alert_threshold": "most of it"}})
    await refuse_key(api, "rate.set", {"rate_limits": [{"type": "requests", "unit": "rpy", "value": 60}]})


@provider.probe("spend.limit.scope", tier=Tier.DRY)
async def a_workspace_with_a_wrong_budget_is_refused(api: Api) -> None:
    """Budgets are a list, each a whole number. No policy is tried: it stands in a workspace, and here there is none to put it in."""
    body: dict[str, Any] = {"name": api.name, "usage_limits": [{"type": "cost", "credit_limit": "five dollars"}]}
    await refuse(api, "spend.limit.scope", WORKSPACES, body, kind="workspace")


async def refuse_key(api: Api, capability: str, settings: dict[str, Any]) -> None:
    """A key of the organisation that must not be created."""
    body = {"name": api.name, "scopes": SCOPES, **settings}
    await refuse(api, capability, f"{KEYS}/organisation/service", body, kind="key", listed=KEYS)


async def refuse(api: Api, capability: str, path: str, body: dict[str, Any], *, kind: str, listed: str = "") -> None:
    """Something that must not be created, and that is removed where it was."""
    undo = undo_of(f"{listed or path}/{{id}}", listed or path)
    await dry.must_refuse(api, capability, f"POST {path}", json=body, control=NO_ROUTE, kind=kind, identity="id", undo=undo)
