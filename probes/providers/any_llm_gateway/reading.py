"""Keys and users are listed, and one key is read."""

from probes.addresses import segment
from probes.answer import is_number
from probes.api import Api
from probes.evidence import Cause
from probes.probe import Tier
from probes.providers.any_llm_gateway.routes import KEYS, USERS, provider


@provider.probe("key.list", "key.read", tier=Tier.READ)
async def keys_are_listed_and_one_is_read(api: Api) -> None:
    """A key from the list is read by its id and must be the same there."""
    answer = await api.get(f"{KEYS}?limit=10")
    rows = answer.json if isinstance(answer.json, list) else None
    api.did("key.list", answer.status == 200 and rows is not None, answer)
    if not rows:
        api.inconclusive("key.read", Cause.NOTHING_TO_TRY, "no key to read")
        return
    read = await api.get(f"{KEYS}/{segment(rows[0]['id'])}")
    api.did("key.read", read.status == 200 and read.json == rows[0], read)


@provider.probe("spend.usage", "spend.balance", tier=Tier.READ)
async def users_tell_what_they_spent(api: Api) -> None:
    """Each user has the spend and the budget to take it from."""
    answer = await api.get(f"{USERS}?limit=10")
    rows = answer.json if isinstance(answer.json, list) else None
    if rows == []:
        api.untested("no user to read it from", cause=Cause.NOTHING_TO_TRY)
        return
    spent = answer.status == 200 and rows is not None and all(is_number(row.get("spend")) for row in rows)
    api.did("spend.usage", spent, answer)
    api.did("spend.balance", spent and all("budget_id" in row for row in rows or []), answer)
