"""API Keys API v2: keys of a project, created by operations, deleted softly, their secrets readable at any time."""

import re
import time
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .rpc import Refused, Schema, body_of, check, check_token, mask, page
from .world import Key, Project, World, etag, stamp

SERVICE = "apikeys.googleapis.com"
KEYS = "/v2/projects/{project}/locations/{location}/keys"
KIND = "type.googleapis.com/google.api.apikeys.v2.Key"
CLIENTS = {
    "browserKeyRestrictions": {"allowedReferrers": [str]},
    "serverKeyRestrictions": {"allowedIps": [str]},
    "androidKeyRestrictions": {"allowedApplications": [{"packageName": str, "sha1Fingerprint": str}]},
    "iosKeyRestrictions": {"allowedBundleIds": [str]},
}
KEY: Schema = {
    "name": str, "uid": str, "displayName": str, "createTime": str, "updateTime": str, "deleteTime": str, "keyString": str, "etag": str,
    "annotations": "map", "serviceAccountEmail": str, "restrictions": {**CLIENTS, "apiTargets": [{"service": str, "methods": [str]}]},
}  # fmt: skip
MUTABLE = {"display_name": "displayName", "restrictions": "restrictions", "annotations": "annotations"}
CHECKS = frozenset({"CHECK_EXISTING_USAGE_UNSPECIFIED", "SKIP", "CHECK"})
PAGE, MOST = 50, 300


class Keys:
    """The host of the API Keys API."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        return [
            Route("/v2/keys:lookupKey", self.lookup),
            Route("/v2/operations/{operation}", self.operation),
            Route(KEYS, self.list),
            Route(KEYS, self.create, methods=["POST"]),
            Route(f"{KEYS}/{{key}}:undelete", self.undelete, methods=["POST"]),
            Route(f"{KEYS}/{{key}}/keyString", self.secret),
            Route(f"{KEYS}/{{key}}", self.read),
            Route(f"{KEYS}/{{key}}", self.update, methods=["PATCH"]),
            Route(f"{KEYS}/{{key}}", self.delete, methods=["DELETE"]),
        ]

    async def operation(self, request: Request) -> Response:
        check_token(request, self._world.token, SERVICE)
        return JSONResponse(self._world.finished(f"operations/{request.path_params['operation']}"))

    async def list(self, request: Request) -> Response:
        project = self._project(request)
        shown = request.query_params.get("showDeleted") == "true"
        found = [key.shown for key in project.keys.values() if self._world.appeared(key.since) and (shown or key.deleted is None)]
        return page(request, found, "keys", default=PAGE, most=MOST)

    async def create(self, request: Request) -> Response:
        project, body = self._project(request), await body_of(request, KEY, "key")
        key_id = request.query_params.get("keyId", "")
        if key_id and not re.fullmatch(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?", key_id):
            raise Refused("INVALID_ARGUMENT", "Request contains an invalid argument.")
        if key_id in project.keys:
            raise Refused("ALREADY_EXISTS", "Requested entity already exists")
        given = {name: body[name] for name in (*MUTABLE.values(), "serviceAccountEmail") if name in body}
        _check_values(given)
        if "serviceAccountEmail" in given and given["serviceAccountEmail"] not in {each["email"] for each in project.accounts.values()}:
            raise Refused("INVALID_ARGUMENT", "The service account does not exist.")

        def made() -> dict[str, Any]:
            return {"@type": KIND, **self._world.add_key(project, key_id or etag()[3:15].lower(), given).shown}

        return JSONResponse(self._world.operation("api", made))

    async def read(self, request: Request) -> Response:
        return JSONResponse(self._key(request, self._project(request)).shown)

    async def secret(self, request: Request) -> Response:
        return JSONResponse({"keyString": self._key(request, self._project(request)).secret})

    async def lookup(self, request: Request) -> Response:
        check_token(request, self._world.token, SERVICE)
        for project in self._world.projects.values():
            for key in project.keys.values():
                if key.secret == request.query_params.get("keyString"):
                    return JSONResponse({"parent": f"{project.name}/locations/global", "name": key.shown["name"]})
        raise Refused("PERMISSION_DENIED", "The caller does not have permission")

    async def update(self, request: Request) -> Response:
        project, body = self._project(request), await body_of(request, KEY, "key")
        self._check_query(request)
        key, paths = self._key(request, project), mask(request)
        given = {name: body[name] for name in MUTABLE.values() if name in body}
        chosen = list(MUTABLE) if paths == ["*"] else paths or [path for path, name in MUTABLE.items() if name in given]
        if unknown := [path for path in chosen if path.partition(".")[0] not in MUTABLE]:
            raise Refused("INVALID_ARGUMENT", f"Invalid field mask: {', '.join(unknown)}")
        if body.get("etag") not in (None, "", key.shown["etag"]):
            raise Refused("ABORTED", "The etag does not match the current version of the resource.")
        _check_values(given)

        def changed() -> dict[str, Any]:
            for path in chosen:
                name = MUTABLE[path.partition(".")[0]]
                key.shown.pop(name, None)
                key.shown |= {name: given[name]} if given.get(name) else {}
            key.shown |= {"updateTime": stamp(), "etag": etag()}
            return {"@type": KIND, **key.shown}

        return JSONResponse(self._world.operation("api", changed))

    async def delete(self, request: Request) -> Response:
        project = self._project(request)
        self._check_query(request)
        key = self._key(request, project)
        if request.query_params.get("etag") not in (None, "", key.shown["etag"]):
            raise Refused("ABORTED", "The etag does not match the current version of the resource.")
        if key.deleted is not None:
            raise Refused("NOT_FOUND", f'key "{key.shown["name"]}" not found')

        def gone() -> dict[str, Any]:
            key.deleted = time.monotonic()
            key.shown |= {"deleteTime": stamp(), "etag": etag()}
            return {"@type": KIND, **key.shown}

        return JSONResponse(self._world.operation("api", gone))

    async def undelete(self, request: Request) -> Response:
        project, _ = self._project(request), await body_of(request, {}, "request")
        key = self._key(request, project)
        if key.deleted is None:
            raise Refused("FAILED_PRECONDITION", "The key is not deleted.")

        def back() -> dict[str, Any]:
            key.deleted = None
            key.shown.pop("deleteTime", None)
            key.shown |= {"etag": etag()}
            return {"@type": KIND, **key.shown}

        return JSONResponse(self._world.operation("api", back))

    def _project(self, request: Request) -> Project:
        check_token(request, self._world.token, SERVICE)
        if request.path_params["location"] != "global":
            raise Refused("INVALID_ARGUMENT", "Request contains an invalid argument.")
        return self._world.project(request.path_params["project"], SERVICE)

    def _check_query(self, request: Request) -> None:
        if "checkExistingUsage" in request.query_params:
            check(request.query_params["checkExistingUsage"], CHECKS, "check_existing_usage")

    def _key(self, request: Request, project: Project) -> Key:
        key = project.keys.get(request.path_params["key"])
        if key is None or not self._world.appeared(key.since):
            name = f"projects/{request.path_params['project']}/locations/global/keys/{request.path_params['key']}"
            raise Refused("NOT_FOUND", f'key "{name}" not found')
        return key


def _check_values(given: dict[str, Any]) -> None:
    if len(given.get("displayName", "")) > 63 or sum(name in CLIENTS for name in given.get("restrictions", {})) > 1:
        raise Refused("INVALID_ARGUMENT", "Request contains an invalid argument.")
