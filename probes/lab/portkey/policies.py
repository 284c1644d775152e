"""The routes about policies of usage: a budget in USD, fractions too, or in tokens, for each value of what a policy groups by."""

import time
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from probes.lab.portkey import answers
from probes.lab.portkey.answers import administrator, invalid, missing
from probes.lab.portkey.state import Organisation, Policy
from probes.lab.portkey.workspaces import workspace_called

CHANGEABLE: dict[str, answers.Rule] = {
    "name": answers.text,
    "credit_limit": answers.amount,
    "alert_threshold": lambda value: value is None or answers.amount(value),
    "periodic_reset": answers.one_of("monthly", "weekly", None),
}
AT_CREATION: dict[str, answers.Rule] = {
    **CHANGEABLE,
    "conditions": answers.every(answers.shaped({"key": answers.text, "value": answers.text}, "key", "value"), least=1),
    "group_by": answers.every(answers.shaped({"key": answers.text}, "key"), least=1),
    "type": answers.one_of("cost", "tokens"),
    "workspace_id": answers.text,
}


async def create_policy(request: Request) -> Response:
    known, asking = administrator(request, "policies.create")
    given = await answers.fields(request, AT_CREATION, required=("conditions", "group_by", "type", "credit_limit"))
    within = given.pop("workspace_id", None)
    if asking.workspace is None and within is None:
        raise invalid("workspace_id is required")
    workspace = asking.workspace or workspace_called(known, str(within))
    _check_threshold(given)
    policy = Policy(given.pop("name", ""), workspace, settings=given)
    known.policies.append(policy)
    return JSONResponse({"id": policy.id, "object": "policy_usage_limits"})


async def list_policies(request: Request) -> Response:
    known, _ = administrator(request, "policies.list")
    within, kind = request.query_params.get("workspace_id"), request.query_params.get("type")
    workspace = None if within is None else workspace_called(known, within)
    found = [each for each in known.policies if known.is_seen(each) and workspace in (None, each.workspace)]
    return answers.page(request, [row(known, each) for each in found if kind in (None, each.settings["type"])])


async def read_policy(request: Request) -> Response:
    known, _ = administrator(request, "policies.read")
    return JSONResponse({**row(known, policy_called(known, request)), "object": "policy_usage_limits"})


async def update_policy(request: Request) -> Response:
    known, _ = administrator(request, "policies.update")
    given = await answers.fields(request, {**CHANGEABLE, "reset_usage_for_value": answers.text})
    policy = policy_called(known, request)
    _check_threshold({**policy.settings, **given})
    if (value := given.pop("reset_usage_for_value", None)) is not None:
        for group, use in policy.uses.items():
            if value in group:
                use.reset()
    policy.change(given)
    return JSONResponse({})


async def delete_policy(request: Request) -> Response:
    known, _ = administrator(request, "policies.delete")
    policy_called(known, request).gone = time.monotonic()
    return JSONResponse({})


def _check_threshold(terms: dict[str, Any]) -> None:
    threshold = terms.get("alert_threshold")
    if threshold is not None and threshold >= terms["credit_limit"]:
        raise invalid("alert_threshold must be less than credit_limit")


def policy_called(known: Organisation, request: Request) -> Policy:
    """The policy that the path names. Raises Refused."""
    found = next((each for each in known.policies if each.id == request.path_params["id"] and known.is_seen(each)), None)
    if found is None:
        raise missing("Policy")
    return found


def row(known: Organisation, policy: Policy) -> dict[str, Any]:
    return {
        "id": policy.id,
        "name": policy.name or None,
        **policy.settings,
        "status": "active",
        "workspace_id": policy.workspace.id,
        "organisation_id": known.id,
        "created_at": policy.created_at,
        "last_updated_at": policy.updated_at,
    }


ROUTES = [
    Route("/policies/usage-limits", list_policies, methods=["GET"]),
    Route("/policies/usage-limits", create_policy, methods=["POST"]),
    Route("/policies/usage-limits/{id}", read_policy, methods=["GET"]),
    Route("/policies/usage-limits/{id}", update_policy, methods=["PUT"]),
    Route("/policies/usage-limits/{id}", delete_policy, methods=["DELETE"]),
]
