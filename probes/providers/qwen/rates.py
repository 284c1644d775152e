"""Rates of a workspace that a probe made, set and called against."""

from probes import enforcement
from probes.addresses import segment
from probes.answer import dotted, rows
from probes.api import Api
from probes.evidence import Cause
from probes.keys import REFUSED, becomes
from probes.probe import Tier
from probes.providers.qwen.calls import (
    A_RATE,
    KEYS,
    LIMITS,
    PAGE,
    PER_MINUTE,
    PERMISSIONS,
    create_key,
    create_workspace,
    own_rate,
    provider,
    roa,
    set_rate,
    use,
)


@provider.probe("rate.set", "rate.read", tier=Tier.WRITE)
async def a_workspace_keeps_the_rate_it_is_given(api: Api) -> None:
    """In a workspace of its own: none at first, set → read back → deleted → none again; a model's account-wide rate stays."""
    workspace = await create_workspace(api)
    models = await api.get(roa(LIMITS, "ListModelLimits", maxResults=PAGE, workspaceId=workspace or ""), gives=A_RATE)
    limited = [row for row in rows(models, "limits") if dotted(row, "modelLimit.requestLimit")]
    if workspace is None or not limited:
        api.untested("no workspace of its own to try it on")
        return
    model = limited[0].get("model", "")
    wanted = {"requestLimit": PER_MINUTE, "requestLimitPeriod": 60, "usageLimit": 10_000, "usageLimitPeriod": 60}
    await set_rate(api, workspace, model, "OVERLAY", wanted)
    kept = await own_rate(api, workspace, model)
    await set_rate(api, workspace, model, "DELETE", {})
    after = await own_rate(api, workspace, model)
    holds = all(dotted(kept.json, f"limits.0.workspaceLimit.{name}") == value for name, value in wanted.items())
    api.did("rate.set", holds and not dotted(after.json, "limits.0.workspaceLimit.requestLimit"), kept)
    untouched = dotted(kept.json, "limits.0.modelLimit") == limited[0].get("modelLimit")
    api.did("rate.read", holds and untouched, kept)


@provider.probe("rate.error", "rate.set", "key.restrict", tier=Tier.SPEND)
async def a_rate_stops_calls_and_a_key_is_kept_to_its_models(api: Api) -> None:
    """A key of a workspace with three calls a minute is called until refused; kept to another model, it is refused for that."""
    inference = api.inference
    workspace = await create_workspace(api)
    created = await create_key(api, workspaceId=workspace or "")
    number, secret = dotted(created.json, "apiKey.apiKeyId"), dotted(created.json, "apiKey.apiKeyValue")
    if workspace is None or number is None or not isinstance(secret, str):
        api.untested("no workspace and key of its own to try it on")
        return
    model = inference.model.name
    allowed = {"workspaceId": workspace, "models": [{"model": model, "inference": True}]}
    await api.post(f"{PERMISSIONS}?Action=UpdateModelPermissions", json=allowed)
    await becomes(api, use, secret, works=True)
    await set_rate(api, workspace, model, "OVERLAY", {"requestLimit": PER_MINUTE, "requestLimitPeriod": 60})
    figures = await enforcement.rate(api, secret=secret, per_minute=PER_MINUTE, calls=3 * PER_MINUTE)
    api.measured("rate.error", figures)
    api.measured("rate.set", figures)
    await set_rate(api, workspace, model, "DELETE", {})
    served = await api.spend(inference, secret=secret)
    other = {"type": "Custom", "modelAccessScope": {"allowAllModels": False, "accessibleModels": ["keycap-none"]}}
    await api.put(roa(f"{KEYS}/{segment(number)}", "UpdateApiKey"), json={"auth": other})
    refused = await api.spend(inference, secret=secret)
    if served.status >= 300:
        api.inconclusive("key.restrict", Cause.CONTROL_FAILED, f"status {served.status} before the key was restricted")
    else:
        api.did("key.restrict", refused.status in REFUSED, refused)
