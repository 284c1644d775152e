"""Requests of the Admin API, and what their answers hold."""

from datetime import UTC, datetime
from typing import Any

from probes.addresses import segment
from probes.answer import Answer, dotted, rows
from probes.api import Api
from probes.ledger import Undo

ROOT = "/v1/organizations"
KEYS, WORKSPACES, LIMITS = f"{ROOT}/api_keys", f"{ROOT}/workspaces", f"{ROOT}/spend_limits"
COST = {"anthropic-beta": "analytics-usage-cost-2026-08-24"}
LISTED_LIMITS = {"anthropic-beta": "spend-limit-reads-2026-09-26"}
UNDO_WORKSPACE: Undo = {
    "method": "POST",
    "path": f"{WORKSPACES}/{{id}}/archive",
    "find": {
        "method": "GET",
        "path": f"{WORKSPACES}?limit=1000",
        "where": "data[].name",
        "id": "data[].id",
        "pages": {"cursor": "last_id", "parameter": "after_id"},
    },
}
PER_MINUTE = "requests_per_minute"
NO_CLOCK = datetime(2026, 6, 1, tzinfo=UTC)
"""Taken for the time where an answer does not tell it."""


async def set_limit(api: Api, workspace: str, amount: str, period: str = "monthly") -> Answer:
    """A workspace's spend limit, in cents."""
    return await api.post(LIMITS, json=limit_body(workspace, amount, period), gives="id")


def limit_body(workspace: str, amount: str, period: str = "monthly") -> dict[str, Any]:
    """What sets it."""
    return {"amount": amount, "scope": scope_of(workspace), "period": period}


def scope_of(workspace: str) -> dict[str, str]:
    """A workspace, as a spend limit names it."""
    return {"type": "workspace", "workspace_id": workspace}


def rates_path(workspace: str, entry: str) -> str:
    """Where a workspace's own limits of one group are set."""
    return f"{WORKSPACES}/{workspace}/rate_limits/{segment(entry)}"


def rate_body(value: int | None) -> dict[str, Any]:
    """What sets its own requests a minute, or clears them with None."""
    return {"limits": [{"type": PER_MINUTE, "value": value}]}


async def set_rate(api: Api, workspace: str, entry: str, value: int | None) -> Answer:
    """A workspace's own requests a minute; None clears it."""
    return await api.post(rates_path(workspace, entry), json=rate_body(value))


async def own_rate(api: Api, workspace: str, entry: str) -> int | None:
    """The workspace's own requests a minute, None when it has none."""
    answer = await api.get(f"{WORKSPACES}/{workspace}/rate_limits")
    limits = [limit for row in rows(answer, "data") if row.get("rate_limit_id") == entry for limit in row.get("limits") or []]
    return next((limit.get("value") for limit in limits if limit.get("type") == PER_MINUTE), None)


async def cost(api: Api, since: datetime, more: str = "", *, by_key: bool = True) -> Answer:
    """What was spent since a day, in cents."""
    group = "&group_by[]=api_key_id" if by_key else ""
    return await api.get(f"{ROOT}/analytics/cost?starting_at={since:%Y-%m-%d}T00:00:00Z{group}{more}", headers=COST)


def cents(row: dict[str, Any]) -> float | None:
    """The amount of a row of cost, None when it has none."""
    try:
        return float(dotted(row, "cost.amount"))
    except (TypeError, ValueError):
        return None
