"""The whole life of a user, a budget and a permission, each step checked by what it changed."""

from probes.answer import dotted, rows
from probes.api import Api
from probes.evidence import Cause
from probes.probe import Tier
from probes.providers.mlflow_ai_gateway.routes import (
    BUDGETS,
    CAP,
    EVERY_TWO_WEEKS,
    PERMISSIONS,
    USERS,
    create_budget,
    create_endpoint,
    create_user,
    is_user,
    permission,
    provider,
    read_budget,
    signed_in,
)


@provider.probe("key.create", "key.read", "key.rotate", "key.revoke", tier=Tier.WRITE)
async def a_user_signs_in_until_the_password_changes_or_the_user_is_deleted(api: Api) -> None:
    """Create → sign in → read → change the password → old one refused, new one accepted → delete → refused."""
    first, second = api.password(), api.password()
    if not is_user(created := await create_user(api, first)):
        api.did("key.create", False, created)
        return
    accepted, wrong = await signed_in(api, first), await signed_in(api, second)
    api.did("key.create", (created.status, accepted.status, wrong.status) == (200, 200, 401), accepted)
    read = await api.get(f"{USERS}/get?username={api.name}")
    api.did("key.read", dotted(read.json, "user.username") == api.name, read)
    changed = await api.call(f"PATCH {USERS}/update-password", json={"username": api.name, "password": second})
    old, new = await signed_in(api, first), await signed_in(api, second)
    api.did("key.rotate", (changed.status, old.status, new.status) == (200, 401, 200), new)
    deleted, refused = await api.delete(f"{USERS}/delete", json={"username": api.name}), await signed_in(api, second)
    api.did("key.revoke", (deleted.status, refused.status) == (200, 401), refused)


@provider.probe("spend.limit.key", "spend.reset", "spend.alert", "spend.usage", "spend.balance", tier=Tier.WRITE)
async def a_users_budgets_keep_what_they_were_created_with(api: Api) -> None:
    """A budget that rejects and one that alerts, both of a made-up user, are read back; the window of the first tells what is left."""
    if not is_user(await create_user(api, api.password())):
        api.untested("no user of its own to try it on")
        return
    settings = {**CAP, "target_scope": "USER", "target_value": api.name}
    limit = await create_budget(api, "limit", {**settings, "budget_action": "REJECT"})
    alert = await create_budget(api, "alert", {**settings, "budget_action": "ALERT"})
    kept, alerts = await read_budget(api, limit), await read_budget(api, alert)
    api.did("spend.limit.key", kept.items() >= {**settings, "budget_action": "REJECT"}.items(), limit)
    api.did("spend.reset", kept.get("duration") == EVERY_TWO_WEEKS, limit)
    api.did("spend.alert", alerts.items() >= {**settings, "budget_action": "ALERT"}.items(), alert)
    answer = await api.get(f"{BUDGETS}/windows")
    window = next((window for window in rows(answer, "windows") if window.get("budget_policy_id") == kept.get("budget_policy_id")), None)
    if answer.status == 200 and window is None:
        api.untested("no window yet: another worker may not know the budget", "spend.usage", "spend.balance", cause=Cause.ROUTE_ONLY)
        return
    unspent = window is not None and window.get("current_spend") == 0
    api.did("spend.usage", unspent, answer)
    api.did("spend.balance", unspent and kept.get("budget_amount") == CAP["budget_amount"], answer)


@provider.probe("key.restrict", "key.update", "spend.limit.scope", tier=Tier.WRITE)
async def an_endpoint_is_granted_withdrawn_and_capped(api: Api) -> None:
    """The user may not use an endpoint, may once it is granted, may not when that is withdrawn; the endpoint's budget is read back."""
    endpoint = await create_endpoint(api) if is_user(await create_user(api, api.password())) else None
    if endpoint is None:
        api.untested("no user or endpoint of its own to try it on")
        return
    resource = {"username": api.name, "resource_type": "gateway_endpoint", "resource_id": endpoint}
    before = await permission(api, endpoint)
    granted = await api.post(f"{PERMISSIONS}/grant", json={**resource, "permission": "USE"})
    during = await permission(api, endpoint)
    withdrawn, after = await api.post(f"{PERMISSIONS}/revoke", json=resource), await permission(api, endpoint)
    if before.get("allowed") is True:
        api.untested("this server's default_permission lets everybody use every endpoint", "key.restrict", "key.update")
    else:
        api.did("key.restrict", before.get("allowed") is False and during == {"allowed": True, "permission": "USE"}, granted)
        api.did("key.update", during.get("allowed") is True and after == before, withdrawn)
    settings = {**CAP, "target_scope": "ENDPOINT", "target_value": endpoint, "budget_action": "REJECT"}
    cap = await create_budget(api, "limit", settings)
    api.did("spend.limit.scope", (await read_budget(api, cap)).items() >= settings.items(), cap)
