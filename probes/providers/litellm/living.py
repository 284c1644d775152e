"""The whole life of a key, a team and a budget, each step checked by what it changed."""

from typing import Any

from probes.addresses import segment
from probes.answer import dotted
from probes.api import Api
from probes.probe import Tier
from probes.providers.litellm.routes import RATES, create_key, create_team, itself, models, provider, read_key, undo_budget


@provider.probe(
    "key.create", "key.list", "key.read", "key.restrict", "spend.limit.key", "spend.reset", "spend.usage", "spend.balance", "rate.read",
    "rate.set", "key.update", "key.revoke", tier=Tier.WRITE,
)  # fmt: skip
async def a_key_keeps_what_it_was_given_until_it_is_deleted(api: Api) -> None:
    """Create → use → read back → change → block → unblock → delete → refused: each step is checked by what it changed."""
    settings: dict[str, Any] = {"max_budget": 0.05, "budget_duration": "30d", "rpm_limit": 7, "tpm_limit": 70_000}
    key, created = await create_key(api, "life", **settings, allowed_routes=["/v1/models"])
    if key is None:
        api.did("key.create", False, created)
        return
    accepted, elsewhere = await models(api, key.secret), await itself(api, key.secret)
    api.did("key.create", accepted.status == 200, accepted)
    listed = await api.get(f"/key/list?key_alias={api.name}-life&return_full_object=true")
    api.did("key.list", dotted(listed.json, "keys.0.key_alias") == f"{api.name}-life", listed)
    info = await read_key(api, key)
    api.did("key.read", info.get("key_alias") == f"{api.name}-life", created)
    api.did("spend.limit.key", info.get("max_budget") == 0.05, created)
    api.did("spend.reset", info.get("budget_duration") == "30d" and bool(info.get("budget_reset_at")), created)
    api.did("spend.usage", info.get("spend") == 0, created)
    api.did("spend.balance", info.get("spend") == 0 and info.get("max_budget") == 0.05, created)
    api.did("rate.read", all(info.get(field) == settings[field] for field in RATES), created)
    changed = await api.post("/key/update", json={"key": key.token, "max_budget": 0.1, "rpm_limit": 9, "allowed_routes": []})
    info, freed = await read_key(api, key), await itself(api, key.secret)
    api.did("rate.set", info.get("rpm_limit") == 9, changed)
    api.did("key.restrict", (accepted.status, elsewhere.status, freed.status) == (200, 403, 200), elsewhere)
    blocked, refused = await api.post("/key/block", json={"key": key.token}), await models(api, key.secret)
    unblocked, again = await api.post("/key/unblock", json={"key": key.token}), await models(api, key.secret)
    took_effect = info.get("max_budget") == 0.1 and (blocked.status, refused.status, unblocked.status, again.status) == (200, 401, 200, 200)
    api.did("key.update", took_effect, refused)
    deleted, gone = await api.post("/key/delete", json={"keys": [key.token]}), await models(api, key.secret)
    api.did("key.revoke", (deleted.status, gone.status) == (200, 401), gone)


@provider.probe("key.rotate", tier=Tier.WRITE)
async def a_rotated_key_has_another_secret(api: Api) -> None:
    """The old secret is refused, the new one accepted. Without a licence the gateway refuses to rotate, which says nothing of that."""
    key, created = await create_key(api, "rotate")
    if key is None:
        api.did("key.rotate", False, created)
        return
    answer = await api.post(f"/key/{segment(key.token)}/regenerate", json={})
    secret = dotted(answer.json, "key")
    old, new = await models(api, key.secret), await models(api, str(secret))
    api.did("key.rotate", secret is not None and (old.status, new.status) == (401, 200), answer)


@provider.probe("key.expiry", tier=Tier.WRITE)
async def a_key_works_until_its_duration_is_over(api: Api) -> None:
    """A key of three seconds is accepted, then refused."""
    key, created = await create_key(api, "brief", duration="3s")
    if key is None:
        api.did("key.expiry", False, created)
        return
    first = await models(api, key.secret)
    last = await api.eventually(lambda: models(api, key.secret), lambda answer: answer.status == 401, within=15)
    api.did("key.expiry", (first.status, last.status) == (200, 401) and "expired_key" in last.text, last)


@provider.probe("spend.limit.scope", tier=Tier.WRITE)
async def a_team_keeps_its_cap(api: Api) -> None:
    """A team's cap is read back, then raised and read back again."""
    created = await create_team(api, max_budget=0.05)
    before = await api.get(f"/team/info?team_id={api.name}")
    await api.post("/team/update", json={"team_id": api.name, "max_budget": 0.1})
    after = await api.get(f"/team/info?team_id={api.name}")
    caps = [dotted(answer.json, "team_info.max_budget") for answer in (before, after)]
    api.did("spend.limit.scope", created.status == 200 and caps == [0.05, 0.1], after)


@provider.probe("spend.alert", tier=Tier.WRITE)
async def a_budget_keeps_the_amount_that_alerts(api: Api) -> None:
    """The soft budget is read back; that the alert arrives is not shown."""
    body = {"budget_id": api.name, "soft_budget": 0.01, "max_budget": 0.05}
    undo = undo_budget(api.name)
    created = await api.create("POST /budget/new", json=body, kind="budget", name=api.name, identity="budget_id", undo=undo)
    read = await api.post("/budget/info", json={"budgets": [api.name]})
    api.did("spend.alert", created.status == 200 and dotted(read.json, "0.soft_budget") == 0.01, read)
