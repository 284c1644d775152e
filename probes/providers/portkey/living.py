"""What the probe creates lives, is changed and ends; each step is checked by what it changed. Nothing here calls a model."""

from datetime import timedelta
from typing import Any

from probes.answer import Answer, dotted
from probes.api import Api
from probes.evidence import Cause
from probes.probe import Tier
from probes.providers.portkey.routes import (
    GONE_WITHIN,
    KEYS,
    POLICIES,
    SCOPES,
    SOON,
    WORKSPACES,
    create_key,
    create_policy,
    create_workspace,
    has,
    is_refused,
    is_served,
    provider,
    report,
    row_of,
    use,
)

LIFETIME = 6.0
"""Seconds that a key with an expiry lives: long enough to be created and used once."""

OVERLAP_MS = 1_800_000
"""The least that old and new secret live side by side."""

LISTS_KEYS = "workspace_service_api_keys.list"


@provider.probe("key.create", "key.list", "key.read", "key.update", "key.rotate", "key.revoke", tier=Tier.WRITE)
async def a_key_works_until_it_is_deleted(api: Api) -> None:
    """Create, and a made-up one is refused → read → listed → renamed → rotated, both secrets work → deleted, both are refused."""
    workspace = await create_workspace(api)
    key = await create_key(api, workspace) if workspace else None
    if workspace is None or key is None:
        api.untested("no workspace with a key was created")
        return
    nobody = await use(api, f"{api.name}-made-up")
    report(api, "key.create", is_served(key.own) and is_refused(nobody), key.own)
    read = await api.eventually(lambda: api.get(key.path), is_served, within=SOON)
    report(api, "key.read", has(read.json, id=key.id, name=api.name, status="active"), read)
    row, page = await row_of(api, key, workspace)
    report(api, "key.list", row.get("name") == api.name, page)

    renamed = await api.put(key.path, json={"name": f"{api.name}-renamed"})
    read = await api.get(key.path)
    report(api, "key.update", is_served(renamed) and has(read.json, name=f"{api.name}-renamed"), read)

    rotated = await api.post(f"{key.path}/rotate", json={"key_transition_period_ms": OVERLAP_MS})
    secret = str(dotted(rotated.json, "key") or key.secret)
    both = [await api.eventually(lambda: use(api, secret), is_served, within=SOON), await use(api, key.secret)]
    overlaps = dotted(rotated.json, "key_transition_expires_at") is not None and all(map(is_served, both))
    report(api, "key.rotate", secret != key.secret and overlaps, rotated)

    deleted = await api.delete(key.path)
    new = await api.eventually(lambda: use(api, secret), is_refused, within=GONE_WITHIN)
    old = await api.eventually(lambda: use(api, key.secret), is_refused, within=SOON)
    report(api, "key.revoke", is_served(deleted) and is_refused(new) and is_refused(old), new if not is_refused(new) else old)


@provider.probe("spend.limit.key", "spend.reset", "spend.alert", "rate.set", "rate.read", tier=Tier.WRITE)
async def a_key_keeps_its_budget_and_its_rate(api: Api) -> None:
    """Created with a budget of 5 USD a month and 60 requests a minute, then given others; read back each time.

    Nobody is named to be written to: a threshold is read back, a mail is not waited for.
    """
    workspace = await create_workspace(api)
    first = {"type": "cost", "credit_limit": 5, "alert_threshold": 3, "periodic_reset": "monthly"}
    second = {"type": "cost", "credit_limit": 7, "alert_threshold": 6, "periodic_reset": "weekly"}
    slow, slower = ([{"type": "requests", "unit": "rpm", "value": value}] for value in (60, 30))
    key = await create_key(api, workspace, usage_limits=first, rate_limits=slow) if workspace else None
    if key is None:
        api.untested("no workspace with a key was created")
        return
    before = await api.eventually(lambda: api.get(key.path), is_served, within=SOON)
    changed = await api.put(key.path, json={"usage_limits": second, "rate_limits": slower})
    after = await api.get(key.path)

    def kept(*names: str) -> bool:
        """Whether these fields of the budget read as they were given, both times."""
        then, now = ({name: given[name] for name in names} for given in (first, second))
        return has(dotted(before.json, "usage_limits"), **then) and has(dotted(after.json, "usage_limits"), **now)

    judged = after if is_served(changed) else changed
    report(api, "spend.limit.key", kept("type", "credit_limit"), judged)
    report(api, "spend.reset", kept("periodic_reset"), judged)
    report(api, "spend.alert", kept("alert_threshold"), judged)
    rates = [[pick(each, "type", "unit", "value") for each in listed(read, "rate_limits")] for read in (before, after)]
    report(api, "rate.read", rates[0] == slow, before)
    report(api, "rate.set", rates == [slow, slower], judged)


@provider.probe("key.expiry", tier=Tier.WRITE)
async def a_key_stops_working_when_it_expires(api: Api) -> None:
    """The expiry is counted by the server's own clock, so that no other clock can be wrong."""
    workspace = await create_workspace(api)
    began = (await api.get(f"{KEYS}?page_size=1")).clock
    if workspace is None or began is None:
        api.untested("no workspace, or a server that does not tell the time")
        return
    expires = began + timedelta(seconds=LIFETIME)
    key = await create_key(api, workspace, expires_at=expires.strftime("%Y-%m-%dT%H:%M:%SZ"))
    if key is None or not is_served(key.own):
        api.untested("no key that worked before it expired")
        return
    read = await api.get(key.path)
    await api.wait(max(0.0, (expires - (read.clock or began)).total_seconds()))
    refused = await api.eventually(lambda: use(api, key.secret), is_refused, within=GONE_WITHIN)
    report(api, "key.expiry", is_refused(refused), refused)


@provider.probe("key.restrict", tier=Tier.WRITE)
async def a_key_keeps_to_its_scopes(api: Api) -> None:
    """Of two keys that differ in their scopes alone, one lists the keys of their workspace and the other is refused; both work."""
    workspace = await create_workspace(api)
    narrow = await create_key(api, workspace, "-narrow") if workspace else None
    wide = await create_key(api, workspace, "-wide", scopes=[*SCOPES, LISTS_KEYS]) if workspace else None
    if narrow is None or wide is None or not is_served(narrow.own):
        api.untested("no workspace with two keys was created")
        return
    path = f"{KEYS}?workspace_id={workspace}"
    refused, served = [await api.get(path, credential="inference", secret=key.secret) for key in (narrow, wide)]
    if not is_served(served):
        api.untested(f"the key that may list was refused: status {served.status}")
        return
    report(api, "key.restrict", is_refused(refused), refused)


@provider.probe("spend.limit.scope", "spend.alert", "spend.reset", tier=Tier.WRITE)
async def a_workspace_keeps_its_budget(api: Api) -> None:
    """Created with a budget of 5 USD a month, then given another one; read back each time."""
    first, second = [monthly(5, 3)], [{**monthly(7, 6), "periodic_reset": "weekly"}]
    workspace = await create_workspace(api, usage_limits=first)
    if workspace is None:
        api.untested("no workspace was created", cause=Cause.PERMISSION_MISSING)
        return
    path = f"{WORKSPACES}/{workspace}"
    before = await api.eventually(lambda: api.get(path), is_served, within=SOON)
    changed = await api.put(path, json={"usage_limits": second})
    after = await api.get(path)
    judged = after if is_served(changed) else changed
    for capability, names in (
        ("spend.limit.scope", ("type", "credit_limit")),
        ("spend.alert", ("alert_threshold",)),
        ("spend.reset", ("periodic_reset",)),
    ):
        read = [[pick(each, *names) for each in listed(answer, "usage_limits")] for answer in (before, after)]
        report(api, capability, read == [[pick(each, *names) for each in given] for given in (first, second)], judged)


@provider.probe("spend.limit.scope", tier=Tier.WRITE)
async def a_policy_keeps_its_budget_until_it_is_deleted(api: Api) -> None:
    """A policy over a workspace: read, changed, read, and no longer among the active ones once it is deleted."""
    workspace = await create_workspace(api)
    policy = await create_policy(api, workspace, 0.05) if workspace else None
    if policy is None:
        api.untested("no workspace with a policy was created")
        return
    before = await api.eventually(lambda: api.get(policy), is_served, within=SOON)
    await api.put(policy, json={"credit_limit": 0.02})
    after = await api.get(policy)
    await api.delete(policy)
    left = await api.get(f"{POLICIES}?workspace_id={workspace}")
    kept = has(before.json, type="cost", credit_limit=0.05) and has(after.json, type="cost", credit_limit=0.02)
    report(api, "spend.limit.scope", kept and listed(left, "data") == [], after)


def monthly(usd: int, threshold: int) -> dict[str, Any]:
    """A budget a month, and when to warn of it, in whole USD."""
    return {"type": "cost", "credit_limit": usd, "alert_threshold": threshold, "periodic_reset": "monthly"}


def listed(answer: Answer, path: str) -> list[Any]:
    """The list at a path, empty where there is none."""
    found = dotted(answer.json, path)
    return found if isinstance(found, list) else []


def pick(row: Any, *names: str) -> dict[str, Any]:
    """These fields of an object; what it does not have is None."""
    return {name: dotted(row, name) for name in names}
