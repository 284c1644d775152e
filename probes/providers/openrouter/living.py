"""What the probe creates lives, is changed and ends; each step is checked by what it changed. Nothing here calls a model."""

from datetime import timedelta

from probes.answer import Answer, rows
from probes.api import Api
from probes.evidence import Cause
from probes.probe import Tier
from probes.providers.openrouter.routes import (
    GONE_WITHIN,
    GUARDRAILS,
    KEYS,
    SOON,
    WORKSPACES,
    Key,
    assign,
    budget,
    create_guardrail,
    create_key,
    create_workspace,
    data,
    is_refused,
    is_served,
    page_with,
    provider,
    read_own,
    report,
    row_of,
)

LIFETIME = 12.0
"""Seconds that a key with an expiry lives: long enough to be created and used once, with other probes at work beside."""

MODELS = ["openai/gpt-4.1"]


@provider.probe("key.create", "key.list", "key.read", "spend.limit.key", "spend.reset", "key.update", "key.revoke", tier=Tier.WRITE)
async def a_key_keeps_its_cap_until_it_is_deleted(api: Api) -> None:
    """Create → reads itself → read → listed → disabled, refused → enabled, works → another cap → deleted, refused."""
    key = await create_key(api, limit=0.05, limit_reset="monthly")
    if key is None:
        api.untested("no key was created")
        return
    report(api, "key.create", key.created.status == 201 and data(key.own).get("is_management_key") is False, key.own)
    read = await read_key(api, key)
    report(api, "key.read", data(read).get("name") == api.name and data(read).get("disabled") is False, read)
    capped = {"limit": 0.05, "limit_remaining": 0.05}.items()
    report(api, "spend.limit.key", data(read).items() >= capped and data(key.own).items() >= capped, read)
    listed = await api.eventually(lambda: page_with(api, key), lambda page: bool(row_of(page, key)), within=SOON)
    report(api, "key.list", row_of(listed, key).get("name") == api.name, listed)

    renamed = f"{api.name}-renamed"
    await api.patch(key.path, json={"name": renamed, "disabled": True})
    off = await read_key(api, key)
    refused = await api.eventually(lambda: read_own(api, key), is_refused, within=SOON)
    await api.patch(key.path, json={"disabled": False})
    works = await api.eventually(lambda: read_own(api, key), is_served, within=SOON)
    changed = data(off).get("name") == renamed and data(off).get("disabled") is True and is_served(works)
    if changed and is_served(refused):
        api.untested("says that it is disabled, and still reads itself", "key.update")
    else:
        report(api, "key.update", changed, off)

    await api.patch(key.path, json={"limit": 0.02, "limit_reset": "daily"})
    read, own = await read_key(api, key), await read_own(api, key)
    daily = {"limit": 0.02, "limit_reset": "daily"}.items()
    before = data(key.created).get("limit_reset") == "monthly"
    report(api, "spend.reset", before and data(read).items() >= daily and data(own).items() >= daily, read)

    deleted = await api.delete(key.path)
    refused = await api.eventually(lambda: read_own(api, key), is_refused, within=GONE_WITHIN)
    report(api, "key.revoke", is_served(deleted) and is_refused(refused), refused)


@provider.probe("key.expiry", tier=Tier.WRITE)
async def a_key_stops_working_when_it_expires(api: Api) -> None:
    """The expiry is counted by the server's own clock, so that no other clock can be wrong."""
    began = (await api.get(KEYS)).clock
    if began is None:
        api.untested("the server does not tell the time")
        return
    expires = began + timedelta(seconds=LIFETIME)
    key = await create_key(api, limit=0.01, expires_at=expires.strftime("%Y-%m-%dT%H:%M:%SZ"))
    if key is None or not is_served(key.own):
        api.untested("no key that worked before it expired")
        return
    await api.wait((expires - (key.own.clock or began)).total_seconds())
    refused = await api.eventually(lambda: read_own(api, key), is_refused, within=GONE_WITHIN)
    report(api, "key.expiry", bool(data(key.own).get("expires_at")) and is_refused(refused), refused)


@provider.probe("key.restrict", "spend.limit.scope", tier=Tier.WRITE)
async def a_guardrail_restricts_and_caps_the_keys_it_is_assigned_to(api: Api) -> None:
    """A guardrail keeps its models and its budget; assigned to a key, the key reads of a budget that it had not before."""
    key = await create_key(api)
    guardrail = await create_guardrail(api, allowed_models=MODELS, limit_usd=0.05, reset_interval="monthly")
    if key is None or guardrail is None:
        api.untested("no key or no guardrail was created")
        return
    read = await api.eventually(lambda: api.get(f"{GUARDRAILS}/{guardrail}"), is_served, within=SOON)
    await assign(api, guardrail, key)
    assigned = await api.get(f"{GUARDRAILS}/{guardrail}/assignments/keys")
    is_assigned = [row.get("key_hash") for row in rows(assigned, "data")] == [key.hash]
    report(api, "key.restrict", data(read).get("allowed_models") == MODELS and is_assigned, read)
    own = await api.eventually(lambda: read_own(api, key), lambda answer: bool(budget(answer, "api_key")), within=SOON)
    capped = {"limit_usd": 0.05, "reset_interval": "monthly"}.items()
    applies = not budget(key.own, "api_key") and budget(own, "api_key").items() >= capped
    report(api, "spend.limit.scope", applies and data(read).items() >= capped, own)


@provider.probe("spend.limit.scope", tier=Tier.WRITE)
async def a_workspace_keeps_its_budget_until_it_is_removed(api: Api) -> None:
    """A workspace of its own, a budget that a key in it reads of, and no longer once it is removed. Needs the Enterprise plan."""
    workspace = await create_workspace(api)
    if workspace is None:
        api.untested("no workspace was created", cause=Cause.PERMISSION_MISSING)
        return
    monthly = f"{WORKSPACES}/{workspace}/budgets/monthly"
    put = await api.eventually(lambda: api.put(monthly, json={"limit_usd": 5}), lambda answer: answer.status != 404, within=SOON)
    key = await create_key(api, workspace_id=workspace)
    if not is_served(put) or key is None:
        report(api, "spend.limit.scope", False, put)
        return
    read = await api.get(monthly)
    capped = {"limit_usd": 5, "reset_interval": "monthly"}.items()
    kept = data(read).items() >= capped and budget(key.own, "workspace").items() >= capped
    await api.delete(monthly)
    without = await api.eventually(lambda: read_own(api, key), lambda answer: not budget(answer, "workspace"), within=SOON)
    report(api, "spend.limit.scope", kept and is_served(without) and not budget(without, "workspace"), read)


async def read_key(api: Api, key: Key) -> Answer:
    """The key as its management key sees it, as soon as it is there."""
    return await api.eventually(lambda: api.get(key.path), is_served, within=SOON)
