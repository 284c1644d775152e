"""Calls that several probes make, and what undoes them."""

from typing import Any

from probes.answer import Answer, dotted
from probes.api import Api
from probes.keys import REFUSED
from probes.ledger import Undo
from probes.probe import Provider

provider = Provider("tencent_hunyuan")

PLATFORM = {"Platform": "maas"}
PAGE = 100
WITHIN, EVERY = 30.0, 2.0
"""Seconds: somebody measured eight from a key's being disabled to its first refusal."""
ELSEWHERE = "203.0.113.7"
"""An address of documentation: nobody calls from there."""

A_KEY = {"Response": {"ApiKeyId": "ID", "ApiKey": "SECRET"}}
"""What a preview takes for the answer."""


async def act(api: Api, action: str, **fields: Any) -> Answer:
    """An action of the control plane."""
    return await api.post(f"/?Action={action}", json={**PLATFORM, **fields}, gives=A_KEY)


async def create_key(api: Api, *quotas: dict[str, Any]) -> str | None:
    """The probe's key with these quotas; its id, None where it was refused."""
    body = {"ApiKeyName": api.name, **PLATFORM, "BindType": "all", **({"Quotas": [*quotas]} if quotas else {})}
    listing = {**PLATFORM, "Limit": PAGE, "Filters": [{"Name": "apiKeyName", "Op": "EXACT", "Values": [api.name]}]}
    undo: Undo = {
        "method": "POST",
        "path": "/?Action=DeleteApiKey",
        "body": {**PLATFORM, "ApiKeyId": "{id}"},
        "find": {
            "method": "POST",
            "path": "/?Action=DescribeApiKeyList",
            "body": listing,
            "where": "Response.ApiKeySet[].Name",
            "id": "Response.ApiKeySet[].ApiKeyId",
            "pages": {"parameter": "Offset", "size": PAGE},
        },
    }
    identity = "Response.ApiKeyId"
    created = await api.create(
        "POST /?Action=CreateApiKey", json=body, kind="key", name=api.name, identity=identity, undo=undo, gives=A_KEY
    )
    number = dotted(created.json, identity)
    return number if isinstance(number, str) else None


async def describe(api: Api, number: str) -> Answer:
    """One key, in plain text, with its quotas."""
    return await act(api, "DescribeApiKey", ApiKeyId=number)


async def secret_of(api: Api, number: str) -> str | None:
    """The plain value of a key."""
    value = dotted((await describe(api, number)).json, "Response.ApiKey")
    return value if isinstance(value, str) else None


def quota(unit: str, tokens: int, **more: int) -> dict[str, Any]:
    """A quota as the vendor takes it: the size is text."""
    return {"CycleUnit": unit, "CycleCredits": str(tokens), **more}


def quotas_of(answer: Answer) -> dict[str, str]:
    """The sizes of a key's quotas by their unit, as the vendor tells them."""
    found = dotted(answer.json, "Response.QuotaSet")
    return {str(each.get("CycleUnit")): str(each.get("CycleCredits")) for each in found or () if isinstance(each, dict)}


async def use(api: Api, secret: str) -> Answer:
    """The one thing that a key may do for nothing: list models."""
    return await api.get("inference:/v1/models", credential="inference", secret=secret)


async def becomes(api: Api, secret: str, *, works: bool) -> Answer:
    """The answer to a use of the key once it opens, or is refused; the last one where it does not come to that."""
    return await api.eventually(
        lambda: use(api, secret),
        lambda answer: answer.status < 300 if works else answer.status in REFUSED,
        within=WITHIN,
        every=EVERY,
    )
