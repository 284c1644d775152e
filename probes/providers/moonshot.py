"""Moonshot: an API reads the balance, and the quota of a Kimi Code subscription; nothing manages keys, projects or limits.

A key works on one of the two platforms: .cn is asked first, .ai where that refuses the key. How much an account may do at once and per
minute only the console shows; a burst finds out whether the limit of a low tier bites. A high tier's is not reached: nothing is concluded.
"""

from dataclasses import replace
from typing import Any

from probes import enforcement
from probes.answer import Answer, dotted
from probes.api import Api
from probes.endpoint import Endpoint
from probes.errors import NotAllowed
from probes.evidence import Cause
from probes.probe import Provider, Tier
from probes.vocabulary import Means

provider = Provider("moonshot")

PLATFORMS = ("api", "international")
BALANCE = "/v1/users/me/balance"
USAGES = "kimi_code:/coding/v1/usages"
AT_ONCE = 8
CALLS = 24


@provider.probe("spend.balance", tier=Tier.READ)
async def the_balance_is_told_to_a_key_and_to_nobody_else(api: Api) -> None:
    """Three amounts of which one is not zero, in a body that says success too, and a refusal without a key."""
    platform, answer = await balance(api)
    nobody = await api.ask(Endpoint.parse(f"GET {platform}:{BALANCE}"))
    amounts = [dotted(answer.json, f"data.{name}_balance") for name in ("available", "voucher", "cash")]
    if answer.status == 200 and amounts and not any(amounts) and all(map(is_number, amounts)):
        api.inconclusive("spend.balance", Cause.ROUTE_ONLY, "every amount is zero, which a key that may not see them would be told too")
        return
    told = answer.status == 200 and dotted(answer.json, "code") == 0 and all(map(is_number, amounts))
    report(api, "spend.balance", told and nobody.status == 401, answer)


@provider.probe("spend.usage", tier=Tier.READ)
async def the_subscriptions_quota_is_told_to_a_key_and_to_nobody_else(api: Api) -> None:
    """How much of how much is used, as numbers in strings, and a refusal without a key."""
    answer, nobody = await api.get(USAGES, credential="kimi_code"), await api.ask(Endpoint.parse(f"GET {USAGES}"))
    used, limit = (as_number(dotted(answer.json, f"usage.{name}")) for name in ("used", "limit"))
    if answer.status == 200 and used is not None and not limit:
        api.inconclusive("spend.usage", Cause.ROUTE_ONLY, "a quota of zero shows neither a subscription nor its use")
        return
    report(api, "spend.usage", answer.status == 200 and None not in (used, limit) and nobody.status == 401, answer)


@provider.probe("rate.headers", "rate.error", tier=Tier.SPEND)
async def a_burst_is_refused_for_its_rate(api: Api) -> None:
    """One call for its headers, then many at once until one is refused."""
    inference = api.inference
    first = await api.spend(inference)
    if first.status == 401:
        inference = replace(inference, call=inference.call.replace("/", f"{PLATFORMS[1]}:/", 1))
        first = await api.spend(inference)
    if first.status >= 300 and first.status != 429:
        for capability in api.probe.capabilities:
            api.inconclusive(capability, Cause.REFUSED_OTHERWISE, f"status {first.status}")
        return
    api.saw_rate_headers("rate.headers", first)
    figures = await enforcement.rate(api, secret=None, per_minute=None, calls=CALLS, in_flight=AT_ONCE, inference=inference)
    api.measured("rate.error", figures)


async def balance(api: Api) -> tuple[str, Answer]:
    """The platform that knows the key, and its answer. Raises NotAllowed when neither does."""
    try:
        return PLATFORMS[0], await api.get(f"{PLATFORMS[0]}:{BALANCE}")
    except NotAllowed as error:
        if error.means != Means.CREDENTIAL:
            raise
    return PLATFORMS[1], await api.get(f"{PLATFORMS[1]}:{BALANCE}")


def is_number(value: Any) -> bool:
    """Whether it is a number in JSON."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def as_number(value: Any) -> float | None:
    """A number that may stand in a string; None for anything else."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def report(api: Api, capability: str, holds: bool, answer: Answer) -> None:
    """What an authenticated call did, or did not do."""
    api.found(capability, holds, Cause.DONE if holds else Cause.NOT_DONE, f"status {answer.status}")
