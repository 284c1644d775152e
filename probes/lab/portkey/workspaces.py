"""The routes about workspaces. A workspace's limits are lists, for all of its keys together; keys and policies go with it."""

import secrets
import time
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from probes.lab.portkey import answers
from probes.lab.portkey.answers import administrator, missing
from probes.lab.portkey.state import Key, Organisation, Policy, Workspace

CHANGEABLE: dict[str, answers.Rule] = {
    "name": answers.text,
    "description": lambda value: isinstance(value, str),
    "defaults": lambda value: isinstance(value, dict),
    "usage_limits": answers.every(answers.usage_limit),
    "rate_limits": answers.rate_limits("rpd", "rph", "rpm"),
}


async def create_workspace(request: Request) -> Response:
    known, _ = administrator(request, "workspaces.create")
    given = await answers.fields(request, {**CHANGEABLE, "users": answers.texts})
    name = given.pop("name", "New Workspace")
    made = Workspace(name, f"ws-{name.lower().replace(' ', '-')[:40]}-{secrets.token_hex(3)}", settings=given)
    known.workspaces.append(made)
    return JSONResponse(row(made))


async def list_workspaces(request: Request) -> Response:
    """All, or those whose name has, or is, what is asked for."""
    known, _ = administrator(request, "workspaces.list")
    part, whole = (request.query_params.get(name) for name in ("name", "exact_name"))
    found = [each for each in known.workspaces if known.is_seen(each) and (part or "") in each.name and whole in (None, each.name)]
    return answers.page(request, [row(each) for each in found])


async def read_workspace(request: Request) -> Response:
    known, _ = administrator(request, "workspaces.read")
    return JSONResponse({**row(workspace_called(known, request.path_params["id"])), "users": []})


async def update_workspace(request: Request) -> Response:
    known, _ = administrator(request, "workspaces.update")
    given = await answers.fields(request, CHANGEABLE)
    workspace_called(known, request.path_params["id"]).change(given)
    return JSONResponse({})


async def delete_workspace(request: Request) -> Response:
    known, _ = administrator(request, "workspaces.delete")
    workspace = workspace_called(known, request.path_params["id"])
    workspace.gone = time.monotonic()
    within: list[Key | Policy] = [*known.keys, *known.policies]
    for each in within:
        if each.workspace is workspace and each.gone is None:
            each.gone = workspace.gone
    return JSONResponse({})


def workspace_called(known: Organisation, asked: str) -> Workspace:
    """The workspace with this id or slug. Raises Refused."""
    found = next((each for each in known.workspaces if asked in (each.id, each.slug) and known.is_seen(each)), None)
    if found is None:
        raise missing("Workspace")
    return found


def row(workspace: Workspace) -> dict[str, Any]:
    """A workspace as it is read. What is called its id is its slug."""
    return {
        "id": workspace.slug,
        "slug": workspace.slug,
        "name": workspace.name,
        "description": workspace.settings.get("description"),
        "created_at": workspace.created_at,
        "last_updated_at": workspace.updated_at,
        "defaults": workspace.settings.get("defaults"),
        "usage_limits": workspace.usage_limits,
        "rate_limits": workspace.rate_limits,
    }


ROUTES = [
    Route("/admin/workspaces", list_workspaces, methods=["GET"]),
    Route("/admin/workspaces", create_workspace, methods=["POST"]),
    Route("/admin/workspaces/{id}", read_workspace, methods=["GET"]),
    Route("/admin/workspaces/{id}", update_workspace, methods=["PUT"]),
    Route("/admin/workspaces/{id}", delete_workspace, methods=["DELETE"]),
]
