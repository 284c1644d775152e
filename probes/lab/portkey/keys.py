"""The routes about keys. The secret stands in the answers that create and rotate a key, in no other."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from probes.lab.portkey import answers
from probes.lab.portkey.answers import administrator, invalid, missing
from probes.lab.portkey.state import SECONDS, Key, Organisation, new_secret, stamp
from probes.lab.portkey.workspaces import workspace_called

LEAST_OVERLAP = 1_800_000
"""Milliseconds that old and new secret live side by side at least."""

OVERLAP: dict[str, answers.Rule] = {"key_transition_period_ms": answers.whole(LEAST_OVERLAP)}
RATES = answers.rate_limits(*SECONDS)

CHANGEABLE: dict[str, answers.Rule] = {
    "name": answers.text,
    "description": lambda value: isinstance(value, str),
    "rate_limits": lambda value: value is None or RATES(value),
    "usage_limits": answers.usage_limit,
    "scopes": answers.texts,
    "defaults": lambda value: isinstance(value, dict),
    "alert_emails": answers.texts,
    "expires_at": answers.moment,
    "rotation_policy": lambda value: value is None or isinstance(value, dict),
}


async def create_key(request: Request) -> Response:
    kind, owner = request.path_params["kind"], request.path_params["owner"]
    if kind not in ("organisation", "workspace") or owner not in ("user", "service"):
        raise missing("Route")
    known, _ = administrator(request, f"{kind}_{owner}_api_keys.create")
    rules = {**CHANGEABLE, "workspace_id": answers.text, "user_id": answers.text}
    given = await answers.fields(request, rules, required=("name", "scopes", *(["user_id"] if owner == "user" else [])))
    within = given.pop("workspace_id", None)
    if kind == "workspace" and within is None:
        raise invalid("workspace_id is required")
    key = Key(given.pop("name"), workspace_called(known, within) if kind == "workspace" else None, settings=given)
    known.keys.append(key)
    return JSONResponse({"id": key.id, "key": key.secret, "object": "api-key"})


async def list_keys(request: Request) -> Response:
    """Of one workspace or of all; a key of a workspace sees the keys of its own."""
    known, asking = administrator(request, "organisation_service_api_keys.list", "workspace_service_api_keys.list")
    within = request.query_params.get("workspace_id")
    workspace = asking.workspace or (None if within is None else workspace_called(known, within))
    found = [key for key in known.keys if known.is_seen(key) and workspace in (None, key.workspace)]
    return answers.page(request, [row(known, key) for key in found])


async def read_key(request: Request) -> Response:
    known, _ = administrator(request, "organisation_service_api_keys.read", "workspace_service_api_keys.read")
    return JSONResponse(row(known, key_called(known, request)))


async def update_key(request: Request) -> Response:
    """What is not given stays; `reset_usage` begins its budget anew."""
    known, _ = administrator(request, "organisation_service_api_keys.update", "workspace_service_api_keys.update")
    given = await answers.fields(request, {**CHANGEABLE, "reset_usage": answers.flag})
    key = key_called(known, request)
    if given.pop("reset_usage", False):
        key.use.reset()
    key.change(given)
    return JSONResponse({})


async def delete_key(request: Request) -> Response:
    known, _ = administrator(request, "organisation_service_api_keys.delete", "workspace_service_api_keys.delete")
    key_called(known, request).gone = time.monotonic()
    return JSONResponse({})


async def rotate_key(request: Request) -> Response:
    """A new secret; the old one works for a while, and until then there is no second rotation."""
    known, _ = administrator(request, "organisation_service_api_keys.update", "workspace_service_api_keys.update")
    given = await answers.fields(request, OVERLAP)
    key = key_called(known, request)
    if key.former is not None and datetime.now(UTC) < key.former[1]:
        raise invalid("The key is being rotated")
    ends = datetime.now(UTC) + timedelta(milliseconds=given.get("key_transition_period_ms", LEAST_OVERLAP))
    key.former, key.secret = (key.secret, ends), new_secret()
    return JSONResponse({"id": key.id, "key": key.secret, "key_transition_expires_at": stamp(ends)})


def key_called(known: Organisation, request: Request) -> Key:
    """The key that the path names. Raises Refused."""
    key = next((key for key in known.keys if key.id == request.path_params["id"] and known.is_seen(key)), None)
    if key is None:
        raise missing("API key")
    return key


def row(known: Organisation, key: Key) -> dict[str, Any]:
    """A key as it is read: what it does not have is left out."""
    exhausted = any(key.use.is_used_up(limit, known.behaviour.cap_lag) for limit in key.usage_limits)
    optional = {name: key.settings.get(name) for name in ("usage_limits", "expires_at")}
    if key.workspace is not None:
        optional["workspace_id"] = key.workspace.slug
    return {
        "id": key.id,
        "key": f"{key.secret[:2]}*******{key.secret[-2:]}",
        "name": key.name,
        "description": key.settings.get("description", ""),
        "type": key.kind,
        "organisation_id": known.id,
        "status": "exhausted" if exhausted else "active",
        "created_at": key.created_at,
        "last_updated_at": key.updated_at,
        "creation_mode": "api",
        "rate_limits": key.rate_limits,
        "reset_usage": 0,
        "scopes": key.settings.get("scopes", []),
        "defaults": key.settings.get("defaults", {}),
        "alert_emails": key.settings.get("alert_emails", []),
        "object": "api-key",
        **{name: value for name, value in optional.items() if value is not None},
    }


ROUTES = [
    Route("/api-keys", list_keys, methods=["GET"]),
    Route("/api-keys/{id}/rotate", rotate_key, methods=["POST"]),
    Route("/api-keys/{kind}/{owner}", create_key, methods=["POST"]),
    Route("/api-keys/{id}", read_key, methods=["GET"]),
    Route("/api-keys/{id}", update_key, methods=["PUT"]),
    Route("/api-keys/{id}", delete_key, methods=["DELETE"]),
]
