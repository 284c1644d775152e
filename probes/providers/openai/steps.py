"""What the probes have in common: a project with a service account and its key, how each is undone, and what an answer shows."""

from collections.abc import Awaitable, Callable
from typing import Any

from probes.addresses import segment
from probes.answer import Answer, dotted, rows
from probes.api import Api
from probes.evidence import Cause
from probes.ledger import Find, Undo
from probes.probe import Provider
from probes.refusals import envelope

provider = Provider("openai")

ORGANIZATION = "/v1/organization"
PROJECTS = f"{ORGANIZATION}/projects"
MONTHLY = {"currency": "USD", "interval": "month"}

ONE_ROW = {"data": [{"id": "ID"}]}
"""What a preview takes for a list."""

SPREADS_WITHIN = 20.0
"""Seconds that what was created or changed is given to be known everywhere. The vendor says that it takes time, not how much."""


async def first_project(api: Api) -> str | None:
    """The path of the oldest project: every organisation has one."""
    projects = await listed(api, f"{PROJECTS}?limit=1")
    return f"{PROJECTS}/{segment(projects[0]['id'])}" if projects else None


async def listed(api: Api, path: str) -> list[dict[str, Any]]:
    """The rows of a list's first page."""
    return rows(await api.get(path, gives=ONE_ROW), "data")


async def create_project(api: Api, name: str = "") -> str | None:
    """A project of the probe's own; its path, None when it was refused."""
    name = name or api.name
    undo: Undo = {"method": "POST", "path": f"{PROJECTS}/{{id}}/archive", "find": find(PROJECTS, "name")}
    created = await api.create(f"POST {PROJECTS}", json={"name": name}, kind="project", name=name, identity="id", undo=undo)
    identity = dotted(created.json, "id")
    return None if identity is None else f"{PROJECTS}/{segment(identity)}"


async def found(api: Api, ask: Callable[[], Awaitable[Answer]]) -> Answer:
    """The answer of a call in something that was just made, which may not be found at first."""
    return await api.eventually(ask, lambda answer: answer.status != 404, within=SPREADS_WITHIN)


async def create_account(api: Api, project: str, name: str = "") -> Answer:
    """A service account, whose answer has its first key."""
    name = name or api.name
    call, undo = f"POST {project}/service_accounts", account_undo(project)
    return await found(api, lambda: api.create(call, json={"name": name}, kind="account", name=name, identity="id", undo=undo))


async def create_key(api: Api, project: str, account: Answer, which: str, **settings: Any) -> Answer:
    """A further key of a service account."""
    call, name = f"POST {project}/service_accounts/{segment(dotted(account.json, 'id'))}/api_keys", f"{api.name}-{which}"
    body, undo = {"name": name, **settings}, key_undo(project)
    return await found(api, lambda: api.create(call, json=body, kind="key", name=name, identity="id", undo=undo))


def account_undo(project: str) -> Undo:
    """A service account takes its keys along."""
    accounts = f"{project}/service_accounts"
    return {"method": "DELETE", "path": f"{accounts}/{{id}}", "find": find(accounts, "name")}


def key_undo(project: str) -> Undo:
    """A key of a service account can be deleted without it."""
    return {"method": "DELETE", "path": f"{project}/api_keys/{{id}}", "find": find(f"{project}/api_keys", "name")}


def find(path: str, name: str) -> Find:
    """Lists go on after the last id of a page."""
    return {
        "method": "GET",
        "path": f"{path}?limit=100",
        "where": f"data[].{name}",
        "id": "data[].id",
        "pages": {"parameter": "after", "cursor": "last_id"},
    }


def secret_of(created: Answer) -> str:
    """The key in the answer that created it, empty when there is none."""
    return str(dotted(created.json, "api_key.value") or dotted(created.json, "value") or "")


async def ask_models(api: Api, secret: str, until: Callable[[Answer], bool] = lambda _: True) -> Answer:
    """The models that a key may use: a call that costs nothing, repeated while the answer is not yet what a change must lead to."""
    ask = lambda: api.get("/v1/models", credential="inference", secret=secret)  # noqa: E731
    return await api.eventually(ask, until, within=SPREADS_WITHIN)


def is_served(answer: Answer) -> bool:
    """Whether it was done."""
    return answer.status < 300


def is_refused(answer: Answer) -> bool:
    """Whether it is no answer with models."""
    return answer.status != 200


def is_known(answer: Answer) -> bool:
    """Whether the key is known, be it allowed or not."""
    return answer.status != 401


def report_end(api: Api, capability: str, holds: bool, last: Answer) -> None:
    """Whether a key came to its end. One that is still served proves nothing: that may only take longer than a probe waits."""
    if not holds and last.status < 400:
        api.inconclusive(capability, Cause.NOT_DONE, f"still served after {SPREADS_WITHIN:.0f} s")
    else:
        report(api, capability, holds, last)


def untested(api: Api, *capabilities: str, why: str = "") -> None:
    """Report that there is nothing to try it on."""
    for capability in capabilities:
        api.inconclusive(capability, Cause.NOTHING_TO_TRY, why)


def report(api: Api, capability: str, holds: bool, answer: Answer) -> None:
    """What an authenticated call did, or did not do. A refusal of something else than the route shows nothing of the vendor."""
    if holds:
        api.found(capability, True, Cause.DONE, f"status {answer.status}")
    elif answer.status < 400 or answer.status in (404, 405):
        api.found(capability, False, Cause.NOT_DONE, f"status {answer.status}")
    else:
        said = " ".join((f"status {answer.status}", *envelope(answer.body).messages[:1]))
        api.inconclusive(capability, Cause.SERVER_FAULT if answer.status >= 500 else Cause.NOT_DONE, said[:200])
