"""The organisation's limits on rate and spend, and what it says that was spent."""

from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .organisation import Organisation
from .state import ORGANISATION_LIMITS, Workspace, body, invalid, missing, now, stamp

LIMIT_TYPES = {
    *ORGANISATION_LIMITS, "fast_itpmca", "fast_otpm", "input_tokens_per_minute", "tokens_per_day", "tokens_per_minute",
    "tool_uses_per_second",
}  # fmt: skip
GROUPS = ("batch", "files", "model_group", "skills", "token_count", "web_search")
COST_BETA, LIMITS_BETA = "analytics-usage-cost-2026-08-24", "spend-limit-reads-2026-09-26"
OLDEST = "2026-01-01T00:00:00Z"


class Limits:
    """Routes of the limits of one organisation."""

    def __init__(self, organisation: Organisation) -> None:
        self.of = organisation

    async def list_rates(self, request: Request) -> Response:
        """GET rate_limits."""
        self.of.administrator(request)
        model = request.query_params.get("model")
        if model not in (None, self.of.model.name):
            raise missing("Model")
        limits = [{"type": kind, "value": value} for kind, value in ORGANISATION_LIMITS.items()]
        entry = {"type": "rate_limit", "id": self.of.entry, "group": self.of.group, "models": [self.of.model.name], "limits": limits}
        return JSONResponse({"data": [entry] if _is_model_group(request) else [], "next_page": None})

    async def list_workspace_rates(self, request: Request) -> Response:
        """GET workspaces/{id}/rate_limits: what it overrides, and with include_inherited the rest too."""
        self.of.administrator(request)
        workspace = self.of.workspace(request.path_params["id"])
        entry = self._entry(workspace, inherited=request.query_params.get("include_inherited") == "true")
        return JSONResponse({"data": [entry] if entry["limits"] and _is_model_group(request) else [], "next_page": None})

    async def set_workspace_rates(self, request: Request) -> Response:
        """POST workspaces/{id}/rate_limits/{entry}: a whole number sets a type's override, null clears it."""
        self.of.administrator(request)
        given = (await body(request)).get("limits")
        if not isinstance(given, list) or not 1 <= len(given) <= 16:
            raise invalid("limits: Input should be a list of 1 to 16 items")
        for limit in given:
            if not isinstance(limit, dict) or limit.get("type") not in LIMIT_TYPES:
                raise invalid("limits.0.type: not a limiter type")
            value = limit.get("value", "")
            if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
                raise invalid("limits.0.value: Input should be a valid integer")
        workspace = self.of.workspace(request.path_params["id"])
        if workspace is self.of.default:
            raise invalid("The default workspace cannot have rate limits of its own")
        if request.path_params["entry"] != self.of.entry:
            raise missing("Rate limit")
        for limit in given:
            workspace.overrides.pop(limit["type"], None)
            if limit["value"] is not None:
                workspace.overrides[limit["type"]] = limit["value"]
        return JSONResponse(self._entry(workspace, inherited=False))

    def _entry(self, workspace: Workspace, *, inherited: bool) -> dict[str, Any]:
        limits = [
            {"type": kind, "value": value, "org_limit": ORGANISATION_LIMITS.get(kind), "source": {"type": "workspace"}}
            for kind, value in workspace.overrides.items()
        ]
        limits += [
            {"type": kind, "value": value, "org_limit": value, "source": {"type": "organization"}}
            for kind, value in ORGANISATION_LIMITS.items()
            if inherited and kind not in workspace.overrides
        ]
        return {
            "type": "workspace_rate_limit", "workspace_id": workspace.id, "rate_limit_id": self.of.entry, "group": self.of.group,
            "models": [self.of.model.name], "limits": limits,
        }  # fmt: skip

    async def list_limits(self, request: Request) -> Response:
        """GET spend_limits, the newest first; early access, with a beta header."""
        self.of.administrator(request, LIMITS_BETA)
        workspace, scopes = request.query_params.get("workspace_id"), request.query_params.getlist("scope_type[]")
        if not set(scopes) <= {"organization", "workspace", "usage_tier"}:
            raise invalid("scope_type: does not apply to this organization")
        fitting = [
            limit
            for limit in self.of.limits.values()
            if workspace in (None, limit["scope"].get("workspace_id")) and (not scopes or limit["scope"]["type"] in scopes)
        ]
        return JSONResponse({"data": fitting[::-1], "next_page": None})

    async def set_limit(self, request: Request) -> Response:
        """POST spend_limits: the scope is the identity, a second call overwrites."""
        self.of.administrator(request)
        given = await body(request)
        amount, scope, period = given.get("amount"), given.get("scope"), given.get("period", "monthly")
        if not isinstance(amount, str) or not amount.isascii() or not amount.isdigit():
            raise invalid("amount: Input should be a non-negative integer decimal string")
        if period != "monthly":
            raise invalid("period: Claude Console organizations have monthly limits only")
        if not isinstance(scope, dict) or scope.get("type") not in ("organization", "workspace"):
            raise invalid("scope: Input should be an organization or a workspace")
        if scope["type"] == "workspace":
            self.of.workspace(str(scope.get("workspace_id")))
        return JSONResponse(self.of.put_limit(scope, amount))

    async def read_limit(self, request: Request) -> Response:
        """GET spend_limits/{id}."""
        self.of.administrator(request)
        return JSONResponse(self._limit(request))

    async def delete_limit(self, request: Request) -> Response:
        """DELETE spend_limits/{id}; the tier's own cannot go."""
        self.of.administrator(request)
        limit = self._limit(request)
        if limit["scope"]["type"] == "usage_tier":
            raise invalid("A usage_tier limit cannot be deleted")
        del self.of.limits[limit["id"]]
        return JSONResponse({"id": limit["id"], "type": "spend_limit_deleted"})

    def _limit(self, request: Request) -> dict[str, Any]:
        if (limit := self.of.limits.get(request.path_params["id"])) is None:
            raise missing("Spend limit")
        return limit

    async def list_cost(self, request: Request) -> Response:
        """GET analytics/cost: cents by key or as one row. What a run spends is not in it: it comes five minutes late."""
        self.of.administrator(request, COST_BETA)
        query = request.query_params
        try:
            start = datetime.fromisoformat(query["starting_at"])
        except (KeyError, ValueError) as error:
            raise invalid("starting_at: Input should be a valid datetime") from error
        if start.tzinfo is None or start < max(datetime.fromisoformat(OLDEST), now() - timedelta(days=365)) or start > now():
            raise invalid("starting_at: must be within the last 365 days and not before 2026-01-01T00:00:00Z")
        workspaces = query.getlist("workspace_ids[]")
        keys = [key for key in self.of.keys.values() if key.cents and (not workspaces or key.workspace in workspaces)]
        span = {"starting_at": stamp(start), "ending_at": stamp(min(now(), start + timedelta(days=31)))}
        if "api_key_id" in query.getlist("group_by[]"):
            rows = [{**span, "group": {"api_key_id": key.id}, "cost": _cost(key.cents)} for key in keys]
        else:
            rows = [{**span, "group": {}, "cost": _cost(sum(key.cents for key in keys))}]
        return JSONResponse({"data": rows, "has_more": False, "next_page": None, "data_refreshed_at": stamp(now())})


def _cost(cents: float) -> dict[str, Any]:
    return {"amount": str(cents), "list_amount": str(cents), "currency": "USD", "requests": round(cents)}


def _is_model_group(request: Request) -> bool:
    kind = request.query_params.get("group_type", "model_group")
    if kind not in GROUPS:
        raise invalid("group_type: not a group of rate limits")
    return kind == "model_group"
