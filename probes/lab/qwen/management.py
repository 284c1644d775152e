"""The control plane of a simulated Model Studio, and the one billing action that is simulated: every call signed with an AccessKey."""

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from probes.lab import signed
from probes.lab.qwen.answers import done, gateway
from probes.lab.qwen.billing import Billing
from probes.lab.qwen.keys import Keys
from probes.lab.qwen.state import MODELS, Account
from probes.lab.qwen.workspaces import Workspaces
from probes.lab.signed import Refused

Form = Mapping[str, str]
Act = Callable[[Request, Form], Response]
VERSION, BILLING_VERSION = "2026-02-10", "2017-12-14"


class Management:
    """Handlers over one account."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.keys, self.workspaces, self.billing = Keys(account), Workspaces(account), Billing(account)

    def routes(self) -> list[Route]:
        """ROA: method and path say the action, which a header must name all the same."""
        key, models = "/modelstudio/apikeys/{number}", "/modelstudio/models"
        actions: list[tuple[str, str, str, Act]] = [
            ("POST", "/modelstudio/apikeys", "CreateApiKey", self.keys.create),
            ("GET", "/modelstudio/apikeys", "ListApiKeys", self.keys.list),
            ("GET", key, "GetApiKey", self.keys.read),
            ("PUT", key, "UpdateApiKey", self.keys.update),
            ("DELETE", key, "DeleteApiKey", self.keys.delete),
            ("PUT", f"{key}/enable", "EnableApiKey", lambda request, _: self.keys.switch(request, disabled=False)),
            ("PUT", f"{key}/disable", "DisableApiKey", lambda request, _: self.keys.switch(request, disabled=True)),
            ("PUT", f"{key}/reset", "ResetApiKey", self.keys.reset),
            ("GET", models, "ListModels", lambda _request, _form: done({"models": [{"model": name} for name in MODELS]})),
            ("GET", f"{models}/limits", "ListModelLimits", self.workspaces.limits),
            ("POST", f"{models}/limits", "UpdateModelLimits", self.workspaces.limit),
            ("POST", f"{models}/permissions", "UpdateModelPermissions", self.workspaces.permit),
            ("GET", "/modelstudio/workspaces", "ListWorkspaces", self.workspaces.list),
            ("POST", "/modelstudio/workspaces", "CreateWorkspace", self.workspaces.create),
            ("DELETE", "/modelstudio/workspaces/{workspace}", "DeleteWorkspace", self.workspaces.delete),
            ("GET", "/modelstudio/billing/overview", "GetBillingOverview", self.billing.overview),
        ]
        return [Route(path, self._guarded({name: act}, VERSION), methods=[method]) for method, path, name, act in actions]

    def rpc(self) -> list[Route]:
        """RPC: the header alone says the action."""
        return [Route("/", self._guarded({"QueryAccountBalance": self.billing.balance}, BILLING_VERSION), methods=["POST"])]

    def _guarded(self, actions: Mapping[str, Act], version: str) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            body = await request.body()
            for header in ("x-acs-action", "x-acs-version"):
                if header not in request.headers:
                    return gateway(request, Refused(400, "MissingHeader", f"Specified header {header} is mandatory for this action."))
            act = actions.get(request.headers["x-acs-action"])
            if act is None or request.headers["x-acs-version"] != version:
                message = "Specified api is not found, please check your url and method."
                return gateway(request, Refused(404, "InvalidAction.NotFound", message))
            if (refusal := signed.acs3(request, body, self.account.access_keys, self.account.nonces)) is not None:
                return gateway(request, refusal)
            is_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
            return act(request, dict(parse_qsl(body.decode())) if is_form else {})

        return handle
