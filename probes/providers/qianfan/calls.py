"""Calls that several probes make."""

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from probes.answer import Answer, dotted
from probes.api import Api
from probes.evidence import Cause
from probes.ledger import Read, Undo
from probes.probe import Provider

provider = Provider("qianfan")

MINT = "iam:/v1/BCE-BEARER/token"
SERVICE = "/v2/service?Action="
OWN = "keycap-endpoint"
"""The endpoint that a person makes for the probes that set a rate."""

LIFE, LONGER_LIFE = 300, 420
"""Seconds of short-term keys; the shorter is the least there is."""


AN_ENDPOINT = {"endpointId": "ID", "name": OWN, "rateLimit": {"rpm": 60, "tpm": 1_000}}
"""What a preview takes for the answer."""

NOTHING: Mapping[str, Any] = {
    "id": "keycap",
    "version": "v2",
    "accessControlList": [
        {"service": "bce:wenxinfactory", "region": "*", "resource": ["app/keycap-none"], "permission": ["*"], "effect": "Allow"}
    ],
}
"""Permissions on an application that does not exist, and on nothing else."""


async def mint(api: Api, seconds: int, acl: Mapping[str, Any] | None = None) -> Answer:
    """A short-term key, with every permission unless a list narrows it."""
    narrowed = {} if acl is None else {"acl": base64.b64encode(json.dumps(acl).encode()).decode()}
    return await api.get(f"{MINT}?{urlencode({'expireInSeconds': seconds, **narrowed})}", gives="token")


def minted(answer: Answer) -> str | None:
    """The key that was minted, None when there is none."""
    token = dotted(answer.json, "token")
    return token if isinstance(token, str) else None


async def use(api: Api, secret: str) -> Answer:
    """The one thing that a key may do for nothing: list models."""
    return await api.get("/v2/models", credential="api_key", secret=secret)


async def endpoints(api: Api, name: str = "") -> tuple[list[dict[str, Any]], Answer]:
    """The endpoints whose name holds this, the oldest first, and the answer that lists them."""
    wanted = {"filter": {"name": name}} if name else {}
    page = {"pageNumber": 1, "pageSize": 100, "sortBy": "createTime", "sortOrder": "asc"}
    answer = await api.post(f"{SERVICE}ListEndpoints", json={**page, **wanted}, gives={"result": {"endpoints": [AN_ENDPOINT]}})
    result = dotted(answer.json, "result")
    lists = [value for value in result.values() if isinstance(value, list)] if isinstance(result, dict) else []
    return [row for rows in lists for row in rows if isinstance(row, dict) and isinstance(row.get("endpointId"), str)], answer


async def describe(api: Api, endpoint: str) -> Answer:
    """One endpoint with its rates."""
    return await api.post(f"{SERVICE}DescribeEndpoint", json={"endpointId": endpoint}, gives={"result": AN_ENDPOINT})


async def own_endpoint(api: Api) -> dict[str, Any] | None:
    """The endpoint made for keycap as it is now, None where a person has made none."""
    rows, _ = await endpoints(api, OWN)
    found = next((row for row in rows if row.get("name") == OWN), None)
    if found is None:
        api.untested(f"no endpoint named {OWN}: create one in the console", cause=Cause.NOTHING_TO_TRY)
        return None
    described = await describe(api, found["endpointId"])
    result, rate = dotted(described.json, "result"), dotted(described.json, "result.rateLimit")
    if not isinstance(rate, dict) or result.get("endpointId") != found["endpointId"]:
        api.untested(f"status {described.status}, the endpoint has no rate that could be restored")
        return None
    return dict(result)


def settings(endpoint: Mapping[str, Any], **rate: int) -> dict[str, Any]:
    """What ModifyEndpoint is sent to give an endpoint the settings it has, some of its rates changed."""
    kept = {name: endpoint[name] for name in ("endpointId", "name", "description") if endpoint.get(name)}
    return {**kept, "rateLimit": {**endpoint["rateLimit"], **rate}}


async def change(api: Api, endpoint: Mapping[str, Any], **rate: int) -> Answer:
    """Change some rates of the endpoint that a person made for it; the old ones are restored when the probe ends, however it ends."""
    call, old = f"{SERVICE}ModifyEndpoint", settings(endpoint)
    what, key = f"rate of endpoint {endpoint['endpointId']}", {"endpointId": endpoint["endpointId"]}
    read: Read = {"method": "POST", "path": f"{SERVICE}DescribeEndpoint", "body": key, "where": "result.rateLimit"}
    restore: Undo = {"method": "POST", "path": call, "body": old, "read": read}
    return await api.change(f"POST {call}", json=settings(endpoint, **rate), what=what, old=old["rateLimit"], restore=restore)
