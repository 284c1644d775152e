"""A model is called until a limit bites: what stops traffic, how much got past, how long it took."""

from probes import enforcement
from probes.addresses import segment
from probes.answer import Answer
from probes.api import Api
from probes.evidence import Cause
from probes.figures import Figures
from probes.probe import Tier
from probes.providers.any_llm_gateway.routes import BUDGETS, DISABLE_KEY, KEYS, create_key, faulty, models, provider, read_user
from probes.series import series

PERIOD = 5
"""Seconds of the budget that is to start again."""

MOST_PER_MINUTE = 60
"""Calls a minute up to which the server's rate limit is tried."""


@provider.probe("spend.limit.key", "spend.limit.scope", "spend.usage", "key.revoke", tier=Tier.SPEND)
async def a_user_is_refused_once_the_budget_is_spent(api: Api) -> None:
    """Four users with a key each, four series; the first one's budget is raised then, its spend read back, and its key deleted."""
    figures: list[Figures] = []
    for each in series(api):
        key = await create_key(api, each.name, budget={"max_budget": each.cap_usd}, undo=DISABLE_KEY)
        if isinstance(key, Answer):
            api.did("spend.limit.key", False, key)
            return
        measured = await each.measure(api, key.secret)
        if not figures:
            spent = (await read_user(api, key.user)).get("spend", 0.0)
            api.did("spend.usage", abs(spent - measured.usd) < enforcement.EXACT, key.created)
            raised = await api.patch(f"{BUDGETS}/{segment(key.budget)}", json={"max_budget": measured.usd + each.cap_usd})
            measured = await enforcement.reopened(api, measured, secret=key.secret, since=raised)
            deleted, gone = await api.delete(key.path), await models(api, key.secret)
            if not faulty(api, "key.revoke", f"DELETE {KEYS} of a key that was used", deleted):
                api.did("key.revoke", (deleted.status, gone.status) == (204, 401), gone)
        figures.append(measured)
    api.measured("spend.limit.key", *figures)
    api.measured("spend.limit.scope", *figures)


@provider.probe("spend.reset", tier=Tier.SPEND)
async def a_spent_budget_starts_again_after_its_period(api: Api) -> None:
    """Called until refused, and then until served again without any change. On SQLite the very first call fails."""
    cap = enforcement.room(api.inference, 1)
    key = await create_key(api, "reset", budget={"max_budget": cap, "budget_duration_sec": PERIOD}, undo=DISABLE_KEY)
    if isinstance(key, Answer):
        api.did("spend.reset", False, key)
        return
    figures = await enforcement.cap(api, secret=key.secret, cap_usd=cap)
    if not figures.calls and (figures.status or 0) >= 500:
        api.inconclusive("spend.reset", Cause.SERVER_FAULT, f"a call by a user whose budget has a period answered {figures.status}")
        return
    figures = await enforcement.reopened(api, figures, secret=key.secret, since=key.created, within=4 * PERIOD)
    if figures.refused and figures.seconds_to_reopen is None:
        api.inconclusive("spend.reset", Cause.NOT_DONE, f"not open again {4 * PERIOD} seconds later")
        return
    api.measured("spend.reset", figures)


@provider.probe("rate.headers", "rate.error", tier=Tier.SPEND)
async def a_user_is_refused_above_the_servers_rate(api: Api) -> None:
    """One call tells the limit, which is the server's; another user calls until it is refused, waits, and is served."""
    first, second = [await create_key(api, which, undo=DISABLE_KEY) for which in ("first", "second")]
    if isinstance(first, Answer) or isinstance(second, Answer):
        api.inconclusive("rate.error", Cause.CONTROL_FAILED, "no keys to call with")
        return
    answer = await api.spend(api.inference, secret=first.secret)
    limit = answer.headers.get("x-ratelimit-limit", "")
    if answer.status == 200 and not limit:
        api.untested("this server has no rate limit", cause=Cause.NOTHING_TO_TRY)
        return
    api.saw_rate_headers("rate.headers", answer)
    per_minute = int(limit) if limit.isdigit() else MOST_PER_MINUTE
    if per_minute > MOST_PER_MINUTE:
        api.inconclusive("rate.error", Cause.NOTHING_TO_TRY, f"a limit of {limit} is not tried")
        return
    api.measured("rate.error", await enforcement.rate(api, secret=second.secret, per_minute=per_minute, calls=per_minute + 5))
