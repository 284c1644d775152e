"""Writes that must be refused, or that Google only checks: nothing is created, route and permission are proven."""

from typing import Any

from probes import dry
from probes.answer import dotted
from probes.api import Api
from probes.evidence import Cause
from probes.probe import Tier

from .reading import QUOTAS
from .steps import BUDGETS, OWN, SERVICE, TARGETS, keys, money, provider, rows, spend_cap, undo_budget, undo_key

PREFERENCES = f"quotas:/v1/projects/{OWN}/locations/global/quotaPreferences"
NO_KEYS = f"{keys()}-keycap-none"
NO_BUDGETS = f"POST budgets:{BUDGETS}-keycap-none"


@provider.probe("key.create", "key.update", "key.restrict", "key.revoke", tier=Tier.DRY)
async def keys_are_refused_for_their_body(api: Api) -> None:
    """A name of 64 characters; for a key that is not there a name that is a number, restrictions that are a text, an unknown choice."""
    long = {"displayName": f"{api.name:-<64}", "restrictions": TARGETS}
    create, undo = f"POST {keys()}?keyId={api.name}", undo_key(api)
    await dry.must_refuse(api, "key.create", create, json=long, control=f"POST {NO_KEYS}", kind="key", identity="name", undo=undo)
    key, none = f"{keys()}/{api.name}", f"{NO_KEYS}/{api.name}"
    named, restricted = {"displayName": 5}, {"restrictions": "none"}
    await dry.must_refuse(api, "key.update", f"PATCH {key}?updateMask=displayName", json=named, control=f"PATCH {none}")
    await dry.must_refuse(api, "key.restrict", f"PATCH {key}?updateMask=restrictions", json=restricted, control=f"PATCH {none}")
    await dry.must_refuse(api, "key.revoke", f"DELETE {key}?checkExistingUsage=NONE", json=None, control=f"DELETE {none}")


@provider.probe("spend.limit.scope", "spend.reset", "spend.alert", tier=Tier.DRY)
async def budgets_are_refused_for_their_body(api: Api) -> None:
    """A cap by the year, which there is not; a period that nobody knows; a warning at less than nothing."""
    project = api.setting("project")
    cap = spend_cap(api, project, 1.0)
    by_year = {**cap, "budgetFilter": {**cap["budgetFilter"], "calendarPeriod": "YEAR"}}
    unknown = {**cap, "budgetFilter": {**cap["budgetFilter"], "calendarPeriod": "FORTNIGHT"}}
    alert = {"displayName": api.name, "amount": money(1.0), "thresholdRules": [{"thresholdPercent": -1}]}
    for capability, body in (("spend.limit.scope", by_year), ("spend.reset", unknown), ("spend.alert", alert)):
        undo = undo_budget(OWN)
        create = f"POST budgets:{BUDGETS}"
        await dry.must_refuse(api, capability, create, json=body, control=NO_BUDGETS, kind="budget", identity="name", undo=undo)


@provider.probe("rate.set", tier=Tier.DRY)
async def a_quota_is_validated_and_not_set(api: Api) -> None:
    """With `validateOnly` the value that a quota has already is accepted, an unknown quota is not, and nothing is there afterwards."""
    answer = await api.get(QUOTAS)
    told = [info for info in rows(answer, "quotaInfos") if dotted(info, "dimensionsInfos.0.details.value") is not None]
    if not told:
        api.untested(f"no quota has a value, status {answer.status}", cause=Cause.NOTHING_TO_TRY)
        return
    bucket = told[0]["dimensionsInfos"][0]
    body: dict[str, Any] = {
        "service": SERVICE,
        "quotaId": told[0].get("quotaId"),
        "dimensions": bucket.get("dimensions", {}),
        "quotaConfig": {"preferredValue": str(bucket["details"]["value"])},
    }
    call = f"{PREFERENCES}/{api.name}?allowMissing=true&validateOnly=true"
    valid, unknown = await api.patch(call, json=body), await api.patch(call, json={**body, "quotaId": "KeycapNone"})
    after = await api.get(f"{PREFERENCES}/{api.name}")
    api.did("rate.set", valid.status == 200 and unknown.status >= 400 and after.status == 404, valid)
