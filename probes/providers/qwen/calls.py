"""Calls that several probes make, and what undoes them."""

import json
from urllib.parse import urlencode

from probes.answer import Answer, dotted
from probes.api import Api
from probes.ledger import Pages, Undo
from probes.probe import Provider

provider = Provider("qwen")

KEYS, WORKSPACES, LIMITS = "/modelstudio/apikeys", "/modelstudio/workspaces", "/modelstudio/models/limits"
PERMISSIONS = "/modelstudio/models/permissions"
NO_SUCH = "/modelstudio/keycap-none?Action=KeycapNone"
PAGE, MOST_PAGES = 100, 50
ELSEWHERE = "203.0.113.7"
"""An address of documentation: nobody calls from there."""
LIFE = 5
"""Seconds of a temporary key."""
PER_MINUTE = 3
PAGES: Pages = {"parameter": "nextToken", "cursor": "nextToken"}
"""How lists go on."""
A_KEY = {"apiKey": {"apiKeyId": "ID", "apiKeyValue": "SECRET"}}
A_RATE = {"limits": [{"model": "MODEL", "modelLimit": {"requestLimit": 1}}]}
"""What a preview takes for the answer."""


async def create_key(api: Api, **query: str) -> Answer:
    """The probe's key, in the default workspace unless another is named."""
    call = "POST " + roa(KEYS, "CreateApiKey", description=api.name, **query)
    identity = "apiKey.apiKeyId"
    return await api.create(call, json=None, kind="key", name=api.name, identity=identity, undo=deletion(api), gives=A_KEY)


def deletion(api: Api) -> Undo:
    """How the probe's key is deleted, and found by its description where its id is not known."""
    listing = roa(KEYS, "ListApiKeys", description=api.name, maxResults=PAGE)
    return {
        "method": "DELETE",
        "path": f"{KEYS}/{{id}}?Action=DeleteApiKey",
        "find": {"method": "GET", "path": listing, "where": "apiKeys[].description", "id": "apiKeys[].apiKeyId", "pages": PAGES},
    }


async def create_workspace(api: Api) -> str | None:
    """A workspace of the probe's own; its id, None where it was refused."""
    listing = roa(WORKSPACES, "ListWorkspaces", workspaceName=api.name, maxResults=PAGE)
    where, identity = "workspaces[].workspaceName", "workspaces[].workspaceId"
    undo: Undo = {
        "method": "DELETE",
        "path": f"{WORKSPACES}/{{id}}?Action=DeleteWorkspace",
        "find": {"method": "GET", "path": listing, "where": where, "id": identity, "pages": PAGES},
    }
    call, kept = "POST " + roa(WORKSPACES, "CreateWorkspace", workspaceName=api.name), "workspace.workspaceId"
    created = await api.create(call, json=None, kind="workspace", name=api.name, identity=kept, undo=undo)
    workspace = dotted(created.json, kept)
    return workspace if isinstance(workspace, str) else None


async def set_rate(api: Api, workspace: str, model: str, operation: str, rate: dict[str, int]) -> Answer:
    """Set or delete a model's rate in a workspace that the probe made. The list is JSON in a form field, as the vendor's SDK sends it."""
    limits = json.dumps([{"model": model, "operationType": operation, **rate}])
    return await api.post(f"{LIMITS}?Action=UpdateModelLimits", json={"workspaceId": workspace, "workspaceLimits": limits})


async def own_rate(api: Api, workspace: str, model: str) -> Answer:
    """The rate of one model in one workspace."""
    return await api.get(roa(LIMITS, "ListModelLimits", model=model, workspaceId=workspace, maxResults=PAGE))


async def use(api: Api, secret: str) -> Answer:
    """The one thing that a key may do for nothing: list models."""
    return await api.get("inference:/compatible-mode/v1/models", credential="inference", secret=secret)


def roa(path: str, action: str, **query: object) -> str:
    """A path with its query and, as one of it, the action that goes into a header."""
    return f"{path}?" + urlencode({"Action": action, **{name: value for name, value in query.items() if value != ""}})
