"""Administration routes of what limits and tells spending: caps and alerts in cents, rates, models, and costs in USD as a float."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from probes.lab.openai.answers import ModelPermissions, RateLimit, Refused, SpendAlert, SpendLimit, body, page, refused
from probes.lab.openai.management import ORGANIZATION, PROJECT, Administration
from probes.lab.openai.state import Cap, random_text


class Limits(Administration):
    """Caps, alerts, rates and models of projects; of the organisation, its cap."""

    def routes(self) -> list[Route]:
        alert, models = f"{PROJECT}/spend_alerts/{{alert}}", f"{PROJECT}/model_permissions"
        return [
            self.route("GET", f"{ORGANIZATION}/spend_limit", self.read_cap),
            self.route("POST", f"{ORGANIZATION}/spend_limit", self.set_cap),
            self.route("DELETE", f"{ORGANIZATION}/spend_limit", self.remove_cap),
            self.route("GET", f"{PROJECT}/spend_limit", self.read_cap),
            self.route("POST", f"{PROJECT}/spend_limit", self.set_cap),
            self.route("DELETE", f"{PROJECT}/spend_limit", self.remove_cap),
            self.route("GET", f"{PROJECT}/spend_alerts", self.list_alerts),
            self.route("POST", f"{PROJECT}/spend_alerts", self.create_alert),
            self.route("GET", alert, self.read_alert),
            self.route("POST", alert, self.replace_alert),
            self.route("DELETE", alert, self.delete_alert),
            self.route("GET", f"{PROJECT}/rate_limits", self.list_rates),
            self.route("POST", f"{PROJECT}/rate_limits/{{rate}}", self.set_rate),
            self.route("GET", models, self.read_models),
            self.route("POST", models, self.set_models),
            self.route("DELETE", models, self.remove_models),
        ]

    def _cap(self, request: Request) -> tuple[str, Cap]:
        """What has the cap, and the cap."""
        if "project" in request.path_params:
            return "project", self.project(request, writing=request.method == "POST").cap
        return "organization", self.organisation.cap

    def _cap_answer(self, owner: str, cap: Cap) -> Response:
        if cap.amount is None:
            raise refused(404, "No spend limit is set.")
        known = cap.known(self.organisation.now(), self.organisation.behaviour.cap_lag)
        row = {"object": f"{owner}.spend_limit", "threshold_amount": cap.amount, "currency": "USD", "interval": "month"}
        return JSONResponse({**row, "enforcement": {"status": "enforcing" if known == cap.amount else "inactive"}})

    async def read_cap(self, request: Request) -> Response:
        return self._cap_answer(*self._cap(request))

    async def set_cap(self, request: Request) -> Response:
        owner, cap = self._cap(request)
        wanted = await body(request, SpendLimit)
        cap.changes.append((self.organisation.now(), wanted.threshold_amount))
        return self._cap_answer(owner, cap)

    async def remove_cap(self, request: Request) -> Response:
        owner, cap = self._cap(request)
        self._cap_answer(owner, cap)
        cap.changes.append((self.organisation.now(), None))
        return JSONResponse({"object": f"{owner}.spend_limit.deleted", "deleted": True})

    async def list_alerts(self, request: Request) -> Response:
        return page(request, list(self.project(request).alerts.values()))

    async def create_alert(self, request: Request) -> Response:
        return await self._keep_alert(request, f"alert_{random_text(16)}")

    async def read_alert(self, request: Request) -> Response:
        return JSONResponse(self._alert(request))

    async def replace_alert(self, request: Request) -> Response:
        return await self._keep_alert(request, self._alert(request)["id"])

    async def delete_alert(self, request: Request) -> Response:
        gone = self.project(request).alerts.pop(self._alert(request)["id"])
        return JSONResponse({"id": gone["id"], "object": "project.spend_alert.deleted", "deleted": True})

    def _alert(self, request: Request) -> dict[str, Any]:
        alert = self.project(request).alerts.get(request.path_params["alert"])
        if alert is None:
            raise refused(404, f"Spend alert with id '{request.path_params['alert']}' not found.")
        return alert

    async def _keep_alert(self, request: Request, identity: str) -> Response:
        project, wanted = self.project(request, writing=True), await body(request, SpendAlert)
        project.alerts[identity] = {"id": identity, "object": "project.spend_alert", **wanted.model_dump()}
        return JSONResponse(project.alerts[identity])

    async def list_rates(self, request: Request) -> Response:
        self._rated(request)
        return page(request, list(self.project(request).rates.values()), default=100)

    async def set_rate(self, request: Request) -> Response:
        self._rated(request)
        row = self.project(request, writing=True).rates.get(request.path_params["rate"])
        if row is None:
            raise refused(404, f"Rate limit with id '{request.path_params['rate']}' not found.")
        wanted = (await body(request, RateLimit)).model_dump(exclude_none=True)
        for name, value in wanted.items():
            if name not in row:
                raise refused(400, f"'{name}' does not apply to the model '{row['model']}'.", param=name)
            if value > ORGANIZATION_HAS[name]:
                raise refused(400, f"'{name}' is above the organization's limit of {ORGANIZATION_HAS[name]}.", param=name)
        row.update(wanted)
        return JSONResponse(row)

    def _rated(self, request: Request) -> None:
        """These routes have a refusal of their own for an unknown project, without the object around it."""
        try:
            self.project(request)
        except Refused:
            raise Refused(404, {"code": 404, "message": f"The project {request.path_params['project']} was not found"}) from None

    async def read_models(self, request: Request) -> Response:
        models = self.project(request).models
        if models is None:
            raise refused(404, "No model permissions are set.")
        return JSONResponse(models)

    async def set_models(self, request: Request) -> Response:
        project, wanted = self.project(request, writing=True), await body(request, ModelPermissions)
        project.models = {"object": "project.model_permissions", **wanted.model_dump()}
        return JSONResponse(project.models)

    async def remove_models(self, request: Request) -> Response:
        self.project(request).models = None
        return JSONResponse({"object": "project.model_permissions.deleted", "deleted": True})


ORGANIZATION_HAS = {
    "max_requests_per_1_minute": 500,
    "max_tokens_per_1_minute": 200_000,
    "batch_1_day_max_input_tokens": 2_000_000,
}
"""The most that a project's model can be given."""
