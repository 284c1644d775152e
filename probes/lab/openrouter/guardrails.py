"""The routes about guardrails: what models they allow, what budget they set, which keys they are assigned to."""

import time
import uuid
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from probes.lab.openrouter import bodies
from probes.lab.openrouter.access import administrator
from probes.lab.openrouter.account import USER, Account, Guardrail, Key, stamp
from probes.lab.openrouter.refusals import invalid, not_found

SETTINGS: dict[str, bodies.Rule] = {
    "name": lambda value: bodies.text(value, longest=200),
    "description": lambda value: value is None or bodies.text(value),
    "allowed_models": bodies.names,
    "ignored_models": bodies.names,
    "allowed_providers": bodies.names,
    "ignored_providers": bodies.names,
    "limit_usd": bodies.amount,
    "reset_interval": bodies.interval,
    "include_byok_in_budgets": bodies.boolean,
}
UNSET: dict[str, Any] = {name: None for name in SETTINGS if name not in ("name", "description")} | {"include_byok_in_budgets": False}
AT_CREATION = {**SETTINGS, "workspace_id": bodies.text}
ASSIGNMENT: dict[str, bodies.Rule] = {"key_hashes": lambda value: value is not None and bodies.names(value)}


async def list_guardrails(request: Request) -> Response:
    known = administrator(request)
    workspace = request.query_params.get("workspace_id", known.default.id)
    seen = [each for each in reversed(known.guardrails) if known.is_seen(each) and each.workspace.id == workspace]
    return page(request, [row(each) for each in seen])


async def create_guardrail(request: Request) -> Response:
    """A budget must come with its interval."""
    known = administrator(request)
    given = await bodies.fields(request, AT_CREATION, required=frozenset({"name"}))
    workspace = known.workspace(given.pop("workspace_id", known.default.id))
    if (given.get("limit_usd") is None) != (given.get("reset_interval") is None):
        raise invalid()
    made = Guardrail(given.pop("name"), str(uuid.uuid4()), workspace, {**UNSET, **given})
    known.guardrails.append(made)
    return JSONResponse({"data": row(made)}, 201)


async def read_guardrail(request: Request) -> Response:
    return JSONResponse({"data": row(found(administrator(request), request))})


async def update_guardrail(request: Request) -> Response:
    guardrail = found(administrator(request), request)
    given = await bodies.fields(request, SETTINGS)
    settings = {**guardrail.settings, **given}
    if (settings["limit_usd"] is None) != (settings["reset_interval"] is None):
        raise invalid()
    guardrail.name = settings.pop("name", guardrail.name)
    guardrail.settings = settings
    guardrail.updated_at = stamp(datetime.now(UTC))
    return JSONResponse({"data": row(guardrail)})


async def delete_guardrail(request: Request) -> Response:
    found(administrator(request), request).gone = time.monotonic()
    return JSONResponse({"deleted": True})


async def list_assignments(request: Request) -> Response:
    known = administrator(request)
    guardrail = found(known, request)
    return page(request, [assignment(key, guardrail) for key in known.keys if key.guardrail is guardrail and known.is_seen(key)])


async def assign(request: Request) -> Response:
    """A key holds at most one guardrail: a new assignment replaces the old one."""
    known = administrator(request)
    guardrail, chosen = found(known, request), await named_keys(known, request)
    for key in chosen:
        key.guardrail = guardrail
    return JSONResponse({"assigned_count": len(chosen)})


async def unassign(request: Request) -> Response:
    known = administrator(request)
    guardrail = found(known, request)
    chosen = [key for key in await named_keys(known, request) if key.guardrail is guardrail]
    for key in chosen:
        key.guardrail = None
    return JSONResponse({"unassigned_count": len(chosen)})


async def named_keys(known: Account, request: Request) -> list[Key]:
    """The keys that a body names. Raises Refused for one that is not there."""
    given = await bodies.fields(request, ASSIGNMENT, required=frozenset({"key_hashes"}))
    chosen = [key for key in known.keys if key.hash in given["key_hashes"] and known.is_seen(key)]
    if len(chosen) != len(given["key_hashes"]):
        raise not_found()
    return chosen


def found(known: Account, request: Request) -> Guardrail:
    """The guardrail that the path names. Raises Refused."""
    guardrail = next((each for each in known.guardrails if each.id == request.path_params["id"] and known.is_seen(each)), None)
    if guardrail is None:
        raise not_found()
    return guardrail


def row(guardrail: Guardrail) -> dict[str, Any]:
    return {
        "id": guardrail.id,
        "name": guardrail.name,
        **guardrail.settings,
        "created_at": guardrail.created_at,
        "updated_at": guardrail.updated_at,
        "workspace_id": guardrail.workspace.id,
    }


def assignment(key: Key, guardrail: Guardrail) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, key.hash + guardrail.id)),
        "key_hash": key.hash,
        "guardrail_id": guardrail.id,
        "key_name": key.name,
        "key_label": key.label,
        "assigned_by": USER,
        "created_at": guardrail.created_at,
    }


def page(request: Request, rows: list[dict[str, Any]]) -> Response:
    """Fifty, or up to a hundred when the caller says so; the total beside them."""
    offset, limit = bodies.number(request, "offset", 0), bodies.number(request, "limit", 50, least=1, most=100)
    return JSONResponse({"data": rows[offset : offset + limit], "total_count": len(rows)})


ROUTES = [
    Route("/guardrails", list_guardrails, methods=["GET"]),
    Route("/guardrails", create_guardrail, methods=["POST"]),
    Route("/guardrails/{id}", read_guardrail, methods=["GET"]),
    Route("/guardrails/{id}", update_guardrail, methods=["PATCH"]),
    Route("/guardrails/{id}", delete_guardrail, methods=["DELETE"]),
    Route("/guardrails/{id}/assignments/keys", list_assignments, methods=["GET"]),
    Route("/guardrails/{id}/assignments/keys", assign, methods=["POST"]),
    Route("/guardrails/{id}/assignments/keys/remove", unassign, methods=["POST"]),
]
