"""A lowered quota and a spend cap, called until they bite, on a project that the probe makes."""

from dataclasses import replace

from probes import enforcement
from probes.answer import Answer, dotted
from probes.api import Api
from probes.evidence import Cause
from probes.figures import Figures
from probes.probe import Tier

from .reading import series, time_of, tokens
from .steps import Composed, StepFailed, accepted, compose, create_budget, money, needed, provider, spend_cap
from .writing import RATE, lifted, lower

CAP_USD = 0.02
CALLS = 40
"""Calls in one series at most."""


@provider.probe("rate.set", "rate.error", "rate.headers", "spend.limit.scope", "spend.reset", "spend.usage", tier=Tier.SPEND)
async def a_project_is_called_until_its_quota_and_its_cap_stop_it(api: Api) -> None:
    """Lower the quota → refused → lift; cap → refused → lift the cap → served; re-arm it higher → refused with eight calls in flight."""
    try:
        composed = await compose(api)
        await accepted(api, composed.secret)
        spent = await _rate(api, composed)
        first = await api.spend(api.inference, secret=composed.secret)
        limits = [name for name in first.headers if "ratelimit" in name.replace("-", "") or name == "retry-after"]
        api.found("rate.headers", bool(limits), Cause.DONE if limits else Cause.NOT_DONE, ", ".join(limits) or f"status {first.status}")
        await _cap(api, composed, spent + (api.inference.cost(first) or 0.0))
        await _usage(api, composed, first)
    except StepFailed as error:
        api.untested(str(error), cause=Cause.NOT_DONE)


async def _rate(api: Api, composed: Composed) -> float:
    """What the calls cost, USD. The wait that a refusal asks for stands in its body, and in no header."""
    override = await lower(api, composed)
    figures = await enforcement.rate(api, secret=composed.secret, per_minute=RATE, calls=RATE * 4, wait=False)
    again = await api.spend(api.inference, secret=composed.secret)
    figures = replace(figures, retry_after=_retry_delay(again))
    api.measured("rate.set", figures)
    api.measured("rate.error", figures)
    await lifted(api, override)
    return figures.usd + (api.inference.cost(again) or 0.0)


def _retry_delay(answer: Answer) -> float | None:
    details = dotted(answer.json, "error.details")
    told = [dotted(detail, "retryDelay") for detail in details] if isinstance(details, list) else []
    seconds = next((str(each).removesuffix("s") for each in told if each), "")
    return float(seconds) if seconds.replace(".", "", 1).isdigit() else None


async def _cap(api: Api, composed: Composed, spent: float) -> None:
    """The cap counts the whole month, so each series gets `CAP_USD` above what was spent before it."""
    made, path = await create_budget(api, composed.project, spend_cap(api, composed.project, spent + CAP_USD))
    currency = dotted(made.json, "amount.specifiedAmount.currencyCode")
    if currency not in (None, "USD"):
        api.untested(f"the billing account is in {currency}, and figures are in USD", cause=Cause.NOTHING_TO_TRY)
        return
    alone = await enforcement.cap(api, secret=composed.secret, cap_usd=CAP_USD, calls=CALLS)
    if not alone.refused:
        api.measured("spend.limit.scope", alone)
        api.measured("spend.reset", alone)
        return
    lift = {"spendCap": {"inputState": "AWAITING_NEXT_PERIOD"}}
    since = needed(await api.patch(f"{path}?updateMask=spendCap.inputState", json=lift), "lifting the cap")
    alone = await enforcement.reopened(api, alone, secret=composed.secret, since=since)
    _report_reset(api, alone)
    each = alone.usd / max(1, alone.calls)
    spent += alone.usd + (each if alone.seconds_to_reopen is not None else 0.0)
    arm = {"amount": money(spent + CAP_USD), "spendCap": {"inputState": "CONFIGURED"}}
    needed(await api.patch(f"{path}?updateMask=amount,spendCap.inputState", json=arm), "raising the cap")
    together = await enforcement.cap(api, secret=composed.secret, cap_usd=CAP_USD, in_flight=8, calls=CALLS)
    api.measured("spend.limit.scope", alone, together)


def _report_reset(api: Api, figures: Figures) -> None:
    if figures.seconds_to_reopen is None:
        api.inconclusive("spend.reset", Cause.NOT_DONE, "lifted, and no call was served within a minute")
    else:
        api.measured("spend.reset", figures)


async def _usage(api: Api, composed: Composed, since: Answer) -> None:
    """The tokens of a project that nobody else uses."""
    start, latest = time_of(since).replace(minute=0, second=0), since

    async def ask() -> Answer:
        nonlocal latest
        latest = await api.get(series(composed.project, start, time_of(latest)))
        return latest

    answer = await api.eventually(ask, lambda answer: tokens(answer) > 0, within=300.0, every=10.0)
    if tokens(answer) > 0:
        api.did("spend.usage", True, answer)
    else:
        api.inconclusive("spend.usage", Cause.NOT_DONE, "no tokens are told within five minutes")
