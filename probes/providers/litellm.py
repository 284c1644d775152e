"""LiteLLM: virtual keys with a cap in US dollars, its period, a lifetime, request and token rates, models and routes.

`POST /key/generate` creates, `/key/update`, `/key/block`, `/key/unblock` change, `/key/delete` ends, all with 200; `GET /key/info` reads by
the key's hash (`token`), `GET /key/list?return_full_object=true` lists. `POST /key/{token}/regenerate` needs a licence, 500 without one.
`POST /team/new` caps a team, `POST /budget/new` makes a budget, with `soft_budget` for an alert: given with a key instead, it would leave a
budget behind that outlives the key. Refusals: 422 `budget_exceeded` for money, 429 `throttling_error` for the rate, 401 for a key that is
blocked, expired or deleted. Unknown fields are ignored, so whatever was set is read back.
"""

from dataclasses import dataclass
from typing import Any

from probes import dry, enforcement
from probes.addresses import segment
from probes.answer import Answer, dotted
from probes.api import Api
from probes.evidence import Cause
from probes.ledger import Undo
from probes.probe import Provider, Tier
from probes.series import series

provider = Provider("litellm")

RATES = ("rpm_limit", "tpm_limit")
PER_MINUTE = 3


@dataclass(frozen=True, slots=True)
class Key:
    """A key that a probe created: `token` is its hash, by which it is managed."""

    secret: str
    token: str


@provider.probe("key.list", "key.read", "spend.usage", "spend.balance", "rate.read", tier=Tier.READ)
async def keys_are_listed_and_one_is_read(api: Api) -> None:
    """A key from the list is read by its hash and must be the same there; without a key only the list is shown."""
    answer = await api.get("/key/list?return_full_object=true&size=10")
    rows = dotted(answer.json, "keys")
    report(api, "key.list", answer.status == 200 and isinstance(rows, list), answer)
    if not rows:
        for capability in api.probe.capabilities[1:]:
            api.inconclusive(capability, Cause.NOTHING_TO_TRY, "no key to read it from")
        return
    row = rows[0]
    read = await api.get(f"/key/info?key={segment(row['token'])}")
    info = dotted(read.json, "info") or {}
    same = all(info.get(field) == row.get(field) for field in ("key_alias", "created_at", "models"))
    report(api, "key.read", read.status == 200 and same, read)
    report(api, "spend.usage", same and isinstance(info.get("spend"), int | float), read)
    report(api, "spend.balance", same and "max_budget" in info and "spend" in info, read)
    report(api, "rate.read", same and all(field in info for field in RATES), read)


WRONG_KEYS: dict[str, dict[str, Any]] = {
    "key.create": {"aliases": "none"},
    "key.expiry": {"duration": 5},
    "key.restrict": {"models": 5},
    "spend.limit.key": {"max_budget": "none"},
    "spend.reset": {"budget_duration": 5},
    "rate.set": {"rpm_limit": "none"},
}
"""A field that each capability needs, with a value of another type."""


@provider.probe(*WRONG_KEYS, "key.update", "key.revoke", "spend.limit.scope", "spend.alert", tier=Tier.DRY)
async def fields_of_a_wrong_type_are_refused(api: Api) -> None:
    """Each route refuses the body for its field, while the route beside it does not exist."""
    for capability, wrong in WRONG_KEYS.items():
        body, undo = {"key_alias": api.name, **wrong}, undo_key(api.name)
        await refuses(api, capability, "/key/generate", body, control="/key/keycap-none", kind="key", identity="key_alias", undo=undo)
    await refuses(api, "key.update", "/key/update", {"max_budget": "none"}, control="/key/keycap-none")
    await refuses(api, "key.revoke", "/key/delete", {"keys": "none"}, control="/key/keycap-none")
    team, none = {"team_id": api.name, "max_budget": "none"}, undo_team(api.name)
    await refuses(api, "spend.limit.scope", "/team/new", team, control="/team/new/keycap-none", kind="team", identity="team_id", undo=none)
    budget, none = {"budget_id": api.name, "soft_budget": "none"}, undo_budget(api.name)
    await refuses(api, "spend.alert", "/budget/new", budget, control="/budget/keycap-none", kind="budget", identity="budget_id", undo=none)


async def refuses(api: Api, capability: str, path: str, body: dict[str, Any], *, control: str, **how: Any) -> None:
    """A POST that must be refused for its body."""
    await dry.must_refuse(api, capability, f"POST {path}", json=body, control=f"POST {control}", **how)


@provider.probe(
    "key.create", "key.list", "key.read", "key.restrict", "spend.limit.key", "spend.reset", "spend.usage", "spend.balance", "rate.read",
    "rate.set", "key.update", "key.rotate", "key.revoke", tier=Tier.WRITE,
)  # fmt: skip
async def a_key_keeps_what_it_was_given_until_it_is_deleted(api: Api) -> None:
    """Create → use → read back → change → block → unblock → rotate → delete → refused: each step is checked by what it changed."""
    settings: dict[str, Any] = {"max_budget": 0.05, "budget_duration": "30d", "rpm_limit": 7, "tpm_limit": 70_000}
    key, created = await create_key(api, "life", **settings, allowed_routes=["/v1/models"])
    if key is None:
        report(api, "key.create", False, created)
        return
    accepted, elsewhere = await models(api, key.secret), await itself(api, key.secret)
    report(api, "key.create", accepted.status == 200, accepted)
    listed = await api.get(f"/key/list?key_alias={api.name}-life&return_full_object=true")
    report(api, "key.list", dotted(listed.json, "keys.0.key_alias") == f"{api.name}-life", listed)
    info = await read_key(api, key)
    report(api, "key.read", info.get("key_alias") == f"{api.name}-life", created)
    report(api, "spend.limit.key", info.get("max_budget") == 0.05, created)
    report(api, "spend.reset", info.get("budget_duration") == "30d" and bool(info.get("budget_reset_at")), created)
    report(api, "spend.usage", info.get("spend") == 0, created)
    report(api, "spend.balance", info.get("spend") == 0 and info.get("max_budget") == 0.05, created)
    report(api, "rate.read", all(info.get(field) == settings[field] for field in RATES), created)
    changed = await api.post("/key/update", json={"key": key.token, "max_budget": 0.1, "rpm_limit": 9, "allowed_routes": []})
    info, freed = await read_key(api, key), await itself(api, key.secret)
    report(api, "rate.set", info.get("rpm_limit") == 9, changed)
    report(api, "key.restrict", (accepted.status, elsewhere.status, freed.status) == (200, 403, 200), elsewhere)
    blocked, refused = await api.post("/key/block", json={"key": key.token}), await models(api, key.secret)
    unblocked, again = await api.post("/key/unblock", json={"key": key.token}), await models(api, key.secret)
    took_effect = info.get("max_budget") == 0.1 and (blocked.status, refused.status, unblocked.status, again.status) == (200, 401, 200, 200)
    report(api, "key.update", took_effect, refused)
    key = await rotated(api, key)
    deleted, gone = await api.post("/key/delete", json={"keys": [key.token]}), await models(api, key.secret)
    report(api, "key.revoke", (deleted.status, gone.status) == (200, 401), gone)


async def rotated(api: Api, key: Key) -> Key:
    """The key with its new secret; the same one where the licence is missing."""
    answer = await api.post(f"/key/{segment(key.token)}/regenerate", json={})
    if answer.status == 500 and "Enterprise feature" in answer.text:
        api.inconclusive("key.rotate", Cause.PERMISSION_MISSING, "POST /key/{key}/regenerate answered 500: an Enterprise feature")
        return key
    secret, token = dotted(answer.json, "key"), dotted(answer.json, "token_id") or dotted(answer.json, "token")
    if secret is None or token is None:
        report(api, "key.rotate", False, answer)
        return key
    old, new = await models(api, key.secret), await models(api, str(secret))
    report(api, "key.rotate", (old.status, new.status) == (401, 200), new)
    return Key(str(secret), str(token))


@provider.probe("key.expiry", tier=Tier.WRITE)
async def a_key_works_until_its_duration_is_over(api: Api) -> None:
    """A key of three seconds is accepted, then refused."""
    key, created = await create_key(api, "brief", duration="3s")
    if key is None:
        report(api, "key.expiry", False, created)
        return
    first = await models(api, key.secret)
    last = await api.eventually(lambda: models(api, key.secret), lambda answer: answer.status == 401, within=15)
    report(api, "key.expiry", (first.status, last.status) == (200, 401) and "expired_key" in last.text, last)


@provider.probe("spend.limit.scope", tier=Tier.WRITE)
async def a_team_keeps_its_cap(api: Api) -> None:
    """A team's cap is read back, then raised and read back again."""
    created = await create_team(api, max_budget=0.05)
    before = await api.get(f"/team/info?team_id={api.name}")
    await api.post("/team/update", json={"team_id": api.name, "max_budget": 0.1})
    after = await api.get(f"/team/info?team_id={api.name}")
    caps = [dotted(answer.json, "team_info.max_budget") for answer in (before, after)]
    report(api, "spend.limit.scope", created.status == 200 and caps == [0.05, 0.1], after)


@provider.probe("spend.alert", tier=Tier.WRITE)
async def a_budget_keeps_the_amount_that_alerts(api: Api) -> None:
    """The soft budget is read back; that the alert arrives is not shown."""
    body = {"budget_id": api.name, "soft_budget": 0.01, "max_budget": 0.05}
    undo = undo_budget(api.name)
    created = await api.create("POST /budget/new", json=body, kind="budget", name=api.name, identity="budget_id", undo=undo)
    read = await api.post("/budget/info", json={"budgets": [api.name]})
    report(api, "spend.alert", created.status == 200 and dotted(read.json, "0.soft_budget") == 0.01, read)


@provider.probe("spend.limit.key", "spend.usage", tier=Tier.SPEND)
async def a_key_is_refused_once_its_cap_is_spent(api: Api) -> None:
    """Four keys, four series; the first key's cap is raised then, and its spend read back."""
    figures = []
    for each in series(api):
        key, created = await create_key(api, each.name, max_budget=each.cap_usd)
        if key is None:
            report(api, "spend.limit.key", False, created)
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
    report(api, "spend.usage", abs(spent(read) - usd) < enforcement.EXACT, read)


@provider.probe("spend.limit.scope", tier=Tier.SPEND)
async def a_team_is_refused_once_its_cap_is_spent(api: Api) -> None:
    """A key without a cap of its own, in a team that has one."""
    cap = enforcement.room(api.inference, 3)
    team = await create_team(api, max_budget=cap)
    key, created = await create_key(api, "member", team_id=api.name) if team.status == 200 else (None, team)
    if key is None:
        report(api, "spend.limit.scope", False, created)
        return
    api.measured("spend.limit.scope", await enforcement.cap(api, secret=key.secret, cap_usd=cap))


@provider.probe("rate.set", "rate.error", tier=Tier.SPEND)
async def a_key_is_refused_above_its_requests_a_minute(api: Api) -> None:
    """Until it is refused, then once more after waiting as long as the refusal says."""
    key, created = await create_key(api, "rate", rpm_limit=PER_MINUTE)
    if key is None:
        report(api, "rate.set", False, created)
        return
    figures = await enforcement.rate(api, secret=key.secret, per_minute=PER_MINUTE, calls=PER_MINUTE + 5)
    for capability in api.probe.capabilities:
        api.measured(capability, figures)


@provider.probe("rate.headers", tier=Tier.SPEND)
async def an_answer_tells_what_is_left_of_the_rate(api: Api) -> None:
    """One call of a key that has both limits: without one, its headers do not appear."""
    key, created = await create_key(api, "headers", rpm_limit=100, tpm_limit=1_000_000)
    if key is None:
        report(api, "rate.headers", False, created)
        return
    api.saw_rate_headers("rate.headers", await api.spend(api.inference, secret=key.secret))


async def create_key(api: Api, which: str, **settings: Any) -> tuple[Key | None, Answer]:
    """A key of the probe's own, None when it was not created, and the answer."""
    name = f"{api.name}-{which}"
    body = {"key_alias": name, **settings}
    answer = await api.create("POST /key/generate", json=body, kind="key", name=name, identity="key_alias", undo=undo_key(name))
    secret, token = dotted(answer.json, "key"), dotted(answer.json, "token_id")
    return Key(str(secret), str(token)) if secret and token else None, answer


async def create_team(api: Api, **settings: Any) -> Answer:
    """A team named like the probe, which is its id as well."""
    body = {"team_id": api.name, "team_alias": api.name, **settings}
    return await api.create("POST /team/new", json=body, kind="team", name=api.name, identity="team_id", undo=undo_team(api.name))


async def read_key(api: Api, key: Key) -> dict[str, Any]:
    """What the gateway keeps of a key, empty when it does not know it."""
    info = dotted((await api.get(f"/key/info?key={segment(key.token)}")).json, "info")
    return info if isinstance(info, dict) else {}


async def models(api: Api, secret: str) -> Answer:
    """What the key may call, asked with the key: free, and refused like any other use."""
    return await api.get("/v1/models", credential="inference", secret=secret)


async def itself(api: Api, secret: str) -> Answer:
    """The key reads itself, a route that a key restricted to others may not use."""
    return await api.get("/key/info", credential="inference", secret=secret)


def undo_key(name: str) -> Undo:
    """A name is given once, so it is enough."""
    return {"method": "POST", "path": "/key/delete", "body": {"key_aliases": [name]}}


def undo_team(name: str) -> Undo:
    """The name is the id."""
    return {"method": "POST", "path": "/team/delete", "body": {"team_ids": [name]}}


def undo_budget(name: str) -> Undo:
    """The name is the id; deleting what is not there answers 200 as well."""
    return {"method": "POST", "path": "/budget/delete", "body": {"id": name}}


def report(api: Api, capability: str, holds: bool, answer: Answer) -> None:
    """What an authenticated call did, or did not do."""
    api.found(capability, holds, Cause.DONE if holds else Cause.NOT_DONE, f"status {answer.status}")
