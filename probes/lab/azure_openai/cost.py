"""Consumption budgets, Cost Management queries and credit balances: what Azure tells of money, hours late, and never stops by."""

from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response

from probes.answer import is_number
from probes.lab.azure_openai.answers import Call, Refused, json, not_found
from probes.lab.azure_openai.state import Cloud

GRAINS = frozenset({"Monthly", "Quarterly", "Annually", "BillingMonth", "BillingQuarter", "BillingAnnual"})
OPERATORS = frozenset({"EqualTo", "GreaterThan", "GreaterThanOrEqualTo"})
DIMENSIONS = frozenset({"ResourceId", "ResourceGroupName", "ServiceName", "MeterCategory", "ResourceType"})
TYPES = frozenset({"Usage", "ActualCost", "AmortizedCost"})
FRAMES = frozenset({"MonthToDate", "BillingMonthToDate", "TheLastMonth", "TheLastBillingMonth", "WeekToDate", "TheCurrentMonth", "Custom"})
LOTS = (75.5, 24.5)
"""What is left of each of the billing profile's credits, USD."""


def put_budget(cloud: Cloud, call: Call) -> Response:
    """201 created, 200 replaced."""
    _check(call)
    there = cloud.budgets.get(call.path)
    cloud.budgets[call.path] = {**call.field("properties"), "currentSpend": {"amount": 0.0, "unit": "USD"}}
    return json(_budget(cloud, call.path), 200 if there else 201)


def get_budget(cloud: Cloud, call: Call) -> Response:
    """One budget."""
    if call.path not in cloud.budgets:
        raise not_found(call.path)
    return json(_budget(cloud, call.path))


def list_budgets(cloud: Cloud, call: Call) -> Response:
    """The budgets of a scope."""
    return json({"value": [_budget(cloud, path) for path in cloud.budgets if path.rpartition("/")[0] == call.path]})


def delete_budget(cloud: Cloud, call: Call) -> Response:
    """200; 204 where it is not there."""
    return Response(status_code=200 if cloud.budgets.pop(call.path, None) else 204)


def query(cloud: Cloud, call: Call) -> Response:
    """Cost by what the query groups by: so far only that of the person's own account."""
    grouping = call.field("dataset.grouping") or []
    if call.field("type") not in TYPES or call.field("timeframe") not in FRAMES:
        raise Refused(400, "BadRequest", "Invalid query definition: the type or the timeframe is not supported.")
    names = [each.get("name") for each in grouping]
    if not DIMENSIONS.issuperset(names):
        raise Refused(
            400, "BadRequest", f"Invalid query definition: Invalid dataset grouping: '{names}'; valid values: {sorted(DIMENSIONS)}."
        )
    daily = call.field("dataset.granularity") == "Daily"
    spent = datetime.now(UTC).strftime("%Y%m%d")
    group = f"/subscriptions/{cloud.subscription}/resourcegroups/{cloud.group}"
    values = {"ResourceId": f"{group}/providers/microsoft.cognitiveservices/accounts/contoso-openai"}
    columns = [
        ("Cost", "Number"),
        *([("UsageDate", "Number")] if daily else []),
        *((name, "String") for name in names),
        ("Currency", "String"),
    ]
    row = [1.23, *([int(spent)] if daily else []), *(values.get(name, "") for name in names), "USD"]
    return json({"properties": {"nextLink": None, "columns": [{"name": name, "type": kind} for name, kind in columns], "rows": [row]}})


def balance(cloud: Cloud, call: Call) -> Response:
    """The credit that a billing profile has left."""
    _owned(cloud, call)
    amount = {"currency": "USD", "value": sum(LOTS)}
    return json({"properties": {"balanceSummary": {"currentBalance": amount, "estimatedBalance": amount}, "creditCurrency": "USD"}})


def lots(cloud: Cloud, call: Call) -> Response:
    """The credits one by one."""
    _owned(cloud, call)
    rows = [{"properties": {"source": "PromotionalCredit", "closedBalance": {"currency": "USD", "value": value}}} for value in LOTS]
    return json({"value": rows})


def _owned(cloud: Cloud, call: Call) -> None:
    if call.at["billing"] != cloud.billing_account or call.at["profile"] != cloud.billing_profile:
        raise Refused(404, "404", "The billing account or profile was not found.")


def _check(call: Call) -> None:
    def refuse(why: str) -> Refused:
        return Refused(400, "400", f"Invalid budget configuration: {why}")

    amount, start, notifications = (
        call.field("properties.amount"),
        call.field("properties.timePeriod.startDate"),
        call.field("properties.notifications"),
    )
    if call.field("properties.category") != "Cost" or call.field("properties.timeGrain") not in GRAINS:
        raise refuse("the category or the time grain is not supported.")
    if not is_number(amount) or amount <= 0:
        raise refuse("Amount must be greater than 0.")
    if not _is_first_of_a_month(start):
        raise refuse("Start date must be the first of a month, and not before the current one.")
    if notifications is not None and (not isinstance(notifications, dict) or len(notifications) > 5):
        raise refuse("up to 5 notifications are supported.")
    for each in (notifications or {}).values():
        told = each.get("contactEmails") or each.get("contactRoles") or each.get("contactGroups")
        if each.get("operator") not in OPERATORS or not 0 <= each.get("threshold", -1) <= 1000 or not told:
            raise refuse("a notification needs an operator, a threshold between 0 and 1000, and a contact.")


def _is_first_of_a_month(start: Any) -> bool:
    try:
        given = datetime.fromisoformat(start)
    except (TypeError, ValueError):
        return False
    now = datetime.now(UTC)
    return given.day == 1 and (given.year, given.month) >= (now.year, now.month)


def _budget(cloud: Cloud, path: str) -> dict[str, Any]:
    kind = "Microsoft.Consumption/budgets"
    return {"id": path, "name": path.rpartition("/")[2], "type": kind, "eTag": '"1d34d016a593709"', "properties": cloud.budgets[path]}
