"""Workspaces of a simulated Model Studio, what models they may call, and at what rates."""

import json
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from probes.lab.qwen.answers import done, invalid, missing, page
from probes.lab.qwen.state import ACCOUNT_LIMIT, MODELS, Account

Form = Mapping[str, str]


class Workspaces:
    """Actions on workspaces; whoever calls them has checked the signature."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def limits(self, request: Request, _form: Form) -> Response:
        query, workspace = request.query_params, request.query_params.get("workspaceId") or self.account.default
        rows = [
            {
                "model": model,
                "name": model,
                "workspaceId": workspace,
                "modelLimit": dict(ACCOUNT_LIMIT),
                "workspaceLimit": self.account.limits.get((workspace, model)),
            }
            for model in MODELS
            if query.get("model", model) == model
        ]
        return page(request, "limits", rows, message="errorMessage")

    def limit(self, _request: Request, form: Form) -> Response:
        workspace = form.get("workspaceId", "")
        if not workspace:
            return invalid("workspaceId", code="MissingworkspaceId")
        if workspace not in self.account.workspaces:
            return missing("workspace")
        try:
            changes = [(each["model"], each.get("operationType", "OVERLAY"), each) for each in json.loads(form["workspaceLimits"])]
        except (KeyError, TypeError, ValueError):
            return invalid("workspaceLimits")
        for model, operation, wanted in changes:
            given = {name: value for name, value in wanted.items() if name in ACCOUNT_LIMIT}
            too_high = any(given.get(name, 0) > ACCOUNT_LIMIT[name] for name in ("requestLimit", "usageLimit"))
            if model not in MODELS or operation not in ("OVERLAY", "DELETE") or too_high:
                return invalid("workspaceLimits")
            self.account.windows.pop((workspace, model), None)
            self.account.limits.pop((workspace, model), None)
            if operation == "OVERLAY":
                self.account.limits[workspace, model] = given | {"usageLimitField": "total_tokens"}
        return done({}, message="errorMessage")

    def permit(self, _request: Request, form: Form) -> Response:
        workspace = form.get("workspaceId", "")
        if workspace not in self.account.workspaces:
            return missing("workspace")
        if form.get("accessAllEntities") == "OPEN":
            self.account.callable[workspace] = set(MODELS)
        chosen = {name.split(".")[1] for name in form if name.startswith("models.")}
        for number in chosen:
            model, may = form.get(f"models.{number}.model", ""), form.get(f"models.{number}.inference") == "true"
            if model not in MODELS:
                return invalid("models")
            (self.account.callable[workspace].add if may else self.account.callable[workspace].discard)(model)
        return done({}, message="errorMessage")

    def list(self, request: Request, _form: Form) -> Response:
        named = request.query_params.get("workspaceName", "")
        rows = [{"workspaceId": key, "workspaceName": name} for key, name in self.account.workspaces.items() if named in name]
        return page(request, "workspaces", rows)

    def create(self, request: Request, _form: Form) -> Response:
        name = request.query_params.get("workspaceName", "")
        if not name or name in self.account.workspaces.values():
            return invalid("workspaceName")
        return done({"workspace": {"workspaceId": self.account.new_workspace(name), "workspaceName": name, "region": "cn-beijing"}})

    def delete(self, request: Request, _form: Form) -> Response:
        workspace = request.path_params["workspace"]
        if workspace not in self.account.workspaces:
            return missing("workspace")
        if any(key.workspace == workspace and not key.deleted for key in self.account.keys.values()):
            return invalid("workspace", code="WorkspaceNotEmpty")
        del self.account.workspaces[workspace]
        return done({})
