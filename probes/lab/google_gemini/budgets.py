"""Cloud Billing Budget API v1 and Cloud Billing API v1: budgets that warn, budgets that cap, which account pays for a project."""

import uuid
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .rpc import Refused, Schema, body_of, check_token, mask, page
from .world import World, etag

SERVICE = "billingbudgets.googleapis.com"
BILLING = "cloudbilling.googleapis.com"
BUDGETS = "/v1/billingAccounts/{billing}/budgets"
SERVICE_ID = "services/AEFD-7695-64FA"
CURRENCY = "USD"
STATES = frozenset({"STATE_UNSPECIFIED", "CONFIGURED", "ENFORCED", "AWAITING_NEXT_PERIOD"})
DATE = {"year": int, "month": int, "day": int}
BUDGET: Schema = {
    "name": str, "displayName": str, "etag": str,
    "budgetFilter": {
        "projects": [str], "resourceAncestors": [str], "creditTypes": [str], "services": [str], "subaccounts": [str], "labels": dict,
        "creditTypesTreatment": frozenset(
            {"CREDIT_TYPES_TREATMENT_UNSPECIFIED", "INCLUDE_ALL_CREDITS", "EXCLUDE_ALL_CREDITS", "INCLUDE_SPECIFIED_CREDITS"}
        ),
        "calendarPeriod": frozenset({"CALENDAR_PERIOD_UNSPECIFIED", "MONTH", "QUARTER", "YEAR"}),
        "customPeriod": {"startDate": DATE, "endDate": DATE},
    },
    "amount": {"specifiedAmount": {"currencyCode": str, "units": "int64", "nanos": int}, "lastPeriodAmount": {}},
    "thresholdRules": [
        {"thresholdPercent": float, "spendBasis": frozenset({"BASIS_UNSPECIFIED", "CURRENT_SPEND", "FORECASTED_SPEND"})}
    ],
    "notificationsRule": {
        "pubsubTopic": str, "schemaVersion": str, "monitoringNotificationChannels": [str], "disableDefaultIamRecipients": bool,
        "enableProjectLevelRecipients": bool,
    },
    "ownershipScope": frozenset({"OWNERSHIP_SCOPE_UNSPECIFIED", "ALL_USERS", "BILLING_ACCOUNT"}),
    "spendCap": {"inputState": STATES, "outputState": STATES, "reconciling": bool},
}  # fmt: skip
FIELDS = ("displayName", "budgetFilter", "amount", "thresholdRules", "notificationsRule", "ownershipScope", "spendCap")


def invalid() -> Refused:
    """All that a budget is refused with: Google does not say which rule is broken."""
    return Refused("INVALID_ARGUMENT", "Request contains an invalid argument.")


def amount_of(budget: dict[str, Any]) -> float:
    """In the currency of the account."""
    money = budget["amount"].get("specifiedAmount", {})
    return float(int(money.get("units", 0)) + int(money.get("nanos", 0)) / 1e9)


class Budgets:
    """The hosts of the two APIs."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        return [
            Route(BUDGETS, self.list),
            Route(BUDGETS, self.create, methods=["POST"]),
            Route(f"{BUDGETS}/{{budget}}", self.read),
            Route(f"{BUDGETS}/{{budget}}", self.update, methods=["PATCH"]),
            Route(f"{BUDGETS}/{{budget}}", self.delete, methods=["DELETE"]),
        ]

    def billing_routes(self) -> list[Route]:
        return [
            Route("/v1/billingAccounts", self.accounts),
            Route("/v1/billingAccounts/{billing}", self.account),
            Route("/v1/projects/{project}/billingInfo", self.billing_info),
            Route("/v1/projects/{project}/billingInfo", self.link, methods=["PUT"]),
        ]

    async def list(self, request: Request) -> Response:
        self._check(request)
        found = list(self._world.budgets.values())
        if scope := request.query_params.get("scope"):
            project = self._world.project(scope.removeprefix("projects/"), SERVICE)
            found = [each for each in found if each["budgetFilter"].get("projects") == [project.name]]
        return page(request, found, "budgets", default=100, most=100)

    async def create(self, request: Request) -> Response:
        self._check(request)
        body = await body_of(request, BUDGET, "budget")
        name = f"billingAccounts/{self._world.billing}/budgets/{uuid.uuid4()}"
        budget = self._completed({field: body[field] for field in FIELDS if field in body})
        if "spendCap" in budget:
            project = self._world.project(budget["budgetFilter"]["projects"][0].removeprefix("projects/"), SERVICE)
            if budget["spendCap"].get("inputState") != "CONFIGURED" or self._world.cap_of(project) is not None:
                raise invalid()
            budget["spendCap"] = {"inputState": "CONFIGURED", "outputState": "CONFIGURED"}
        self._world.budgets[name] = {"name": name, **budget, "etag": etag()}
        return JSONResponse(self._world.budgets[name])

    async def read(self, request: Request) -> Response:
        return JSONResponse(self._budget(request))

    async def update(self, request: Request) -> Response:
        self._check(request)
        body, budget, paths = await body_of(request, BUDGET, "budget"), self._budget(request), mask(request)
        chosen = {path.partition(".")[0]: path for path in paths}
        by_snake = {"".join(f"_{c.lower()}" if c.isupper() else c for c in field): field for field in FIELDS}
        if set(chosen) - set(by_snake) or (paths and "spendCap" in budget and "spend_cap" not in chosen):
            raise invalid()
        fields = [by_snake[path] for path in chosen] or [field for field in FIELDS if field in body]
        if body.get("etag") not in (None, "", budget["etag"]):
            raise Refused("ABORTED", "The etag does not match.")
        state = budget.get("spendCap", {}).get("outputState")
        if state == "ENFORCED" and fields != ["spendCap"]:
            raise Refused("FAILED_PRECONDITION", "The spend cap is enforced: only spend_cap.input_state can be changed.")
        changed = {field: value for field, value in budget.items() if field not in fields}
        changed |= {field: body[field] for field in fields if field in body}
        changed = self._completed(changed)
        if "spendCap" in changed and "spendCap" in fields:
            asked = changed["spendCap"].get("inputState")
            if asked not in {"CONFIGURED", "AWAITING_NEXT_PERIOD"} or (asked == state == "AWAITING_NEXT_PERIOD"):
                raise invalid()
            changed["spendCap"] = {"inputState": asked, "outputState": asked}
        self._world.budgets[budget["name"]] = changed | {"etag": etag()}
        return JSONResponse(self._world.budgets[budget["name"]])

    async def delete(self, request: Request) -> Response:
        self._check(request)
        self._world.budgets.pop(f"billingAccounts/{self._world.billing}/budgets/{request.path_params['budget']}", None)
        return JSONResponse({})

    async def accounts(self, request: Request) -> Response:
        check_token(request, self._world.token, BILLING)
        return JSONResponse({"billingAccounts": [self._account()]})

    async def account(self, request: Request) -> Response:
        self._check(request)
        return JSONResponse(self._account())

    async def billing_info(self, request: Request) -> Response:
        check_token(request, self._world.token, BILLING)
        return JSONResponse(self._info(request.path_params["project"]))

    async def link(self, request: Request) -> Response:
        check_token(request, self._world.token, BILLING)
        schema = {"name": str, "projectId": str, "billingAccountName": str, "billingEnabled": bool}
        body = await body_of(request, schema, "project_billing_info")
        project = self._world.project(request.path_params["project"], BILLING)
        account = body.get("billingAccountName", "").removeprefix("billingAccounts/")
        if account not in ("", self._world.billing):
            raise Refused("PERMISSION_DENIED", "The caller does not have permission")
        project.billing = account
        return JSONResponse(self._info(project.project_id))

    def _account(self) -> dict[str, Any]:
        name = f"billingAccounts/{self._world.billing}"
        return {"name": name, "open": True, "displayName": "My Billing Account", "currencyCode": CURRENCY, "parent": self._world.parent}

    def _info(self, name: str) -> dict[str, Any]:
        project = self._world.project(name, BILLING)
        shown = {"name": f"projects/{project.project_id}/billingInfo", "projectId": project.project_id}
        return shown | ({"billingAccountName": f"billingAccounts/{project.billing}", "billingEnabled": True} if project.billing else {})

    def _check(self, request: Request) -> None:
        check_token(request, self._world.token, SERVICE)
        if request.path_params["billing"] != self._world.billing:
            raise Refused("PERMISSION_DENIED", "The caller does not have permission")

    def _budget(self, request: Request) -> dict[str, Any]:
        self._check(request)
        name = f"billingAccounts/{self._world.billing}/budgets/{request.path_params['budget']}"
        if name not in self._world.budgets:
            raise Refused("NOT_FOUND", "Requested entity was not found.")
        return self._world.budgets[name]

    def _completed(self, budget: dict[str, Any]) -> dict[str, Any]:
        """A valid budget with its defaults, as it is answered. Raises Refused."""
        given = budget.get("budgetFilter", {})
        money = budget.get("amount", {}).get("specifiedAmount")
        rules = budget.get("thresholdRules", [])
        wrong = (
            len(budget.get("displayName", "")) > 60
            or (money is None) == ("lastPeriodAmount" not in budget.get("amount", {}))
            or (money or {}).get("currencyCode", CURRENCY) != CURRENCY
            or any(rule.get("thresholdPercent", 0) < 0 for rule in rules)
            or ("calendarPeriod" in given and "customPeriod" in given)
        )
        if wrong or ("spendCap" in budget and not _is_cap(budget)):
            raise invalid()
        projects = [self._world.project(name.removeprefix("projects/"), SERVICE).name for name in given.get("projects", [])]
        period = {} if "customPeriod" in given else {"calendarPeriod": "MONTH"}
        filters = {"creditTypesTreatment": "INCLUDE_ALL_CREDITS", **period, **given} | ({"projects": projects} if projects else {})
        full = [
            {"thresholdPercent": rule.get("thresholdPercent", 0), "spendBasis": rule.get("spendBasis", "CURRENT_SPEND")} for rule in rules
        ]
        amount = {"specifiedAmount": {"currencyCode": CURRENCY, **money}} if money else budget["amount"]
        return {**budget, "budgetFilter": filters, "amount": amount} | ({"thresholdRules": full} if full else {})


def _is_cap(budget: dict[str, Any]) -> bool:
    """Whether the rules for budgets with a spend cap are kept."""
    given, told = budget.get("budgetFilter", {}), budget.get("notificationsRule", {})
    rules = budget.get("thresholdRules", [])
    return (
        len(given.get("projects", [])) == 1
        and given.get("services") == [SERVICE_ID]
        and given.get("creditTypesTreatment") == "EXCLUDE_ALL_CREDITS"
        and given.get("calendarPeriod", "MONTH") == "MONTH"
        and not {"customPeriod", "resourceAncestors", "creditTypes", "subaccounts", "labels"} & set(given)
        and "specifiedAmount" in budget.get("amount", {})
        and sorted(rule.get("thresholdPercent", 0) for rule in rules) == [0.5, 0.8, 1.0]
        and all(rule.get("spendBasis", "CURRENT_SPEND") == "CURRENT_SPEND" for rule in rules)
        and told.get("enableProjectLevelRecipients") is True
        and not any(told.get(name) for name in ("disableDefaultIamRecipients", "pubsubTopic", "monitoringNotificationChannels"))
        and budget.get("ownershipScope", "ALL_USERS") in {"OWNERSHIP_SCOPE_UNSPECIFIED", "ALL_USERS"}
    )
