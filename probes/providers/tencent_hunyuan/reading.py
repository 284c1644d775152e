"""What is there already: keys, rates of models, what was used, the balance."""

from datetime import timedelta
from typing import Any

from probes.answer import dotted, is_number, lasting, rows
from probes.api import Api
from probes.evidence import Cause
from probes.probe import Tier
from probes.providers.tencent_hunyuan.calls import A_KEY, PAGE, PLATFORM, describe, provider

MOST_PAGES = 50


@provider.probe("key.list", "key.read", tier=Tier.READ)
async def keys_are_listed_page_by_page_and_read(api: Api) -> None:
    """All pages together have as many different keys as the vendor counts; the first of them reads the same by itself."""
    keys: list[dict[str, Any]] = []
    total = None
    for page in range(MOST_PAGES):
        preview = {"Response": {"ApiKeySet": [A_KEY["Response"]], "TotalCount": 1}}
        body = {**PLATFORM, "Limit": PAGE, "Offset": page * PAGE}
        answer = await api.post("/?Action=DescribeApiKeyList", json=body, gives=preview)
        found, total = rows(answer, "Response.ApiKeySet"), dotted(answer.json, "Response.TotalCount")
        keys += found
        if not found or (isinstance(total, int) and len(keys) >= total):
            break
    if total == 0:
        api.untested(f"status {answer.status}, no key", cause=Cause.NOTHING_TO_TRY)
        return
    api.did("key.list", 0 < len({row.get("ApiKeyId") for row in keys}) == len(keys) == total, answer)
    if not (others := lasting(keys)):
        api.untested(f"status {answer.status}, no key of others", "key.read", cause=Cause.NOTHING_TO_TRY)
        return
    read = await describe(api, str(others[0].get("ApiKeyId")))
    same = all(dotted(read.json, f"Response.{name}") == others[0].get(name) for name in ("ApiKeyId", "Name", "Status", "CreateTime"))
    api.did("key.read", same, read)


@provider.probe("rate.read", tier=Tier.READ)
async def a_model_tells_its_rates(api: Api) -> None:
    """The first listed model that has a quota tells requests and tokens a minute, and by itself names that model."""
    preview = {"Response": {"ModelSet": [{"ModelId": "MODEL"}]}}
    models = await api.post("/?Action=DescribeModelList", json={"Limit": PAGE, "Offset": 0}, gives=preview)
    named = [str(row["ModelId"]) for row in rows(models, "Response.ModelSet") if row.get("ModelId")]
    for model in named[:5]:
        read = await api.post("/?Action=DescribeModelQuota", json={"ModelId": model})
        rates = [dotted(read.json, f"Response.{name}") for name in ("RPMLimit", "TPMLimit")]
        if any(map(is_number, rates)):
            api.did("rate.read", all(map(is_number, rates)) and dotted(read.json, "Response.ModelId") == model, read)
            return
    api.untested(f"status {models.status}, no model with a rate among the first of {len(named)}", cause=Cause.NOTHING_TO_TRY)


@provider.probe("spend.usage", "spend.balance", tier=Tier.READ)
async def tokens_are_told_by_key_and_money_for_the_account(api: Api) -> None:
    """The last day's tokens by key add up to their total; the balance is an amount in fen. Nothing but zeros proves neither."""
    balance = await api.post("billing:/?Action=DescribeAccountBalance", json={})
    amount = dotted(balance.json, "Response.RealBalance")
    if amount == 0:
        api.inconclusive("spend.balance", Cause.CONTROL_FAILED, f"status {balance.status}, nothing but zero")
    else:
        api.did("spend.balance", is_number(amount), balance)
    if balance.clock is None:
        api.untested("the server does not tell its time", "spend.usage")
        return
    since, until = (at.isoformat(timespec="seconds") for at in (balance.clock - timedelta(days=1), balance.clock))
    asked = {"Dimension": "apikey", "StartTime": since, "EndTime": until, "ShowAll": True}
    usage = await api.post("/?Action=DescribeUsageRankList", json=asked)
    listed = dotted(usage.json, "Response.TopList")
    used = [dotted(row, "Stats.TotalToken") for row in rows(usage, "Response.TopList")]
    total = dotted(usage.json, "Response.TotalStats.TotalToken")
    if listed is not None and not any(used):
        api.inconclusive("spend.usage", Cause.NOTHING_TO_TRY, f"status {usage.status}, no key used a token in a day")
        return
    api.did("spend.usage", bool(used) and all(map(is_number, used)) and sum(filter(is_number, used)) == total, usage)
