"""Cost controls and the rates of deployments: set on what the probe makes, and read back."""

from typing import Any

from probes.answer import Answer, dotted, is_number, rows
from probes.api import Api
from probes.ledger import Undo
from probes.probe import Tier
from probes.providers.azure_openai.arm import (
    PREVIEW,
    SERVICES,
    STABLE,
    SUBSCRIPTION,
    account,
    change_account,
    create_account,
    is_ready,
    provider,
    remove_account,
    report,
    settled,
    text,
    untested,
)

CAP_USD = 5.0


@provider.probe("spend.limit.key", "spend.limit.scope", "spend.reset", "rate.set", "rate.read", tier=Tier.WRITE)
async def a_cap_and_a_rate_keep_what_they_were_set_to(api: Api) -> None:
    """A monthly cap on the account and on a deployment, made a daily one; a deployment's rate doubled. All of it is read back."""
    created = await create_account(api)
    if not is_ready(created):
        untested(api, *api.probe.capabilities, without=created)
        return
    control = await create_control(api, CAP_USD)
    if control.status < 300:
        await a_cap_reads_back(api, control)
    else:
        untested(api, "spend.limit.key", "spend.reset", without=control)
    deployed = await deploy(api, 1, controls=[text(control, "id")] if control.status < 300 else [])
    if is_ready(deployed):
        await a_rate_reads_back(api, deployed)
    else:
        untested(api, "rate.set", "rate.read", without=deployed)
    if control.status >= 300:
        untested(api, "spend.limit.scope", without=control)
    elif not is_ready(deployed):
        untested(api, "spend.limit.scope", without=deployed)
    else:
        report(api, "spend.limit.scope", is_attached(deployed, control), deployed)
    await remove_deployment(api)
    await remove_control(api)
    await remove_account(api)


async def a_cap_reads_back(api: Api, control: Answer) -> None:
    """On the account, with its amount, its Block threshold and its period; then with another amount and period."""
    kept = await api.get(f"{account(api)}/costControls/{api.name}?{PREVIEW}")
    attached = await change_account(api, costControlIds=[text(control, "id")])
    report(api, "spend.limit.key", holds_rule(kept, rule(CAP_USD)) and is_attached(attached, control), kept, attached)
    daily = rule(CAP_USD + 1, period="Day")
    put = await change_control(api, daily)
    changed = await api.get(f"{account(api)}/costControls/{api.name}?{PREVIEW}")
    report(api, "spend.reset", holds_rule(kept, rule(CAP_USD)) and holds_rule(changed, daily), put, changed)


async def a_rate_reads_back(api: Api, deployed: Answer) -> None:
    """A deployment's limits follow its capacity; the subscription's quotas count it."""
    doubled = await resize(api, 2)
    capacities = [dotted(each.json, "sku.capacity") for each in (deployed, doubled)]
    before, after = limits(deployed), limits(doubled)
    follows = bool(before) and after == {key: 2 * count for key, count in before.items()}
    report(api, "rate.set", capacities == [1, 2] and follows, doubled)
    usages = await api.get(f"{SUBSCRIPTION}/{SERVICES}/locations/{{location}}/usages?{STABLE}")
    model = text(doubled, "properties.model.name")
    counted = [row for row in rows(usages, "value") if model and str(dotted(row, "name.value")).endswith(model)]
    numbers: list[tuple[Any, Any]] = [(row.get("currentValue"), row.get("limit")) for row in counted]
    full = [used for used, limit in numbers if is_number(used) and is_number(limit) and limit >= used >= 1]
    report(api, "rate.read", follows and bool(full), usages)


def rule(amount: float, *, period: str = "Month") -> dict[str, Any]:
    """Blocks when the account has spent `amount` USD in the period."""
    block = {"type": "Percentage", "value": 100.0, "action": "Block"}
    counter = {"counterKey": {"type": "Account"}, "unit": "Usd", "amount": amount, "period": period, "recurring": True}
    return {"name": "account", **counter, "thresholds": [block]}


def holds_rule(control: Answer, asked: dict[str, Any]) -> bool:
    """Whether a control that was read has exactly this rule; Azure may spell its values in lower case."""
    kept = dotted(control.json, "properties.rules.0")
    if not isinstance(kept, dict):
        return False
    counter = dotted(kept, "counterKey.type") or dotted(kept, "counterKey.0.type")
    words = [(counter, "Account"), *((kept.get(name), asked[name]) for name in ("unit", "period"))]
    words.append((dotted(kept, "thresholds.0.action"), "Block"))
    same = all(str(found).lower() == str(wanted).lower() for found, wanted in words)
    return same and kept.get("amount") == asked["amount"] and kept.get("recurring") is True and dotted(kept, "thresholds.0.value") == 100


def is_attached(resource: Answer, control: Answer) -> bool:
    """Whether an account or a deployment names the control, and no other."""
    named = dotted(resource.json, "properties.costControlIds")
    return isinstance(named, list) and [str(each).lower() for each in named] == [text(control, "id").lower()]


def limits(deployment: Answer) -> dict[str, float]:
    """Requests and tokens a minute that a deployment says it lets in."""
    found = dotted(deployment.json, "properties.rateLimits")
    told = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    right = [each for each in told if is_number(each.get("count")) and is_number(each.get("renewalPeriod")) and each["renewalPeriod"] > 0]
    return {str(each.get("key")): 60 * each["count"] / each["renewalPeriod"] for each in right}


async def create_control(api: Api, amount: float) -> Answer:
    """A cost control of the account's; it cannot be deleted while it is attached."""
    path = f"{account(api)}/costControls/{api.name}?{PREVIEW}"
    detach: dict[str, Any] = {"properties": {"costControlIds": []}}
    undo: Undo = {"method": "PATCH", "path": f"{account(api)}?{PREVIEW}", "body": detach, "then": [{"method": "DELETE", "path": path}]}
    body = {"properties": {"displayName": api.name, "rules": [rule(amount)]}}
    return await api.create(f"PUT {path}", json=body, kind="cost control", name=api.name, identity="name", undo=undo)


async def change_control(api: Api, changed: dict[str, Any]) -> Answer:
    """Replace its rule."""
    return await api.patch(f"{account(api)}/costControls/{api.name}?{PREVIEW}", json={"properties": {"rules": [changed]}})


async def remove_control(api: Api) -> None:
    """Detach it from the account, then delete it."""
    await change_account(api, costControlIds=[])
    await api.delete(f"{account(api)}/costControls/{api.name}?{PREVIEW}")


async def deploy(api: Api, capacity: int, *, model: str = "", controls: list[str] | None = None) -> Answer:
    """A deployment of the cheapest model, `capacity` thousand tokens a minute; the last answer, below 300 when it is ready."""
    declared = api.provider.inference
    named = model or (declared.model if declared is not None else None)
    properties: dict[str, Any] = {"model": {"format": "OpenAI", "name": named}, **({"costControlIds": controls} if controls else {})}
    path = f"{account(api)}/deployments/{api.name}"
    undo: Undo = {"method": "DELETE", "path": f"{path}?{STABLE}"}
    body = {"sku": {"name": "GlobalStandard", "capacity": capacity}, "properties": properties}
    made = await api.create(f"PUT {path}?{PREVIEW}", json=body, kind="deployment", name=api.name, identity="name", undo=undo)
    return made if made.status >= 300 else await settled(api, path)


async def resize(api: Api, capacity: int) -> Answer:
    """Another capacity for the deployment; the deployment once it has it, or the refusal."""
    path = f"{account(api)}/deployments/{api.name}"
    changed = await api.patch(f"{path}?{STABLE}", json={"sku": {"name": "GlobalStandard", "capacity": capacity}})
    return changed if changed.status >= 300 else await settled(api, path)


async def remove_deployment(api: Api) -> None:
    """Deleting it takes a while, for which the account's own deletion waits."""
    await api.delete(f"{account(api)}/deployments/{api.name}?{STABLE}")
