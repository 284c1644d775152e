"""Keys of a simulated Model Studio, by its control plane."""

import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from probes.lab.qwen.answers import done, invalid, missing, page
from probes.lab.qwen.state import ALL, Account, Key

Form = Mapping[str, str]
LONGEST_DESCRIPTION = 200


class Keys:
    """Actions on keys; whoever calls them has checked the signature."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def create(self, request: Request, form: Form) -> Response:
        query = request.query_params
        auth = permissions(form)
        if auth is None or len(query.get("description", "")) > LONGEST_DESCRIPTION:
            return invalid("auth" if auth is None else "description")
        workspace = query.get("workspaceId") or self.account.default
        if workspace not in self.account.workspaces:
            return missing("workspace")
        key = self.account.new_key(workspace, query.get("description", ""), auth or ALL)
        shown = {name: value for name, value in self._row(key).items() if name not in ("auth", "disabled", "workspaceName")}
        return done({"apiKey": {**shown, "apiKeyValue": key.value}})

    def list(self, request: Request, _form: Form) -> Response:
        query = request.query_params
        keys = [key for key in self.account.keys.values() if self.account.shown(key.number)]
        keys = [key for key in keys if query.get("description", "") in key.description]
        keys = [key for key in keys if query.get("workspaceId", key.workspace) == key.workspace]
        keys.sort(key=lambda key: key.number, reverse=query.get("order", "DESC") == "DESC")
        return page(request, "apiKeys", [self._row(key) for key in keys])

    def read(self, request: Request, _form: Form) -> Response:
        return done({"apiKey": self._row(key)}) if isinstance(key := self._key(request), Key) else key

    def update(self, request: Request, form: Form) -> Response:
        auth, description = permissions(form), request.query_params.get("description")
        if auth is None or len(description or "") > LONGEST_DESCRIPTION:
            return invalid("auth" if auth is None else "description")
        if not isinstance(key := self._key(request), Key):
            return key
        key.description, key.auth = description or key.description, auth or key.auth
        return done({})

    def delete(self, request: Request, _form: Form) -> Response:
        if not isinstance(key := self._key(request), Key):
            return key
        self.account.end(key)
        key.deleted = True
        return done({})

    def switch(self, request: Request, *, disabled: bool) -> Response:
        if not isinstance(key := self._key(request), Key):
            return key
        key.disabled = disabled
        self.account.ended.pop(key.value, None)
        if disabled:
            self.account.end(key)
        return done({})

    def reset(self, request: Request, _form: Form) -> Response:
        if not isinstance(key := self._key(request), Key):
            return key
        self.account.end(key)
        key.value = f"sk-{secrets.token_hex(16)}"
        return done({"apiKey": {"apiKeyId": key.number, "apiKeyValue": key.value, "workspaceId": key.workspace}})

    def _key(self, request: Request) -> Key | Response:
        number = request.path_params["number"]
        if not number.isdigit():
            return invalid("apiKeyId")
        return self.account.shown(int(number)) or missing("API key")

    def _row(self, key: Key) -> dict[str, Any]:
        return {
            "apiKeyId": key.number,
            "apiKeyValue": f"{key.value[:3]}****{key.value[-4:]}",
            "auth": key.auth,
            "createdBy": "1234567890123456",
            "description": key.description,
            "disabled": int(key.disabled),
            "gmtCreate": int(key.created * 1000),
            "workspaceId": key.workspace,
            "workspaceName": self.account.workspaces[key.workspace],
        }


def permissions(form: Form) -> dict[str, Any] | None:
    """The `auth` of a form, empty where there is none, None where it is not valid."""
    if not any(name.startswith("auth.") for name in form):
        return {}
    if form.get("auth.type") not in ("All", "Custom"):
        return None
    if form["auth.type"] == "All":
        return dict(ALL)
    models = list(_numbered(form, "auth.modelAccessScope.accessibleModels"))
    everything = form.get("auth.modelAccessScope.allowAllModels", "true").lower() == "true"
    scope = {"allowAllModels": everything} if everything else {"allowAllModels": False, "accessibleModels": models}
    return {"type": "Custom", "accessIps": list(_numbered(form, "auth.accessIps")) or ["0.0.0.0/0", "::/0"], "modelAccessScope": scope}


def _numbered(form: Form, name: str) -> Iterator[str]:
    return (value for key, value in form.items() if key.startswith(f"{name}."))
