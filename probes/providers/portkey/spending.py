"""A model is called until a limit bites: what stops traffic, how much got past, how long it took.

The budget of a policy may be a fraction of a dollar, so it is `CALLS` times what one call may cost at most. Those of a key and of a
workspace are a dollar at least: they are measured where the model is so dear that `MOST` calls spend that, and the run may spend it twice.
"""

from math import ceil, floor

from probes import enforcement
from probes.answer import Answer, dotted, is_number
from probes.api import Api
from probes.evidence import Cause
from probes.figures import Figures
from probes.probe import Tier
from probes.providers.portkey.reading import read_cost
from probes.providers.portkey.routes import (
    SOON,
    WORKSPACES,
    Key,
    create_key,
    create_policy,
    create_workspace,
    has,
    is_served,
    provider,
    report,
)
from probes.vocabulary import Means

CALLS = 6
IN_FLIGHT = 8
RAISED = 10
"""By how much a budget is raised: enough for what got past it."""

LEAST_USD = 1
"""The smallest budget of a key or a workspace."""

MOST = 100
"""Calls in which that is to be spent: more would take too long."""

PER_MINUTE = 20


@provider.probe("spend.limit.scope", "spend.usage", tier=Tier.SPEND)
async def a_workspace_stops_at_its_policy(api: Api) -> None:
    """In sequence, another key of the workspace refused as well; raised, and open again; another workspace with 8 calls in flight."""
    cap = enforcement.room(api.inference, CALLS)
    one, beside, many = await key_under_policy(api, "-one", cap), None, await key_under_policy(api, "-many", cap)
    if one is not None:
        beside = await create_key(api, one[0], "-beside")
    if one is None or beside is None or many is None:
        api.untested("no workspace with a policy and a key was created")
        return
    workspace, policy, key = one
    alone = await enforcement.cap(api, secret=key.secret, cap_usd=cap)
    other = await api.spend(api.inference, secret=beside.secret)
    raised = await api.put(policy, json={"credit_limit": RAISED * cap})
    alone = await reopened(api, alone, key, raised)
    together = await enforcement.cap(api, secret=many[2].secret, cap_usd=cap, in_flight=IN_FLIGHT)
    if alone.refused and is_served(other):
        api.untested("another key of the workspace was served", "spend.limit.scope")
    else:
        api.measured("spend.limit.scope", alone, together)
    await report_cost(api, workspace, key, alone.usd, raised)


@provider.probe("rate.set", "rate.error", tier=Tier.SPEND)
async def a_key_is_refused_above_its_rate(api: Api) -> None:
    """Twenty requests a minute, with 8 calls in flight."""
    workspace = await create_workspace(api)
    rates = [{"type": "requests", "unit": "rpm", "value": PER_MINUTE}]
    key = await create_key(api, workspace, rate_limits=rates) if workspace else None
    if key is None:
        api.untested("no workspace with a key was created")
        return
    figures = await enforcement.rate(api, secret=key.secret, per_minute=PER_MINUTE, calls=2 * PER_MINUTE, in_flight=IN_FLIGHT)
    api.measured("rate.set", figures)
    api.measured("rate.error", figures)


@provider.probe("spend.limit.key", "spend.reset", tier=Tier.SPEND)
async def a_key_stops_at_its_budget(api: Api) -> None:
    """In sequence; raised, and open again; another one with 8 in flight, which reads as exhausted until its usage is reset by hand."""
    if not can_spend(api):
        return
    workspace = await create_workspace(api)
    limit = {"type": "cost", "credit_limit": LEAST_USD}
    one = await create_key(api, workspace, "-one", usage_limits=limit) if workspace else None
    many = await create_key(api, workspace, "-many", usage_limits=limit) if workspace else None
    if one is None or many is None:
        api.untested("no workspace with a key was created")
        return
    alone = await enforcement.cap(api, secret=one.secret, cap_usd=LEAST_USD, calls=most_calls(api))
    raised = await api.put(one.path, json={"usage_limits": {**limit, "credit_limit": RAISED * LEAST_USD}})
    alone = await reopened(api, alone, one, raised)
    together = await enforcement.cap(api, secret=many.secret, cap_usd=LEAST_USD, in_flight=IN_FLIGHT, calls=most_calls(api))
    api.measured("spend.limit.key", alone, together)
    read = await api.eventually(lambda: api.get(many.path), lambda told: has(told.json, status="exhausted"), within=SOON)
    if not together.refused or not has(read.json, status="exhausted"):
        api.untested("no budget that was used up", "spend.reset")
        return
    await api.put(many.path, json={"reset_usage": True})
    served = await api.eventually(lambda: api.spend(api.inference, secret=many.secret), is_served, within=SOON)
    read = await api.get(many.path)
    report(api, "spend.reset", is_served(served) and has(read.json, status="active"), served)


@provider.probe("spend.limit.scope", tier=Tier.SPEND)
async def a_workspace_stops_at_its_budget(api: Api) -> None:
    """Its keys have no budget of their own. In sequence; raised, and open again; another workspace with 8 calls in flight."""
    if not can_spend(api):
        return
    limit = {"type": "cost", "credit_limit": LEAST_USD}
    figures = []
    for in_flight in (1, IN_FLIGHT):
        workspace = await create_workspace(api, f"-{in_flight}", usage_limits=[limit])
        key = await create_key(api, workspace, f"-{in_flight}") if workspace else None
        if key is None:
            api.untested("no workspace with a key was created")
            return
        measured = await enforcement.cap(api, secret=key.secret, cap_usd=LEAST_USD, in_flight=in_flight, calls=most_calls(api))
        raised = await api.put(f"{WORKSPACES}/{workspace}", json={"usage_limits": [{**limit, "credit_limit": RAISED * LEAST_USD}]})
        figures.append(await reopened(api, measured, key, raised))
    api.measured("spend.limit.scope", *figures)


async def key_under_policy(api: Api, which: str, usd: float) -> tuple[str, str, Key] | None:
    """A workspace of its own, a policy over it and a key in it: the workspace's id, the policy's path, and the key."""
    workspace = await create_workspace(api, which)
    policy = await create_policy(api, workspace, usd, which) if workspace else None
    key = await create_key(api, workspace, which) if workspace and policy else None
    return (workspace, policy, key) if workspace and policy and key else None


def can_spend(api: Api) -> bool:
    """Whether a budget of a dollar can be used up twice. Raises BudgetSpent where the run may not spend as much.

    It is asked beforehand: half of it would be money for nothing.
    """
    if ceil(LEAST_USD / api.inference.bound) > MOST:
        api.untested(f"a budget is {LEAST_USD} USD at least, more than {MOST} calls of this model cost", cause=Cause.NOTHING_TO_TRY)
        return False
    budget = api.session.budget
    budget.settle(budget.reserve(2 * (LEAST_USD + IN_FLIGHT * api.inference.bound)), 0.0)
    return True


def most_calls(api: Api) -> int:
    """Calls after which a budget of a dollar is said not to bite: twice what it allows at least, and some."""
    return 2 * ceil(LEAST_USD / api.inference.bound) + 40


async def reopened(api: Api, figures: Figures, key: Key, raised: Answer) -> Figures:
    """The figures with how long a raised budget took to open, unless calls were refused for another reason."""
    if figures.status is not None and figures.means is not Means.SPEND:
        return figures
    return await enforcement.reopened(api, figures, secret=key.secret, since=raised, within=SOON)


async def report_cost(api: Api, workspace: str, key: Key, usd: float, since: Answer) -> None:
    """Whether what a key spent is told, in whole cents. Less is no absence: it may only be slow."""
    least = floor(100 * usd)
    told = await api.eventually(lambda: read_cost(api, workspace, since, key.id), lambda answer: cents(answer) >= least, within=SOON)
    if least > 0 and cents(told) >= least:
        report(api, "spend.usage", True, told)
    else:
        api.untested(f"{cents(told):g} cents are told after {usd:g} USD", "spend.usage", cause=Cause.ROUTE_ONLY)


def cents(answer: Answer) -> float:
    total = dotted(answer.json, "summary.total")
    return total if is_number(total) else 0.0
