"""Google's common shapes: errors of google.rpc, long-running operations, who may call, bodies in the JSON of protobuf."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from probes.answer import is_number

INFO = "type.googleapis.com/google.rpc.ErrorInfo"
OAUTH = (
    "Expected OAuth 2 access token, login cookie or other valid authentication credential. "
    "See https://developers.google.com/identity/sign-in/web/devconsole-project."
)
CODES = {
    "INVALID_ARGUMENT": 400, "FAILED_PRECONDITION": 400, "UNAUTHENTICATED": 401, "PERMISSION_DENIED": 403, "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409, "ABORTED": 409, "RESOURCE_EXHAUSTED": 429,
}  # fmt: skip

SCALARS: Mapping[Any, Callable[[Any], bool]] = {
    str: lambda value: isinstance(value, str),
    bool: lambda value: isinstance(value, bool),
    int: lambda value: isinstance(value, int) and not isinstance(value, bool),
    float: is_number,
    dict: lambda value: isinstance(value, dict),
    "map": lambda value: isinstance(value, dict) and all(isinstance(each, str) for each in value.values()),
    "int64": lambda value: not isinstance(value, bool) and re.fullmatch(r"-?\d+", str(value)) is not None,
}
"""What a field may hold, by its type in a schema; `int64` also comes as a string."""
NAMES: Mapping[Any, str] = {bool: "TYPE_BOOL", int: "TYPE_INT32", float: "TYPE_DOUBLE", "int64": "TYPE_INT64", dict: "message"}

Handler = Callable[[Request], Awaitable[Response]]
Schema = Mapping[str, Any]
"""Fields of a message: a type, a list of enum values, a schema of its own, or a list of one of these."""


class Refused(Exception):
    """A call that is answered with an error."""

    def __init__(self, status: str, message: str, details: list[dict[str, Any]] | None = None) -> None:
        super().__init__(message)
        error = {"code": CODES[status], "message": message, "status": status}
        self.response = JSONResponse({"error": error | ({"details": details} if details else {})}, CODES[status])


def info(reason: str, *, domain: str = "googleapis.com", **metadata: str) -> dict[str, Any]:
    """The detail that tells the reason of a refusal."""
    return {"@type": INFO, "reason": reason, **({"domain": domain} if domain else {}), **({"metadata": metadata} if metadata else {})}


def not_found_page(path: str) -> HTMLResponse:
    """What the front end answers for a route that no service has."""
    page = f"<!DOCTYPE html>\n<html lang=en>\n<title>Error 404 (Not Found)!!1</title>\n<p><b>404.</b> The requested URL <code>{path}</code>"
    return HTMLResponse(f"{page} was not found on this server.", 404)


async def no_route(request: Request, _error: Exception) -> Response:
    """Unknown routes, and known ones with another method."""
    return not_found_page(request.url.path)


async def refused(_request: Request, error: Exception) -> Response:
    """Exceptions of this module as answers."""
    assert isinstance(error, Refused)  # noqa: S101  (registered for this class only)
    return error.response


HANDLERS: Mapping[Any, Any] = {Refused: refused, HTTPException: no_route}


def check_token(request: Request, token: str, service: str) -> None:
    """The management APIs take OAuth access tokens and nothing else."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if not given or scheme.lower() != "bearer":
        if "x-goog-api-key" in request.headers or "key" in request.query_params:
            message = (
                "API keys are not supported by this API. Expected OAuth2 access token or other authentication credentials that assert a "
                "principal. See https://cloud.google.com/docs/authentication"
            )
            raise Refused("UNAUTHENTICATED", message, [info("CREDENTIALS_MISSING", service=service)])
        message = f"Request is missing required authentication credential. {OAUTH}"
        raise Refused("UNAUTHENTICATED", message, [info("CREDENTIALS_MISSING", service=service)])
    if given != token:
        details = [info("ACCESS_TOKEN_TYPE_UNSUPPORTED", domain="", service=service)]
        if not given.startswith("ya29."):
            details = [] if given.startswith("eyJ") else [info("CREDENTIALS_MISSING", domain="", service=service)]
        raise Refused("UNAUTHENTICATED", f"Request had invalid authentication credentials. {OAUTH}", details)


async def body_of(request: Request, schema: Schema, at: str) -> dict[str, Any]:
    """The body, refused as the transcoder refuses it: no JSON, an unknown name, a value of another type."""
    raw = await request.body()
    try:
        body = json.loads(raw or b"{}")
    except ValueError:
        raise Refused("INVALID_ARGUMENT", "Invalid JSON payload received. Expected a value.") from None
    if not isinstance(body, dict):
        raise Refused("INVALID_ARGUMENT", "Invalid JSON payload received. Root element must be a message.")
    check(body, schema, at)
    return body


def check(value: Any, schema: Any, at: str) -> None:
    """Raise Refused where a value is not of its schema."""
    match schema:
        case dict():
            if not isinstance(value, dict):
                raise _invalid(at, "message", value)
            for name, inner in value.items():
                if name not in schema:
                    raise Refused(
                        "INVALID_ARGUMENT", f"Invalid JSON payload received. Unknown name \"{name}\" at '{at}': Cannot find field."
                    )
                check(inner, schema[name], f"{at}.{snake(name)}")
        case [inner]:
            for position, each in enumerate(value if isinstance(value, list) else [value]):
                check(each, inner, f"{at}[{position}]")
        case frozenset():
            if value not in schema:
                raise _invalid(at, "enum", value)
        case _ if not SCALARS[schema](value):
            raise _invalid(at, NAMES.get(schema, "TYPE_STRING"), value)


def _invalid(at: str, kind: str, value: Any) -> Refused:
    return Refused("INVALID_ARGUMENT", f"Invalid value at '{at}' ({kind}), {json.dumps(value)}")


def snake(name: str) -> str:
    """`displayName` as a field mask may spell it: `display_name`."""
    return re.sub(r"([A-Z])", lambda found: f"_{found[1].lower()}", name)


def mask(request: Request) -> list[str]:
    """The update mask in snake case; empty where none is given."""
    return [snake(path) for path in request.query_params.get("updateMask", "").split(",") if path]


def page(request: Request, items: list[dict[str, Any]], name: str, *, default: int, most: int) -> Response:
    """One page of a list; an empty list is an empty object, as protobuf's JSON leaves out what is empty."""
    try:
        size, start = int(request.query_params.get("pageSize") or 0), int(request.query_params.get("pageToken") or 0)
    except ValueError:
        raise Refused("INVALID_ARGUMENT", "Request contains an invalid argument.") from None
    end = start + min(size or default, most)
    answer: dict[str, Any] = {name: items[start:end]} if items[start:end] else {}
    return JSONResponse(answer | ({"nextPageToken": str(end)} if end < len(items) else {}))
