"""DeepInfra: tokens with a spending limit, derived from an API key. They are stored nowhere: nothing deletes one, each ends by itself.

So a probe makes tokens that live for minutes and have a limit of a few calls. What they spend is booked to the key that signed them.
"""

from dataclasses import replace
from typing import Any

from probes import enforcement
from probes.answer import Answer, dotted
from probes.api import Api
from probes.evidence import Cause
from probes.figures import Figures
from probes.inference import Inference
from probes.probe import Provider, Tier
from probes.vocabulary import Means

provider = Provider("deepinfra")

TOKENS = "POST /v1/scoped-jwt"
SHORT, LONG = 12, 900
"""Seconds that a token lives: one that is to expire, and one that is to outlast a measurement."""

CALLS = 6
IN_FLIGHT = 8
WITHIN = 20.0
"""Seconds within which a token that has expired is to be refused."""

OTHER_MODELS = ["keycap/no-such-model"]

OWN_LIMIT = (Means.CREDIT, Means.CREDENTIAL, Means.SCOPE, Means.UNKNOWN)
"""What the refusal of a spent token may look like: the vendor says nothing of it. While its signer is served, it is the token's limit."""


@provider.probe("key.create", tier=Tier.WRITE)
async def a_token_is_made_for_the_key_and_for_nobody_else(api: Api) -> None:
    """A token of some seconds; the same call with a made-up key is refused."""
    made = await make(api, spending_limit=0.01, expires_delta=SHORT)
    refused = await api.call(TOKENS, json=body(spending_limit=0.01, expires_delta=SHORT), secret=f"{api.name}-made-up")
    report(api, "key.create", bool(token(made)) and refused.status in (401, 403), made)


@provider.probe("spend.limit.key", "key.create", tier=Tier.SPEND)
async def a_token_stops_at_its_limit(api: Api) -> None:
    """In sequence, then another one with eight calls in flight; the key that signed them goes on."""
    cap = enforcement.room(api.inference, CALLS)
    one, many = [await make(api, spending_limit=cap, expires_delta=LONG) for _ in range(2)]
    if not token(one) or not token(many):
        api.untested("no token was made")
        return
    figures = [
        await enforcement.cap(api, secret=token(one), cap_usd=cap),
        await enforcement.cap(api, secret=token(many), cap_usd=cap, in_flight=IN_FLIGHT),
    ]
    api.measured("spend.limit.key", *[await judged(api, each) for each in figures])
    api.found("key.create", all(each.calls for each in figures), Cause.DONE if figures[0].calls else Cause.NOT_DONE, "calls served")


@provider.probe("key.expiry", tier=Tier.SPEND)
async def a_token_stops_working_when_it_expires(api: Api) -> None:
    """Served once, and refused when its seconds are over."""
    made = await make(api, spending_limit=enforcement.room(api.inference, CALLS), expires_delta=SHORT)
    first = await api.spend(api.inference, secret=token(made)) if token(made) else made
    if not token(made) or first.status >= 300:
        api.untested(f"no token that worked before it expired: status {first.status}")
        return
    await api.wait(SHORT)
    last = await api.eventually(
        lambda: api.spend(api.inference, secret=token(made)), lambda answer: answer.status in (401, 403), within=WITHIN, every=WITHIN / 2
    )
    report(api, "key.expiry", last.status in (401, 403), last)


@provider.probe("key.restrict", tier=Tier.SPEND)
async def a_token_keeps_to_its_models(api: Api) -> None:
    """Of two tokens that differ in their models alone, one is served and the other refused."""
    inference = api.inference
    limits = {"spending_limit": enforcement.room(inference, CALLS), "expires_delta": LONG}
    allowed, kept = await make(api, models=[inference.model.name], **limits), await make(api, models=OTHER_MODELS, **limits)
    if not token(allowed) or not token(kept):
        api.untested("no token was made, or none for a model that does not exist")
        return
    served, refused = await api.spend(inference, secret=token(allowed)), await api.spend(inference, secret=token(kept))
    report(api, "key.restrict", served.status < 300 and 400 <= refused.status < 500 and refused.status != 429, refused)


async def make(api: Api, **limits: Any) -> Answer:
    """The answer to the making of a token."""
    return await api.call(TOKENS, json=body(**limits), gives="token")


def body(**limits: Any) -> dict[str, Any]:
    """Signed by the key in use."""
    return {"api_key_name": "auto", **limits}


def token(made: Answer) -> str:
    """The token of an answer, empty where there is none."""
    found = dotted(made.json, "token")
    return found if isinstance(found, str) else ""


async def judged(api: Api, figures: Figures) -> Figures:
    """The figures, a refusal that could mean anything put down to the token's limit where the key that signed it is served meanwhile."""
    if figures.status is None or figures.means not in OWN_LIMIT or figures.calls == 0:
        return figures
    signer = await api.spend(signed_by(api.inference))
    return replace(figures, means=Means.SPEND) if signer.status < 300 else figures


def signed_by(inference: Inference) -> Inference:
    """The same call by the key itself."""
    return replace(inference, credential="management")


def report(api: Api, capability: str, holds: bool, answer: Answer) -> None:
    """What an authenticated call did, or did not do; a fault of the server, or its rate limit, proves nothing."""
    detail = f"status {answer.status}"
    if not holds and answer.status >= 500:
        api.inconclusive(capability, Cause.SERVER_FAULT, detail)
    elif not holds and answer.status == 429:
        api.inconclusive(capability, Cause.RATE_LIMITED, detail)
    else:
        api.found(capability, holds, Cause.DONE if holds else Cause.NOT_DONE, detail)
