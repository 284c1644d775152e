"""prompture-hub: a small gateway on SQLite whose keys carry a money cap, its period, a request rate and a list of models.

`POST /admin/keys` creates (201), `GET /admin/keys` lists, newest first, revoked ones too, `DELETE /admin/keys/{id}` revokes (204), at once
and for good; `GET /admin/usage` has a row a call. Unknown fields are ignored with 201, so whatever was set is read back from the list.
"""

from typing import Any

from probes.addresses import segment
from probes.answer import Answer, dotted
from probes.api import Api
from probes.evidence import Cause
from probes.ledger import Undo
from probes.probe import Provider, Tier

provider = Provider("prompture_hub")

UNDO: Undo = {
    "method": "DELETE",
    "path": "/admin/keys/{id}",
    "find": {"method": "GET", "path": "/admin/keys", "where": "[].name", "id": "[].id"},
}
MODEL = "openai/gpt-5.4"
CAP_USD = 0.05


@provider.probe("key.list", "rate.read", tier=Tier.READ)
async def keys_are_listed_with_their_rate(api: Api) -> None:
    """The list is one of keys, and each row has its requests per minute; an empty list shows the route and nothing of its rows."""
    answer = await api.get("/admin/keys")
    rows = answer.json if isinstance(answer.json, list) else None
    report(api, "key.list", answer.status == 200 and rows is not None, answer)
    if rows:
        report(api, "rate.read", all("rate_limit_per_min" in row for row in rows), answer)
    else:
        api.inconclusive("rate.read", Cause.ROUTE_ONLY, "GET /admin/keys [rate_limit_per_min]: no key to read it from")


@provider.probe("spend.usage", tier=Tier.READ)
async def usage_is_told_call_by_call(api: Api) -> None:
    """Usage is a list of calls; a gateway without traffic answers an empty one."""
    answer = await api.get("/admin/usage")
    report(api, "spend.usage", answer.status == 200 and isinstance(answer.json, list), answer)


@provider.probe("key.create", "spend.limit.key", "spend.reset", "rate.set", "key.restrict", "key.revoke", tier=Tier.WRITE)
async def a_key_keeps_what_it_was_created_with_until_it_is_revoked(api: Api) -> None:
    """Create → use → read back → revoke → refused: each step is checked by what it changed."""
    settings = {"daily_spend_cap_usd": CAP_USD, "spend_period": "week", "rate_limit_per_min": 7, "allowed_models": [MODEL]}
    created = await api.create("POST /admin/keys", json={"name": api.name, **settings}, kind="key", name=api.name, identity="id", undo=UNDO)
    identity, secret = dotted(created.json, "id"), str(dotted(created.json, "key") or "")
    if created.status != 201 or identity is None:
        report(api, "key.create", False, created)
        return
    accepted = await api.get("/v1/models", credential="inference", secret=secret)
    report(api, "key.create", created.status == 201 and accepted.status == 200, accepted)
    row = await listed(api)
    report(api, "spend.limit.key", row.get("daily_spend_cap_usd") == CAP_USD, created)
    report(api, "spend.reset", row.get("spend_period") == "week", created)
    report(api, "rate.set", row.get("rate_limit_per_min") == 7, created)
    report(api, "key.restrict", MODEL in str(row.get("allowed_models")), created)
    revoked = await api.delete(f"/admin/keys/{segment(identity)}")
    refused = await api.get("/v1/models", credential="inference", secret=secret)
    report(api, "key.revoke", revoked.status == 204 and refused.status == 401, refused)


async def listed(api: Api) -> dict[str, Any]:
    """The row of this probe's key, empty when it is not listed."""
    answer = await api.get("/admin/keys")
    rows = answer.json if isinstance(answer.json, list) else []
    return next((row for row in rows if row.get("name") == api.name), {})


def report(api: Api, capability: str, holds: bool, answer: Answer) -> None:
    """What an authenticated call did, or did not do."""
    api.found(capability, holds, Cause.DONE if holds else Cause.NOT_DONE, f"status {answer.status}")
