"""Tier spend: the recipe of a capped key, called until its cap bites, and a project's rate, until it does."""

from dataclasses import dataclass
from math import ceil

from probes import enforcement
from probes.addresses import segment
from probes.answer import Answer, dotted, rows
from probes.api import Api
from probes.evidence import Cause
from probes.figures import Figures
from probes.probe import Tier
from probes.providers.openai.steps import (
    MONTHLY,
    ONE_ROW,
    ORGANIZATION,
    SPREADS_WITHIN,
    ask_models,
    create_account,
    create_project,
    found,
    is_served,
    provider,
    secret_of,
    untested,
)

CAP_CENTS = 1
"""The least that can be set."""

CALLS = 200
"""The most of one series. With the cheapest model about 0.08 USD."""

PER_MINUTE = 20


@dataclass(frozen=True, slots=True)
class Capped:
    """A capped key, as it was created, and what calling it measured."""

    account: Answer
    figures: Figures


@provider.probe("spend.limit.scope", "spend.usage", tier=Tier.SPEND)
async def a_capped_project_stops_its_key(api: Api) -> None:
    """A key under a cap of one cent is called until it is refused, in sequence and another one with 8 calls in flight."""
    first, together = await until_capped(api, in_flight=1), await until_capped(api, in_flight=8)
    if first is None or together is None:
        untested(api, *api.probe.capabilities, why="no project with a capped key of its own")
        return
    api.measured("spend.limit.scope", first.figures, together.figures)
    await usage_of(api, first)


@provider.probe("rate.set", "rate.headers", "rate.error", tier=Tier.SPEND)
async def a_projects_rate_slows_its_key(api: Api) -> None:
    """Project → account with a key → one call, for its headers → the model's rate is set, and the key called until it is refused."""
    project = await create_project(api)
    rates = rows(await found(api, lambda: api.get(f"{project}/rate_limits?limit=100", gives=ONE_ROW)), "data") if project else []
    model = api.inference.model.name
    rate = next((row for row in rates if row.get("model", model) == model), None)
    if project is None or rate is None:
        untested(api, *api.probe.capabilities, why=f"no rate of {model} in a project of its own")
        return
    secret = secret_of(await create_account(api, project))
    await ask_models(api, secret, is_served)
    served = await api.spend(api.inference, secret=secret)
    if is_served(served):
        api.saw_rate_headers("rate.headers", served)
    else:
        api.inconclusive("rate.headers", Cause.REFUSED_OTHERWISE, f"status {served.status}")
    await api.post(f"{project}/rate_limits/{segment(rate['id'])}", json={"max_requests_per_1_minute": PER_MINUTE})
    figures = await enforcement.rate(api, secret=secret, per_minute=PER_MINUTE, calls=3 * PER_MINUTE, in_flight=8)
    api.measured("rate.set", figures)
    api.measured("rate.error", figures)


async def until_capped(api: Api, *, in_flight: int) -> Capped | None:
    """Project → its cap → account with a key, which is called until refused; then the cap is raised until a call is served again.

    None where one of these steps was refused.
    """
    name = f"{api.name}-{in_flight}"
    if (project := await create_project(api, name)) is None:
        return None
    cap = {"threshold_amount": CAP_CENTS, **MONTHLY}
    capped = await found(api, lambda: api.post(f"{project}/spend_limit", json=cap))
    account = await create_account(api, project, name)
    if not is_served(capped) or not is_served(account):
        return None
    secret = secret_of(account)
    await ask_models(api, secret, is_served)
    figures = await enforcement.cap(api, secret=secret, cap_usd=CAP_CENTS / 100, in_flight=in_flight, calls=CALLS)
    raised = await api.post(f"{project}/spend_limit", json={"threshold_amount": ceil(figures.usd * 100) + 2, **MONTHLY})
    return Capped(account, await enforcement.reopened(api, figures, secret=secret, since=raised))


async def usage_of(api: Api, capped: Capped) -> None:
    """The calls of a key are told, to the last: nobody else has it."""
    key, calls = dotted(capped.account.json, "api_key") or {}, capped.figures.calls
    query = f"start_time={int(key.get('created_at', 60)) - 60}&bucket_width=1m&api_key_ids={segment(key.get('id', api.name))}"
    path = f"{ORGANIZATION}/usage/completions?{query}"
    answer = await api.eventually(lambda: api.get(path), lambda each: counted(each) >= calls, within=SPREADS_WITHIN, every=5.0)
    if calls and counted(answer) >= calls:
        api.found("spend.usage", True, Cause.DONE, f"status {answer.status}")
    else:
        api.inconclusive("spend.usage", Cause.ROUTE_ONLY, f"{counted(answer)} of {calls} calls told after {SPREADS_WITHIN:.0f} s")


def counted(answer: Answer) -> int:
    """Calls that an answer of usage tells of, in all its buckets."""
    return sum(result.get("num_model_requests", 0) for bucket in rows(answer, "data") for result in bucket.get("results", []))
