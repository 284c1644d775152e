"""Consumption budgets: they warn, and stop nothing. The probe's own never warns either: its threshold is ten times a sum nobody spends."""

from probes.answer import Answer, dotted, rows
from probes.api import Api
from probes.dry import must_refuse
from probes.ledger import Undo
from probes.probe import Tier
from probes.providers.azure_openai.arm import GROUP, provider, report

BUDGETS = f"{GROUP}/providers/Microsoft.Consumption/budgets"
VERSION = "api-version=2024-08-01"
AMOUNT = 1_000_000.0
"""In the billing currency."""

WARNING = {"enabled": True, "operator": "GreaterThan", "threshold": 1000, "contactEmails": [], "contactRoles": ["Owner"]}


@provider.probe("spend.alert", tier=Tier.DRY)
async def a_budget_without_an_amount_is_refused(api: Api) -> None:
    """Beside it, the same call for a resource type that does not exist."""
    body = {"properties": {"category": "Cost", "amount": -1, "timeGrain": "Monthly"}}
    control = f"PUT {GROUP}/providers/Microsoft.Consumption/keycapNothing/{api.name}?{VERSION}"
    call = f"PUT {BUDGETS}/{api.name}?{VERSION}"
    await must_refuse(api, "spend.alert", call, json=body, control=control, kind="budget", identity="name", undo=undo(api))


@provider.probe("spend.alert", tier=Tier.WRITE)
async def a_budget_keeps_its_warning_until_it_is_deleted(api: Api) -> None:
    """Not listed → create → read back → listed → delete → not found."""
    before = await api.get(f"{BUDGETS}?{VERSION}")
    wanted = {
        "category": "Cost",
        "amount": AMOUNT,
        "timeGrain": "Annually",
        "timePeriod": {"startDate": this_month(api, before)},
        "notifications": {"keycap": {**WARNING, "thresholdType": "Actual"}},
    }
    call = f"PUT {BUDGETS}/{api.name}?{VERSION}"
    created = await api.create(call, json={"properties": wanted}, kind="budget", name=api.name, identity="name", undo=undo(api))
    read, after = await api.get(f"{BUDGETS}/{api.name}?{VERSION}"), await api.get(f"{BUDGETS}?{VERSION}")
    kept = dotted(read.json, "properties.notifications.keycap")
    warns = isinstance(kept, dict) and (kept.get("threshold"), kept.get("operator"), kept.get("enabled")) == (1000, "GreaterThan", True)
    same = (dotted(read.json, "properties.amount"), dotted(read.json, "properties.timeGrain")) == (AMOUNT, "Annually")
    deleted, gone = await api.delete(f"{BUDGETS}/{api.name}?{VERSION}"), await api.get(f"{BUDGETS}/{api.name}?{VERSION}")
    ends = deleted.status < 300 and gone.status == 404
    report(
        api,
        "spend.alert",
        created.status < 300 and warns and same and [is_in(before, api), is_in(after, api), ends] == [False, True, True],
        read,
    )


def is_in(listed: Answer, api: Api) -> bool:
    """Whether this probe's budget is in a list."""
    return any(row.get("name") == api.name for row in rows(listed, "value"))


def this_month(api: Api, answer: Answer) -> str:
    """The first of the vendor's own month, as which a budget may start; where it does not tell the time, the claim's example."""
    if answer.clock is None:
        example = api.provider.claims["spend.alert"].body
        return str(dotted(example, "properties.timePeriod.startDate"))
    return f"{answer.clock:%Y-%m}-01T00:00:00Z"


def undo(api: Api) -> Undo:
    """A budget's name is its id."""
    return {"method": "DELETE", "path": f"{BUDGETS}/{api.name}?{VERSION}"}
