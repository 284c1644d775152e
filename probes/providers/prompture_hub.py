"""prompture-hub: a small gateway on SQLite whose keys carry a money cap, its period, a request rate and a list of models.

`POST /admin/keys` creates (201), `GET /admin/keys` lists, newest first, revoked ones too, `DELETE /admin/keys/{id}` revokes (204), at once
and for good; `GET /admin/usage` has a row a call. Unknown fields are ignored with 201, so whatever was set is read back from the list.
Nothing of a key can be changed. Over its cap it is refused with 402, over its rate with 429. Only streamed calls are booked; their answers
do not tell what they cost, the rows of the usage do.
"""

from typing import Any

from probes import dry, enforcement
from probes.addresses import segment
from probes.answer import Answer, dotted
from probes.api import Api
from probes.evidence import Cause
from probes.figures import Figures
from probes.ledger import Undo
from probes.probe import Provider, Tier
from probes.series import series

provider = Provider("prompture_hub")

KEYS = "/admin/keys"
USAGE = "/admin/usage"
UNDO: Undo = {
    "method": "DELETE",
    "path": f"{KEYS}/{{id}}",
    "find": {"method": "GET", "path": KEYS, "where": "[].name", "id": "[].id"},
}
MODEL = "openai/gpt-5.4"
CAP_USD = 0.05
PER_MINUTE = 3
WRONG: dict[str, dict[str, Any]] = {
    "key.create": {"name": 5},
    "spend.limit.key": {"daily_spend_cap_usd": "none"},
    "spend.reset": {"spend_period": "year"},
    "rate.set": {"rate_limit_per_min": "none"},
    "key.restrict": {"allowed_models": 5},
}
"""A field that each capability needs, with a value that it cannot have."""


@provider.probe("key.list", "rate.read", tier=Tier.READ)
async def keys_are_listed_with_their_rate(api: Api) -> None:
    """The list is one of keys, and each row has its requests per minute; an empty list shows the route and nothing of its rows."""
    answer = await api.get(KEYS)
    rows = answer.json if isinstance(answer.json, list) else None
    api.did("key.list", answer.status == 200 and rows is not None, answer)
    if rows:
        api.did("rate.read", all("rate_limit_per_min" in row for row in rows), answer)
    else:
        api.inconclusive("rate.read", Cause.ROUTE_ONLY, "GET /admin/keys [rate_limit_per_min]: no key to read it from")


@provider.probe("spend.usage", tier=Tier.READ)
async def usage_is_told_call_by_call(api: Api) -> None:
    """Usage is a list of calls; a gateway without traffic answers an empty one."""
    answer = await api.get(USAGE)
    api.did("spend.usage", answer.status == 200 and isinstance(answer.json, list), answer)


@provider.probe(*WRONG, tier=Tier.DRY)
async def fields_with_wrong_values_are_refused(api: Api) -> None:
    """The route refuses the body for its field, while the route beside it does not exist."""
    for capability, wrong in WRONG.items():
        body, control = {"name": api.name, **wrong}, "POST /admin/keycap-none"
        await dry.must_refuse(api, capability, f"POST {KEYS}", json=body, control=control, kind="key", identity="id", undo=UNDO)


@provider.probe("key.create", "spend.limit.key", "spend.reset", "rate.set", "key.restrict", "key.revoke", tier=Tier.WRITE)
async def a_key_keeps_what_it_was_created_with_until_it_is_revoked(api: Api) -> None:
    """Create → use → read back → revoke → refused: each step is checked by what it changed."""
    settings = {"daily_spend_cap_usd": CAP_USD, "spend_period": "week", "rate_limit_per_min": 7, "allowed_models": [MODEL]}
    created = await create_key(api, api.name, **settings)
    identity, secret = dotted(created.json, "id"), secret_of(created)
    if created.status != 201 or identity is None:
        api.did("key.create", False, created)
        return
    accepted = await api.get("/v1/models", credential="inference", secret=secret)
    api.did("key.create", created.status == 201 and accepted.status == 200, accepted)
    row = await listed(api)
    api.did("spend.limit.key", row.get("daily_spend_cap_usd") == CAP_USD, created)
    api.did("spend.reset", row.get("spend_period") == "week", created)
    api.did("rate.set", row.get("rate_limit_per_min") == 7, created)
    api.did("key.restrict", MODEL in str(row.get("allowed_models")), created)
    revoked = await api.delete(f"{KEYS}/{segment(identity)}")
    refused = await api.get("/v1/models", credential="inference", secret=secret)
    api.did("key.revoke", revoked.status == 204 and refused.status == 401, refused)


@provider.probe("spend.limit.key", "spend.usage", tier=Tier.SPEND)
async def a_key_is_refused_once_its_cap_is_spent(api: Api) -> None:
    """Four keys, four series; that what was booked is what the calls cost shows in the first, where it reaches the cap."""
    figures: list[Figures] = []
    for each in series(api):
        created = await create_key(api, f"{api.name}-{each.name}", daily_spend_cap_usd=each.cap_usd, rate_limit_per_min=1000)
        if created.status != 201:
            api.did("spend.limit.key", False, created)
            return
        identity = segment(dotted(created.json, "id"))

        async def booked(identity: str = identity) -> float:
            return sum(float(row["cost_usd"]) for row in served(await api.get(f"{USAGE}?key_id={identity}")))

        figures.append(await each.measure(api, secret_of(created), booked=booked))
        if len(figures) == 1:
            rows = served(await api.get(f"{USAGE}?key_id={identity}"))
            api.did("spend.usage", len(rows) == figures[0].calls and all(row["cost_usd"] > 0 for row in rows), created)
    api.measured("spend.limit.key", *figures)


@provider.probe("rate.set", "rate.error", tier=Tier.SPEND)
async def a_key_is_refused_above_its_requests_a_minute(api: Api) -> None:
    """Until it is refused, then once more after waiting as long as the refusal says."""
    created = await create_key(api, api.name, rate_limit_per_min=PER_MINUTE)
    if created.status != 201:
        api.did("rate.set", False, created)
        return
    figures = await enforcement.rate(api, secret=secret_of(created), per_minute=PER_MINUTE, calls=PER_MINUTE + 5)
    for capability in api.probe.capabilities:
        api.measured(capability, figures)


@provider.probe("key.restrict", "rate.headers", tier=Tier.SPEND)
async def a_key_is_refused_for_another_model(api: Api) -> None:
    """A key of another model is refused, one of this model is served: nothing else differs. The answer tells nothing of the key's rate."""
    other = await create_key(api, f"{api.name}-other", allowed_models=["openai/keycap-none"])
    same = await create_key(api, f"{api.name}-same", allowed_models=[api.inference.model.name])
    if other.status != 201 or same.status != 201:
        api.did("key.restrict", False, other)
        return
    refused = await api.spend(api.inference, secret=secret_of(other))
    accepted = await api.spend(api.inference, secret=secret_of(same))
    api.did("key.restrict", (refused.status, accepted.status) == (403, 200), refused)
    told = enforcement.limit_headers(accepted)
    api.found("rate.headers", bool(told), Cause.DONE if told else Cause.NOT_DONE, ", ".join(told) or "none")


async def create_key(api: Api, name: str, **settings: Any) -> Answer:
    """A key of the probe's own."""
    return await api.create(f"POST {KEYS}", json={"name": name, **settings}, kind="key", name=name, identity="id", undo=UNDO)


def secret_of(created: Answer) -> str:
    """The key itself, shown once."""
    return str(dotted(created.json, "key") or "")


async def listed(api: Api) -> dict[str, Any]:
    """The row of this probe's key, empty when it is not listed."""
    answer = await api.get(KEYS)
    rows = answer.json if isinstance(answer.json, list) else []
    return next((row for row in rows if row.get("name") == api.name), {})


def served(usage: Answer) -> list[dict[str, Any]]:
    """The rows of calls that were served."""
    return [row for row in usage.json or [] if row.get("status") == "ok"]
