"""The whole life of a key, its user and its budget, each step checked by what it changed."""

from probes.addresses import segment
from probes.answer import Answer, dotted
from probes.api import Api
from probes.evidence import Cause
from probes.probe import Tier
from probes.providers.any_llm_gateway.routes import BUDGETS, KEYS, USERS, create_key, create_user, faulty, models, provider, read_user

FAR = "2099-01-01T00:00:00Z"
PAST = "2020-01-01T00:00:00Z"
CAP_USD = 0.05
PERIOD = 86_400
"""Seconds."""


@provider.probe(
    "key.create", "key.list", "key.read", "key.update", "key.revoke", "spend.limit.key", "spend.limit.scope", "spend.usage",
    "spend.balance", tier=Tier.WRITE,
)  # fmt: skip
async def a_capped_users_key_works_until_it_is_deleted(api: Api) -> None:
    """Budget → user → key → use → read back → rename → disable → enable → other budget → delete → refused."""
    key = await create_key(api, "life", budget={"max_budget": CAP_USD})
    if isinstance(key, Answer):
        api.did("key.create", False, key)
        return
    accepted, wrong = await models(api, key.secret), await models(api, f"{key.secret[:-4]}0000")
    api.did("key.create", (accepted.status, wrong.status) == (200, 401), accepted)
    listed = await api.get(f"{KEYS}?limit=1000")
    names = [row.get("key_name") for row in listed.json] if isinstance(listed.json, list) else []
    api.did("key.list", key.user in names, listed)
    read = await api.get(key.path)
    api.did("key.read", dotted(read.json, "key_name") == key.user and dotted(read.json, "user_id") == key.user, read)
    budget, user = await api.get(f"{BUDGETS}/{segment(key.budget)}"), await read_user(api, key.user)
    bound = dotted(budget.json, "max_budget") == CAP_USD and user.get("budget_id") == key.budget
    api.did("spend.limit.key", bound, budget)
    api.did("spend.usage", user.get("spend") == 0, budget)
    api.did("spend.balance", bound and user.get("spend") == 0, budget)
    raised = await api.patch(f"{BUDGETS}/{segment(key.budget)}", json={"max_budget": 2 * CAP_USD})
    api.did("spend.limit.scope", bound and dotted(raised.json, "max_budget") == 2 * CAP_USD, raised)
    disabled, refused = await api.patch(key.path, json={"is_active": False}), await models(api, key.secret)
    enabled, again = await api.patch(key.path, json={"is_active": True}), await models(api, key.secret)
    statuses = (disabled.status, refused.status, enabled.status, again.status)
    api.did("key.update", statuses == (200, 401, 200, 200), refused)
    deleted, gone = await api.delete(key.path), await models(api, key.secret)
    if not faulty(api, "key.revoke", f"DELETE {KEYS} of a key that called no model", deleted):
        api.did("key.revoke", (deleted.status, gone.status) == (204, 401), gone)


@provider.probe("key.expiry", tier=Tier.WRITE)
async def a_key_works_until_its_expiry(api: Api) -> None:
    """One key that has expired and one that has not: refused, accepted. On SQLite both fail, which proves neither."""
    over, valid = await create_key(api, "over", expires_at=PAST), await create_key(api, "valid", expires_at=FAR)
    if isinstance(over, Answer) or isinstance(valid, Answer):
        api.inconclusive("key.expiry", Cause.CONTROL_FAILED, "no key with an expiry was created")
        return
    refused, accepted = await models(api, over.secret), await models(api, valid.secret)
    if not faulty(api, "key.expiry", "GET /v1/models with a key that has an expiry", accepted):
        api.did("key.expiry", (refused.status, accepted.status) == (401, 200), refused)


@provider.probe("spend.reset", tier=Tier.WRITE)
async def a_users_budget_has_a_day_of_its_next_reset(api: Api) -> None:
    """A budget with a period gives its user the time at which it starts again."""
    key = await create_key(api, "period", budget={"max_budget": CAP_USD, "budget_duration_sec": PERIOD})
    if isinstance(key, Answer):
        api.did("spend.reset", False, key)
        return
    budget, user = await api.get(f"{BUDGETS}/{segment(key.budget)}"), await read_user(api, key.user)
    api.did("spend.reset", dotted(budget.json, "budget_duration_sec") == PERIOD and bool(user.get("next_budget_reset_at")), budget)


@provider.probe("spend.limit.scope", tier=Tier.WRITE)
async def a_user_keeps_the_budget_it_is_given(api: Api) -> None:
    """A user without a budget is given one, which is read back."""
    key = await create_key(api, "given", budget={"max_budget": CAP_USD})
    other = await create_user(api, f"{api.name}-other")
    if isinstance(key, Answer) or other.status >= 300:
        api.inconclusive("spend.limit.scope", Cause.CONTROL_FAILED, "no budget and no second user")
        return
    before = await read_user(api, f"{api.name}-other")
    await api.patch(f"{USERS}/{api.name}-other", json={"budget_id": key.budget})
    after = await read_user(api, f"{api.name}-other")
    api.did("spend.limit.scope", before.get("budget_id") is None and after.get("budget_id") == key.budget, other)
