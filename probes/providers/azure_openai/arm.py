"""Steps that Azure's probes share: an account made and ended, operations waited for, keys tried, findings reported."""

from collections.abc import Awaitable, Callable
from typing import Any

from probes.answer import Answer, dotted
from probes.api import Api
from probes.evidence import Cause
from probes.ledger import Undo
from probes.probe import Provider
from probes.refusals import envelope

provider = Provider("azure_openai")

SUBSCRIPTION = "/subscriptions/{subscriptionId}"
GROUP = f"{SUBSCRIPTION}/resourceGroups/{{resourceGroupName}}"
SERVICES = "providers/Microsoft.CognitiveServices"
ACCOUNTS = f"{GROUP}/{SERVICES}/accounts"
DELETED = f"{SUBSCRIPTION}/{SERVICES}/locations/{{location}}/resourceGroups/{{resourceGroupName}}/deletedAccounts"
MODELS = "inference:/openai/v1/models"
"""Answers whoever has a key, and costs nothing."""

STABLE = "api-version=2026-05-01"
PREVIEW = "api-version=2026-09-15-preview"
"""The first version with cost controls."""

AT_WORK = frozenset({"Accepted", "Creating", "Updating", "Deleting", "Moving", "Scaling", "ResolvingDNS"})
"""States in which a resource refuses every other change."""

PATIENT = (0.3, 0.7, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 30.0, 30.0)
"""Seconds between looks at an operation."""

SOON = (0.3, 0.7, 1.0, 2.0, 4.0, 8.0)
"""Seconds between looks at what a change of a key did."""


def account(api: Api) -> str:
    """The path of this probe's account."""
    return f"{ACCOUNTS}/{api.name}"


async def create_account(api: Api) -> Answer:
    """An account named as this probe, with a host of that name; the last answer, of 200 when it is ready."""
    body = {
        "kind": "AIServices",
        "location": api.setting("location"),
        "sku": {"name": "S0"},
        "properties": {"customSubDomainName": api.name, "publicNetworkAccess": "Enabled"},
    }
    created = await api.create(
        f"PUT {account(api)}?{PREVIEW}", json=body, kind="account", name=api.name, identity="name", undo=undo_account(api)
    )
    return created if created.status >= 300 else await settled(api, account(api))


def undo_account(api: Api) -> Undo:
    """Deleted and purged: until it is purged, its name and its quota are taken."""
    purge = f"{DELETED}/{api.name}?{STABLE}"
    return {"method": "DELETE", "path": f"{account(api)}?{STABLE}", "then": [{"method": "DELETE", "path": purge}]}


async def change_account(api: Api, **properties: Any) -> Answer:
    """PATCH the account's properties; the account as it is once the operation is through, or the refusal."""
    changed = await api.patch(f"{account(api)}?{PREVIEW}", json={"properties": properties})
    return changed if changed.status >= 300 else await settled(api, account(api))


async def remove_account(api: Api) -> None:
    """End the account as its undo would, but as patiently as Azure needs: 409 while something in it, or itself, is still being deleted."""
    await until(api, lambda: api.delete(f"{account(api)}?{STABLE}"), lambda answer: answer.status != 409, PATIENT)
    await until(api, lambda: api.delete(f"{DELETED}/{api.name}?{STABLE}"), lambda answer: answer.status != 409, PATIENT)


async def settled(api: Api, path: str) -> Answer:
    """The resource once no operation is at work on it; it may not be shown at once."""

    def holds(answer: Answer) -> bool:
        return answer.status < 300 and dotted(answer.json, "properties.provisioningState") not in AT_WORK

    return await until(api, lambda: api.get(f"{path}?{PREVIEW}"), holds, PATIENT)


def is_ready(answer: Answer) -> bool:
    """Whether a resource is there and no operation on it is under way or failed."""
    return answer.status < 300 and dotted(answer.json, "properties.provisioningState") in (None, "Succeeded")


async def until(api: Api, ask: Callable[[], Awaitable[Answer]], holds: Callable[[Answer], bool], pauses: tuple[float, ...]) -> Answer:
    """Ask until it holds or the patience is at its end; the last answer."""
    answer = await ask()
    for pause in pauses:
        if holds(answer):
            break
        await api.wait(pause)
        answer = await ask()
    return answer


async def read_keys(api: Api) -> Answer:
    """Both keys of the account: `key1` and `key2`."""
    return await api.post(f"{account(api)}/listKeys?{STABLE}")


async def regenerate(api: Api, which: str) -> Answer:
    """Replace `Key1` or `Key2`."""
    return await api.post(f"{account(api)}/regenerateKey?{STABLE}", json={"keyName": which})


async def opens(api: Api, secret: str) -> Answer:
    """What the account's host says to a key that should open it, after a while."""
    return await until(api, lambda: tried(api, secret), lambda answer: answer.status < 300, SOON)


async def shuts(api: Api, secret: str) -> Answer:
    """What it says to one that should not open it any more, after a while."""
    return await until(api, lambda: tried(api, secret), lambda answer: answer.status in (401, 403), SOON)


async def tried(api: Api, secret: str) -> Answer:
    """A free call with a key."""
    return await api.get(MODELS, credential="inference", secret=secret)


def text(answer: Answer, path: str) -> str:
    """A string of the answer, empty where there is none."""
    value = dotted(answer.json, path)
    return value if isinstance(value, str) else ""


def report(api: Api, capability: str, holds: bool, *answers: Answer) -> None:
    """What authenticated calls did, or did not do; a server that failed in one of them, or did not come to an end, says neither."""
    failed = next((answer for answer in answers if answer.status >= 500), None)
    if not holds and failed is not None:
        api.inconclusive(capability, Cause.SERVER_FAULT, f"status {failed.status}")
    elif not holds and any(dotted(answer.json, "properties.provisioningState") in AT_WORK for answer in answers):
        api.inconclusive(capability, Cause.CONTROL_FAILED, "the operation did not end")
    else:
        api.found(capability, holds, Cause.DONE if holds else Cause.NOT_DONE, f"status {answers[-1].status}")


def untested(api: Api, *capabilities: str, without: Answer) -> None:
    """Report that what the step stands on was refused or failed, which says nothing of the step: quota, policy or region may be why."""
    codes = " ".join(envelope(without.body).codes[:1]) or text(without, "properties.provisioningState")
    for capability in capabilities:
        api.inconclusive(capability, Cause.CONTROL_FAILED, f"status {without.status} {codes}".strip())
