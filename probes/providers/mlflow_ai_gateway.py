"""MLflow AI Gateway: users with a password instead of keys, and budget policies in US dollars for users and endpoints.

`POST /api/2.0/mlflow/users/create` creates a user, who signs in with HTTP Basic; `PATCH …/update-password` and `DELETE …/delete` name the
user in a body. `POST /api/3.0/mlflow/users/permissions/grant` and `…/revoke` say what a user may use, `GET …/get` tells the outcome.
`POST /api/3.0/mlflow/gateway/budgets/create` sets a policy, `GET …/windows` tells what each has spent.

Nothing here can stop or bill traffic: budgets are of a user and of an endpoint that the probe made up and that nobody calls, never GLOBAL
or WORKSPACE. The endpoint's upstream key is made up as well. No user is ever made an administrator (`users/update-admin`). What MLflow
itself keeps of it is a role without permissions for whoever created the endpoint.
"""

from typing import Any

from probes.addresses import segment
from probes.answer import Answer, dotted
from probes.api import Api
from probes.evidence import Cause
from probes.ledger import Find, Undo
from probes.probe import Provider, Tier

provider = Provider("mlflow_ai_gateway")

USERS = "/api/2.0/mlflow/users"
PERMISSIONS = "/api/3.0/mlflow/users/permissions"
GATEWAY = "/api/3.0/mlflow/gateway"
BUDGETS = f"{GATEWAY}/budgets"

CAP = {"budget_unit": "USD", "budget_amount": 0.05}
EVERY_TWO_WEEKS = {"unit": "WEEKS", "value": 2}


@provider.probe("key.list", "key.read", tier=Tier.READ)
async def users_are_listed_and_read(api: Api) -> None:
    """A list of users, never empty since the caller is one, and the oldest of them by name, who must be the same as in the list."""
    answer = await api.get(f"{USERS}/list")
    users = rows(answer, "users")
    report(api, "key.list", answer.status == 200 and bool(users), answer)
    oldest = min(users, key=lambda user: user["id"]) if users else {"username": api.name}
    read = await api.get(f"{USERS}/get?username={segment(oldest['username'])}")
    same = all(dotted(read.json, f"user.{field}") == oldest.get(field) for field in ("id", "username"))
    report(api, "key.read", read.status == 200 and same, read)


@provider.probe("spend.usage", "spend.balance", tier=Tier.READ)
async def budgets_tell_what_is_spent(api: Api) -> None:
    """Each policy's window has the spend, and the policy the amount to take it from; without a policy only the routes are shown."""
    answer, policies = await api.get(f"{BUDGETS}/windows"), await api.get(f"{BUDGETS}/list")
    windows, budgets = rows(answer, "windows"), rows(policies, "budget_policies")
    if answer.status == policies.status == 200 and not (windows and budgets):
        untested(api, *api.probe.capabilities, why="no budget to read it from", cause=Cause.ROUTE_ONLY)
        return
    spent = bool(windows) and all("current_spend" in window for window in windows)
    report(api, "spend.usage", spent, answer)
    report(api, "spend.balance", spent and all("budget_amount" in budget for budget in budgets), policies)


@provider.probe("key.create", "key.read", "key.rotate", "key.revoke", tier=Tier.WRITE)
async def a_user_signs_in_until_the_password_changes_or_the_user_is_deleted(api: Api) -> None:
    """Create → sign in → read → change the password → old one refused, new one accepted → delete → refused."""
    first, second = api.password(), api.password()
    if not is_user(created := await create_user(api, first)):
        report(api, "key.create", False, created)
        return
    accepted, wrong = await signed_in(api, first), await signed_in(api, second)
    report(api, "key.create", (created.status, accepted.status, wrong.status) == (200, 200, 401), accepted)
    read = await api.get(f"{USERS}/get?username={api.name}")
    report(api, "key.read", dotted(read.json, "user.username") == api.name, read)
    changed = await api.call(f"PATCH {USERS}/update-password", json={"username": api.name, "password": second})
    old, new = await signed_in(api, first), await signed_in(api, second)
    report(api, "key.rotate", (changed.status, old.status, new.status) == (200, 401, 200), new)
    deleted, refused = await api.delete(f"{USERS}/delete", json={"username": api.name}), await signed_in(api, second)
    report(api, "key.revoke", (deleted.status, refused.status) == (200, 401), refused)


@provider.probe("spend.limit.key", "spend.reset", "spend.alert", "spend.usage", "spend.balance", tier=Tier.WRITE)
async def a_users_budgets_keep_what_they_were_created_with(api: Api) -> None:
    """A budget that rejects and one that alerts, both of a made-up user, are read back; the window of the first tells what is left."""
    if not is_user(await create_user(api, api.password())):
        untested(api, *api.probe.capabilities, why="no user of its own to try it on")
        return
    settings = {**CAP, "target_scope": "USER", "target_value": api.name}
    limit = await create_budget(api, "limit", {**settings, "budget_action": "REJECT"})
    alert = await create_budget(api, "alert", {**settings, "budget_action": "ALERT"})
    kept, alerts = await read_budget(api, limit), await read_budget(api, alert)
    report(api, "spend.limit.key", kept.items() >= {**settings, "budget_action": "REJECT"}.items(), limit)
    report(api, "spend.reset", kept.get("duration") == EVERY_TWO_WEEKS, limit)
    report(api, "spend.alert", alerts.items() >= {**settings, "budget_action": "ALERT"}.items(), alert)
    answer = await api.get(f"{BUDGETS}/windows")
    window = next((window for window in rows(answer, "windows") if window.get("budget_policy_id") == kept.get("budget_policy_id")), None)
    if answer.status == 200 and window is None:
        untested(api, "spend.usage", "spend.balance", why="no window yet: another worker may not know the budget", cause=Cause.ROUTE_ONLY)
        return
    unspent = window is not None and window.get("current_spend") == 0
    report(api, "spend.usage", unspent, answer)
    report(api, "spend.balance", unspent and kept.get("budget_amount") == CAP["budget_amount"], answer)


@provider.probe("key.restrict", "key.update", "spend.limit.scope", tier=Tier.WRITE)
async def an_endpoint_is_granted_withdrawn_and_capped(api: Api) -> None:
    """The user may not use an endpoint, may once it is granted, may not when that is withdrawn; the endpoint's budget is read back."""
    endpoint = await create_endpoint(api) if is_user(await create_user(api, api.password())) else None
    if endpoint is None:
        untested(api, *api.probe.capabilities, why="no user or endpoint of its own to try it on")
        return
    resource = {"username": api.name, "resource_type": "gateway_endpoint", "resource_id": endpoint}
    before = await permission(api, endpoint)
    granted = await api.post(f"{PERMISSIONS}/grant", json={**resource, "permission": "USE"})
    during = await permission(api, endpoint)
    withdrawn, after = await api.post(f"{PERMISSIONS}/revoke", json=resource), await permission(api, endpoint)
    if before.get("allowed") is True:
        untested(api, "key.restrict", "key.update", why="this server's default_permission lets everybody use every endpoint")
    else:
        report(api, "key.restrict", before.get("allowed") is False and during == {"allowed": True, "permission": "USE"}, granted)
        report(api, "key.update", during.get("allowed") is True and after == before, withdrawn)
    settings = {**CAP, "target_scope": "ENDPOINT", "target_value": endpoint, "budget_action": "REJECT"}
    cap = await create_budget(api, "limit", settings)
    report(api, "spend.limit.scope", (await read_budget(api, cap)).items() >= settings.items(), cap)


async def create_user(api: Api, password: str) -> Answer:
    """The probe's user, named like the probe."""
    undo: Undo = {"method": "DELETE", "path": f"{USERS}/delete", "body": {"username": api.name}}
    body = {"username": api.name, "password": password}
    return await api.create(f"POST {USERS}/create", json=body, kind="user", name=api.name, identity="user.username", undo=undo)


def is_user(created: Answer) -> bool:
    """Whether the user is there."""
    return dotted(created.json, "user.username") is not None


async def signed_in(api: Api, password: str) -> Answer:
    """The user reads itself: the one thing that every user may, so that a refusal is about the password."""
    return await api.get(f"{USERS}/get?username={api.name}", credential="inference", secret=f"{api.name}:{password}")


async def create_endpoint(api: Api) -> str | None:
    """An endpoint and what it stands on, a secret and a model definition; its id, None when one of them was refused. Nobody calls it."""
    upstream = {"secret_value": {"api_key": api.password()}, "provider": "openai"}
    if (secret := await create(api, "secret", "secret_name", upstream)) is None:
        return None
    model = {"secret_id": secret, "provider": "openai", "model_name": "gpt-4o"}
    if (definition := await create(api, "model_definition", "name", model)) is None:
        return None
    models = [{"model_definition_id": definition, "linkage_type": "PRIMARY", "weight": 1.0}]
    return await create(api, "endpoint", "name", {"model_configs": models})


async def create(api: Api, kind: str, name: str, settings: dict[str, Any]) -> str | None:
    """One of the gateway's resources, `name` being the field for its name; its id, None when it was refused."""
    route, body = f"{GATEWAY}/{kind.replace('_', '-')}s", {name: api.name, **settings}
    undo = undo_of(route, f"{kind}s", name, f"{kind}_id")
    answer = await api.create(f"POST {route}/create", json=body, kind=kind, name=api.name, identity=f"{kind}.{kind}_id", undo=undo)
    identity = dotted(answer.json, f"{kind}.{kind}_id")
    return None if identity is None else str(identity)


async def create_budget(api: Api, which: str, settings: dict[str, Any]) -> Answer:
    """A budget policy. Policies have no name: `created_by`, which the caller may set, stands for it."""
    name, identity = f"{api.name}-{which}", "budget_policy.budget_policy_id"
    body = {**settings, "duration": EVERY_TWO_WEEKS, "created_by": name}
    undo = undo_of(BUDGETS, "budget_policies", "created_by", "budget_policy_id")
    return await api.create(f"POST {BUDGETS}/create", json=body, kind="budget", name=name, identity=identity, undo=undo)


async def read_budget(api: Api, created: Answer) -> dict[str, Any]:
    """A policy as it is kept, empty when there is none."""
    if (identity := dotted(created.json, "budget_policy.budget_policy_id")) is None:
        return {}
    answer = await api.get(f"{BUDGETS}/get?budget_policy_id={segment(identity)}")
    policy = dotted(answer.json, "budget_policy")
    return policy if isinstance(policy, dict) else {}


async def permission(api: Api, endpoint: str) -> dict[str, Any]:
    """What the user may do with an endpoint, decided as for a real call: `allowed` and `permission`."""
    answer = await api.get(f"{PERMISSIONS}/get?username={api.name}&resource_type=gateway_endpoint&resource_id={segment(endpoint)}")
    return answer.json if isinstance(answer.json, dict) else {}


def undo_of(route: str, listed: str, name: str, identity: str) -> Undo:
    """How a gateway's resource is deleted: its id in a body; found in the list by its name where the id is not known."""
    find: Find = {"method": "GET", "path": f"{route}/list", "where": f"{listed}[].{name}", "id": f"{listed}[].{identity}"}
    return {"method": "DELETE", "path": f"{route}/delete", "body": {identity: "{id}"}, "find": find}


def rows(answer: Answer, field: str) -> list[dict[str, Any]]:
    """The rows of a list, empty when there is none."""
    found = dotted(answer.json, field)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def untested(api: Api, *capabilities: str, why: str, cause: Cause = Cause.CONTROL_FAILED) -> None:
    """Report that what the step stands on was not there."""
    for capability in capabilities:
        api.inconclusive(capability, cause, why)


def report(api: Api, capability: str, holds: bool, answer: Answer) -> None:
    """What an authenticated call did, or did not do."""
    api.found(capability, holds, Cause.DONE if holds else Cause.NOT_DONE, f"status {answer.status}")
