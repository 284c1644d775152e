"""Series of calls against the limits of the offered workspace, which are lowered for it and set back."""

import math

from probes import enforcement
from probes.addresses import segment
from probes.answer import Answer, rows
from probes.api import Api
from probes.evidence import Cause
from probes.ledger import Undo

from .admin import LIMITS, LISTED_LIMITS, NO_CLOCK, ROOT, cents, cost, limit_body, own_rate, rate_body, rates_path, scope_of, set_limit

SLOW = 20
"""Requests a minute at most, so that a few calls are too many."""
CENTS = 2
"""What a series of calls may spend, on top of what was spent before."""


async def call_against_spend_limit(api: Api, workspace: str, first: Answer) -> None:
    """In sequence and with 8 in flight; the limit is raised again after each. The month so far counts, as the vendor tells it."""
    preview = {"id": "ID", "amount": "500", "scope": scope_of(workspace)}
    limits = await api.get(f"{LIMITS}?workspace_id={workspace}", headers=LISTED_LIMITS, gives={"data": [preview]})
    limit = next((row for row in rows(limits, "data") if row.get("scope") == scope_of(workspace)), None)
    month = await cost(api, (limits.clock or NO_CLOCK).replace(day=1), f"&workspace_ids[]={workspace}", by_key=False)
    spent = sum(cents(row) or 0.0 for row in rows(month, "data")) / 100 + (api.inference.cost(first) or 0.0)
    if limit is None or int(limit.get("amount") or 0) < math.ceil(spent * 100) + 10 * CENTS:
        api.untested("the offered workspace has no spend limit, or too little is left of it", "spend.limit.scope", cause=Cause.ROUTE_ONLY)
        return
    await set_limit(api, workspace, limit["amount"])  # as it is: an organisation outside the preview is refused before anything changes
    series = []
    for in_flight in (1, 8):
        lowered = math.ceil(spent * 100) + CENTS
        restore: Undo = {
            "method": "POST",
            "path": LIMITS,
            "body": limit_body(workspace, limit["amount"]),
            "read": {"method": "GET", "path": f"{LIMITS}/{segment(limit.get('id'))}", "where": "amount"},
        }
        old, body = limit["amount"], limit_body(workspace, str(lowered))
        await api.change(f"POST {LIMITS}", json=body, what="spend limit of the offered workspace", old=old, restore=restore)
        figures = await enforcement.cap(api, secret=None, cap_usd=round(lowered / 100 - spent, 6), in_flight=in_flight)
        raised = await set_limit(api, workspace, old)
        series.append(await enforcement.reopened(api, figures, secret=None, since=raised))
        spent += figures.usd + (api.inference.cost(first) or 0.0)
    api.measured("spend.limit.scope", *series)


async def call_against_rate_limit(api: Api, workspace: str) -> None:
    """With the workspace's own limit where that is slow already: a new one may take an hour to take hold."""
    entries = await api.get(f"{ROOT}/rate_limits?model={segment(api.inference.model.name)}", gives={"data": [{"id": "ID"}]})
    if (entry := next(iter(rows(entries, "data")), {}).get("id")) is None:
        api.untested("the model has no rate limit", "rate.error", cause=Cause.ROUTE_ONLY)
        return
    own = await own_rate(api, workspace, entry)
    limit = min(max(own or SLOW, 1), SLOW)
    if own != limit:
        path, what = rates_path(workspace, entry), "rate limit of the offered workspace"
        restore: Undo = {"method": "POST", "path": path, "body": rate_body(own)}
        await api.change(f"POST {path}", json=rate_body(limit), what=what, old=own, restore=restore)
    api.measured("rate.error", await enforcement.rate(api, secret=None, per_minute=limit, calls=limit + 5))
