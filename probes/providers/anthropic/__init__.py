"""Claude's Admin API: keys are made by hand, but listed, read, renamed, switched off and archived by API; workspaces are made and limited.

What no API makes, a person offers: a workspace whose name begins with `keycap-offered`, with a spend limit and two keys that nothing else
uses. `ANTHROPIC_API_KEY` is one: it is called until the limits of its workspace bite, which are lowered for it and set back.
`ANTHROPIC_DISPOSABLE_KEY` is the other, named `keycap-disposable…`: it is used up, and archived for good. Every other key and workspace is
only read. Without an offer, what needs one is inconclusive. A workspace that keycap creates is archived: it cannot be deleted.
"""

from datetime import timedelta

from probes.addresses import segment
from probes.answer import dotted, rows
from probes.api import Api
from probes.dry import must_refuse
from probes.errors import NotAllowed
from probes.evidence import Cause
from probes.probe import Provider, Tier

from .admin import KEYS, LIMITS, NO_CLOCK, ROOT, UNDO_WORKSPACE, WORKSPACES, cents, cost, own_rate, scope_of, set_limit, set_rate
from .finding import refused_for_body
from .offer import DISPOSABLE, comes_to_be, offered_key
from .series import call_against_rate_limit, call_against_spend_limit

provider = Provider("anthropic")


@provider.probe("key.list", "key.read", tier=Tier.READ)
async def keys_are_listed_by_page_and_read(api: Api) -> None:
    """The second page has another key than the first; a listed key reads the same, and one that nobody made is not found."""
    first = await api.get(f"{KEYS}?limit=1")
    key = next(iter(rows(first, "data")), None)
    if first.status == 200 and key is None:
        api.untested("no key to read", "key.list", "key.read", cause=Cause.ROUTE_ONLY)
        return
    identity = str((key or {}).get("id") or api.name)
    second = await api.get(f"{KEYS}?limit=1&after_id={segment(identity)}")
    others = rows(second, "data")
    follows = bool(others) is dotted(first.json, "has_more") and all(row.get("id") != identity for row in others)
    api.did("key.list", key is not None and key.get("type") == "api_key" and "status" in key and follows, first)
    read, none = await api.get(f"{KEYS}/{segment(identity)}"), await api.get(f"{KEYS}/{api.name}")
    api.did("key.read", key is not None and read.json == key and "expires_at" in key and none.status == 404, read)


@provider.probe("spend.usage", tier=Tier.READ)
async def cost_is_told_by_key(api: Api) -> None:
    """Cents by key over the last fortnight, more than none in all; a range that lies too far back is refused."""
    today = (await api.get(f"{KEYS}?limit=1")).clock or NO_CLOCK
    answer, old = await cost(api, today - timedelta(days=14)), await cost(api, today - timedelta(days=400))
    amounts = [cents(row) for row in rows(answer, "data")]
    if answer.status == 200 and not any(amounts):
        api.untested("nothing was spent, or the key may not see it: zeros show neither", "spend.usage", cause=Cause.ROUTE_ONLY)
        return
    api.did("spend.usage", answer.status == 200 and None not in amounts and old.status == 400, answer)


@provider.probe("rate.read", tier=Tier.READ)
async def rate_limits_are_listed(api: Api) -> None:
    """Each group has its limiters with whole numbers; a model that does not exist has none."""
    answer, none = await api.get(f"{ROOT}/rate_limits"), await api.get(f"{ROOT}/rate_limits?model={api.name}")
    values = [limit.get("value") for row in rows(answer, "data") for limit in row.get("limits") or []]
    api.did("rate.read", bool(values) and all(isinstance(value, int) for value in values) and none.status == 404, answer)


@provider.probe("key.update", "key.revoke", "rate.set", "spend.limit.scope", "spend.reset", tier=Tier.DRY)
async def writes_are_refused_for_their_body(api: Api) -> None:
    """Nothing has the ids in these addresses. Whether a body is looked at before the id is not published, so a 404 says nothing."""
    rates = f"{WORKSPACES}/{api.name}/rate_limits/{api.name}"
    await refused_for_body(api, "key.update", f"{KEYS}/{api.name}", {"name": 5})
    await refused_for_body(api, "key.revoke", f"{KEYS}/{api.name}", {"status": "keycap"})
    await refused_for_body(api, "rate.set", rates, {"limits": "keycap"})
    scope = {"type": "workspace", "workspace_id": api.name}
    for capability, wrong in (("spend.limit.scope", {"amount": "keycap"}), ("spend.reset", {"amount": "100", "period": "keycap"})):
        await must_refuse(api, capability, f"POST {LIMITS}", json={"scope": scope, **wrong}, control=f"POST {LIMITS}_keycap")


@provider.probe("rate.set", "spend.limit.scope", "spend.reset", tier=Tier.WRITE)
async def a_workspace_keeps_its_limits_until_they_are_lifted(api: Api) -> None:
    """A rate limit is set, read back and cleared, a spend limit set, read back, changed, and deleted, in a workspace of the probe's own."""
    name = {"name": api.name}
    made = await api.create(f"POST {WORKSPACES}", json=name, kind="workspace", name=api.name, identity="id", undo=UNDO_WORKSPACE)
    if made.status >= 300 or not dotted(made.json, "id"):
        api.untested(f"no workspace of its own: status {made.status}")
        return
    workspace = segment(dotted(made.json, "id"))
    await api.eventually(lambda: api.get(f"{WORKSPACES}/{workspace}"), lambda answer: answer.status < 300, within=10)
    groups = await api.get(f"{ROOT}/rate_limits?group_type=model_group", gives={"data": [{"id": "ID"}]})
    entry = next(iter(rows(groups, "data")), {}).get("id")
    if entry is None:
        api.untested("no rate limit to set another one beside", "rate.set", cause=Cause.ROUTE_ONLY)
    else:
        answer, kept = await set_rate(api, workspace, entry, 7), await own_rate(api, workspace, entry)
        cleared, none = await set_rate(api, workspace, entry, None), await own_rate(api, workspace, entry)
        api.did("rate.set", (answer.status, kept, cleared.status, none) == (200, 7, 200, None), answer)
    limit = await set_limit(api, workspace, "100")
    path = f"{LIMITS}/{segment(dotted(limit.json, 'id') or api.name)}"
    read, other = await api.get(path), await set_limit(api, workspace, "100", "keycap")
    changed, again = await set_limit(api, workspace, "200"), await api.get(path)
    deleted, gone = await api.delete(path), await api.get(path)
    kept = [dotted(each.json, "amount") for each in (read, again)] == ["100", "200"] and dotted(read.json, "scope") == scope_of(workspace)
    done = kept and dotted(changed.json, "id") == dotted(limit.json, "id") and (deleted.status, gone.status) == (200, 404)
    api.did("spend.limit.scope", done, limit)
    api.did("spend.reset", dotted(read.json, "period") == "monthly" and other.status == 400, limit)


@provider.probe("key.update", "key.revoke", tier=Tier.WRITE)
async def a_disposable_key_is_renamed_switched_off_and_on_and_archived(api: Api) -> None:
    """A new name reads back; the key is refused while it is inactive, accepted before and after, and refused once it is archived."""
    if (key := await offered_key(api, "disposable")) is None:
        return
    path, name = f"{KEYS}/{segment(key['id'])}", f"{DISPOSABLE} {api.name}"
    renamed = await api.post(path, json={"name": name, "status": "active"})
    named, before = await api.get(path), await comes_to_be(api, "disposable", works=True)
    await api.post(path, json={"status": "inactive"})
    off = await comes_to_be(api, "disposable", works=False)
    await api.post(path, json={"status": "active"})
    on = await comes_to_be(api, "disposable", works=True)
    api.did("key.update", dotted(named.json, "name") == name and before and off and on, renamed)
    archived = await api.post(path, json={"status": "archived"})
    refused, read = await comes_to_be(api, "disposable", works=False), await api.get(path)
    api.did("key.revoke", on and refused and dotted(read.json, "status") == "archived", archived)


@provider.probe("rate.headers", "spend.limit.scope", "rate.error", tier=Tier.SPEND)
async def calls_tell_their_limits_until_these_bite(api: Api) -> None:
    """One call for its headers; then, with an offered workspace, calls against a spend limit and a rate limit that are lowered for it."""
    first = await api.spend(api.inference)
    if first.status >= 300 and first.status != 429:
        api.untested(f"status {first.status}", cause=Cause.REFUSED_OTHERWISE)
        return
    api.saw_rate_headers("rate.headers", first)
    if (key := await offered_key(api, "inference", "spend.limit.scope", "rate.error")) is not None:
        workspace = segment(dotted(key, "scope.workspace_id"))
        try:
            await call_against_spend_limit(api, workspace, first)
        except NotAllowed as error:  # the preview is for spend limits only
            api.untested(error.what, "spend.limit.scope", cause=Cause.PERMISSION_MISSING)
        await call_against_rate_limit(api, workspace)
