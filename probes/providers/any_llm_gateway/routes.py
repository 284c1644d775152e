"""The gateway's routes, what a probe creates there, and how its answers are judged."""

from dataclasses import dataclass
from typing import Any

from probes.addresses import segment
from probes.answer import Answer, dotted
from probes.api import Api
from probes.evidence import Cause
from probes.ledger import Find, Undo
from probes.probe import Provider

provider = Provider("any_llm_gateway")

KEYS = "/v1/keys"
USERS = "/v1/users"
BUDGETS = "/v1/budgets"

BY_NAME: Find = {
    "method": "GET",
    "path": f"{KEYS}?limit=1000",
    "where": "[].key_name",
    "id": "[].id",
    "pages": {"parameter": "skip", "size": 1000},
}
DELETE_KEY: Undo = {"method": "DELETE", "path": f"{KEYS}/{{id}}", "find": BY_NAME}
DISABLE_KEY: Undo = {"method": "PATCH", "path": f"{KEYS}/{{id}}", "body": {"is_active": False}, "find": BY_NAME}
"""For a key that calls a model: on SQLite it cannot be deleted any more."""
UNDO_BUDGET: Undo = {"method": "DELETE", "path": f"{BUDGETS}/{{id}}"}


@dataclass(frozen=True, slots=True)
class Key:
    """A key that a probe created, its user and the user's budget; `budget` is empty without one."""

    secret: str
    id: str
    user: str
    budget: str
    created: Answer

    @property
    def path(self) -> str:
        """Raises RequestRefused for an id that names no single thing."""
        return f"{KEYS}/{segment(self.id)}"


async def create_key(
    api: Api, which: str, *, budget: dict[str, Any] | None = None, undo: Undo = DELETE_KEY, **settings: Any
) -> Key | Answer:
    """A key with a user of its own, capped by a budget of its own where its settings are given; the answer where a step was refused."""
    name = f"{api.name}-{which}"
    budget_id = ""
    if budget is not None:
        made = await api.create(f"POST {BUDGETS}", json=budget, kind="budget", name=name, identity="budget_id", undo=UNDO_BUDGET)
        if (budget_id := str(dotted(made.json, "budget_id") or "")) == "":
            return made
    user = await create_user(api, name, **({"budget_id": budget_id} if budget_id else {}))
    if dotted(user.json, "user_id") is None:
        return user
    body = {"key_name": name, "user_id": name, **settings}
    created = await api.create(f"POST {KEYS}", json=body, kind="key", name=name, identity="id", undo=undo)
    identity = dotted(created.json, "id")
    return created if identity is None else Key(str(dotted(created.json, "key") or ""), str(identity), name, budget_id, created)


async def create_user(api: Api, name: str, **settings: Any) -> Answer:
    """A user, whose name is the id."""
    undo: Undo = {"method": "DELETE", "path": f"{USERS}/{name}"}
    body = {"user_id": name, **settings}
    return await api.create(f"POST {USERS}", json=body, kind="user", name=name, identity="user_id", undo=undo)


async def read_user(api: Api, name: str) -> dict[str, Any]:
    """What the gateway keeps of a user, empty when it does not know it."""
    answer = await api.get(f"{USERS}/{segment(name)}")
    return answer.json if isinstance(answer.json, dict) else {}


async def models(api: Api, secret: str) -> Answer:
    """The models, asked with the key: free, and refused like any other use."""
    return await api.get("/v1/models", credential="inference", secret=secret)


def faulty(api: Api, capability: str, what: str, answer: Answer) -> bool:
    """Whether the server failed, which is reported: what it would have done is not known."""
    if answer.status < 500:
        return False
    api.inconclusive(capability, Cause.SERVER_FAULT, f"{what} answered {answer.status}")
    return True
