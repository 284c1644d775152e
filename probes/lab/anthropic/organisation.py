"""The organisation: who may ask, and the routes of its keys and workspaces."""

import secrets
import time
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from probes.lab.simulator import Behaviour, Simulator
from probes.money import Model

from .state import STATUSES, Key, Refused, Workspace, body, invalid, missing, now, page, stamp, tagged

OFFERED = "keycap-offered"
DISPOSABLE = "keycap-disposable"


class Organisation(Simulator):
    """A Console organisation that is in the preview of spend limits.

    Its owner offers keycap a workspace with a limit of 5 USD and two keys, one of which may be used up; beside it is one in production.
    """

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__(behaviour)
        self.clock = time.monotonic
        self.model = Model("claude-haiku-4-5", 2.0, 3.2)
        self.admin = f"sk-ant-admin01-{secrets.token_urlsafe(64)}AA"
        self.default, self.offered = Workspace("Default", self.clock), Workspace(OFFERED, self.clock)
        self.workspaces = {each.id: each for each in (self.default, self.offered)}
        self.inference, self.disposable = Key("For keycap", self.offered.id), Key(DISPOSABLE, self.offered.id)
        production = Key("Production", self.default.id, cents=12050.5)
        self.keys = {each.id: each for each in (production, self.inference, self.disposable)}
        self.group, self.entry = {"type": "model_group", "id": tagged("rlg"), "display_name": "Claude Haiku 4.x"}, secrets.token_hex(12)
        self.limits: dict[str, dict[str, Any]] = {}
        self.put_limit({"type": "workspace", "workspace_id": self.offered.id}, "500")
        self.put_limit({"type": "usage_tier", "usage_tier": "build"}, "100000")
        self.environment = {
            "ANTHROPIC_ADMIN_KEY": self.admin,
            "ANTHROPIC_API_KEY": self.inference.secret,
            "ANTHROPIC_DISPOSABLE_KEY": self.disposable.secret,
        }
        self._before = self._settings()

    def put_limit(self, scope: dict[str, str], amount: str) -> dict[str, Any]:
        """Set or overwrite the monthly spend limit of a scope, in cents."""
        found = next((limit for limit in self.limits.values() if limit["scope"] == scope), None)
        if found is None:
            found = {"type": "spend_limit", "id": tagged("spl"), "scope": scope, "currency": "USD", "period": "monthly", "is_enabled": True}
            found["created_at"] = stamp(now())
            self.limits[found["id"]] = found
        found |= {"amount": amount, "updated_at": stamp(now())}
        return found

    def _settings(self) -> dict[str, object]:
        gone = {each.id for each in self.workspaces.values() if each.archived}
        settings: dict[str, object] = {
            f"limit of {limit['scope']}": limit["amount"]
            for limit in self.limits.values()
            if limit["scope"].get("workspace_id") not in gone
        }
        settings |= {f"rate limits of {each.id}": dict(each.overrides) for each in self.workspaces.values() if not each.archived}
        return settings | {f"key {key.id}": (key.name, key.status) for key in self.keys.values() if key is not self.disposable}

    def leftovers(self) -> list[str]:
        """Workspaces that live on, and settings that are not as they were. The disposable key may be in any state."""
        before, settings = self._before, self._settings()
        return [
            f"{name}: {settings.get(name)}, was {before.get(name)}"
            for name in {**before, **settings}
            if before.get(name) != settings.get(name)
        ]

    def administrator(self, request: Request, beta: str = "") -> None:
        """Let only an Admin API key pass, and only with the beta header that the route wants."""
        given = _credential(request)
        if any(key.secret == given for key in self.keys.values()):
            raise Refused(403, "permission_error", "Your API key does not have permission to use the Admin API")
        if given != self.admin:
            raise Refused(401, "authentication_error", "invalid x-api-key")
        if beta and beta not in request.headers.get("anthropic-beta", "").split(","):
            raise invalid(f"anthropic-beta: {beta} is required")

    def caller(self, request: Request) -> Key:
        """The key that asks for inference."""
        given = _credential(request)
        found = next((key for key in self.keys.values() if key.secret == given), None)
        if found is None or self.workspaces[found.workspace].archived:
            raise Refused(401, "authentication_error", "invalid x-api-key")
        if found.status != "active" and self.clock() >= found.ended + self.behaviour.revoke_lag:
            raise Refused(401, "authentication_error", "invalid x-api-key")
        return found

    def workspace(self, identity: str) -> Workspace:
        """The workspace of this id, once it has appeared."""
        found = self.workspaces.get(identity)
        if found is None or not self._appeared(found):
            raise missing("Workspace")
        return found

    def _appeared(self, workspace: Workspace) -> bool:
        return workspace.name in (OFFERED, "Default") or self.clock() >= workspace.born + self.behaviour.appears_after

    async def list_keys(self, request: Request) -> Response:
        """GET api_keys."""
        self.administrator(request)
        status, workspace = (request.query_params.get(name) for name in ("status", "workspace_id"))
        if status not in (None, *STATUSES, "expired"):
            raise invalid("status: Input should be 'active', 'archived', 'expired' or 'inactive'")
        fitting = [key.shown for key in self.keys.values() if status in (None, key.status) and workspace in (None, key.workspace)]
        return page(fitting, request)

    async def read_key(self, request: Request) -> Response:
        """GET api_keys/{id}."""
        self.administrator(request)
        if (key := self.keys.get(request.path_params["id"])) is None:
            raise missing("API key")
        return JSONResponse(key.shown)

    async def update_key(self, request: Request) -> Response:
        """POST api_keys/{id}: name and status, and nothing else."""
        self.administrator(request)
        given = await body(request)
        name, status = given.get("name"), given.get("status")
        if name is not None and not (isinstance(name, str) and name):
            raise invalid("name: Input should be a valid string")
        if status not in (None, *STATUSES):
            raise invalid("status: Input should be 'active', 'archived' or 'inactive'")
        if (key := self.keys.get(request.path_params["id"])) is None:
            raise missing("API key")
        if key.status == "archived":
            raise invalid("An archived API key cannot be changed")
        key.name = name or key.name
        if status is not None and status != key.status:
            key.ended = self.clock() if key.status == "active" else key.ended
            key.status = status
        return JSONResponse(key.shown)

    async def list_workspaces(self, request: Request) -> Response:
        """GET workspaces, the newest first; neither the default one nor archived ones unless asked for."""
        self.administrator(request)
        archived = request.query_params.get("include_archived") == "true"
        living = [each for each in self.workspaces.values() if each is not self.default and (archived or each.archived is None)]
        return page([each.shown for each in reversed(living) if self._appeared(each)], request)

    async def create_workspace(self, request: Request) -> Response:
        """POST workspaces."""
        self.administrator(request)
        name = (await body(request)).get("name")
        if not isinstance(name, str) or not 1 <= len(name) <= 40:
            raise invalid("name: String should have between 1 and 40 characters")
        made = Workspace(name, self.clock)
        self.workspaces[made.id] = made
        return JSONResponse(made.shown)

    async def read_workspace(self, request: Request) -> Response:
        """GET workspaces/{id}."""
        self.administrator(request)
        return JSONResponse(self.workspace(request.path_params["id"]).shown)

    async def archive_workspace(self, request: Request) -> Response:
        """POST workspaces/{id}/archive: for good, with all its keys."""
        self.administrator(request)
        found = self.workspaces.get(request.path_params["id"])
        if found is None:
            raise missing("Workspace")
        if found is self.default:
            raise invalid("The default workspace cannot be archived")
        found.archived = found.archived or stamp(now())
        for key in self.keys.values():
            key.status = "archived" if key.workspace == found.id else key.status
        return JSONResponse(found.shown)


def _credential(request: Request) -> str:
    given = request.headers.get("x-api-key") or request.headers.get("authorization", "").removeprefix("Bearer ")
    if not given:
        raise Refused(401, "authentication_error", "x-api-key header is required")
    if "anthropic-version" not in request.headers:
        raise invalid("anthropic-version: header is required")
    return given
