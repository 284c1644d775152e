"""What a quota of tokens really stops: calls with a key of the probe's own until they are refused."""

from dataclasses import replace

from probes import enforcement
from probes.api import Api
from probes.evidence import Cause
from probes.figures import Figures
from probes.probe import Tier
from probes.providers.tencent_hunyuan.calls import act, becomes, create_key, provider, quota, secret_of
from probes.vocabulary import Means

CALLS = 3
"""Calls that a quota has room for, each counted with the most it can take."""
IN_FLIGHT = 8
OWN_QUOTA = (Means.CREDIT, Means.SCOPE, Means.CREDENTIAL, Means.UNKNOWN)
"""What the refusal of a spent quota may look like: the vendor does not say. While a key without a quota is served, it is the quota's."""


@provider.probe("spend.limit.key", "key.create", tier=Tier.SPEND)
async def a_key_stops_at_its_quota_of_tokens(api: Api) -> None:
    """In sequence, then another one with eight calls in flight; a third key that differs by having no quota goes on. Raised, it reopens."""
    tokens = CALLS * api.inference.most_tokens
    limited = quota("lifetime", tokens)
    numbers = [await create_key(api, limited), await create_key(api, limited), await create_key(api)]
    secrets = [await secret_of(api, number) for number in numbers if number]
    one, many, free = [*secrets, None, None, None][:3]
    if one is None or many is None or free is None:
        api.untested("no key was made, or its value is not told")
        return
    for secret in (one, many, free):
        await becomes(api, secret, works=True)
    figures = [
        await judged(api, await enforcement.quota(api, secret=one, tokens=tokens), free),
        await judged(api, await enforcement.quota(api, secret=many, tokens=tokens, in_flight=IN_FLIGHT), free),
    ]
    if figures[0].refused:
        raised = quota("lifetime", tokens + figures[0].tokens_past + tokens)
        since = await act(api, "ModifyApiKeyInfo", ApiKeyId=numbers[0], QuotasDesired=[raised])
        figures[0] = await enforcement.reopened(api, figures[0], secret=one, since=since)
    api.measured("spend.limit.key", *figures)
    api.found("key.create", all(each.calls for each in figures), Cause.DONE if figures[0].calls else Cause.NOT_DONE, "calls served")


async def judged(api: Api, figures: Figures, free: str) -> Figures:
    """The figures, a refusal that could mean anything put down to the quota where a key without one is served meanwhile."""
    if figures.status is None or figures.means not in OWN_QUOTA or figures.calls == 0:
        return figures
    other = await api.spend(api.inference, secret=free)
    return replace(figures, means=Means.SPEND) if other.status < 300 else figures
