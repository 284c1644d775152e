"""Azure Resource Manager, simulated: credential first, then api-version, subscription and group, and only then the route."""

import json as text
import re
from collections.abc import Callable, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from probes.lab.azure_openai.answers import Call, Refused
from probes.lab.azure_openai.state import Cloud

Handler = Callable[[Cloud, Call], Response]
Handlers = Sequence[tuple[str, str, Handler]]
"""Method, path with parameters in braces, and what answers."""

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def app(cloud: Cloud, handlers: Handlers) -> Starlette:
    """ARM over these handlers."""
    table = [(method, _pattern(path), handler) for method, path, handler in handlers]

    async def answer(request: Request) -> Response:
        body = await request.body()
        try:
            _authenticated(cloud, request)
            call = _call(cloud, request, body)
            return _routed(cloud, call, table)
        except Refused as refused:
            return refused.response

    return Starlette(routes=[Route("/{rest:path}", answer, methods=METHODS)])


def _authenticated(cloud: Cloud, request: Request) -> None:
    header = request.headers.get("authorization")
    if header is None:
        told = "The authentication failed because of missing 'Authorization' header."
        challenge = (
            f'Bearer authorization_uri="https://login.windows.net/{cloud.tenant}", error="invalid_token", error_description="{told}"'
        )
        message = "Authentication failed. The 'Authorization' header is missing."
        raise Refused(401, "AuthenticationFailed", message, {"www-authenticate": challenge})
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refused(
            401, "AuthenticationFailedInvalidHeader", "Authentication failed. The 'Authorization' header is provided in an invalid format."
        )
    if token == cloud.reader and request.method != "GET":
        why = f"does not have authorization to perform action over scope '{request.url.path}' or the scope is invalid."
        raise Refused(403, "AuthorizationFailed", f"The client with object id '{cloud.tenant}' {why}")
    if token not in (cloud.token, cloud.reader):
        raise Refused(401, "InvalidAuthenticationToken", "The access token is invalid.")


def _call(cloud: Cloud, request: Request, body: bytes) -> Call:
    path, query = request.url.path, dict(request.query_params)
    if "api-version" not in query:
        raise Refused(400, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests.")
    if not re.fullmatch(r"\d{4}-\d\d-\d\d(-preview)?", query["api-version"]):
        raise Refused(400, "InvalidApiVersionParameter", f"The api-version '{query['api-version']}' is invalid.")
    named = re.match(r"/subscriptions/([^/]+)(?:/resourceGroups/([^/]+))?", path, re.IGNORECASE)
    if named and named[1] != cloud.subscription:
        raise Refused(404, "SubscriptionNotFound", f"The subscription '{named[1]}' could not be found.")
    if named and named[2] and named[2].lower() != cloud.group.lower():
        raise Refused(404, "ResourceGroupNotFound", f"Resource group '{named[2]}' could not be found.")
    return Call(request.method, path, {}, query, _parsed(body))


def _parsed(body: bytes) -> Any:
    if not body:
        return None
    try:
        return text.loads(body)
    except ValueError as error:
        raise Refused(400, "InvalidRequestContent", f"The request content was invalid and could not be deserialized: '{error}'.") from error


def _routed(cloud: Cloud, call: Call, table: Sequence[tuple[str, re.Pattern[str], Handler]]) -> Response:
    cloud.settle()
    fitting = [(method, found, handler) for method, pattern, handler in table if (found := pattern.fullmatch(call.path))]
    for method, found, handler in fitting:
        if method == call.method:
            return handler(cloud, Call(call.method, call.path, found.groupdict(), call.query, call.body))
    if fitting:
        raise Refused(405, "MethodNotAllowed", f"The HTTP method '{call.method}' is not supported at scope '{call.path}'.")
    namespace, _, rest = call.path.rpartition("/providers/")[2].partition("/")
    kind, version = "/".join(rest.split("/")[::2]), call.query["api-version"]
    raise Refused(
        404,
        "InvalidResourceType",
        f"The resource type '{kind}' could not be found in the namespace '{namespace}' for api version '{version}'.",
    )


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", lambda found: f"(?P<{found[1]}>[^/]+)", re.escape(path)), re.IGNORECASE)
