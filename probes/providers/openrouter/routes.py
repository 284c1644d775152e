"""OpenRouter's routes, what a probe creates there, and how its answers are judged."""

from typing import Any, NamedTuple

from probes.addresses import segment
from probes.answer import Answer, dotted, rows
from probes.api import Api
from probes.evidence import Cause
from probes.ledger import Undo
from probes.probe import Provider

provider = Provider("openrouter")

KEYS = "/api/v1/keys"
OWN = "/api/v1/key"
CREDITS = "/api/v1/credits"
ACTIVITY = "/api/v1/activity"
GUARDRAILS = "/api/v1/guardrails"
WORKSPACES = "/api/v1/workspaces"
MODELS = "/api/v1/models"

ALL_KEYS = f"{KEYS}?include_disabled=true&include_expired=true"
PAGES = 200
"""Pages of a hundred that are looked through for one key."""

SOON = 10.0
"""Seconds within which a change is to take effect. OpenRouter names no time."""

GONE_WITHIN = 20.0
"""Seconds within which a key that ended is to be refused: what still works after them is not called revoked."""


class Key(NamedTuple):
    """A key that the probe created: the answer to it, and the first that the key got about itself."""

    hash: str
    secret: str
    created: Answer
    own: Answer

    @property
    def path(self) -> str:
        """Raises RequestRefused for a hash that names no single thing."""
        return f"{KEYS}/{segment(self.hash)}"


async def create_key(api: Api, which: str = "", **settings: Any) -> Key | None:
    """A key, as soon as it reads itself; None where none was created. `which` tells several keys of one probe apart."""
    name = f"{api.name}{which}"
    where = f"{ALL_KEYS}&workspace_id={settings['workspace_id']}" if "workspace_id" in settings else ALL_KEYS
    undo = undo_of(f"{KEYS}/{{id}}", where, "hash")
    created = await api.create(f"POST {KEYS}", json={"name": name, **settings}, kind="key", name=name, identity="data.hash", undo=undo)
    if (identity := dotted(created.json, "data.hash")) is None:
        return None
    secret = str(dotted(created.json, "key") or "")
    own = await api.eventually(lambda: api.get(OWN, credential="inference", secret=secret), is_served, within=SOON)
    return Key(str(identity), secret, created, own)


async def create_guardrail(api: Api, **settings: Any) -> str | None:
    """A guardrail that nothing is assigned to yet; its id, None where none was created."""
    undo = undo_of(f"{GUARDRAILS}/{{id}}", f"{GUARDRAILS}?limit=100", "id")
    body = {"name": api.name, **settings}
    created = await api.create(f"POST {GUARDRAILS}", json=body, kind="guardrail", name=api.name, identity="data.id", undo=undo)
    identity = dotted(created.json, "data.id")
    return None if identity is None else segment(identity)


async def create_workspace(api: Api) -> str | None:
    """A workspace; its id, None where none was created. Its budgets go with it."""
    undo = undo_of(f"{WORKSPACES}/{{id}}", f"{WORKSPACES}?limit=100", "id")
    body = {"name": api.name, "slug": api.name}
    created = await api.create(f"POST {WORKSPACES}", json=body, kind="workspace", name=api.name, identity="data.id", undo=undo)
    identity = dotted(created.json, "data.id")
    return None if identity is None else segment(identity)


async def assign(api: Api, guardrail: str, key: Key) -> Answer:
    """Put a key under a guardrail; it can have one."""
    return await api.post(f"{GUARDRAILS}/{guardrail}/assignments/keys", json={"key_hashes": [key.hash]})


async def read_own(api: Api, key: Key) -> Answer:
    """A key reads itself: the one thing that every key may, and it costs nothing."""
    return await api.get(OWN, credential="inference", secret=key.secret)


async def page_with(api: Api, key: Key) -> Answer:
    """The page of the list that has the key, else the last page."""
    for page in range(PAGES):
        answer = await api.get(f"{ALL_KEYS}&offset={100 * page}")
        listed = rows(answer, "data")
        if not listed or row_of(answer, key):
            break
    return answer


def row_of(answer: Answer, key: Key) -> dict[str, Any]:
    """The key's row on a page, empty when it is not there."""
    return next((row for row in rows(answer, "data") if row.get("hash") == key.hash), {})


def undo_of(path: str, listed: str, identity: str) -> Undo:
    """How something is deleted: by its id, or by its name, looked for in pages of a hundred, where the answer that told it was lost."""
    return {
        "method": "DELETE",
        "path": path,
        "find": {
            "method": "GET",
            "path": listed,
            "where": "data[].name",
            "id": f"data[].{identity}",
            "pages": {"parameter": "offset", "size": 100},
        },
    }


def data(answer: Answer) -> dict[str, Any]:
    """What an answer tells of one thing, empty when it tells nothing."""
    found = dotted(answer.json, "data")
    return found if isinstance(found, dict) else {}


def budget(answer: Answer, scope: str) -> dict[str, Any]:
    """The budget of that scope among those that a key reads of itself, empty when there is none."""
    found = dotted(answer.json, "data.budgets")
    budgets = found if isinstance(found, list) else []
    return next((each for each in budgets if isinstance(each, dict) and each.get("scope") == scope), {})


def is_served(answer: Answer) -> bool:
    return answer.status < 400


def is_refused(answer: Answer) -> bool:
    """Whether a key no longer works. A fault of the server is no refusal."""
    return answer.status in (401, 403)


def report(api: Api, capability: str, holds: bool, answer: Answer) -> None:
    """What an authenticated call did or did not do. A fault, whatever its status, and a plan without the feature prove nothing."""
    detail = f"status {answer.status}"
    if holds:
        api.found(capability, True, Cause.DONE, detail)
    elif answer.status >= 500 or (is_served(answer) and dotted(answer.json, "error")):
        api.inconclusive(capability, Cause.SERVER_FAULT, detail)
    elif answer.status in (402, 403):
        api.inconclusive(capability, Cause.PERMISSION_MISSING, detail)
    else:
        api.found(capability, False, Cause.NOT_DONE, detail)
