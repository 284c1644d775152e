"""What is there already: endpoints with their rates, the balance, the bills."""

from urllib.parse import urlencode

from probes.answer import Answer, dotted, is_number
from probes.api import Api
from probes.evidence import Cause
from probes.probe import Tier
from probes.providers.qianfan.calls import describe, endpoints, provider


@provider.probe("rate.read", tier=Tier.READ)
async def an_endpoint_tells_its_rates(api: Api) -> None:
    """The oldest endpoint, read by itself, is the one that the list has, with a rate in requests and in tokens."""
    rows, answer = await endpoints(api)
    if not rows and answer.status == 200:
        api.untested("no inference endpoint", cause=Cause.NOTHING_TO_TRY)
        return
    if not rows:
        api.did("rate.read", False, answer)
        return
    read = await describe(api, rows[0]["endpointId"])
    same = dotted(read.json, "result.endpointId") == rows[0]["endpointId"] and dotted(read.json, "result.name") == rows[0].get("name")
    rates = [dotted(read.json, f"result.rateLimit.{name}") for name in ("rpm", "tpm")]
    api.did("rate.read", same and any(isinstance(rate, int) for rate in rates), read)


@provider.probe("spend.balance", "spend.usage", tier=Tier.READ)
async def money_is_told_for_the_account(api: Api) -> None:
    """The balance is an amount, and so is the price in each row of the month's bills. A zero proves no balance, no rows prove no bills."""
    balance = await api.post("billing:/v1/finance/cash/balance")
    amount = dotted(balance.json, "cashBalance")
    if amount == 0:
        api.inconclusive("spend.balance", Cause.CONTROL_FAILED, f"status {balance.status}, nothing but zero")
    else:
        api.did("spend.balance", is_number(amount), balance)
    query = urlencode({"month": month(balance), "productType": "postpay", "pageNo": 1, "pageSize": 20})
    usage = await api.get(f"billing:/v1/bill/resource/month?{query}")
    bills = dotted(usage.json, "bills")
    if bills == []:
        api.inconclusive("spend.usage", Cause.ROUTE_ONLY, "GET /v1/bill/resource/month [bills[].financePrice]: no bill this month")
        return
    rows = bills if isinstance(bills, list) else []
    prices = [row.get("financePrice") for row in rows if isinstance(row, dict)]
    api.did("spend.usage", bool(prices) and all(map(is_number, prices)), usage)


def month(answer: Answer) -> str:
    """The month in which an answer came, by the server's own clock; empty where it does not tell."""
    return f"{answer.clock:%Y-%m}" if answer.clock else ""
