"""The data plane: one host for each account in truth, here one for all, which knows the account by its key."""

import asyncio
import json as text
import uuid
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from probes.lab.azure_openai import deployments
from probes.lab.azure_openai.answers import Refused, json
from probes.lab.azure_openai.controls import attached, blocking
from probes.lab.azure_openai.state import Account, Cloud, Control, Deployment
from probes.lab.simulator import Simulator, completion

LONGEST = 500
"""Output tokens of a completion that does not ask for fewer."""

KEY_REFUSED = "Access denied due to invalid subscription key or wrong API endpoint."
TOKEN_REFUSED = (
    "Unauthorized. Access token is missing, invalid, audience is incorrect (https://cognitiveservices.azure.com), or have expired."  # noqa: S105
)


def app(cloud: Cloud, simulator: Simulator) -> Starlette:
    """The routes that keys open, and 404 for every other."""

    async def models(request: Request) -> Response:
        try:
            _account(cloud, request)
        except Refused as refused:
            return refused.response
        return json({"object": "list", "data": [{"id": cloud.model.name, "object": "model", "lifecycle_status": "generally-available"}]})

    async def completions(request: Request) -> Response:
        body = await request.body()
        try:
            account = _account(cloud, request)
            asked = _parsed(body)
            made = _deployment(account, request.path_params.get("deployment") or asked["model"], cloud)
            governing = [
                *attached(account, account.properties.get("costControlIds")),
                *attached(account, made.properties.get("costControlIds")),
            ]
            _check_cost(cloud, governing)
            prompt, most = len(body) // 4, min(_most(asked), LONGEST)
            _check_rate(cloud, made, prompt + _most(asked))
        except Refused as refused:
            return refused.response
        await asyncio.sleep(cloud.behaviour.latency)
        for control in governing:
            control.meter.charge(cloud.model.cost(prompt, most) * cloud.behaviour.dearness)
        simulator.served += 1
        return json(_completion(made, prompt, most), headers={**deployments.remaining(cloud, made), **_told()})

    async def nothing(_: Request) -> Response:
        return Refused(404, "404", "Resource not found", _told()).response

    return Starlette(
        routes=[
            Route("/openai/v1/models", models),
            Route("/openai/v1/chat/completions", completions, methods=["POST"]),
            Route("/openai/deployments/{deployment}/chat/completions", completions, methods=["POST"]),
            Route("/{rest:path}", nothing, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
        ]
    )


def _account(cloud: Cloud, request: Request) -> Account:
    cloud.settle()
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    given = request.headers.get("api-key") or bearer
    account = cloud.account_of(given) if given else None
    if account is None and bearer and "api-key" not in request.headers:
        raise _Plain(401, TOKEN_REFUSED)
    if account is None:
        raise Refused(401, "401", KEY_REFUSED, _told())
    rules = account.properties.get("networkAcls") or {}
    if rules.get("defaultAction") == "Deny" and "127.0.0.1" not in [each.get("value") for each in rules.get("ipRules") or []]:
        raise Refused(
            403, "403", "Access denied due to Virtual Network/Firewall rules.", {**_told(), "policy-id": "ThrowExceptionDueToTrafficDenied"}
        )
    if account.properties.get("disableLocalAuth"):
        raise Refused(403, "AuthenticationTypeDisabled", "Key based authentication is disabled for this resource.", _told())
    return account


class _Plain(Refused):
    """The older envelope, without `error`."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, str(status), message)

    @property
    def response(self) -> Response:
        return json({"statusCode": self.status, "message": self.message}, self.status)


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        asked = text.loads(body)
    except ValueError:
        asked = None
    if not isinstance(asked, dict) or not isinstance(asked.get("messages"), list) or not isinstance(asked.get("model", ""), str):
        raise Refused(400, "invalid_request_error", "We could not parse the JSON body of your request.", _told())
    return {"model": "", **asked}


def _most(asked: dict[str, Any]) -> int:
    given = asked.get("max_completion_tokens") or asked.get("max_tokens")
    return given if isinstance(given, int) and given > 0 else LONGEST


def _deployment(account: Account, name: str, cloud: Cloud) -> Deployment:
    made = account.deployments.get(name)
    if made is None or made.state(cloud.now) != "Succeeded":
        message = "The API deployment for this resource does not exist."
        raise Refused(404, "DeploymentNotFound", message, _told())
    return made


def _check_cost(cloud: Cloud, governing: list[Control]) -> None:
    for control in governing:
        if blocking(cloud, control):
            message = f"The request was blocked: the spending limit of the cost control '{control.name}' has been reached."
            raise Refused(403, "CostControlBlocked", message, _told())


def _check_rate(cloud: Cloud, made: Deployment, tokens: int) -> None:
    wait, limit = deployments.admit(cloud, made, tokens)
    if not limit:
        return
    after = deployments.seconds(wait)
    exceeded = "token rate limit" if limit == "token" else "call rate limit"
    model = made.properties["model"]["name"]
    message = f"Your requests to {made.name} for {model} in East US have exceeded the {exceeded}. Please retry after {after} seconds."
    policy = "DeploymentRatelimit-Token" if limit == "token" else "DeploymentRatelimit-Call"
    told = {"retry-after": str(after), "retry-after-ms": str(int(wait * 1000)), "policy-id": policy, **deployments.remaining(cloud, made)}
    raise Refused(429, "429", message, {**_told(), **told})


def _completion(made: Deployment, prompt: int, output: int) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{uuid.uuid4().hex[:29]}",
        "object": "chat.completion",
        "model": f"{made.properties['model']['name']}-{made.properties['model']['version']}",
        **completion(prompt, output),
    }


def _told() -> dict[str, str]:
    return {"apim-request-id": str(uuid.uuid4()), "x-ms-region": "East US"}
