"""Administration routes of projects, service accounts and keys: an admin key is needed, a project key gets 403 and a text."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from probes.lab.openai.answers import ChangedKey, NewAccount, NewKey, NewProject, Refused, body, lacks_scope, page, refused
from probes.lab.openai.state import Account, Key, Organisation, Project

Handler = Callable[[Request], Awaitable[Response]]

ORGANIZATION = "/v1/organization"
PROJECT = f"{ORGANIZATION}/projects/{{project}}"
ACCOUNT = f"{PROJECT}/service_accounts/{{account}}"


def bearer(request: Request) -> str:
    """The secret that the request bears. Raises Refused without one."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() not in ("bearer", "basic") or not secret.strip():
        raise refused(401, "Missing bearer or basic authentication in header")
    return secret.strip()


def unknown(secret: str) -> Refused:
    """The refusal of a key that nobody issued."""
    shown = f"{secret[:8]}{'*' * 8}{secret[-4:]}" if len(secret) > 16 else "*" * len(secret)
    return refused(
        401,
        f"Incorrect API key provided: {shown}. You can find your API key at https://platform.openai.com/account/api-keys.",
        code="invalid_api_key",
    )


class Administration:
    """What all administration routes share: who may call them, and how things are found."""

    def __init__(self, organisation: Organisation) -> None:
        self.organisation = organisation

    def route(self, method: str, path: str, handler: Handler, *, scope: str = "") -> Route:
        """A route for the admin key only; `scope` is what other keys are told to lack."""
        needed = scope or ("api.management.read" if method == "GET" else "api.management.write")

        async def answered(request: Request) -> Response:
            secret = bearer(request)
            if secret != self.organisation.admin_secret:
                raise Refused(403, {"error": lacks_scope(needed)}) if self.organisation.holder(secret) else unknown(secret)
            return await handler(request)

        return Route(path, answered, methods=[method])

    def project(self, request: Request, *, writing: bool = False) -> Project:
        identity = request.path_params["project"]
        project = self.organisation.projects.get(identity)
        if project is None or not self.organisation.seen(project.created_at):
            raise refused(404, f"Project with id '{identity}' not found.")
        if writing and project.archived_at is not None:
            raise refused(400, f"Project '{identity}' is archived.")
        return project

    def account(self, request: Request, project: Project) -> Account:
        account = project.accounts.get(request.path_params["account"])
        if account is None or not self.organisation.seen(account.created_at):
            raise refused(404, f"Service account with id '{request.path_params['account']}' not found.")
        return account

    def key(self, request: Request, project: Project) -> Key:
        key = project.keys.get(request.path_params["key"])
        if key is None or key.ended_at is not None or not self.organisation.seen(key.created_at):
            raise refused(404, f"API key with id '{request.path_params['key']}' not found.")
        return key


class Management(Administration):
    """Projects, service accounts and keys."""

    def routes(self) -> list[Route]:
        admins = f"{ORGANIZATION}/admin_api_keys"
        return [
            self.route("GET", admins, self.list_admin_keys),
            self.route("GET", f"{admins}/{{key}}", self.read_admin_key),
            self.route("GET", f"{ORGANIZATION}/projects", self.list_projects),
            self.route("POST", f"{ORGANIZATION}/projects", self.create_project),
            self.route("GET", PROJECT, self.read_project),
            self.route("POST", f"{PROJECT}/archive", self.archive_project),
            self.route("GET", f"{PROJECT}/service_accounts", self.list_accounts),
            self.route("POST", f"{PROJECT}/service_accounts", self.create_account),
            self.route("GET", ACCOUNT, self.read_account),
            self.route("DELETE", ACCOUNT, self.delete_account),
            self.route("POST", f"{ACCOUNT}/api_keys", self.create_key),
            self.route("GET", f"{PROJECT}/api_keys", self.list_keys),
            self.route("GET", f"{PROJECT}/api_keys/{{key}}", self.read_key),
            self.route("POST", f"{PROJECT}/api_keys/{{key}}", self.change_key),
            self.route("DELETE", f"{PROJECT}/api_keys/{{key}}", self.delete_key),
        ]

    def _admin_row(self) -> dict[str, Any]:
        at = int(self.organisation.started_at) - 86400
        owner = {
            "type": "user",
            "object": "organization.user",
            "id": "user_owner",
            "name": "Ada Example",
            "created_at": at,
            "role": "owner",
        }
        secret = self.organisation.admin_secret
        return {
            "object": "organization.admin_api_key",
            "id": self.organisation.admin_id,
            "name": "Main Admin Key",
            "redacted_value": f"{secret[:8]}...{secret[-3:]}",
            "created_at": at,
            "expires_at": None,
            "last_used_at": int(self.organisation.now()),
            "owner": owner,
        }

    async def list_admin_keys(self, request: Request) -> Response:
        return page(request, [self._admin_row()])

    async def read_admin_key(self, request: Request) -> Response:
        if request.path_params["key"] != self.organisation.admin_id:
            raise refused(404, f"API key with id '{request.path_params['key']}' not found.")
        return JSONResponse(self._admin_row())

    async def list_projects(self, request: Request) -> Response:
        archived_too = request.query_params.get("include_archived") == "true"
        known = [each for each in self.organisation.projects.values() if self.organisation.seen(each.created_at)]
        shown = [project_row(each) for each in known if archived_too or each.archived_at is None]
        return page(request, shown, order=[each.id for each in known])

    async def create_project(self, request: Request) -> Response:
        return JSONResponse(project_row(self.organisation.add_project((await body(request, NewProject)).name)))

    async def read_project(self, request: Request) -> Response:
        return JSONResponse(project_row(self.project(request)))

    async def archive_project(self, request: Request) -> Response:
        project = self.project(request)
        project.archived_at = project.archived_at or int(self.organisation.now())
        return JSONResponse(project_row(project))

    async def list_accounts(self, request: Request) -> Response:
        accounts = self.project(request).accounts.values()
        return page(request, [account_row(each) for each in accounts if self.organisation.seen(each.created_at)])

    async def create_account(self, request: Request) -> Response:
        project, wanted = self.project(request, writing=True), await body(request, NewAccount)
        if wanted.create_service_account_only and wanted.expires_in_seconds is not None:
            raise refused(400, "A service account without a key cannot be given a lifetime.", param="expires_in_seconds")
        account = self.organisation.add_account(project, wanted.name)
        if wanted.create_service_account_only:
            account.role = "none"
            return JSONResponse(account_row(account) | {"api_key": None})
        key = self.organisation.add_key(project, account, "Secret Key")
        self._expire(key, wanted.expires_in_seconds)
        return JSONResponse(account_row(account) | {"api_key": new_key_row(key)})

    async def read_account(self, request: Request) -> Response:
        return JSONResponse(account_row(self.account(request, self.project(request))))

    async def delete_account(self, request: Request) -> Response:
        project = self.project(request)
        account = self.account(request, project)
        del project.accounts[account.id]
        for key in project.keys.values():
            if key.owner is account:
                self.organisation.end_key(key)
        return JSONResponse({"object": "organization.project.service_account.deleted", "id": account.id, "deleted": True})

    async def create_key(self, request: Request) -> Response:
        project = self.project(request, writing=True)
        account, wanted = self.account(request, project), await body(request, NewKey)
        key = self.organisation.add_key(project, account, wanted.name)
        key.scopes = wanted.scopes
        self._expire(key, wanted.expires_in_seconds)
        return JSONResponse(new_key_row(key))

    async def list_keys(self, request: Request) -> Response:
        known = [each for each in self.project(request).keys.values() if self.organisation.seen(each.created_at)]
        return page(request, [key_row(each) for each in known if each.ended_at is None], order=[each.id for each in known])

    async def read_key(self, request: Request) -> Response:
        return JSONResponse(key_row(self.key(request, self.project(request))))

    async def change_key(self, request: Request) -> Response:
        key, wanted = self.key(request, self.project(request, writing=True)), await body(request, ChangedKey)
        if key.expires_at is not None and key.expires_at <= self.organisation.now():
            raise refused(400, "An expired key cannot be changed.")
        if "scopes" in wanted.model_fields_set:
            key.scopes = wanted.scopes
        self._expire(key, wanted.expires_in_seconds if "expires_in_seconds" in wanted.model_fields_set else None)
        return JSONResponse(key_row(key))

    async def delete_key(self, request: Request) -> Response:
        key = self.key(request, self.project(request))
        self.organisation.end_key(key)
        return JSONResponse({"object": "organization.project.api_key.deleted", "id": key.id, "deleted": True})

    def _expire(self, key: Key, seconds: int | None) -> None:
        key.expires_at = key.expires_at if seconds is None else int(self.organisation.now()) + seconds


def project_row(project: Project) -> dict[str, Any]:
    """A project as it is answered."""
    return {
        "object": "organization.project",
        "id": project.id,
        "name": project.name,
        "created_at": int(project.created_at),
        "archived_at": project.archived_at,
        "status": "active" if project.archived_at is None else "archived",
    }


def account_row(account: Account) -> dict[str, Any]:
    """A service account as it is answered."""
    row = {"id": account.id, "name": account.name, "role": account.role, "created_at": int(account.created_at)}
    return {"object": "organization.project.service_account", **row}


def key_row(key: Key) -> dict[str, Any]:
    """A key as it is answered ever after: never its secret, never its scopes."""
    kind = "user" if key.owner.is_person else "service_account"
    owner = {"id": key.owner.id, "name": key.owner.name, "created_at": int(key.owner.created_at), "role": key.owner.role}
    return {
        "object": "organization.project.api_key",
        "id": key.id,
        "name": key.name,
        "redacted_value": key.shortened,
        "created_at": int(key.created_at),
        "last_used_at": key.last_used_at,
        "expires_at": key.expires_at,
        "owner_project_access": "active",
        "owner": {"type": kind, kind: owner | ({"email": "ada@example.com"} if key.owner.is_person else {})},
    }


def new_key_row(key: Key) -> dict[str, Any]:
    """A key as it is answered once, with its secret."""
    row = {"value": key.secret, "name": key.name, "created_at": int(key.created_at), "id": key.id, "expires_at": key.expires_at}
    return {"object": "organization.project.service_account.api_key", **row}
