"""What several probes do: wait for an operation, make a key, a budget, a project with all that a capped key needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlencode

from probes.addresses import segment
from probes.answer import Answer, dotted
from probes.api import Api
from probes.ledger import Undo
from probes.probe import Provider

provider = Provider("google_gemini")

OWN = "{project}"
"""The person's own project, as a path has it."""
SERVICE = "generativelanguage.googleapis.com"
SERVICE_ID = "services/AEFD-7695-64FA"
BUDGETS = "/v1/billingAccounts/{billingAccount}/budgets"
TARGETS = {"apiTargets": [{"service": SERVICE}]}
OPERATIONS = {"api": "/v2", "projects": "/v3", "service_usage": "/v1"}
"""Where the operations of a host are asked for."""
THRESHOLDS = [{"thresholdPercent": percent, "spendBasis": "CURRENT_SPEND"} for percent in (0.5, 0.8, 1.0)]


SPREADS_WITHIN = 300.0
"""Seconds within which a change of a key is known everywhere."""


class StepFailed(Exception):
    """A step that only prepares was not done: then what it prepares for was not tested."""


def keys(project: str = OWN) -> str:
    """The path of a project's keys."""
    return f"/v2/projects/{project}/locations/global/keys"


def rows(answer: Answer, name: str) -> list[dict[str, Any]]:
    """The rows of a list, of which Google leaves the field out when it is empty."""
    found = dotted(answer.json, name)
    return [row for row in found if isinstance(row, dict)] if answer.status == 200 and isinstance(found, list) else []


def last(name: object) -> str:
    """The id at the end of a resource's name, as a segment of a path; what is escaped in the name stays one segment."""
    return segment(unquote(str(name).rpartition("/")[2]))


def needed(answer: Answer, what: str) -> Answer:
    """Raises StepFailed where the step was refused."""
    if answer.status >= 300:
        raise StepFailed(f"{what} answered {answer.status}")
    return answer


async def done(api: Api, host: str, started: Answer, what: str) -> Answer:
    """The operation when it is done, or after a minute; raises StepFailed where it was refused or ended with an error."""
    name = dotted(needed(started, what).json, "name")
    if name is None or dotted(started.json, "done") is True:
        return started
    path = f"{host}:{OPERATIONS[host]}/operations/{last(name)}"
    answer = await api.eventually(lambda: api.get(path), is_done, within=60.0)
    if dotted(answer.json, "error") is not None or (answer.json and not is_done(answer)):
        raise StepFailed(f"{what} did not end well")
    return answer


def is_done(answer: Answer) -> bool:
    """Whether an operation has ended, well or not; what has no name is none."""
    return dotted(answer.json, "done") is True or dotted(answer.json, "name") is None


async def create_account(api: Api, project: str = OWN) -> str:
    """A service account for a key to be bound to; its address."""
    path = f"/v1/projects/{project}/serviceAccounts"
    undo: Undo = {
        "method": "DELETE",
        "host": "service_accounts",
        "path": f"{path}/{{id}}",
        "find": {
            "method": "GET",
            "path": f"{path}?pageSize=100",
            "where": "accounts[].displayName",
            "id": "accounts[].uniqueId",
            "omits_empty": True,
            "pages": {"parameter": "pageToken", "cursor": "nextPageToken"},
        },
    }
    body = {"accountId": api.name, "serviceAccount": {"displayName": api.name}}
    made = await api.create(
        f"POST service_accounts:{path}", json=body, kind="service account", name=api.name, identity="uniqueId", undo=undo
    )
    identity = segment(dotted(needed(made, "creating a service account").json, "uniqueId"))
    await api.eventually(lambda: api.get(f"service_accounts:{path}/{identity}"), lambda answer: answer.status < 300)
    return str(dotted(made.json, "email"))


def undo_key(api: Api, project: str = OWN) -> Undo:
    """The id of a key is ours to choose, so that it is known before the key is."""
    return {"method": "DELETE", "path": f"{keys(project)}/{api.name}"}


async def create_key(api: Api, account: str, project: str = OWN) -> Answer:
    """An auth key for the Gemini API only, once it is there. Raises StepFailed."""
    body = {"displayName": api.name, "serviceAccountEmail": account, "restrictions": TARGETS}
    call = f"POST {keys(project)}?keyId={api.name}"
    made = await api.create(call, json=body, kind="key", name=api.name, identity="name", undo=undo_key(api, project))
    return await done(api, "api", made, "creating a key")


async def secret_of(api: Api, project: str = OWN) -> str:
    """The secret of the probe's key."""
    path = f"{keys(project)}/{api.name}/keyString"
    answer = await api.eventually(lambda: api.get(path), lambda answer: answer.status != 404, within=60.0)
    return str(dotted(needed(answer, "reading the secret").json, "keyString"))


async def accepted(api: Api, secret: str) -> Answer:
    """A free call with the key, until it is accepted."""
    return await called(api, secret, (200,))


async def called(api: Api, secret: str, expected: Sequence[int]) -> Answer:
    """A free call with the key until it is answered as expected, or the last answer: Google says that a change may take five minutes."""
    return await api.eventually(
        lambda: api.get("inference:/v1beta/models", credential="inference", secret=secret),
        lambda answer: answer.status in (*expected, 201),  # a preview answers everything with 201
        within=SPREADS_WITHIN,
        every=SPREADS_WITHIN / 100,
    )


def undo_budget(project: str) -> Undo:
    """By its id, or found by its name among the budgets of the project."""
    return {
        "method": "DELETE",
        "host": "budgets",
        "path": f"{BUDGETS}/{{id}}",
        "find": {
            "method": "GET",
            "path": f"{BUDGETS}?{urlencode({'scope': f'projects/{project}'}, safe='{}/')}",
            "where": "budgets[].displayName",
            "id": "budgets[].name",
            "omits_empty": True,
            "pages": {"parameter": "pageToken", "cursor": "nextPageToken"},
        },
    }


def money(usd: float) -> dict[str, Any]:
    """An amount in the currency of the billing account, to the nano."""
    units, nanos = divmod(round(usd * 10**9), 10**9)
    return {"specifiedAmount": {"units": str(units), "nanos": nanos}}


def spend_cap(api: Api, project: str, usd: float) -> dict[str, Any]:
    """A budget that caps one project's use of the Gemini API in a calendar month; Google wants every field just so."""
    return {
        "displayName": api.name,
        "budgetFilter": {
            "projects": [f"projects/{project}"],
            "services": [SERVICE_ID],
            "creditTypesTreatment": "EXCLUDE_ALL_CREDITS",
            "calendarPeriod": "MONTH",
        },
        "amount": money(usd),
        "thresholdRules": THRESHOLDS,
        "notificationsRule": {"enableProjectLevelRecipients": True},
        "ownershipScope": "ALL_USERS",
        "spendCap": {"inputState": "CONFIGURED"},
    }


async def create_budget(api: Api, project: str, body: Mapping[str, Any]) -> tuple[Answer, str]:
    """The answer and the path of the new budget. Raises StepFailed."""
    undo = undo_budget(project)
    made = await api.create(f"POST budgets:{BUDGETS}", json=dict(body), kind="budget", name=api.name, identity="name", undo=undo)
    return needed(made, "creating a budget"), f"budgets:{BUDGETS}/{last(dotted(made.json, 'name'))}"


@dataclass(frozen=True, slots=True)
class Composed:
    """A project of the probe's own, with a key in it."""

    project: str
    name: str
    """As other services name it, by its number."""
    secret: str


async def compose(api: Api) -> Composed:
    """The recipe up to the key: a project beside the person's own, its billing and services, an account, a key. Raises StepFailed."""
    beside = needed(await api.get(f"projects:/v3/projects/{OWN}"), "reading the own project")
    parent = dotted(beside.json, "parent")
    body = {"projectId": api.name, "displayName": api.name} | ({"parent": parent} if parent else {})
    undo: Undo = {"method": "DELETE", "host": "projects", "path": f"/v3/projects/{api.name}"}
    made = await api.create("POST projects:/v3/projects", json=body, kind="project", name=api.name, identity="name", undo=undo)
    project = await done(api, "projects", made, "creating a project")
    account = {"billingAccountName": f"billingAccounts/{api.setting('billingAccount')}"}
    needed(await api.put(f"billing:/v1/projects/{api.name}/billingInfo", json=account), "linking the billing account")
    services = {"serviceIds": [SERVICE, "apikeys.googleapis.com", "iam.googleapis.com"]}
    enabling = await api.post(f"service_usage:/v1/projects/{api.name}/services:batchEnable", json=services)
    await done(api, "service_usage", enabling, "enabling the services")
    await create_key(api, await create_account(api, api.name), api.name)
    return Composed(api.name, str(dotted(project.json, "response.name")), await secret_of(api, api.name))
