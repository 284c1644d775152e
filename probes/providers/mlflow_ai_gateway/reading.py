"""Users, budgets and what was spent are read."""

from probes.addresses import segment
from probes.answer import dotted, rows
from probes.api import Api
from probes.evidence import Cause
from probes.probe import Tier
from probes.providers.mlflow_ai_gateway.routes import BUDGETS, USERS, provider


@provider.probe("key.list", "key.read", tier=Tier.READ)
async def users_are_listed_and_read(api: Api) -> None:
    """A list of users, never empty since the caller is one, and the oldest of them by name, who must be the same as in the list."""
    answer = await api.get(f"{USERS}/list")
    users = rows(answer, "users")
    api.did("key.list", answer.status == 200 and bool(users), answer)
    oldest = min(users, key=lambda user: user["id"]) if users else {"username": api.name}
    read = await api.get(f"{USERS}/get?username={segment(oldest['username'])}")
    same = all(dotted(read.json, f"user.{field}") == oldest.get(field) for field in ("id", "username"))
    api.did("key.read", read.status == 200 and same, read)


@provider.probe("spend.usage", "spend.balance", tier=Tier.READ)
async def budgets_tell_what_is_spent(api: Api) -> None:
    """Each policy's window has the spend, and the policy the amount to take it from; without a policy only the routes are shown."""
    answer, policies = await api.get(f"{BUDGETS}/windows"), await api.get(f"{BUDGETS}/list")
    windows, budgets = rows(answer, "windows"), rows(policies, "budget_policies")
    if answer.status == policies.status == 200 and not (windows and budgets):
        api.untested("no budget to read it from", cause=Cause.ROUTE_ONLY)
        return
    spent = bool(windows) and all("current_spend" in window for window in windows)
    api.did("spend.usage", spent, answer)
    api.did("spend.balance", spent and all("budget_amount" in budget for budget in budgets), policies)
