"""Deployments and the rates that they take from the subscription's quota.

One unit of capacity is 1,000 tokens a minute and one request in 10 seconds. A minute of the lab is `MINUTE` seconds, or each run would wait
for one; everything else is as the vendor says it.
"""

import math
from copy import deepcopy
from typing import Any

from starlette.responses import Response

from probes.lab.azure_openai.answers import Call, Refused, bad_request, conflict, json, not_found
from probes.lab.azure_openai.controls import check_attached
from probes.lab.azure_openai.state import Account, Cloud, Deployment

MINUTE = 3.0
"""Seconds of a minute in the lab."""

QUOTA = 1000
"""Thousands of tokens per minute that the subscription has of each model."""

SKUS = frozenset({"Standard", "GlobalStandard", "DataZoneStandard"})


def put(cloud: Cloud, call: Call, account: Account) -> Response:
    """201 created, 200 replaced; ready when its provisioningState says so."""
    name, model = call.at["deployment"], call.field("properties.model")
    if call.field("sku.name") not in SKUS:
        raise Refused(400, "InvalidResourceProperties", "The specified SKU is not valid for the deployment.")
    if not isinstance(model, dict) or model.get("format") != "OpenAI" or not isinstance(model.get("name"), str):
        raise Refused(400, "DeploymentModelNotSupported", "The model of the deployment is not supported.")
    ids = call.field("properties.costControlIds")
    check_attached(cloud, account, ids, None)
    there = account.deployments.get(name)
    if there is not None and there.state(cloud.now) != "Succeeded":
        raise conflict(call.path)
    capacity = _checked(cloud, model["name"], call.field("sku.capacity"), there)
    made = there or Deployment(name=name)
    made.sku = {"name": call.field("sku.name"), "capacity": capacity}
    made.properties = {"model": {"version": "2025-04-14", **model}, **({"costControlIds": deepcopy(ids)} if ids else {})}
    account.deployments[name] = made
    made.begin(cloud.later, "Creating")
    return json(shown(cloud, call.path, made), 200 if there else 201)


def patch(cloud: Cloud, call: Call, account: Account) -> Response:
    """The capacity, at once."""
    made = existing(call, account)
    if made.state(cloud.now) != "Succeeded":
        raise conflict(call.path)
    made.sku["capacity"] = _checked(cloud, made.properties["model"]["name"], call.field("sku.capacity"), made)
    return json(shown(cloud, call.path, made))


def get(cloud: Cloud, call: Call, account: Account) -> Response:
    """One deployment with its limits."""
    return json(shown(cloud, call.path, existing(call, account)))


def delete(cloud: Cloud, call: Call, account: Account) -> Response:
    """202, gone when the operation is through; 204 where it is not there."""
    made = account.deployments.get(call.at["deployment"])
    if made is None:
        return Response(status_code=204)
    made.begin(cloud.later, "Deleting", lambda: _drop(account, made))
    return Response(status_code=202)


def usages(cloud: Cloud, _call: Call) -> Response:
    """Quotas of the subscription in a region, thousands of tokens per minute."""
    models = dict.fromkeys(
        [
            *(each.properties["model"]["name"] for account in cloud.accounts.values() for each in account.deployments.values()),
            cloud.model.name,
        ]
    )
    return json({"value": [_usage(cloud, model) for model in models]})


def account_usages(cloud: Cloud, _call: Call, account: Account) -> Response:
    """The same of the models that the account has deployed."""
    models = dict.fromkeys(each.properties["model"]["name"] for each in account.deployments.values())
    return json({"value": [_usage(cloud, model) for model in models]})


def existing(call: Call, account: Account) -> Deployment:
    """Raises Refused with 404."""
    if (made := account.deployments.get(call.at["deployment"])) is None:
        raise not_found(call.path)
    return made


def limits(made: Deployment) -> list[dict[str, Any]]:
    """What a deployment lets in, in true seconds."""
    return [
        {"key": "request", "renewalPeriod": 10, "count": made.capacity},
        {"key": "token", "renewalPeriod": 60, "count": made.capacity * 1000},
    ]


def admit(cloud: Cloud, made: Deployment, tokens: int) -> tuple[float, str]:
    """Let a call of so many estimated tokens in: 0, or the seconds to wait and which limit says so."""
    now = cloud.now
    made.used = [(at, used) for at, used in made.used if at > now - MINUTE]
    lately = [at for at, _ in made.used if at > now - MINUTE / 6]
    if len(lately) >= made.capacity:
        return lately[-made.capacity] + MINUTE / 6 - now, "request"
    over = sum(used for _, used in made.used) + tokens - made.capacity * 1000
    if over > 0:
        for at, used in made.used:
            over -= used
            if over <= 0:
                return at + MINUTE - now, "token"
        return 86400.0, "token"
    made.used.append((now, tokens))
    return 0.0, ""


def remaining(cloud: Cloud, made: Deployment) -> dict[str, str]:
    """The headers of a call that was let in."""
    now = cloud.now
    tokens = made.capacity * 1000 - sum(used for at, used in made.used if at > now - MINUTE)
    requests = made.capacity - sum(at > now - MINUTE / 6 for at, _ in made.used)
    return {
        "x-ratelimit-remaining-requests": str(max(0, requests)),
        "x-ratelimit-remaining-tokens": str(max(0, tokens)),
        "x-ratelimit-limit-tokens": str(made.capacity * 1000),
    }


def seconds(wait: float) -> int:
    """As Retry-After says it."""
    return max(1, math.ceil(wait))


def shown(cloud: Cloud, path: str, made: Deployment) -> dict[str, Any]:
    """A deployment as ARM shows it."""
    read_only = {"provisioningState": made.state(cloud.now), "deploymentState": "Running", "rateLimits": limits(made)}
    kind = "Microsoft.CognitiveServices/accounts/deployments"
    return {"id": path, "name": made.name, "type": kind, "sku": made.sku, "properties": {**made.properties, **read_only}}


def _checked(cloud: Cloud, model: str, capacity: Any, there: Deployment | None) -> int:
    if not isinstance(capacity, int) or isinstance(capacity, bool) or capacity < 1:
        raise bad_request("The capacity of the deployment must be a positive integer.")
    used = cloud.capacity_used(model) - (there.capacity if there else 0)
    if used + capacity > QUOTA:
        quota = f"Tokens Per Minute (thousands) - {model}"
        told = f"This operation requires {capacity} new capacity in quota {quota}, and {QUOTA - used} of {QUOTA} are available."
        raise Refused(400, "InsufficientQuota", told)
    return capacity


def _drop(account: Account, made: Deployment) -> None:
    account.deployments.pop(made.name, None)


def _usage(cloud: Cloud, model: str) -> dict[str, Any]:
    name = {"value": f"OpenAI.GlobalStandard.{model}", "localizedValue": f"Tokens Per Minute (thousands) - {model}"}
    used = float(cloud.capacity_used(model))
    return {"name": name, "currentValue": used, "limit": float(QUOTA), "unit": "Count", "status": "Included", "scopeType": "Global"}
