"""Bodies that must be refused, so that nothing is created."""

from typing import Any

from probes import dry
from probes.api import Api
from probes.probe import Tier
from probes.providers.litellm.routes import provider, undo_budget, undo_key, undo_team

WRONG_KEYS: dict[str, dict[str, Any]] = {
    "key.create": {"aliases": "none"},
    "key.expiry": {"duration": 5},
    "key.restrict": {"models": 5},
    "spend.limit.key": {"max_budget": "none"},
    "spend.reset": {"budget_duration": 5},
    "rate.set": {"rpm_limit": "none"},
}
"""A field that each capability needs, with a value of another type."""


@provider.probe(*WRONG_KEYS, "key.update", "key.revoke", "spend.limit.scope", "spend.alert", tier=Tier.DRY)
async def fields_of_a_wrong_type_are_refused(api: Api) -> None:
    """Each route refuses the body for its field, while the route beside it does not exist."""
    for capability, wrong in WRONG_KEYS.items():
        body, undo = {"key_alias": api.name, **wrong}, undo_key(api.name)
        await refuses(api, capability, "/key/generate", body, control="/key/keycap-none", kind="key", identity="key_alias", undo=undo)
    await refuses(api, "key.update", "/key/update", {"max_budget": "none"}, control="/key/keycap-none")
    await refuses(api, "key.revoke", "/key/delete", {"keys": "none"}, control="/key/keycap-none")
    team, none = {"team_id": api.name, "max_budget": "none"}, undo_team(api.name)
    await refuses(api, "spend.limit.scope", "/team/new", team, control="/team/new/keycap-none", kind="team", identity="team_id", undo=none)
    budget, none = {"budget_id": api.name, "soft_budget": "none"}, undo_budget(api.name)
    await refuses(api, "spend.alert", "/budget/new", budget, control="/budget/keycap-none", kind="budget", identity="budget_id", undo=none)


async def refuses(api: Api, capability: str, path: str, body: dict[str, Any], *, control: str, **how: Any) -> None:
    """A POST that must be refused for its body."""
    await dry.must_refuse(api, capability, f"POST {path}", json=body, control=f"POST {control}", **how)
