"""Moonshot: an API reads the balance, and the quota of a Kimi Code subscription; nothing manages keys, projects or limits.

A key works on one of the two platforms: .cn is asked first, .ai where that refuses the key. How much an account may do at once and per
minute only the console shows; a burst finds out whether the limit of a low tier bites. A high tier's is not reached: nothing is concluded.
"""

from typing import Any

from probes import enforcement
from probes.answer import dotted, is_number
from probes.api import Api
from probes.endpoint import Endpoint
from probes.evidence import Cause
from probes.probe import Provider, Tier
from probes.sites import call_where_known, read_where_known

provider = Provider("moonshot")

PLATFORMS = ("api", "international")
BALANCE = "/v1/users/me/balance"
USAGES = "kimi_code:/coding/v1/usages"
AT_ONCE = 8
CALLS = 24


@provider.probe("spend.balance", tier=Tier.READ)
async def the_balance_is_told_to_a_key_and_to_nobody_else(api: Api) -> None:
    """Three amounts of which one is not zero, in a body that says success too, and a refusal without a key."""
    answer, nobody = await read_where_known(api, PLATFORMS, BALANCE)
    amounts = [dotted(answer.json, f"data.{name}_balance") for name in ("available", "voucher", "cash")]
    if answer.status == 200 and amounts and not any(amounts) and all(map(is_number, amounts)):
        api.inconclusive("spend.balance", Cause.ROUTE_ONLY, "every amount is zero, which a key that may not see them would be told too")
        return
    told = answer.status == 200 and dotted(answer.json, "code") == 0 and all(map(is_number, amounts))
    api.did("spend.balance", told and nobody.status == 401, answer)


@provider.probe("spend.usage", tier=Tier.READ)
async def the_subscriptions_quota_is_told_to_a_key_and_to_nobody_else(api: Api) -> None:
    """How much of how much is used, as numbers in strings, and a refusal without a key."""
    answer, nobody = await api.get(USAGES, credential="kimi_code"), await api.ask(Endpoint.parse(f"GET {USAGES}"))
    used, limit = (as_number(dotted(answer.json, f"usage.{name}")) for name in ("used", "limit"))
    if answer.status == 200 and used is not None and not limit:
        api.inconclusive("spend.usage", Cause.ROUTE_ONLY, "a quota of zero shows neither a subscription nor its use")
        return
    api.did("spend.usage", answer.status == 200 and None not in (used, limit) and nobody.status == 401, answer)


@provider.probe("rate.headers", "rate.error", tier=Tier.SPEND)
async def a_burst_is_refused_for_its_rate(api: Api) -> None:
    """One call for its headers, then many at once until one is refused."""
    found = await call_where_known(api, PLATFORMS)
    if found is None:
        return
    inference, first = found
    api.saw_rate_headers("rate.headers", first)
    figures = await enforcement.rate(api, secret=None, per_minute=None, calls=CALLS, in_flight=AT_ONCE, inference=inference)
    api.measured("rate.error", figures)


def as_number(value: Any) -> float | None:
    """A number that may stand in a string; None for anything else."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
