"""Called until it bites: a deployment of small capacity, and an account under a cost control, both of the probe's own making."""

from dataclasses import replace

from probes import enforcement
from probes.answer import Answer
from probes.api import Api
from probes.errors import PriceUnknown
from probes.figures import Figures
from probes.inference import Inference
from probes.probe import Tier
from probes.providers.azure_openai.arm import (
    change_account,
    create_account,
    is_ready,
    provider,
    read_keys,
    remove_account,
    text,
    untested,
    until,
)
from probes.providers.azure_openai.caps import (
    change_control,
    create_control,
    deploy,
    limits,
    remove_control,
    remove_deployment,
    resize,
    rule,
)

CALLS_WITHIN = 6
"""Calls of the most they can cost that a cap leaves room for."""

AMPLE = 100
"""Thousands of tokens a minute: enough for the calls against a cap."""

SMALL = 3
"""Thousands of tokens a minute, which a few calls use up."""

APPEARS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 60.0, 60.0, 60.0)
"""Seconds between looks for a new deployment: five minutes may pass until it answers."""


@provider.probe("rate.headers", "rate.error", "rate.set", "spend.limit.key", "spend.limit.scope", tier=Tier.SPEND)
async def an_account_is_called_until_its_rate_is_used_up_and_until_its_cap_blocks_it(api: Api) -> None:
    """A small deployment is called until it refuses; then it is made ample, a cap is put on the account, and that is called for."""
    inference = deployed_as(api)
    created = await create_account(api)
    deployed = await deploy(api, SMALL, model=api.inference.model.name) if is_ready(created) else created
    key, first = await ready(api, inference) if is_ready(deployed) else ("", deployed)
    if first.status >= 400:
        untested(api, *api.probe.capabilities, without=first)
        return
    api.saw_rate_headers("rate.headers", first)
    per_minute = round(limits(deployed).get("request", SMALL))
    figures = await enforcement.rate(api, secret=key, per_minute=per_minute, calls=per_minute + 5, inference=inference)
    api.measured("rate.error", figures)
    api.measured("rate.set", figures)
    room = round(CALLS_WITHIN * inference.bound, 6)
    control = await create_control(api, room)
    attached = await change_account(api, costControlIds=[text(control, "id")]) if control.status < 300 else control
    ample = await resize(api, AMPLE) if is_ready(attached) else attached
    if is_ready(ample):
        series = await until_blocked(api, inference, key, room)
        api.measured("spend.limit.key", *series)
        api.measured("spend.limit.scope", *series)
    else:
        untested(api, "spend.limit.key", "spend.limit.scope", without=ample)
    await remove_deployment(api)
    await remove_control(api)
    await remove_account(api)


async def until_blocked(api: Api, inference: Inference, key: str, room: float) -> list[Figures]:
    """Calls in sequence against a cap of `room` USD; the cap is raised, which opens the account again; then calls with eight in flight."""
    figures = await enforcement.cap(api, secret=key, cap_usd=room, inference=inference)
    if not (figures.refused and figures.calls):
        return [figures]
    each = figures.usd / figures.calls
    raised = await change_control(api, rule(round(figures.usd + each + room, 6)))
    figures = await enforcement.reopened(api, figures, secret=key, since=raised, inference=inference)
    if figures.seconds_to_reopen is None:
        return [figures]
    return [figures, await enforcement.cap(api, secret=key, cap_usd=room, in_flight=8, inference=inference)]


def deployed_as(api: Api) -> Inference:
    """The cheapest inference call, to a deployment that bears the probe's name. Raises PriceUnknown."""
    declared = api.provider.inference
    if declared is None:
        raise PriceUnknown("no inference call is described", where=api.session.name)
    return Inference.of(declared, replace(api.inference.model, name=api.name))


async def ready(api: Api, inference: Inference) -> tuple[str, Answer]:
    """A key of the account, and the first answer of its new deployment."""
    key = text(await read_keys(api), "key1")
    return key, await until(api, lambda: api.spend(inference, secret=key), lambda answer: answer.status != 404, APPEARS)
