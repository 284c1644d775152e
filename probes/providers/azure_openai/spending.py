"""Called until it bites: an account under a cost control, and a deployment of small capacity. Each in an account of its own."""

from dataclasses import replace

from probes import enforcement
from probes.answer import Answer
from probes.api import Api
from probes.errors import PriceUnknown
from probes.inference import Inference
from probes.probe import Tier
from probes.providers.azure_openai.arm import change_account, create_account, provider, read_keys, remove_account, text, untested, until
from probes.providers.azure_openai.caps import (
    change_control,
    create_control,
    deploy,
    limits,
    remove_control,
    remove_deployment,
    rule,
)

CALLS_WITHIN = 6
"""Calls of the most they can cost that a cap leaves room for."""

AMPLE = 100
"""Thousands of tokens a minute: enough for the calls against a cap."""

SMALL = 3

APPEARS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 60.0, 60.0, 60.0)
"""Seconds between looks for a new deployment: five minutes may pass until it answers."""


@provider.probe("spend.limit.key", "spend.limit.scope", tier=Tier.SPEND)
async def an_account_is_called_until_its_cap_blocks_it(api: Api) -> None:
    """The recipe, then calls in sequence; the cap is raised, which opens the account again; then calls with eight in flight."""
    inference = deployed_as(api)
    room = round(CALLS_WITHIN * inference.bound, 6)
    created = await create_account(api)
    control = await create_control(api, room) if created.status < 300 else created
    attached = await change_account(api, costControlIds=[text(control, "id")]) if control.status < 300 else control
    deployed = await deploy(api, AMPLE, model=api.inference.model.name) if attached.status < 300 else attached
    key, first = await ready(api, inference) if deployed.status < 300 else ("", deployed)
    if first.status >= 400:
        untested(api, *api.probe.capabilities, without=first)
        return
    spent = inference.cost(first) or 0.0
    figures = await enforcement.cap(api, secret=key, cap_usd=round(room - spent, 6), inference=inference)
    series = [figures]
    if figures.refused and figures.calls:
        each = figures.usd / figures.calls
        raised = await change_control(api, rule(round(spent + figures.usd + each + room, 6)))
        series = [await enforcement.reopened(api, figures, secret=key, since=raised, inference=inference)]
        if series[0].seconds_to_reopen is not None:
            series.append(await enforcement.cap(api, secret=key, cap_usd=room, in_flight=8, inference=inference))
    api.measured("spend.limit.key", *series)
    api.measured("spend.limit.scope", *series)
    await remove_deployment(api)
    await remove_control(api)
    await remove_account(api)


@provider.probe("rate.headers", "rate.error", "rate.set", tier=Tier.SPEND)
async def a_deployment_is_called_until_its_rate_is_used_up(api: Api) -> None:
    """The first answer has the headers; then calls until one is refused, and once more after as long as the refusal asks."""
    inference = deployed_as(api)
    created = await create_account(api)
    deployed = await deploy(api, SMALL, model=api.inference.model.name) if created.status < 300 else created
    key, first = await ready(api, inference) if deployed.status < 300 else ("", deployed)
    if first.status >= 400:
        untested(api, *api.probe.capabilities, without=first)
        return
    api.saw_rate_headers("rate.headers", first)
    per_minute = round(limits(deployed).get("request", SMALL))
    figures = await enforcement.rate(api, secret=key, per_minute=per_minute, calls=per_minute + 5, inference=inference)
    api.measured("rate.error", figures)
    api.measured("rate.set", figures)
    await remove_deployment(api)
    await remove_account(api)


def deployed_as(api: Api) -> Inference:
    """The cheapest inference call, to a deployment that bears the probe's name. Raises PriceUnknown."""
    declared = api.provider.inference
    if declared is None:
        raise PriceUnknown("no inference call is described", where=api.session.name)
    return Inference.of(declared, replace(api.inference.model, name=api.name))


async def ready(api: Api, inference: Inference) -> tuple[str, Answer]:
    """A key of the account, and the first answer of its new deployment."""
    key, _ = await read_keys(api)
    return key, await until(api, lambda: api.spend(inference, secret=key), lambda answer: answer.status != 404, APPEARS)
