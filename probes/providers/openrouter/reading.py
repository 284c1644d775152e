"""What can be read of an account without changing anything; each reading beside something that it must agree with."""

from probes.addresses import segment
from probes.answer import dotted, is_number, lasting, rows
from probes.api import Api
from probes.evidence import Cause
from probes.probe import Tier
from probes.providers.openrouter.routes import ACTIVITY, ALL_KEYS, CREDITS, KEYS, OWN, data, provider, report

NO_KEY = "0" * 64
"""A hash that no key has."""

TOLERANCE = 0.01
"""USD by which counters that are read one after the other may differ."""


@provider.probe("key.list", "key.read", tier=Tier.READ)
async def keys_are_listed_and_read(api: Api) -> None:
    """The first row of the list, and the same key by its hash: both must say the same. An empty list shows no more than the route."""
    answer = await api.get(ALL_KEYS)
    listed = lasting(rows(answer, "data"))
    if isinstance(dotted(answer.json, "data"), list) and not listed:
        api.untested("no key to read", cause=Cause.ROUTE_ONLY)
        return
    first = listed[0] if listed else {}
    report(api, "key.list", "hash" in first and "limit" in first, answer)
    read = await api.get(f"{KEYS}/{segment(first.get('hash') or NO_KEY)}")
    same = all(data(read).get(field) == first.get(field) for field in ("hash", "name", "created_at", "workspace_id"))
    report(api, "key.read", same and {"limit", "disabled"} <= data(read).keys(), read)


@provider.probe("spend.usage", tier=Tier.READ)
async def activity_is_told_by_day_and_by_key(api: Api) -> None:
    """Each row has its day and its US dollars; asked for a key that does not exist there are none, so the filter is no ignored field."""
    answer, nobody = await api.get(ACTIVITY), await api.get(f"{ACTIVITY}?api_key_hash={NO_KEY}")
    days = rows(answer, "data")
    if dotted(answer.json, "data") == []:
        api.untested("no activity in the last thirty days", cause=Cause.ROUTE_ONLY)
        return
    told = bool(days) and all(is_number(day.get("usage")) and "date" in day for day in days)
    report(api, "spend.usage", told and not rows(nobody, "data"), answer)


@provider.probe("spend.balance", tier=Tier.READ)
async def credits_agree_with_what_keys_have_used(api: Api) -> None:
    """The account has used at least what its keys have. Zeros prove nothing: they were seen to be answered to keys that may not read."""
    answer, listed = await api.get(CREDITS), await api.get(ALL_KEYS)
    bought, used = data(answer).get("total_credits"), data(answer).get("total_usage")
    if not is_number(bought) or not is_number(used):
        report(api, "spend.balance", False, answer)
        return
    by_keys = sum(row.get("usage") or 0 for row in rows(listed, "data"))
    if (bought == 0 and used == 0) or by_keys > used + TOLERANCE:
        api.untested(f"total_credits {bought:g}, total_usage {used:g}; used by keys {by_keys:g}")
        return
    report(api, "spend.balance", True, answer)


@provider.probe("rate.read", tier=Tier.READ)
async def a_key_reads_its_quota_of_free_requests(api: Api) -> None:
    """The person's own key reads itself; used and remaining must make up the limit."""
    answer = await api.get(OWN, credential="inference")
    limit, used, remaining = (dotted(answer.json, f"data.free_model_daily_requests.{field}") for field in ("limit", "used", "remaining"))
    told = all(isinstance(count, int) for count in (limit, used, remaining))
    report(api, "rate.read", told and limit > 0 and remaining == max(0, limit - used), answer)
