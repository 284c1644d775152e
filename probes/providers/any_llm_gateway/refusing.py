"""Bodies that must be refused, so that nothing is created."""

from probes import dry
from probes.api import Api
from probes.ledger import Undo
from probes.probe import Tier
from probes.providers.any_llm_gateway.routes import BUDGETS, DELETE_KEY, KEYS, UNDO_BUDGET, USERS, provider


@provider.probe(
    "key.create", "key.expiry", "key.update", "spend.limit.key", "spend.limit.scope", "spend.reset", tier=Tier.DRY
)  # fmt: skip
async def fields_with_wrong_values_are_refused(api: Api) -> None:
    """Each route refuses the body for its field, while the route beside it does not exist."""
    for capability, key in (
        ("key.create", {"key_name": api.name, "metadata": 5}),
        ("key.expiry", {"key_name": api.name, "expires_at": "some day"}),
    ):
        await dry.must_refuse(
            api, capability, f"POST {KEYS}", json=key, control="POST /v1/keycap-none", kind="key", identity="id", undo=DELETE_KEY
        )
    await dry.must_refuse(
        api, "key.update", f"PATCH {KEYS}/{api.name}", json={"is_active": "perhaps"}, control=f"PATCH /v1/keycap-none/{api.name}"
    )
    for capability, budget in (("spend.limit.key", {"max_budget": -1}), ("spend.reset", {"max_budget": 1, "budget_duration_sec": 0})):
        await dry.must_refuse(
            api, capability, f"POST {BUDGETS}", json=budget, control="POST /v1/keycap-none", kind="budget", identity="budget_id",
            undo=UNDO_BUDGET,
        )  # fmt: skip
    user, undo = {"user_id": api.name, "budget_id": 5}, Undo(method="DELETE", path=f"{USERS}/{api.name}")
    await dry.must_refuse(
        api, "spend.limit.scope", f"POST {USERS}", json=user, control="POST /v1/keycap-none", kind="user", identity="user_id", undo=undo
    )
