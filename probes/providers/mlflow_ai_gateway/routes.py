"""MLflow's routes, what a probe creates there, and how its answers are judged."""

from typing import Any

from probes.addresses import segment
from probes.answer import Answer, dotted
from probes.api import Api
from probes.ledger import Find, Undo
from probes.probe import Provider

provider = Provider("mlflow_ai_gateway")

USERS = "/api/2.0/mlflow/users"
PERMISSIONS = "/api/3.0/mlflow/users/permissions"
GATEWAY = "/api/3.0/mlflow/gateway"
BUDGETS = f"{GATEWAY}/budgets"

CAP = {"budget_unit": "USD", "budget_amount": 0.05}
EVERY_TWO_WEEKS = {"unit": "WEEKS", "value": 2}


async def create_user(api: Api, password: str, name: str = "") -> Answer:
    """A user, named like the probe where no other name is given."""
    name = name or api.name
    body = {"username": name, "password": password}
    return await api.create(f"POST {USERS}/create", json=body, kind="user", name=name, identity="user.username", undo=undo_user(name))


def undo_user(name: str) -> Undo:
    """The name is the id."""
    return {"method": "DELETE", "path": f"{USERS}/delete", "body": {"username": name}}


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
