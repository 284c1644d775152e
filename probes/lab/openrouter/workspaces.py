"""The routes about workspaces and their budgets. The simulated account has the Enterprise plan, without which there are no budgets."""

import re
import time
import uuid
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from probes.lab.openrouter import bodies
from probes.lab.openrouter.access import administrator
from probes.lab.openrouter.account import USER, Account, Workspace, stamp
from probes.lab.openrouter.guardrails import page
from probes.lab.openrouter.refusals import invalid, not_found, refusal

INTERVALS = ("lifetime", "monthly", "weekly", "daily")
"""The widest first: each limit must be above that of every narrower one."""

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

WORKSPACE: dict[str, bodies.Rule] = {
    "name": lambda value: bodies.text(value, longest=100),
    "slug": lambda value: bodies.text(value, longest=50) and _SLUG.fullmatch(value) is not None,
}
BUDGET: dict[str, bodies.Rule] = {"limit_usd": bodies.positive, "include_byok_in_budgets": bodies.boolean}


async def list_workspaces(request: Request) -> Response:
    known = administrator(request)
    return page(request, [row(each) for each in known.workspaces if known.is_seen(each)])


async def create_workspace(request: Request) -> Response:
    known = administrator(request)
    given = await bodies.fields(request, WORKSPACE, required=frozenset({"name", "slug"}))
    if any(each.slug == given["slug"] and each.gone is None for each in known.workspaces):
        raise invalid()
    made = Workspace(given["name"], str(uuid.uuid4()), given["slug"])
    known.workspaces.append(made)
    return JSONResponse({"data": row(made)}, 201)


async def read_workspace(request: Request) -> Response:
    return JSONResponse({"data": row(found(administrator(request), request))})


async def delete_workspace(request: Request) -> Response:
    """Not the default one, and not while there are keys in it; budgets and guardrails go with it."""
    known = administrator(request)
    workspace = found(known, request)
    if workspace is known.default:
        raise refusal(403, "The default workspace cannot be deleted")
    if any(key.workspace is workspace and key.gone is None for key in known.keys):
        raise invalid("Workspaces with active API keys cannot be deleted")
    workspace.gone = time.monotonic()
    workspace.budgets.clear()
    for guardrail in known.guardrails:
        if guardrail.workspace is workspace and guardrail.gone is None:
            guardrail.gone = workspace.gone
    return JSONResponse({"deleted": True})


async def list_budgets(request: Request) -> Response:
    workspace = found(administrator(request), request)
    return JSONResponse({"data": list(workspace.budgets.values()), "include_byok_in_budgets": workspace.counts_byok})


async def read_budget(request: Request) -> Response:
    workspace, interval = found(administrator(request), request), asked_interval(request)
    if interval not in workspace.budgets:
        raise not_found()
    return JSONResponse({"data": workspace.budgets[interval], "include_byok_in_budgets": workspace.counts_byok})


async def set_budget(request: Request) -> Response:
    workspace, interval = found(administrator(request), request), asked_interval(request)
    given = await bodies.fields(request, BUDGET, required=frozenset({"limit_usd"}))
    limits = {name: budget["limit_usd"] for name, budget in workspace.budgets.items()} | {interval: given["limit_usd"]}
    check_order(limits)
    now = stamp(datetime.now(UTC))
    before = workspace.budgets.get(interval, {"id": str(uuid.uuid4()), "created_at": now})
    workspace.counts_byok = given.get("include_byok_in_budgets", workspace.counts_byok)
    workspace.budgets[interval] = {
        **before,
        "workspace_id": workspace.id,
        "limit_usd": given["limit_usd"],
        "reset_interval": None if interval == "lifetime" else interval,
        "updated_at": now,
    }
    return JSONResponse({"data": workspace.budgets[interval], "include_byok_in_budgets": workspace.counts_byok})


async def delete_budget(request: Request) -> Response:
    """Says that it is deleted even when there was none."""
    workspace, interval = found(administrator(request), request), asked_interval(request)
    workspace.budgets.pop(interval, None)
    return JSONResponse({"deleted": True})


def check_order(limits: dict[str, float]) -> None:
    """Raises Refused unless limits decrease as intervals narrow."""
    ordered = [(name, limits[name]) for name in INTERVALS if name in limits]
    for (wide, above), (narrow, below) in pairwise(ordered):
        if above <= below:
            raise invalid(
                "Budget limits must be strictly decreasing as scope narrows: "
                f"the {wide} limit (${above:g}) must be greater than the {narrow} limit (${below:g})."
            )


def asked_interval(request: Request) -> str:
    interval: str = request.path_params["interval"]
    if interval not in INTERVALS:
        raise invalid()
    return interval


def found(known: Account, request: Request) -> Workspace:
    """The workspace that the path names, by id or by slug. Raises Refused."""
    asked = request.path_params["id"]
    workspace = next((each for each in known.workspaces if asked in (each.id, each.slug) and known.is_seen(each)), None)
    if workspace is None:
        raise not_found()
    return workspace


def row(workspace: Workspace) -> dict[str, Any]:
    return {
        "id": workspace.id,
        "name": workspace.name,
        "slug": workspace.slug,
        "description": None,
        "default_guardrail_id": str(uuid.uuid5(uuid.NAMESPACE_URL, workspace.id)),
        "default_text_model": None,
        "default_image_model": None,
        "default_provider_sort": None,
        "include_byok_in_budgets": workspace.counts_byok,
        "io_logging_api_key_ids": None,
        "io_logging_sampling_rate": 1,
        "is_data_discount_logging_enabled": True,
        "is_observability_broadcast_enabled": False,
        "is_observability_io_logging_enabled": False,
        "created_at": workspace.created_at,
        "created_by": USER,
        "updated_at": workspace.updated_at,
    }


ROUTES = [
    Route("/workspaces", list_workspaces, methods=["GET"]),
    Route("/workspaces", create_workspace, methods=["POST"]),
    Route("/workspaces/{id}", read_workspace, methods=["GET"]),
    Route("/workspaces/{id}", delete_workspace, methods=["DELETE"]),
    Route("/workspaces/{id}/budgets", list_budgets, methods=["GET"]),
    Route("/workspaces/{id}/budgets/{interval}", read_budget, methods=["GET"]),
    Route("/workspaces/{id}/budgets/{interval}", set_budget, methods=["PUT"]),
    Route("/workspaces/{id}/budgets/{interval}", delete_budget, methods=["DELETE"]),
]
