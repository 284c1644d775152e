"""BigModel and Z.ai: an API reads the coding plan's quota and the balance, and nothing manages keys or limits.

The console's routes refuse with HTTP 200 and a code in the body, so each read stands beside the same one without a key. A key works on one
of the two sites: BigModel is asked first, Z.ai where that refuses the key. The rate limit is on calls under way at the same time, and what
it is for an account only the console shows: a burst finds out whether it bites.
"""

from probes import enforcement
from probes.answer import Answer, dotted, is_number, rows
from probes.api import Api
from probes.evidence import Cause
from probes.probe import Provider, Tier
from probes.sites import call_where_known, read_where_known
from probes.vocabulary import Means

provider = Provider("zhipu")

SITES = ("api", "international")
BALANCE = "/api/biz/account/query-customer-account-report"
QUOTA = "/api/monitor/usage/quota/limit"
AT_ONCE = 16
CALLS = 32


@provider.probe("spend.balance", tier=Tier.READ)
async def the_balance_is_told_to_a_key_and_to_nobody_else(api: Api) -> None:
    """Amounts of which one is not zero, and a refusal without a key."""
    answer, nobody = await read_where_known(api, SITES, BALANCE, "api_key")
    data = dotted(answer.json, "data")
    amounts = [value for value in data.values() if is_number(value)] if isinstance(data, dict) else []
    if succeeded(answer) and amounts and not any(amounts):
        api.inconclusive("spend.balance", Cause.ROUTE_ONLY, "every amount is zero, which a key that may not see them would be told too")
        return
    report(api, "spend.balance", succeeded(answer) and is_number(dotted(data, "availableBalance")) and is_refused(api, nobody), answer)


@provider.probe("spend.usage", tier=Tier.READ)
async def the_plans_quota_is_told_to_a_key_and_to_nobody_else(api: Api) -> None:
    """Each window of the coding plan with how much of it is used, in percent; a key without a plan has none."""
    answer, nobody = await read_where_known(api, SITES, QUOTA, "bare_key")
    percentages = [limit.get("percentage") for limit in rows(answer, "data.limits")]
    if succeeded(answer) and not any(percentages):
        api.inconclusive("spend.usage", Cause.ROUTE_ONLY, "no window of a coding plan of which anything is used")
        return
    report(api, "spend.usage", succeeded(answer) and all(map(is_number, percentages)) and is_refused(api, nobody), answer)


@provider.probe("rate.headers", "rate.error", tier=Tier.SPEND)
async def a_burst_is_refused_for_its_rate(api: Api) -> None:
    """One call for its headers, then many at once until one is refused; no header speaks of limits, on success or refusal."""
    found = await call_where_known(api, SITES)
    if found is None:
        return
    inference, first = found
    figures = await enforcement.rate(api, secret=None, per_minute=None, calls=CALLS, in_flight=AT_ONCE, inference=inference)
    told = [name for name in (*first.headers, *figures.headers) if "ratelimit" in name.replace("-", "") or name == "retry-after"]
    api.found("rate.headers", bool(told), Cause.DONE if told else Cause.NOT_DONE, ", ".join(dict.fromkeys(told)))
    api.measured("rate.error", figures)


def is_refused(api: Api, answer: Answer) -> bool:
    """Whether it refuses for the credential, whatever its status."""
    return api.means(answer) is Means.CREDENTIAL


def succeeded(answer: Answer) -> bool:
    """Whether the body says so too."""
    return answer.status == 200 and dotted(answer.json, "success") is True


def report(api: Api, capability: str, holds: bool, answer: Answer) -> None:
    """What an authenticated call did, or did not do."""
    code = dotted(answer.json, "code")
    api.found(capability, holds, Cause.DONE if holds else Cause.NOT_DONE, f"status {answer.status}, code {code}")
