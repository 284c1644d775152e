"""Portkey's routes, what a probe creates there, and how its answers are judged."""

from typing import Any, NamedTuple

from probes.addresses import segment
from probes.answer import Answer, dotted, rows
from probes.api import Api
from probes.evidence import Cause
from probes.ledger import Undo
from probes.probe import Provider
from probes.refusals import says_error

provider = Provider("portkey")

KEYS = "/v1/api-keys"
WORKSPACES = "/v1/admin/workspaces"
POLICIES = "/v1/policies/usage-limits"
COST = "/v1/analytics/graphs/cost"
MODELS = "/v1/models"

SCOPES = ["completions.write"]
"""What a key may do: call a model."""

SOON = 10.0
"""Seconds within which a change is to take effect. Portkey names no time."""

GONE_WITHIN = 20.0
"""Seconds within which a key that ended is to be refused: what still works after them is not called revoked."""

PAGE = 100


class Key(NamedTuple):
    """A key that the probe created: the answer to it, and the first answer that it got itself."""

    id: str
    secret: str
    created: Answer
    own: Answer

    @property
    def path(self) -> str:
        """Raises RequestRefused for an id that names no single thing."""
        return f"{KEYS}/{segment(self.id)}"


async def create_workspace(api: Api, which: str = "", **settings: Any) -> str | None:
    """A workspace; its id, None where none was created. `which` tells several of one probe apart."""
    name = f"{api.name}{which}"
    undo = undo_of(f"{WORKSPACES}/{{id}}", WORKSPACES)
    body = {"name": name, **settings}
    created = await api.create(f"POST {WORKSPACES}", json=body, kind="workspace", name=name, identity="id", undo=undo)
    identity = dotted(created.json, "id")
    if not is_served(created) or identity is None:
        return None
    await api.eventually(lambda: api.get(f"{WORKSPACES}/{segment(identity)}"), is_served, within=SOON)
    return segment(identity)


async def create_key(api: Api, workspace: str, which: str = "", **settings: Any) -> Key | None:
    """A key of a workspace, as soon as it works; None where none was created. `which` tells several keys of one probe apart."""
    name = f"{api.name}{which}"
    undo = undo_of(f"{KEYS}/{{id}}", f"{KEYS}?workspace_id={workspace}")
    body = {"name": name, "workspace_id": workspace, "scopes": SCOPES, **settings}
    created = await api.create(f"POST {KEYS}/workspace/service", json=body, kind="key", name=name, identity="id", undo=undo)
    identity = dotted(created.json, "id")
    if not is_served(created) or identity is None:
        return None
    secret = str(dotted(created.json, "key") or "")
    own = await api.eventually(lambda: use(api, secret), is_served, within=SOON)
    return Key(str(identity), secret, created, own)


async def create_policy(api: Api, workspace: str, usd: float, which: str = "") -> str | None:
    """A budget in USD for all keys of a workspace together; its path, None where none was created."""
    undo = undo_of(f"{POLICIES}/{{id}}", f"{POLICIES}?workspace_id={workspace}")
    terms = {"conditions": [{"key": "workspace_id", "value": workspace}], "group_by": [{"key": "workspace_id"}]}
    name = f"{api.name}{which}"
    body = {"name": name, "workspace_id": workspace, "type": "cost", "credit_limit": usd, **terms}
    created = await api.create(f"POST {POLICIES}", json=body, kind="policy", name=name, identity="id", undo=undo)
    identity = dotted(created.json, "id")
    return None if not is_served(created) or identity is None else f"{POLICIES}/{segment(identity)}"


def undo_of(path: str, listed: str) -> Undo:
    """How something is deleted: by its id, or by its name, looked for in the list, where the answer that told it was lost."""
    separator = "&" if "?" in listed else "?"
    return {
        "method": "DELETE",
        "path": path,
        "find": {
            "method": "GET",
            "path": f"{listed}{separator}page_size={PAGE}",
            "where": "data[].name",
            "id": "data[].id",
            "pages": {"parameter": "current_page"},
        },
    }


async def use(api: Api, secret: str) -> Answer:
    """A key lists models: what every key may, and it costs nothing."""
    return await api.get(MODELS, credential="inference", secret=secret)


async def row_of(api: Api, key: Key, workspace: str) -> tuple[dict[str, Any], Answer]:
    """The key's row in the list of its workspace, empty when it is not there, and the page that was read for it."""
    page = await api.get(f"{KEYS}?workspace_id={workspace}&page_size={PAGE}")
    return next((row for row in rows(page, "data") if row.get("id") == key.id), {}), page


def has(value: Any, **expected: Any) -> bool:
    """Whether a value is an object with these fields."""
    return isinstance(value, dict) and value.items() >= expected.items()


def is_served(answer: Answer) -> bool:
    """An error may be told with a success."""
    return answer.status < 400 and not says_error(answer.body)


def is_refused(answer: Answer) -> bool:
    """Whether a key no longer works. A fault of the server is no refusal."""
    return answer.status in (401, 403)


def report(api: Api, capability: str, holds: bool, answer: Answer) -> None:
    """What an authenticated call did or did not do; a plan without budgets and rates (402) proves nothing."""
    if not holds and answer.status == 402:
        api.inconclusive(capability, Cause.PERMISSION_MISSING, f"status {answer.status}")
    else:
        api.did(capability, holds, answer)
