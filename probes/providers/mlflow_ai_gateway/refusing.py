"""Bodies that must be refused, so that nothing is created."""

from typing import Any

from probes import dry
from probes.api import Api
from probes.ledger import Undo
from probes.probe import Tier
from probes.providers.mlflow_ai_gateway.routes import BUDGETS, CAP, EVERY_TWO_WEEKS, PERMISSIONS, USERS, provider, undo_of, undo_user

WRONG_BUDGETS: dict[str, dict[str, Any]] = {
    "spend.limit.key": {"target_scope": "USER"},
    "spend.limit.scope": {"target_scope": "ENDPOINT"},
    "spend.reset": {"target_scope": "GLOBAL", "duration": {"unit": "DAYS", "value": 0}},
    "spend.alert": {"target_scope": "GLOBAL", "budget_action": "KEYCAP"},
}
"""Policies that cannot be: two without what they are for, one without a length, one that would do what nobody knows."""


@provider.probe("key.create", "key.rotate", "key.revoke", "key.restrict", "key.update", tier=Tier.DRY)
async def bodies_without_what_is_needed_are_refused(api: Api) -> None:
    """A user without a password, and the other routes without a user."""
    name = {"username": api.name}
    await dry.must_refuse(
        api, "key.create", f"POST {USERS}/create", json=name, control=f"POST {USERS}/keycap-none", kind="user", identity="user.username",
        undo=undo_user(api.name),
    )  # fmt: skip
    await dry.must_refuse(api, "key.rotate", f"PATCH {USERS}/update-password", json=name, control=f"PATCH {USERS}/keycap-none")
    await dry.must_refuse(api, "key.revoke", f"DELETE {USERS}/delete", json={}, control=f"DELETE {USERS}/keycap-none")
    for capability, route in (("key.restrict", "grant"), ("key.update", "revoke")):
        await dry.must_refuse(api, capability, f"POST {PERMISSIONS}/{route}", json=name, control=f"POST {PERMISSIONS}/keycap-none")


@provider.probe(*WRONG_BUDGETS, tier=Tier.DRY)
async def budgets_that_cannot_be_are_refused(api: Api) -> None:
    """Each policy is refused for what makes it the one that the capability needs."""
    undo: Undo = undo_of(BUDGETS, "budget_policies", "created_by", "budget_policy_id")
    for capability, wrong in WRONG_BUDGETS.items():
        body = {**CAP, "duration": EVERY_TWO_WEEKS, "budget_action": "ALERT", "created_by": api.name, **wrong}
        await dry.must_refuse(
            api, capability, f"POST {BUDGETS}/create", json=body, control=f"POST {BUDGETS}/keycap-none", kind="budget",
            identity="budget_policy.budget_policy_id", undo=undo,
        )  # fmt: skip
