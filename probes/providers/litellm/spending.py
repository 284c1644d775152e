"""A model is called until a limit bites: what stops traffic, how much got past, how long it took."""

from probes import enforcement
from probes.addresses import segment
from probes.answer import Answer, dotted
from probes.api import Api
from probes.figures import Figures
from probes.probe import Tier
from probes.providers.litellm.routes import Key, create_key, create_team, provider
from probes.series import series

PER_MINUTE = 3


@provider.probe("spend.limit.key", "spend.usage", tier=Tier.SPEND)
async def a_key_is_refused_once_its_cap_is_spent(api: Api) -> None:
    """Four keys, four series; the first key's cap is raised then, and its spend read back."""
    figures: list[Figures] = []
    for each in series(api):
        key, created = await create_key(api, each.name, max_budget=each.cap_usd)
        if key is None:
            api.did("spend.limit.key", False, created)
            return
        measured = await each.measure(api, key.secret)
        if not figures:
            await booked(api, key, measured.usd)
            raised = await api.post("/key/update", json={"key": key.token, "max_budget": measured.usd + each.cap_usd})
            measured = await enforcement.reopened(api, measured, secret=key.secret, since=raised)
        figures.append(measured)
    api.measured("spend.limit.key", *figures)


async def booked(api: Api, key: Key, usd: float) -> None:
    """Report whether the key's spend becomes what its calls cost."""

    def spent(answer: Answer) -> float:
        return float(dotted(answer.json, "info.spend") or 0)

    read = await api.eventually(
        lambda: api.get(f"/key/info?key={segment(key.token)}"), lambda answer: spent(answer) >= usd - enforcement.EXACT, within=40, every=2
    )
    api.did("spend.usage", abs(spent(read) - usd) < enforcement.EXACT, read)


@provider.probe("spend.limit.scope", tier=Tier.SPEND)
async def a_team_is_refused_once_its_cap_is_spent(api: Api) -> None:
    """A key without a cap of its own, in a team that has one."""
    cap = enforcement.room(api.inference, 3)
    team = await create_team(api, max_budget=cap)
    key, created = await create_key(api, "member", team_id=api.name) if team.status < 300 else (None, team)
    if key is None:
        api.did("spend.limit.scope", False, created)
        return
    api.measured("spend.limit.scope", await enforcement.cap(api, secret=key.secret, cap_usd=cap))


@provider.probe("rate.set", "rate.error", tier=Tier.SPEND)
async def a_key_is_refused_above_its_requests_a_minute(api: Api) -> None:
    """Until it is refused, then once more after waiting as long as the refusal says."""
    key, created = await create_key(api, "rate", rpm_limit=PER_MINUTE)
    if key is None:
        api.did("rate.set", False, created)
        return
    figures = await enforcement.rate(api, secret=key.secret, per_minute=PER_MINUTE, calls=PER_MINUTE + 5)
    for capability in api.probe.capabilities:
        api.measured(capability, figures)


@provider.probe("rate.headers", tier=Tier.SPEND)
async def an_answer_tells_what_is_left_of_the_rate(api: Api) -> None:
    """One call of a key that has both limits: without one, its headers do not appear."""
    key, created = await create_key(api, "headers", rpm_limit=100, tpm_limit=1_000_000)
    if key is None:
        api.did("rate.headers", False, created)
        return
    api.saw_rate_headers("rate.headers", await api.spend(api.inference, secret=key.secret))
