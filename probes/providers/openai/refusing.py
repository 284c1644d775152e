"""Tier dry: every write on the organisation's first project, with a body that must be refused."""

from typing import Any

from probes import dry
from probes.addresses import segment
from probes.api import Api
from probes.probe import Tier
from probes.providers.openai.steps import account_undo, first_project, key_undo, listed, provider, untested


@provider.probe("key.create", "key.expiry", "key.restrict", "key.rotate", "key.update", tier=Tier.DRY)
async def keys_are_refused_for_their_fields(api: Api) -> None:
    """What makes or changes a key, with a field of a wrong kind. Were it taken after all, it changes no key, and a new one is undone."""
    if (project := await first_project(api)) is None:
        untested(api, *api.probe.capabilities)
        return
    call, control, undo = f"POST {project}/service_accounts", f"POST {project}/service_accounts-keycap-none", account_undo(project)
    for capability, body in (("key.create", {"name": 5}), ("key.expiry", {"name": api.name, "expires_in_seconds": 0})):
        await dry.must_refuse(api, capability, call, json=body, control=control, kind="account", identity="id", undo=undo)
    if accounts := await listed(api, f"{project}/service_accounts?limit=1"):
        call, undo = f"POST {project}/service_accounts/{segment(accounts[0]['id'])}/api_keys", key_undo(project)
        for capability, body in (("key.restrict", {"name": api.name, "scopes": 5}), ("key.rotate", {"name": 5})):
            await dry.must_refuse(api, capability, call, json=body, control=control, kind="key", identity="id", undo=undo)
    else:
        untested(api, "key.restrict", "key.rotate")
    if keys := await listed(api, f"{project}/api_keys?limit=1"):
        call = f"POST {project}/api_keys/{segment(keys[0]['id'])}"
        await dry.must_refuse(api, "key.update", call, json={"expires_in_seconds": "keycap"}, control=control)
    else:
        untested(api, "key.update")


@provider.probe("spend.limit.scope", "spend.reset", "spend.alert", "rate.set", tier=Tier.DRY)
async def limits_are_refused_for_their_fields(api: Api) -> None:
    """No body says how much, so that none could set anything."""
    if (project := await first_project(api)) is None:
        untested(api, *api.probe.capabilities)
        return
    control = f"POST {project}/keycap-none"
    wrong: dict[str, Any] = {"threshold_amount": "keycap"}
    await dry.must_refuse(api, "spend.limit.scope", f"POST {project}/spend_limit", json=wrong, control=control)
    await dry.must_refuse(api, "spend.reset", f"POST {project}/spend_limit", json={"interval": "keycap"}, control=control)
    await dry.must_refuse(api, "spend.alert", f"POST {project}/spend_alerts", json=wrong, control=control)
    if rates := await listed(api, f"{project}/rate_limits?limit=1"):
        call = f"POST {project}/rate_limits/{segment(rates[0]['id'])}"
        await dry.must_refuse(api, "rate.set", call, json={"max_requests_per_1_minute": "keycap"}, control=control)
    else:
        untested(api, "rate.set")
