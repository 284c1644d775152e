"""Amazon API Gateway: keys and usage plans by API. What a plan limits are requests, for each of its keys; nothing here is a spend cap.

A key opens nothing until it is in a plan. No call goes through a gateway: what a limit does to traffic is not tested.
"""

from datetime import UTC, datetime
from typing import Any

from probes.addresses import segment
from probes.answer import Answer, dotted, is_number
from probes.api import Api
from probes.evidence import Cause
from probes.ledger import Undo
from probes.probe import Provider, Tier

provider = Provider("aws_api_gateway")

KEYS, PLANS = "/apikeys", "/usageplans"
SOON = 10.0
"""Seconds within which a change is to be seen."""

THROTTLE = {"rateLimit": 2.0, "burstLimit": 3}
QUOTA = {"limit": 7, "period": "MONTH"}


@provider.probe("key.list", "rate.read", tier=Tier.READ)
async def keys_and_plans_are_listed(api: Api) -> None:
    """Both lists are answered; the rate limit of the account is a number, which a key that may not read it would not be told."""
    listed = await api.get(f"{KEYS}?limit=25&includeValues=false")
    api.did("key.list", isinstance(rows(listed), list), listed)
    account = await api.get("/account")
    rate = dotted(account.json, "throttleSettings.rateLimit")
    api.did("rate.read", is_number(rate) and rate > 0, account)


@provider.probe("key.create", "key.list", "key.read", "key.update", "key.revoke", tier=Tier.WRITE)
async def a_key_lives_is_disabled_and_ends(api: Api) -> None:
    """Created with a value, listed by its name, read, disabled and read back, deleted and not found any more."""
    key = await create_key(api)
    if key is None:
        api.untested("no key was created")
        return
    created, path = key
    api.did("key.create", created.status == 201 and bool(dotted(created.json, "value")), created)
    listed = await api.eventually(
        lambda: api.get(f"{KEYS}?nameQuery={api.name}&includeValues=false"), lambda answer: bool(named(answer, api.name)), within=SOON
    )
    api.did("key.list", named(listed, api.name) == [dotted(created.json, "id")], listed)
    read = await api.get(path)
    api.did("key.read", (dotted(read.json, "name"), dotted(read.json, "enabled")) == (api.name, True), read)
    await api.patch(path, json=patched("/enabled", "false"))
    changed = await api.get(path)
    api.did("key.update", dotted(read.json, "enabled") is True and dotted(changed.json, "enabled") is False, changed)
    deleted = await api.delete(path)
    gone = await api.eventually(lambda: api.get(path), lambda answer: answer.status == 404, within=SOON)
    api.did("key.revoke", deleted.status < 300 and read.status == 200 and gone.status == 404, gone)


@provider.probe("rate.set", "rate.read", "spend.reset", "key.restrict", "spend.usage", tier=Tier.WRITE)
async def a_plan_keeps_its_limits_for_the_keys_in_it(api: Api) -> None:
    """A rate and a monthly quota of requests are kept, and changed; a key is in the plan once it was put there, and not before."""
    key, plan = await create_key(api), await create_plan(api)
    if key is None or plan is None:
        api.untested("no key or no plan was created")
        return
    identity = dotted(key[0].json, "id")
    read = await api.eventually(lambda: api.get(plan), lambda answer: answer.status == 200, within=SOON)
    api.did("rate.read", (throttle(read), quota(read)) == (THROTTLE, QUOTA), read)
    api.did("spend.reset", dotted(read.json, "quota.period") == "MONTH", read)
    await api.patch(plan, json=patched("/throttle/rateLimit", "1"))
    changed = await api.get(plan)
    api.did("rate.set", throttle(read) == THROTTLE and throttle(changed) == {**THROTTLE, "rateLimit": 1.0}, changed)

    before = await api.get(f"{plan}/keys")
    await api.post(f"{plan}/keys", json={"keyId": identity, "keyType": "API_KEY"}, gives="id")
    after = await api.get(f"{plan}/keys")
    held = [row.get("id") for row in rows(before) or []], [row.get("id") for row in rows(after) or []]
    api.did("key.restrict", held == ([], [identity]), after)
    today = day(after)
    usage = await api.get(f"{plan}/usage?startDate={today}&endDate={today}")
    if usage.is_html:
        api.inconclusive("spend.usage", Cause.NOT_AN_API, f"status {usage.status}")
    elif dotted(usage.json, "values") == {}:
        api.inconclusive("spend.usage", Cause.ROUTE_ONLY, "nothing was called with the key, so there is no use to tell")
    else:
        api.did("spend.usage", isinstance(dotted(usage.json, f"values.{identity}"), list), usage)


async def create_key(api: Api) -> tuple[Answer, str] | None:
    """A key that is in no plan, and its path; None where none was created."""
    body = {"name": api.name, "enabled": True}
    created = await api.create(f"POST {KEYS}", json=body, kind="key", name=api.name, identity="id", undo=undo_of(KEYS))
    identity = dotted(created.json, "id")
    return None if identity is None else (created, f"{KEYS}/{segment(identity)}")


async def create_plan(api: Api) -> str | None:
    """The path of a plan with a rate and a quota of requests and without a stage; None where none was created."""
    body = {"name": api.name, "throttle": THROTTLE, "quota": QUOTA}
    created = await api.create(f"POST {PLANS}", json=body, kind="plan", name=api.name, identity="id", undo=undo_of(PLANS))
    identity = dotted(created.json, "id")
    return None if identity is None else f"{PLANS}/{segment(identity)}"


def undo_of(collection: str) -> Undo:
    """How a key or a plan is deleted: by its id, or by its name where the answer that told the id was lost."""
    return {
        "method": "DELETE",
        "path": f"{collection}/{{id}}",
        "find": {
            "method": "GET",
            "path": f"{collection}?limit=500",
            "where": "item[].name",
            "id": "item[].id",
            "omits_empty": True,
            "pages": {"parameter": "position", "cursor": "position"},
        },
    }


def patched(path: str, value: str) -> dict[str, Any]:
    """The body of a change: one operation, its value always a string."""
    return {"patchOperations": [{"op": "replace", "path": path, "value": value}]}


def rows(answer: Answer) -> list[dict[str, Any]] | None:
    """The rows of a list, which are left out where there are none; None where the answer is no list."""
    found = dotted(answer.json, "item") if answer.status == 200 and isinstance(answer.json, dict) else None
    listed = [] if found is None and answer.status == 200 and isinstance(answer.json, dict) else found
    return [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else None


def named(answer: Answer, name: str) -> list[Any]:
    """The ids of a list's rows with this very name."""
    return [row.get("id") for row in rows(answer) or [] if row.get("name") == name]


def throttle(answer: Answer) -> Any:
    """The rate limit of a plan."""
    return dotted(answer.json, "throttle")


def quota(answer: Answer) -> Any:
    """The quota of a plan, without the day of its first period."""
    found = dotted(answer.json, "quota")
    return {name: value for name, value in found.items() if name != "offset"} if isinstance(found, dict) else found


def day(answer: Answer) -> str:
    """The day by the server's clock, in 1970 where it tells none."""
    return (answer.clock or datetime.fromtimestamp(0, UTC)).date().isoformat()
