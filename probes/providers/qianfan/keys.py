"""Short-term keys: minted for a time, narrowed by a list of permissions, and refused for a bad one."""

from datetime import datetime
from typing import Any

from probes.answer import Answer, dotted
from probes.api import Api
from probes.dry import must_refuse
from probes.evidence import Cause
from probes.keys import REFUSED, becomes
from probes.probe import Tier
from probes.providers.qianfan.calls import LIFE, LONGER_LIFE, MINT, NOTHING, mint, minted, provider, use


@provider.probe("key.create", "key.restrict", tier=Tier.DRY)
async def a_list_of_permissions_that_is_none_is_refused(api: Api) -> None:
    """Were it ignored, a key of five minutes would be minted, and nothing kept of it."""
    call, control = f"GET {MINT}?expireInSeconds={LIFE}&acl=keycap", f"GET iam:/v1/BCE-BEARER/keycap-none?expireInSeconds={LIFE}&acl=keycap"
    await must_refuse(api, "key.create", call, json=None, control=control)
    await must_refuse(api, "key.restrict", call, json=None, control=control)


@provider.probe("key.create", "key.expiry", "key.restrict", tier=Tier.WRITE)
async def a_short_term_key_opens_for_its_time_and_what_its_list_allows(api: Api) -> None:
    """A key of five minutes opens, a made-up one does not; one of seven minutes, allowed nothing that there is, is refused.

    The end of a key is read from the answer, for two different lives: waiting for it would take five minutes.
    """
    first = await mint(api, LIFE)
    secret = minted(first)
    if secret is None:
        api.did("key.create", False, first)
        return
    wrong, opened = await use(api, f"bce-v3/ALTAK-{api.password()}"), await becomes(api, use, secret, works=True)
    api.did("key.create", (opened.status, wrong.status) == (200, 401), opened)
    second = await mint(api, LONGER_LIFE, NOTHING)
    api.did("key.expiry", (life(first), life(second)) == (LIFE, LONGER_LIFE), second)
    narrowed = minted(second)
    if narrowed is None:
        api.did("key.restrict", False, second)
        return
    refused = await becomes(api, use, narrowed, works=False)
    if opened.status == 200 and refused.status == 200:
        api.inconclusive("key.restrict", Cause.CONTROL_FAILED, "models may be listed by any key: only a call for inference would show it")
    else:
        api.did("key.restrict", opened.status == 200 and refused.status in REFUSED, refused)


def life(answer: Answer) -> int | None:
    """Seconds from a key's creation to its end, None where the answer does not tell both."""
    try:
        since, until = (datetime.fromisoformat(_text(dotted(answer.json, name))) for name in ("createTime", "expireTime"))
    except ValueError:
        return None
    return round((until - since).total_seconds())


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
