"""What a person made for keycap to use: a workspace and its keys."""

from typing import Any

from probes.addresses import segment
from probes.answer import dotted, rows
from probes.api import Api
from probes.errors import NotAllowed
from probes.evidence import Cause
from probes.vocabulary import Means

from .admin import KEYS, WORKSPACES

OFFERED, DISPOSABLE = "keycap-offered", "keycap-disposable"
SEEN_WITHIN = 6
"""Seconds that a changed key is given to be accepted or refused accordingly."""


async def offered_key(api: Api, credential: str, *capabilities: str) -> dict[str, Any] | None:
    """The key that a person offers and that this credential is the secret of; without one the capabilities (all) are reported."""
    disposable = credential == "disposable"
    workspace = {"id": "ID", "name": OFFERED}
    shown = {**workspace, "name": DISPOSABLE if disposable else OFFERED, "scope": {"workspace_id": "ID"}}
    named = [row for row in await listed(api, f"{WORKSPACES}?limit=1000", workspace) if str(row.get("name")).startswith(OFFERED)]
    keys = await listed(api, f"{KEYS}?limit=1000&workspace_id={segment(named[0].get('id'))}", shown) if named else []
    fitting = [key for key in keys if key.get("status") != "archived" and str(key.get("name")).startswith(DISPOSABLE) is disposable]
    if not fitting:
        why = f"no workspace whose name begins with {OFFERED}, or no key in it{f' named {DISPOSABLE}…' if disposable else ''}"
        api.untested(why, *capabilities, cause=Cause.NOTHING_TO_TRY)
        return None
    if not is_held(api, credential, fitting[0]):
        why = f"{', '.join(api.provider.credentials[credential].env)} is not the secret of the offered key"
        api.untested(why, *capabilities, cause=Cause.CREDENTIAL_MISSING)
        return None
    return fitting[0]


def is_held(api: Api, credential: str, key: dict[str, Any]) -> bool:
    """Whether the credential fits the key's hint, of which both ends show. A replay holds none: what was recorded did fit."""
    held = api.session.held.get(credential)
    start, _, end = str(key.get("partial_key_hint") or "").partition("...")
    return held is None or (held.values[0].startswith(start) and held.values[0].endswith(end))


async def listed(api: Api, path: str, shown: dict[str, Any]) -> list[dict[str, Any]]:
    """All rows of a list of whole pages; a preview takes `shown` for them."""
    answer = await api.get(path, gives={"data": [shown]})
    found = rows(answer, "data")
    while dotted(answer.json, "has_more") is True and dotted(answer.json, "last_id"):
        answer = await api.get(f"{path}&after_id={segment(dotted(answer.json, 'last_id'))}")
        found += rows(answer, "data")
    return found


async def accepted(api: Api, credential: str) -> bool:
    """Whether a key may list models. Raises NotAllowed where it is not given."""
    try:
        return (await api.get("/v1/models", credential=credential)).status < 300
    except NotAllowed as error:
        if error.means == Means.CREDENTIAL:
            return False
        raise


async def comes_to_be(api: Api, credential: str, *, works: bool) -> bool:
    """Whether a key is accepted, or refused, in time."""
    for _ in range(SEEN_WITHIN):
        if await accepted(api, credential) is works:
            return True
        await api.wait(1.0)
    return False
