"""What is read of a subscription as it is: quotas, cost and credit."""

from probes.answer import Answer, dotted, is_number, rows
from probes.api import Api
from probes.evidence import Cause
from probes.probe import Tier
from probes.providers.azure_openai.arm import GROUP, SERVICES, STABLE, SUBSCRIPTION, provider, report

BILLING = (
    "/providers/Microsoft.Billing/billingAccounts/{billingAccountId}/billingProfiles/{billingProfileId}/providers/Microsoft.Consumption"
)
CONSUMPTION = "api-version=2024-08-01"


@provider.probe("rate.read", tier=Tier.READ)
async def quotas_are_read(api: Api) -> None:
    """Each quota of the region has its limit and what is taken of it; that they follow a deployment is for the tier `write`."""
    answer = await api.get(f"{SUBSCRIPTION}/{SERVICES}/locations/{{location}}/usages?{STABLE}")
    quotas = rows(answer, "value")
    if answer.status == 200 and not any(row.get("limit") for row in quotas):
        api.inconclusive("rate.read", Cause.ROUTE_ONLY, "no quota to read it from")
        return
    told = all(is_number(row.get("limit")) and is_number(row.get("currentValue")) and dotted(row, "name.value") for row in quotas)
    report(api, "rate.read", answer.status == 200 and told, answer)


@provider.probe("spend.usage", tier=Tier.READ)
async def cost_is_told_by_account(api: Api) -> None:
    """A query by resource answers a column of costs beside one of resources; where nothing was spent, zeros or no rows show nothing."""
    query = {
        "type": "ActualCost",
        "timeframe": "MonthToDate",
        "dataset": {
            "granularity": "Daily",
            "aggregation": {"totalCost": {"name": "Cost", "function": "Sum"}},
            "grouping": [{"type": "Dimension", "name": "ResourceId"}],
        },
    }
    answer = await api.post(f"{GROUP}/providers/Microsoft.CostManagement/query?api-version=2025-03-01", json=query)
    costs, resources = column(answer, "Cost"), column(answer, "ResourceId")
    if answer.status in (200, 204) and not any(cost for cost in costs if is_number(cost)):
        api.inconclusive("spend.usage", Cause.ROUTE_ONLY, "nothing spent this month")
        return
    named = all(isinstance(each, str) and each.lower().startswith("/subscriptions/") for each in resources)
    report(api, "spend.usage", answer.status == 200 and len(resources) == len(costs) and named, answer)


@provider.probe("spend.balance", tier=Tier.READ)
async def credit_is_told_and_is_what_its_parts_add_up_to(api: Api) -> None:
    """The balance of a billing profile is the sum of its credits; a balance of nothing shows nothing."""
    answer = await api.get(f"{BILLING}/credits/balanceSummary?{CONSUMPTION}")
    lots = await api.get(f"{BILLING}/lots?{CONSUMPTION}")
    balance = dotted(answer.json, "properties.balanceSummary.currentBalance.value")
    if answer.status == 200 and not balance:
        api.inconclusive("spend.balance", Cause.ROUTE_ONLY, "no credit to read it from")
        return
    parts = [dotted(row, "properties.closedBalance.value") for row in rows(lots, "value")]
    adds_up = is_number(balance) and abs(balance - sum(part for part in parts if is_number(part))) < 0.01
    report(api, "spend.balance", answer.status == lots.status == 200 and adds_up, answer)


def column(answer: Answer, name: str) -> list[object]:
    """The cells under a name of a Cost Management answer; empty where there is no such column."""
    columns, lines = dotted(answer.json, "properties.columns"), dotted(answer.json, "properties.rows")
    if not isinstance(columns, list) or not isinstance(lines, list):
        return []
    names = [each.get("name") for each in columns if isinstance(each, dict)]
    if name not in names:
        return []
    position = names.index(name)
    return [line[position] for line in lines if isinstance(line, list) and len(line) == len(names)]
