"""What is there already: keys, rates, and what was spent."""

from typing import Any
from urllib.parse import urlencode

from probes.addresses import segment
from probes.answer import Answer, dotted, lasting, rows
from probes.api import Api
from probes.evidence import Cause
from probes.probe import Tier
from probes.providers.qwen.calls import A_RATE, KEYS, LIMITS, MOST_PAGES, PAGE, provider, roa

MOST_GROUPS = 20
"""That the vendor tells in one answer."""


@provider.probe("key.list", "key.read", tier=Tier.READ)
async def keys_are_listed_page_by_page_and_read(api: Api) -> None:
    """All pages together have as many different keys as the vendor counts; the first of them reads the same by itself."""
    keys: list[dict[str, Any]] = []
    token, total = "", None
    for _ in range(MOST_PAGES):
        answer = await api.get(roa(KEYS, "ListApiKeys", maxResults=PAGE, nextToken=token), gives={"apiKeys": [{"apiKeyId": "ID"}]})
        keys, total, token = [*keys, *rows(answer, "apiKeys")], dotted(answer.json, "totalCount"), dotted(answer.json, "nextToken")
        if not token:
            break
    if total == 0:
        api.untested(f"status {answer.status}, no key", cause=Cause.NOTHING_TO_TRY)
        return
    api.did("key.list", 0 < len({row.get("apiKeyId") for row in keys}) == len(keys) == total, answer)
    if not (others := lasting(keys)):
        api.untested(f"status {answer.status}, no key of others", "key.read", cause=Cause.NOTHING_TO_TRY)
        return
    read = await api.get(roa(f"{KEYS}/{segment(others[0].get('apiKeyId'))}", "GetApiKey"))
    same = all(dotted(read.json, f"apiKey.{name}") == others[0].get(name) for name in ("apiKeyId", "description", "disabled", "gmtCreate"))
    api.did("key.read", same, read)


@provider.probe("rate.read", tier=Tier.READ)
async def rates_are_listed_by_model(api: Api) -> None:
    """The list has a rate for each model; asked for one model, the vendor gives that row alone."""
    answer = await api.get(roa(LIMITS, "ListModelLimits", maxResults=PAGE), gives=A_RATE)
    limited = [row for row in rows(answer, "limits") if dotted(row, "modelLimit.requestLimit")]
    if not limited:
        api.inconclusive("rate.read", Cause.NOTHING_TO_TRY, f"status {answer.status}, no model with a rate")
        return
    one = await api.get(roa(LIMITS, "ListModelLimits", maxResults=PAGE, model=limited[0].get("model", "")))
    api.did("rate.read", [row.get("modelLimit") for row in rows(one, "limits")] == [limited[0]["modelLimit"]], one)


@provider.probe("spend.usage", "spend.balance", tier=Tier.READ)
async def money_is_told_by_key_and_for_the_account(api: Api) -> None:
    """The month's cost by key adds up to its total; the balance has an amount and a currency. Nothing but zeros proves neither."""
    balance = await api.post("billing:/?Action=QueryAccountBalance")
    data = dotted(balance.json, "Data")
    data = data if isinstance(data, dict) else {}
    amounts = [number(data.get(name)) for name in ("AvailableAmount", "AvailableCashAmount", "CreditAmount")]
    report_money(api, "spend.balance", amounts, "Currency" in data and dotted(balance.json, "Success") is True, balance)
    by_key = urlencode({"groupBy": '[{"code":"API_KEY_ID"}]', "topNum": MOST_GROUPS, "billMonth": month(balance)})
    usage = await api.get(f"/modelstudio/billing/overview?Action=GetBillingOverview&{by_key}")
    groups = dotted(usage.json, "data.groups")
    spent = [number(group.get("amount")) for group in groups if isinstance(group, dict)] if isinstance(groups, list) else []
    total = number(dotted(usage.json, "data.totalAmount"))
    told = [amount for amount in spent if amount is not None]
    rest = (total or 0.0) - sum(told)  # of keys beyond the twenty that are told
    adds_up = total is not None and len(told) == len(spent) and (rest > -0.01 if len(spent) == MOST_GROUPS else abs(rest) < 0.01)
    report_money(api, "spend.usage", spent, adds_up, usage)


def report_money(api: Api, capability: str, amounts: list[float | None], told: bool, answer: Answer) -> None:
    """Present when amounts are told; nothing but zeros is also what some vendors tell those who may not know."""
    if told and not any(amounts):
        api.inconclusive(capability, Cause.CONTROL_FAILED, f"status {answer.status}, nothing but zeros")
    else:
        api.did(capability, told and None not in amounts, answer)


def number(value: Any) -> float | None:
    """An amount, which the vendor writes as text with commas between thousands, None for anything else."""
    try:
        return float(str(value).replace(",", ""))
    except ValueError:
        return None


def month(answer: Answer) -> str:
    """The month in which an answer came, by the server's own clock; empty where it does not tell."""
    return f"{answer.clock:%Y-%m}" if answer.clock else ""
