"""What is there is listed, and one key is read."""

from probes.addresses import segment
from probes.answer import dotted, is_number
from probes.api import Api
from probes.evidence import Cause
from probes.probe import Tier
from probes.providers.litellm.routes import RATES, provider

SECONDS = len("2026-11-24T12:40:18")
"""As far as the two agree on how to write a time."""


@provider.probe("key.list", "key.read", "spend.usage", "spend.balance", "rate.read", tier=Tier.READ)
async def keys_are_listed_and_one_is_read(api: Api) -> None:
    """A key from the list is read by its hash and must be the same there; without a key only the list is shown."""
    answer = await api.get("/key/list?return_full_object=true&size=10")
    rows = dotted(answer.json, "keys")
    api.did("key.list", answer.status == 200 and isinstance(rows, list), answer)
    if not rows:
        api.untested("no key to read it from", cause=Cause.NOTHING_TO_TRY)
        return
    row = rows[0]
    read = await api.get(f"/key/info?key={segment(row['token'])}")
    info = dotted(read.json, "info") or {}
    same = [info.get("key_alias"), str(info.get("created_at"))[:SECONDS]] == [row.get("key_alias"), str(row.get("created_at"))[:SECONDS]]
    api.did("key.read", read.status == 200 and same, read)
    api.did("spend.usage", same and is_number(info.get("spend")), read)
    api.did("spend.balance", same and "max_budget" in info and "spend" in info, read)
    api.did("rate.read", same and all(field in info for field in RATES), read)
