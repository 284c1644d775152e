"""Tier write: the life of keys, and of the settings of a project, each step checked by what it changed."""

from typing import Any

from probes.addresses import segment
from probes.answer import Answer, dotted, rows
from probes.api import Api
from probes.evidence import Cause
from probes.ledger import Undo
from probes.probe import Tier
from probes.providers.openai.steps import (
    MONTHLY,
    ONE_ROW,
    SPREADS_WITHIN,
    ask_models,
    create_account,
    create_key,
    create_project,
    find,
    found,
    is_known,
    is_refused,
    is_served,
    provider,
    report,
    report_end,
    secret_of,
    untested,
)
from probes.vocabulary import Means

NOBODYS_KEY = "sk-keycap-nobody"
EMAIL = {"type": "email", "recipients": ["keycap-probe@example.com"]}


@provider.probe("key.create", "key.list", "key.read", "key.rotate", "key.revoke", tier=Tier.WRITE)
async def a_key_works_until_it_is_replaced(api: Api) -> None:
    """Project → account with its key → a second and a third key, both at work → the second is deleted, and only it is refused."""
    if (made := await begin(api)) is None:
        return
    project, account = made
    first = await ask_models(api, secret_of(account), is_served)
    nobody = await ask_models(api, NOBODYS_KEY)
    if is_served(nobody):
        api.inconclusive("key.create", Cause.CONTROL_FAILED, "a key that nobody issued is served as well")
    else:
        report(api, "key.create", first.status == 200, first)
    second, third = await create_key(api, project, account, "second"), await create_key(api, project, account, "third")
    identity = dotted(second.json, "id")
    if identity is None or dotted(third.json, "id") is None:
        report(api, "key.rotate", False, second)
        untested(api, "key.list", "key.read", "key.revoke", why="no key of its own")
        return
    path = f"{project}/api_keys?limit=100&owner_project_access=any"
    listed = await api.eventually(
        lambda: api.get(path), lambda each: is_in(identity, each) or not rows(each, "data"), within=SPREADS_WITHIN
    )
    report(api, "key.list", is_in(identity, listed), listed)
    path = f"{project}/api_keys/{segment(identity)}"
    read = await found(api, lambda: api.get(path))
    shown = dotted(read.json, "redacted_value")
    report(api, "key.read", dotted(read.json, "id") == identity and shown not in (None, "", secret_of(second)), read)
    before = [await ask_models(api, secret_of(key), is_served) for key in (second, third)]
    deleted = await api.delete(path)
    ended, other = await ask_models(api, secret_of(second), is_refused), await ask_models(api, secret_of(third))
    worked = all(answer.status == 200 for answer in before)
    gone = worked and dotted(deleted.json, "deleted") is True and api.means(ended) is Means.CREDENTIAL
    report_end(api, "key.revoke", gone, ended if deleted.status == 200 else deleted)
    report_end(api, "key.rotate", gone and other.status == 200, ended if ended.status == 200 else other)


@provider.probe("key.restrict", "key.update", "key.expiry", tier=Tier.WRITE)
async def a_key_may_do_what_its_scopes_say_until_it_expires(api: Api) -> None:
    """A key that may not read models is refused that → its scopes are replaced, and it may → it is given one second, and is refused."""
    if (made := await begin(api)) is None:
        return
    project, account = made
    key = await create_key(api, project, account, "narrow", scopes=["api.responses.write"], expires_in_seconds=3600)
    if dotted(key.json, "id") is None:
        report(api, "key.restrict", False, key)
        report(api, "key.expiry", False, key)
        untested(api, "key.update", why="no key of its own")
        return
    secret, path = secret_of(key), f"{project}/api_keys/{segment(dotted(key.json, 'id'))}"
    began, ends = (whole(key, field) for field in ("created_at", "expires_at"))
    narrow = await ask_models(api, secret, is_known)
    changed = await found(api, lambda: api.post(path, json={"scopes": ["api.all.read"], "expires_in_seconds": 7200}))
    wide = await ask_models(api, secret, is_served)
    longer = whole(await api.get(path), "expires_at")
    opened = api.means(narrow) is Means.SCOPE and wide.status == 200
    report(api, "key.restrict", opened, narrow)
    report(api, "key.update", opened and longer > ends, changed)
    shortened = await api.post(path, json={"expires_in_seconds": 1})
    await api.wait(2.0)
    expired = await ask_models(api, secret, is_refused)
    ended = abs(ends - began - 3600) <= 5 and wide.status == 200 and api.means(expired) is Means.CREDENTIAL
    report_end(api, "key.expiry", ended, expired if shortened.status == 200 else shortened)


@provider.probe("spend.limit.scope", "spend.reset", "spend.alert", "rate.read", "rate.set", tier=Tier.WRITE)
async def a_project_keeps_its_cap_alert_and_rate(api: Api) -> None:
    """Each is set on a project of the probe's own and read back; the cap is also replaced and removed."""
    if (project := await create_project(api)) is None:
        untested(api, *api.probe.capabilities, why="no project of its own")
        return
    cap = f"{project}/spend_limit"
    created = await found(api, lambda: api.post(cap, json={"threshold_amount": 500, **MONTHLY}))
    kept = await api.get(cap)
    replaced, then = await api.post(cap, json={"threshold_amount": 700, **MONTHLY}), await api.get(cap)
    removed, after = await api.delete(cap), await api.get(cap)
    amounts = [dotted(answer.json, "threshold_amount") for answer in (kept, then, after)]
    refused = next((each for each in (created, replaced, removed) if each.status != 200), kept)
    report(api, "spend.limit.scope", amounts == [500, 700, None] and dotted(kept.json, "currency") == "USD", refused)
    report(api, "spend.reset", amounts[0] == 500 and dotted(kept.json, "interval") == "month", created)
    made, alerts = await create_alert(api, project), await api.get(f"{project}/spend_alerts?limit=100")
    alert = row_of(dotted(made.json, "id"), alerts)
    report(api, "spend.alert", alert.items() >= {"threshold_amount": 400, **MONTHLY}.items(), made)
    rates = f"{project}/rate_limits"
    listed = await api.get(f"{rates}?limit=100", gives=ONE_ROW)
    if not (rate := next(iter(rows(listed, "data")), {})):
        untested(api, "rate.read", "rate.set", why="no rate in a project of its own")
        return
    most = rate.get("max_requests_per_1_minute", 0)
    report(api, "rate.read", most > 0 and rate.get("max_tokens_per_1_minute", 0) > 0, listed)
    less = max(1, most // 2)
    changed = await api.post(f"{rates}/{segment(rate['id'])}", json={"max_requests_per_1_minute": less})
    again = row_of(rate["id"], await api.get(f"{rates}?limit=100"))
    report(api, "rate.set", again == {**rate, "max_requests_per_1_minute": less}, changed)


async def begin(api: Api) -> tuple[str, Answer] | None:
    """A project and an account with a key; None, and all reported, where one of them was refused."""
    project = await create_project(api)
    account = await create_account(api, project) if project else None
    if project and account and dotted(account.json, "id") is not None:
        return project, account
    capabilities = list(api.probe.capabilities)
    if account and "key.create" in capabilities:
        capabilities.remove("key.create")
        report(api, "key.create", False, account)
    untested(api, *capabilities, why="no project with an account of its own")
    return None


async def create_alert(api: Api, project: str) -> Answer:
    """An alert, which has no name: the prefix of its mails' subject stands for it. Nothing is spent, so no mail is sent."""
    name, alerts = f"{api.name}-alert", f"{project}/spend_alerts"
    body = {"threshold_amount": 400, **MONTHLY, "notification_channel": {**EMAIL, "subject_prefix": name}}
    undo: Undo = {
        "method": "DELETE",
        "path": f"{alerts}/{{id}}",
        "find": find(alerts, "notification_channel.subject_prefix"),
    }
    return await api.create(f"POST {alerts}", json=body, kind="alert", name=name, identity="id", undo=undo)


def is_in(identity: Any, listed: Answer) -> bool:
    """Whether a list has the thing with this id."""
    return bool(row_of(identity, listed))


def row_of(identity: Any, listed: Answer) -> dict[str, Any]:
    """The row with this id, empty when it is not listed."""
    return next((row for row in rows(listed, "data") if row.get("id") == identity), {})


def whole(answer: Answer, field: str) -> int:
    """A number of an answer, 0 where it tells none."""
    found = dotted(answer.json, field)
    return found if isinstance(found, int) else 0
