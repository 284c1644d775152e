"""The keys of an account, exercised in an account that the probe makes and ends."""

from urllib.parse import parse_qsl, urlencode, urlsplit

from probes.answer import dotted, rows
from probes.api import Api
from probes.dry import must_refuse
from probes.probe import Tier
from probes.providers.azure_openai.arm import (
    ACCOUNTS,
    GROUP,
    PREVIEW,
    SERVICES,
    STABLE,
    account,
    change_account,
    create_account,
    is_ready,
    opens,
    provider,
    read_keys,
    regenerate,
    remove_account,
    report,
    shuts,
    text,
    tried,
    undo_account,
    untested,
)
from probes.refusals import envelope

NO_KEY = "0" * 32
"""A key in the form of Azure's that nobody has."""

ELSEWHERE = {"defaultAction": "Deny", "ipRules": [{"value": "203.0.113.10"}]}
"""Lets nobody in but an address that is reserved for documentation."""

MOST_PAGES = 100


@provider.probe("key.create", tier=Tier.DRY)
async def an_account_without_a_location_is_refused(api: Api) -> None:
    """ARM checks the right to create before the body; beside it the same call for a resource type that does not exist."""
    body = {"kind": "AIServices", "sku": {"name": "S0"}, "properties": {}}
    await must_refuse(
        api,
        "key.create",
        f"PUT {account(api)}?{PREVIEW}",
        json=body,
        control=f"PUT {GROUP}/{SERVICES}/keycapNothing/{api.name}?{PREVIEW}",
        kind="account",
        identity="name",
        undo=undo_account(api),
    )


@provider.probe("key.create", "key.list", "key.read", "key.rotate", "key.revoke", "key.update", "key.restrict", tier=Tier.WRITE)
async def an_accounts_keys_open_it_until_they_are_replaced_or_shut_out(api: Api) -> None:
    """Create → read and try both keys → replace each → switch key login off and on → let no address in: each step is tried with a key."""
    created = await create_account(api)
    if not is_ready(created):
        untested(api, *api.probe.capabilities, without=created)
        return
    keys, again = await read_keys(api), await read_keys(api)
    first, second = text(keys, "key1"), text(keys, "key2")
    accepted, wrong = await opens(api, first), await tried(api, NO_KEY)
    report(api, "key.create", accepted.status == 200 and wrong.status == 401, keys, accepted)
    if accepted.status >= 300:
        untested(api, *api.probe.capabilities[1:], without=accepted)
        return
    report(api, "key.read", again.json == keys.json, again)
    report(api, "key.list", "" not in {first, second} and first != second and await is_listed(api), keys)
    first = await replaced(api, first, second)
    await switched_off_and_on(api, first)
    await shut_out(api, first)
    await remove_account(api)


async def is_listed(api: Api) -> bool:
    """Whether the account is in the list of the resource group's, on whatever page."""
    following: list[tuple[str, str]] = []
    for _ in range(MOST_PAGES):
        query = f"{STABLE}&{urlencode(following)}" if following else STABLE
        page = await api.get(f"{ACCOUNTS}?{query}")
        if any(row.get("name") == api.name for row in rows(page, "value")):
            return True
        link = urlsplit(text(page, "nextLink"))
        following = [(name, value) for name, value in parse_qsl(link.query) if name != "api-version"]
        if not following:
            break
    return False


async def replaced(api: Api, first: str, second: str) -> str:
    """Replace both keys, one after the other: each new one opens the account, each old one no more. Returns the new first one."""
    one = await regenerate(api, "Key1")
    untouched = await tried(api, second)
    other = await regenerate(api, "Key2")
    if one.status >= 300 or other.status >= 300:
        report(api, "key.revoke", False, one)
        report(api, "key.rotate", False, other)
        return text(one, "key1") or first
    fresh, newest = text(one, "key1"), text(other, "key2")
    old = await shuts(api, first)
    # Where the first has outlived all patience, the second has been given as much already.
    older = await (shuts if old.status == 401 else tried)(api, second)
    opened = [await opens(api, fresh), await opens(api, newest)]
    revoked = fresh not in {"", first, second} and old.status == 401 and opened[0].status == 200
    rotated = newest not in {"", second, fresh} and untouched.status == 200 and older.status == 401 and opened[1].status == 200
    report(api, "key.revoke", revoked, one, old)
    report(api, "key.rotate", rotated, other, older)
    return fresh


async def switched_off_and_on(api: Api, key: str) -> None:
    """`disableLocalAuth` shuts both keys out, says so, and lets them in again."""
    off = await change_account(api, disableLocalAuth=True)
    refused = await shuts(api, key)
    on = await change_account(api, disableLocalAuth=False)
    accepted = await opens(api, key)
    read = (dotted(off.json, "properties.disableLocalAuth"), dotted(on.json, "properties.disableLocalAuth")) == (True, False)
    says = "AuthenticationTypeDisabled" in envelope(refused.body).codes
    report(api, "key.update", read and refused.status == 403 and says and accepted.status == 200, off, on, refused)


async def shut_out(api: Api, key: str) -> None:
    """A network rule reads back and shuts out a key that opened the account before."""
    before = await opens(api, key)
    changed = await change_account(api, networkAcls=ELSEWHERE)
    refused = await shuts(api, key)
    rules = dotted(changed.json, "properties.networkAcls.ipRules.0.value") == "203.0.113.10"
    denied = dotted(changed.json, "properties.networkAcls.defaultAction") == "Deny"
    report(api, "key.restrict", before.status == 200 and rules and denied and refused.status == 403, changed, refused)
