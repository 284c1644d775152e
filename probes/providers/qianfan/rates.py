"""Rates of the endpoint that a person made for keycap: set, called against, restored. And what an inference answer tells of rates."""

from dataclasses import replace

from probes import enforcement
from probes.answer import dotted
from probes.api import Api
from probes.dry import must_refuse
from probes.evidence import Cause
from probes.keys import REFUSED, becomes
from probes.probe import Tier
from probes.providers.qianfan.calls import (
    LIFE,
    LONGER_LIFE,
    NOTHING,
    OWN,
    SERVICE,
    change,
    describe,
    mint,
    minted,
    own_endpoint,
    provider,
    settings,
    use,
)

PER_MINUTE = 3


@provider.probe("rate.set", tier=Tier.DRY)
async def a_rate_that_is_no_number_is_refused(api: Api) -> None:
    """Sent for an endpoint that does not exist; the control has no action."""
    bad = {"endpointId": "ep_keycap_none", "name": OWN, "rateLimit": {"rpm": "keycap"}}
    await must_refuse(api, "rate.set", f"POST {SERVICE}ModifyEndpoint", json=bad, control=f"POST {SERVICE}KeycapNone")


@provider.probe("rate.set", "rate.read", tier=Tier.WRITE)
async def an_endpoint_keeps_the_rate_it_is_given(api: Api) -> None:
    """One request a minute less → read back → what it had → read back."""
    before = await own_endpoint(api)
    if before is None:
        return
    old = before["rateLimit"].get("rpm")
    if not isinstance(old, int) or old < 2:
        api.untested(f"the endpoint's rate in requests is {old}", cause=Cause.NOTHING_TO_TRY)
        return
    await change(api, before, rpm=old - 1)
    changed = await describe(api, before["endpointId"])
    await api.post(f"{SERVICE}ModifyEndpoint", json=settings(before))
    after = await describe(api, before["endpointId"])
    kept = dotted(changed.json, "result.rateLimit") == {**before["rateLimit"], "rpm": old - 1}
    api.did("rate.set", kept and dotted(after.json, "result.rateLimit") == before["rateLimit"], after)
    api.did("rate.read", kept, changed)


@provider.probe("rate.headers", "key.restrict", tier=Tier.SPEND)
async def an_answer_tells_the_rate_and_a_narrowed_key_gets_none(api: Api) -> None:
    """One call that is served has the headers; the same with a key that is allowed nothing that there is is refused."""
    inference = api.inference
    secret, narrowed = minted(await mint(api, LIFE)), minted(await mint(api, LONGER_LIFE, NOTHING))
    if secret is None or narrowed is None:
        api.untested("no short-term key to call with")
        return
    await becomes(api, use, secret, works=True)
    served = await api.spend(inference, secret=secret)
    if served.status >= 300:
        api.untested(f"a call for inference answered {served.status}")
        return
    api.saw_rate_headers("rate.headers", served)
    refused = await api.spend(inference, secret=narrowed)
    api.did("key.restrict", refused.status in REFUSED, refused)


@provider.probe("rate.error", "rate.set", tier=Tier.SPEND)
async def a_rate_stops_calls(api: Api) -> None:
    """The endpoint made for keycap gets three requests a minute and is called until it refuses."""
    inference = api.inference
    before = await own_endpoint(api)
    if before is None:
        return
    secret = minted(await mint(api, LIFE))
    if secret is None:
        api.untested("no short-term key to call with")
        return
    await becomes(api, use, secret, works=True)
    await change(api, before, rpm=PER_MINUTE)
    chosen = replace(inference, body={**inference.body, inference.declared.model_field: before["endpointId"]})
    figures = await enforcement.rate(api, secret=secret, per_minute=PER_MINUTE, calls=3 * PER_MINUTE, inference=chosen)
    api.measured("rate.error", figures)
    api.measured("rate.set", figures)
