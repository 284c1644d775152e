"""A model is called until a limit bites: what stops traffic, how much got past, how long it took.

A cap is `CALLS` times what one call may cost at most, so that the smallest sums suffice. Free models cost nothing, but each run takes about
twenty of the fifty requests a day (a thousand, once ten dollars of credit were bought) that an account has for them.
"""

import asyncio
from typing import Any

from probes import enforcement
from probes.answer import Answer, dotted, is_number, rows
from probes.api import Api
from probes.claims_inference import MaxTokens
from probes.evidence import Cause
from probes.figures import Figures
from probes.inference import Inference
from probes.money import Model
from probes.probe import Tier
from probes.providers.openrouter.routes import (
    CREDITS,
    GUARDRAILS,
    MODELS,
    SOON,
    WORKSPACES,
    Key,
    assign,
    create_guardrail,
    create_key,
    create_workspace,
    data,
    is_served,
    provider,
    read_own,
    report,
)
from probes.vocabulary import Means

CALLS = 6
RAISED = 4
"""By how much a cap is raised: enough for what got past it."""

TOO_MUCH = 40
"""Times the output tokens of an ordinary call: more than a raised cap has left, and less than models give."""

IN_FLIGHT = 8
FREE_PER_MINUTE = 20
FREE_ROUTER = "openrouter/free"
OTHER_MODELS = ["openai/gpt-4.1"]


@provider.probe("spend.limit.key", "spend.usage", "spend.balance", tier=Tier.SPEND)
async def a_key_stops_at_its_cap(api: Api) -> None:
    """In sequence; raised, and open again; asked for more than is left; with eight in flight. What was spent shows in key and account."""
    inference = api.inference
    cap = enforcement.room(inference, CALLS)
    before = await api.get(CREDITS)
    one, many = await create_key(api, "-one", limit=cap), await create_key(api, "-many", limit=cap)
    if one is None or many is None or data(one.created).get("limit", cap) != cap:
        api.untested("no key with that cap was created")
        return
    in_sequence = await enforcement.cap(api, secret=one.secret, cap_usd=cap)
    raised = await api.patch(one.path, json={"limit": RAISED * cap})
    in_sequence = await reopened(api, in_sequence, one, raised)
    greedy = asking_for(inference, TOO_MUCH * inference.declared.max_tokens.value)
    too_much = await enforcement.cap(api, secret=one.secret, cap_usd=RAISED * cap, calls=1, inference=greedy)
    at_once = await enforcement.cap(api, secret=many.secret, cap_usd=cap, in_flight=IN_FLIGHT)
    measured(api, "spend.limit.key", in_sequence, at_once, too_much)
    used = number(data(before), "total_usage")
    await asyncio.gather(
        report_grown(api, "spend.usage", one.path, "usage", before=0.0, usd=in_sequence.usd),
        report_grown(api, "spend.balance", CREDITS, "total_usage", before=used, usd=in_sequence.usd),
    )


@provider.probe("spend.limit.scope", tier=Tier.SPEND)
async def a_key_stops_at_its_guardrails_budget(api: Api) -> None:
    """The key has no cap of its own; its guardrail's budget stops it, and when that is raised it goes on."""
    cap = enforcement.room(api.inference, CALLS)
    key, guardrail = await create_key(api), await create_guardrail(api, limit_usd=cap, reset_interval="daily")
    if key is None or guardrail is None:
        api.untested("no key or no guardrail was created")
        return
    await assign(api, guardrail, key)
    figures = await enforcement.cap(api, secret=key.secret, cap_usd=cap)
    raised = await api.patch(f"{GUARDRAILS}/{guardrail}", json={"limit_usd": RAISED * cap, "reset_interval": "daily"})
    measured(api, "spend.limit.scope", await reopened(api, figures, key, raised))


@provider.probe("spend.limit.scope", tier=Tier.SPEND)
async def a_key_stops_at_its_workspaces_budget(api: Api) -> None:
    """The same for the budget of a workspace that the key is in. Needs the Enterprise plan."""
    cap = enforcement.room(api.inference, CALLS)
    workspace = await create_workspace(api)
    if workspace is None:
        api.untested("no workspace was created", cause=Cause.PERMISSION_MISSING)
        return
    daily = f"{WORKSPACES}/{workspace}/budgets/daily"
    put = await api.eventually(lambda: api.put(daily, json={"limit_usd": cap}), lambda answer: answer.status != 404, within=SOON)
    key = await create_key(api, workspace_id=workspace)
    if not is_served(put) or key is None:
        report(api, "spend.limit.scope", False, put)
        return
    figures = await enforcement.cap(api, secret=key.secret, cap_usd=cap)
    raised = await api.put(daily, json={"limit_usd": RAISED * cap})
    measured(api, "spend.limit.scope", await reopened(api, figures, key, raised))


@provider.probe("key.restrict", tier=Tier.SPEND)
async def a_guardrail_keeps_a_key_from_other_models(api: Api) -> None:
    """Refused while the model is not among those allowed, served once it is: nothing else has changed between the two."""
    inference = api.inference
    key, guardrail = (
        await create_key(api, limit=enforcement.room(api.inference, CALLS)),
        await create_guardrail(api, allowed_models=OTHER_MODELS),
    )
    if key is None or guardrail is None:
        api.untested("no key or no guardrail was created")
        return
    await assign(api, guardrail, key)
    refused = await api.eventually(lambda: api.spend(inference, secret=key.secret), is_excluded, within=SOON / 2)
    if not (is_served(refused) or is_excluded(refused)):
        api.untested(f"refused for another reason: status {refused.status}")
        return
    await api.patch(f"{GUARDRAILS}/{guardrail}", json={"allowed_models": [inference.model.name]})
    served = await api.eventually(lambda: api.spend(inference, secret=key.secret), is_served, within=SOON)
    if is_served(served):
        report(api, "key.restrict", is_excluded(refused), refused)
    else:
        api.untested(f"the model that is allowed was refused: status {served.status}")


@provider.probe("rate.error", "rate.headers", "rate.read", tier=Tier.SPEND)
async def a_free_model_is_refused_above_its_rate(api: Api) -> None:
    """The first free model of the list, else the router among them, until OpenRouter itself refuses; the calls are in the key's quota."""
    listed = await api.get(f"{MODELS}?sort=pricing-low-to-high&limit=50")
    name = next((str(row["id"]) for row in rows(listed, "data") if str(row.get("id")).endswith(":free")), FREE_ROUTER)
    key = await create_key(api, limit=enforcement.room(api.inference, CALLS))
    if key is None:
        api.untested("no key was created")
        return
    free = Inference.of(api.inference.declared, Model(name, 0.0, 0.0))
    before = quota(key.own).get("used")
    figures = await enforcement.rate(
        api, secret=key.secret, per_minute=FREE_PER_MINUTE, calls=FREE_PER_MINUTE + IN_FLIGHT, in_flight=IN_FLIGHT, inference=free
    )
    api.measured("rate.error", figures)
    again = await api.spend(free, secret=key.secret)
    if again.status == 429 and figures.refused:
        api.saw_rate_headers("rate.headers", again)
    else:
        api.untested(f"no refusal to read them from: status {again.status}", "rate.headers")
    least = (before if isinstance(before, int) else 0) + figures.calls
    own = await api.eventually(lambda: read_own(api, key), lambda answer: number(quota(answer), "used") >= least, within=SOON)
    if figures.calls > 0 and isinstance(before, int) and number(quota(own), "used") >= least:
        report(api, "rate.read", True, own)
    else:
        api.untested(f"used was {before}, is {quota(own).get('used')} after {figures.calls} calls", "rate.read")


async def report_grown(api: Api, capability: str, path: str, field: str, *, before: float, usd: float) -> None:
    """Whether a counter, `field` of what `path` reads, has grown by what was spent.

    One that has not is no absence: counters may be slow, and zeros were seen to be answered to keys that may not read.
    """
    least = before + usd - enforcement.EXACT
    answer = await api.eventually(lambda: api.get(path), lambda told: number(data(told), field) >= least, within=SOON)
    if usd > 0 and number(data(answer), field) >= least:
        report(api, capability, True, answer)
    else:
        api.untested(f"{field} was {before:g}, is {number(data(answer), field):g} after {usd:g} USD", capability)


def is_excluded(answer: Answer) -> bool:
    """Whether a guardrail keeps the key from the model, which is refused as if nobody offered it. 403 is for budgets."""
    return answer.status == 404


async def reopened(api: Api, figures: Figures, key: Key, raised: Answer) -> Figures:
    """The figures with how long a raised limit took to open, unless calls were refused for another reason."""
    return (
        await enforcement.reopened(api, figures, secret=key.secret, since=raised)
        if figures.status is None or figures.means is Means.SPEND
        else figures
    )


def measured(api: Api, capability: str, *figures: Figures) -> None:
    """An account without money refuses as well: only a refusal because of the limit shows the limit."""
    if any(each.means is Means.CREDIT for each in figures):
        api.untested("the account's credit ran out first", capability, cause=Cause.REFUSED_OTHERWISE)
    else:
        api.measured(capability, *figures)


def asking_for(inference: Inference, tokens: int) -> Inference:
    """The same call with another bound on its output."""
    longer = MaxTokens(field=inference.declared.max_tokens.field, value=tokens)
    return Inference.of(inference.declared.model_copy(update={"max_tokens": longer}), inference.model)


def quota(answer: Answer) -> dict[str, Any]:
    """What a key reads of the account's free requests today, empty when it reads nothing."""
    found = dotted(answer.json, "data.free_model_daily_requests")
    return found if isinstance(found, dict) else {}


def number(row: dict[str, Any], field: str) -> float:
    """A counter of a row, 0 when it is none."""
    value = row.get(field)
    return float(value) if is_number(value) else 0.0
