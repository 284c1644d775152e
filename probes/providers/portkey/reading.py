"""What can be read of an organisation without changing anything; each reading beside something that it must agree with."""

from datetime import timedelta
from urllib.parse import urlencode

from probes.addresses import segment
from probes.answer import Answer, dotted, is_number, lasting, rows
from probes.api import Api
from probes.evidence import Cause
from probes.probe import Tier
from probes.providers.portkey.routes import COST, KEYS, PAGE, WORKSPACES, has, provider, report

NOBODY = "00000000-0000-4000-8000-000000000000"
"""An id that no key has."""

DAYS = 30


@provider.probe("key.list", "key.read", "rate.read", tier=Tier.READ)
async def keys_and_their_rates_are_listed_and_read(api: Api) -> None:
    """A row of the list, of a key with a rate where there is one, and the same key by its id: both must say the same."""
    answer = await api.get(f"{KEYS}?page_size={PAGE}", gives={"data": [{"id": "ID"}]})
    listed = lasting(rows(answer, "data"))
    if isinstance(dotted(answer.json, "data"), list) and not listed:
        api.untested("no key to read", cause=Cause.ROUTE_ONLY)
        return
    row = next((row for row in listed if row.get("rate_limits")), listed[0] if listed else {})
    report(api, "key.list", "id" in row and row.get("status") in ("active", "exhausted"), answer)
    read = await api.get(f"{KEYS}/{segment(row.get('id') or NOBODY)}")
    same = {name: row[name] for name in ("id", "name", "type", "created_at", "rate_limits") if name in row}
    report(api, "key.read", "id" in row and has(read.json, **same), read)
    rates = row.get("rate_limits") or []
    if not rates:
        api.untested("no key with a rate", "rate.read", cause=Cause.ROUTE_ONLY)
        return
    told = all({"type", "unit", "value"} <= rate.keys() for rate in rates)
    report(api, "rate.read", told and dotted(read.json, "rate_limits") == rates, read)


@provider.probe("spend.usage", tier=Tier.READ)
async def cost_is_told_by_day_and_by_key(api: Api) -> None:
    """The workspace that is listed first: its buckets make up its total, and a key that does not exist has cost nothing."""
    listed = await api.get(f"{WORKSPACES}?page_size={PAGE}", gives={"data": [{"slug": "ID"}]})
    workspaces = lasting(rows(listed, "data"))
    if not workspaces:
        api.untested("no workspace whose cost could be read", cause=Cause.ROUTE_ONLY)
        return
    slug = str(workspaces[0].get("slug") or workspaces[0].get("id"))
    answer, nobody = await read_cost(api, slug, listed), await read_cost(api, slug, listed, NOBODY)
    total = dotted(answer.json, "summary.total")
    if total == 0:
        api.untested(f"nothing was spent in {DAYS} days", cause=Cause.ROUTE_ONLY)
        return
    points = [point.get("total") for point in rows(answer, "data_points")]
    told = is_number(total) and abs(sum(filter(is_number, points)) - total) <= len(points)
    report(api, "spend.usage", told and dotted(nobody.json, "summary.total") == 0, answer)


async def read_cost(api: Api, workspace: str, since: Answer, *keys: str) -> Answer:
    """Cents that a workspace, or keys in it, cost in the days before an answer and the day after it, by the server's own clock."""
    if since.clock is None:
        return await api.get(COST)  # which is refused: the span is required
    span = [(since.clock + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ") for days in (-DAYS, 1)]
    query = {"workspace_slug": workspace, "time_of_generation_min": span[0], "time_of_generation_max": span[1]}
    return await api.get(f"{COST}?{urlencode(query | ({'api_key_ids': ','.join(keys)} if keys else {}))}")
