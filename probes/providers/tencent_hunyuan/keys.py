"""The life of a key, and the quotas it bears."""

from probes.answer import dotted, rows
from probes.api import Api
from probes.evidence import Cause
from probes.keys import REFUSED
from probes.probe import Tier
from probes.providers.tencent_hunyuan.calls import (
    ELSEWHERE,
    PAGE,
    act,
    becomes,
    create_key,
    describe,
    provider,
    quota,
    quotas_of,
    secret_of,
    use,
)


@provider.probe("key.create", "key.list", "key.read", "key.update", "key.revoke", tier=Tier.WRITE)
async def a_key_lives_from_creation_to_deletion(api: Api) -> None:
    """Create → use → find → remark → disable → enable → delete; after each step the key is used, and opens or does not."""
    number = await create_key(api)
    secret = await secret_of(api, number) if number else None
    if number is None or secret is None:
        api.untested("no key was made, or its value is not told")
        return
    wrong, opened = await use(api, f"sk-{api.password()}"), await becomes(api, secret, works=True)
    if wrong.status < 300:
        api.untested(f"status {wrong.status} to a made-up key: models may be listed by anybody, so nothing shows what a key is good for")
        return
    api.did("key.create", opened.status == 200 and wrong.status in REFUSED, opened)
    named = {"Name": "apiKeyName", "Op": "EXACT", "Values": [api.name]}
    found = await act(api, "DescribeApiKeyList", Limit=PAGE, Offset=0, Filters=[named])
    api.did("key.list", [row.get("ApiKeyId") for row in rows(found, "Response.ApiKeySet")] == [number], found)
    await act(api, "ModifyApiKeyInfo", ApiKeyId=number, Remark=f"{api.name}-changed")
    await act(api, "ModifyApiKeyStatus", ApiKeyId=number, Status="disable")
    shut, read = await becomes(api, secret, works=False), await describe(api, number)
    told = {name: dotted(read.json, f"Response.{name}") for name in ("ApiKeyId", "Name", "Remark", "Status")}
    api.did("key.read", told == {"ApiKeyId": number, "Name": api.name, "Remark": f"{api.name}-changed", "Status": "disable"}, read)
    await act(api, "ModifyApiKeyStatus", ApiKeyId=number, Status="enable")
    open_again = await becomes(api, secret, works=True)
    api.did("key.update", shut.status in REFUSED and open_again.status == 200, open_again)
    await act(api, "DeleteApiKey", ApiKeyId=number)
    ended = await becomes(api, secret, works=False)
    after = await act(api, "DescribeApiKeyList", Limit=PAGE, Offset=0, Filters=[named])
    gone = isinstance(dotted(after.json, "Response.ApiKeySet"), list) and not rows(after, "Response.ApiKeySet")
    api.did("key.revoke", open_again.status == 200 and ended.status in REFUSED and gone, ended)


@provider.probe("spend.limit.key", "spend.reset", tier=Tier.WRITE)
async def a_key_keeps_the_quotas_it_is_given(api: Api) -> None:
    """Made with quotas of a day and of a month → read back → changed to another month and for good → read back → none → read back.

    That a period begins anew is read, not waited for.
    """
    number = await create_key(api, quota("d", 100_000), quota("m", 2_000_000, MonthStartDay=1))
    if number is None:
        api.untested("no key was made")
        return
    first = await describe(api, number)
    await act(
        api, "ModifyApiKeyInfo", ApiKeyId=number, QuotasDesired=[quota("m", 3_000_000, MonthStartDay=15), quota("lifetime", 5_000_000)]
    )
    changed = await describe(api, number)
    await act(api, "ModifyApiKeyInfo", ApiKeyId=number, QuotasDesired=[])
    none = await describe(api, number)
    began = quotas_of(first) == {"d": "100000", "m": "2000000"} and dotted(first.json, "Response.QuotaStatus") == "active"
    removed = dotted(none.json, "Response.ApiKeyId") == number and not quotas_of(none)
    api.did("spend.limit.key", began and removed, first if not began else none)
    api.did("spend.reset", began and quotas_of(changed) == {"m": "3000000", "lifetime": "5000000"}, changed)


@provider.probe("key.restrict", tier=Tier.WRITE)
async def a_key_opens_from_its_addresses_only(api: Api) -> None:
    """Limited to an address elsewhere it is refused here; with an empty list it opens again."""
    number = await create_key(api)
    secret = await secret_of(api, number) if number else None
    if number is None or secret is None:
        api.untested("no key of its own to try it on")
        return
    before = await becomes(api, secret, works=True)
    await act(api, "ModifyApiKeyInfo", ApiKeyId=number, IpWhitelist=[ELSEWHERE])
    read = await describe(api, number)
    if dotted(read.json, "Response.IpWhitelist") != [ELSEWHERE]:
        api.did("key.restrict", False, read)
        return
    refused = await becomes(api, secret, works=False)
    await act(api, "ModifyApiKeyInfo", ApiKeyId=number, IpWhitelist=[])
    after = await becomes(api, secret, works=True)
    if refused.status in REFUSED and (before.status, after.status) == (200, 200):
        api.did("key.restrict", True, refused)
    else:
        statuses = f"status {before.status}, {refused.status}, {after.status}"
        api.inconclusive("key.restrict", Cause.CONTROL_FAILED, f"kept, but models are listed all the same: {statuses}")
