"""The life of a key, and forms that must be refused."""

from probes.addresses import segment
from probes.answer import dotted, rows
from probes.api import Api
from probes.dry import must_refuse
from probes.evidence import Cause
from probes.keys import REFUSED, becomes
from probes.probe import Tier
from probes.providers.qwen.calls import A_KEY, ELSEWHERE, KEYS, LIFE, LIMITS, NO_SUCH, PAGE, create_key, deletion, provider, roa, use


@provider.probe("key.create", "key.update", "key.restrict", "rate.set", tier=Tier.DRY)
async def bad_forms_are_refused(api: Api) -> None:
    """A kind of permission that there is not, 201 characters of description, a rate without its workspace; the control has no action."""
    bad = {"auth": {"type": "keycap"}}
    create = "POST " + roa(KEYS, "CreateApiKey", description=api.name)
    control = f"POST {NO_SUCH}"
    await must_refuse(api, "key.create", create, json=bad, control=control, kind="key", identity="apiKey.apiKeyId", undo=deletion(api))
    await must_refuse(api, "key.restrict", "PUT " + roa(f"{KEYS}/0", "UpdateApiKey"), json=bad, control=f"PUT {NO_SUCH}")
    rename = "PUT " + roa(f"{KEYS}/0", "UpdateApiKey", description="k" * 201)
    await must_refuse(api, "key.update", rename, json=None, control=f"PUT {NO_SUCH}")
    await must_refuse(api, "rate.set", "POST " + roa(LIMITS, "UpdateModelLimits"), json={"workspaceLimits": "[]"}, control=control)


@provider.probe("key.create", "key.list", "key.read", "key.update", "key.rotate", "key.revoke", tier=Tier.WRITE)
async def a_key_lives_from_creation_to_deletion(api: Api) -> None:
    """Create → use → find → rename → disable → enable → reset → delete; after each step the key is used, and opens or does not."""
    created = await create_key(api)
    number, secret = dotted(created.json, "apiKey.apiKeyId"), dotted(created.json, "apiKey.apiKeyValue")
    if number is None or not isinstance(secret, str):
        api.did("key.create", False, created)
        return
    path, wrong = f"{KEYS}/{segment(number)}", await use(api, f"sk-{api.password()}")
    opened = await becomes(api, use, secret, works=True)
    api.did("key.create", (opened.status, wrong.status) == (200, 401), opened)
    found = await api.get(roa(KEYS, "ListApiKeys", description=api.name, maxResults=PAGE))
    api.did("key.list", [row.get("apiKeyId") for row in rows(found, "apiKeys")] == [number], found)
    await api.put(roa(path, "UpdateApiKey", description=f"{api.name}-renamed"))
    read = await api.get(roa(path, "GetApiKey"))
    api.did("key.read", dotted(read.json, "apiKey.apiKeyId") == number and dotted(read.json, "apiKey.disabled") == 0, read)
    await api.put(roa(f"{path}/disable", "DisableApiKey"))
    shut = await becomes(api, use, secret, works=False)
    await api.put(roa(f"{path}/enable", "EnableApiKey"))
    open_again = await becomes(api, use, secret, works=True)
    renamed = dotted(read.json, "apiKey.description") == f"{api.name}-renamed"
    api.did("key.update", renamed and shut.status in REFUSED and open_again.status == 200, open_again)
    reset = await api.put(roa(f"{path}/reset", "ResetApiKey"), gives=A_KEY)
    second = dotted(reset.json, "apiKey.apiKeyValue")
    if isinstance(second, str):
        new, old = await becomes(api, use, second, works=True), await becomes(api, use, secret, works=False)
        same = dotted(reset.json, "apiKey.apiKeyId") == number
        api.did("key.rotate", same and new.status == 200 and old.status in REFUSED, old)
    else:
        api.did("key.rotate", False, reset)
    await api.delete(roa(path, "DeleteApiKey"))
    ended = await becomes(api, use, second if isinstance(second, str) else secret, works=False)
    gone = await api.get(roa(path, "GetApiKey"))
    api.did("key.revoke", ended.status in REFUSED and dotted(gone.json, "apiKey.apiKeyId") is None, ended)


@provider.probe("key.restrict", "key.expiry", tier=Tier.WRITE)
async def a_key_opens_from_its_addresses_only_and_a_temporary_one_ends(api: Api) -> None:
    """Limited to an address elsewhere it is refused here, then opens again; a temporary key opens, and not once its seconds have passed."""
    created = await create_key(api)
    number, secret = dotted(created.json, "apiKey.apiKeyId"), dotted(created.json, "apiKey.apiKeyValue")
    if number is None or not isinstance(secret, str):
        api.untested(f"status {created.status}, no key of its own to try it on")
        return
    path, before = f"{KEYS}/{segment(number)}", await becomes(api, use, secret, works=True)
    elsewhere = {"type": "Custom", "accessIps": [ELSEWHERE], "modelAccessScope": {"allowAllModels": True}}
    await api.put(roa(path, "UpdateApiKey"), json={"auth": elsewhere})
    read = await api.get(roa(path, "GetApiKey"))
    if dotted(read.json, "apiKey.auth.accessIps") != [ELSEWHERE]:
        api.did("key.restrict", False, read)
    elif (refused := await becomes(api, use, secret, works=False)).status in REFUSED and before.status == 200:
        api.did("key.restrict", True, refused)
    else:
        api.inconclusive("key.restrict", Cause.CONTROL_FAILED, f"kept, but models are listed all the same: status {refused.status}")
    await api.put(roa(path, "UpdateApiKey"), json={"auth": {"type": "All"}})
    await becomes(api, use, secret, works=True)
    minted = await api.post(f"inference:/api/v1/tokens?expire_in_seconds={LIFE}", credential="inference", secret=secret, gives="token")
    token = dotted(minted.json, "token")
    if not isinstance(token, str):
        api.did("key.expiry", False, minted)
        return
    opened = await use(api, token)
    await api.wait(LIFE)
    ended = await becomes(api, use, token, works=False)
    api.did("key.expiry", opened.status == 200 and ended.status in REFUSED, ended)
