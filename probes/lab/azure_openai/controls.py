"""Cost controls (2026-09-15-preview): rules in USD with Alert and Block thresholds, attached by id to an account or a deployment.

That an attached control cannot be deleted, and the body of a blocked call, are in no source: both are this simulator's own.
"""

import re
from copy import deepcopy
from typing import Any

from starlette.responses import Response

from probes.answer import is_number
from probes.lab.azure_openai.answers import Call, Refused, bad_request, json, not_found
from probes.lab.azure_openai.state import Account, Cloud, Control
from probes.lab.simulator import Meter

NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}")
COUNTERS = frozenset({"agent", "identity", "session", "project", "account"})
PERIODS = frozenset({"day", "week", "month"})
ACTIONS = frozenset({"alert", "block"})


def put(cloud: Cloud, call: Call, account: Account) -> Response:
    """201 created, 200 replaced; the ETag in a header."""
    name = call.at["control"]
    if not NAME.fullmatch(name):
        raise bad_request("The cost control name is invalid.")
    rules = _checked(call.field("properties.rules"))
    there = account.controls.get(name)
    properties = {"displayName": call.field("properties.displayName"), "rules": rules}
    control = Control(name, properties, there.meter if there else Meter(cloud.clock))
    account.controls[name] = control
    return _shown(cloud, account, control, 200 if there else 201)


def patch(cloud: Cloud, call: Call, account: Account) -> Response:
    """The rules are replaced as a whole."""
    control = existing(call, account)
    properties = call.field("properties") or {}
    if "rules" in properties:
        control.properties["rules"] = _checked(properties["rules"])
    if "displayName" in properties:
        control.properties["displayName"] = properties["displayName"]
    return _shown(cloud, account, control)


def get(cloud: Cloud, call: Call, account: Account) -> Response:
    """One control."""
    return _shown(cloud, account, existing(call, account))


def listed(cloud: Cloud, _call: Call, account: Account) -> Response:
    """All controls of an account."""
    return json({"value": [_body(cloud, account, control) for control in account.controls.values()]})


def delete(_cloud: Cloud, call: Call, account: Account) -> Response:
    """200; 204 where it is not there."""
    name = call.at["control"]
    holders = [account.properties, *(each.properties for each in account.deployments.values())]
    if any(_named(identity) == name for holder in holders for identity in holder.get("costControlIds") or []):
        raise Refused(409, "CostControlInUse", f"The cost control '{name}' is attached and cannot be deleted.")
    return Response(status_code=200 if account.controls.pop(name, None) else 204)


def existing(call: Call, account: Account) -> Control:
    """Raises Refused with 404."""
    if (control := account.controls.get(call.at["control"])) is None:
        raise not_found(call.path)
    return control


def check_attached(cloud: Cloud, account: Account, ids: Any, connections: Any) -> None:
    """Raises Refused where these ids cannot be attached: one at most, of this account, no Alert without an Event Grid connection."""
    if ids is None:
        return
    if not isinstance(ids, list) or len(ids) > 1:
        raise bad_request("At most one cost control can be attached.")
    for identity in ids:
        control = account.controls.get(_named(identity))
        if control is None or not str(identity).lower().startswith(f"/subscriptions/{cloud.subscription}/".lower()):
            raise bad_request(f"The cost control '{identity}' does not exist.")
        actions = {_lower(each["action"]) for rule in control.properties["rules"] for each in rule.get("thresholds") or []}
        if "alert" in actions and not (isinstance(connections, dict) and connections.get("eventGridConnectionId")):
            raise bad_request("An Alert threshold needs costControlConnections.eventGridConnectionId.")


def attached(account: Account, ids: Any) -> list[Control]:
    """The controls that govern what these ids are attached to."""
    return [account.controls[name] for identity in ids or [] if (name := _named(identity)) in account.controls]


def blocking(cloud: Cloud, control: Control) -> bool:
    """Whether a Block threshold of a rule that counts by account is reached, as far as the counter knows."""
    counted = control.meter.counted(cloud.behaviour.cap_lag)
    for rule in control.properties["rules"]:
        if _lower(_counter(rule)) != "account" or rule.get("match"):
            continue
        for each in rule.get("thresholds") or []:
            limit = each["value"] * rule["amount"] / 100 if _lower(each["type"]) == "percentage" else each["value"]
            if _lower(each["action"]) == "block" and counted >= limit - 1e-9:
                return True
    return False


def _checked(rules: Any) -> list[dict[str, Any]]:
    if not isinstance(rules, list) or not 1 <= len(rules) <= 50 or not all(isinstance(rule, dict) for rule in rules):
        raise bad_request("The property 'rules' takes 1 to 50 rules.")
    names = [_lower(rule.get("name")) for rule in rules]
    if len(set(names)) < len(names) or not all(NAME.fullmatch(name) for name in names):
        raise bad_request("The name of a rule is invalid or not unique.")
    for rule in rules:
        _check(rule)
    return [{"recurring": True, **deepcopy(rule)} for rule in rules]


def _check(rule: dict[str, Any]) -> None:
    recurring = rule.get("recurring", True)
    amount: Any = rule.get("amount")
    if _lower(_counter(rule)) not in COUNTERS:
        raise bad_request("The counterKey of a rule is invalid.")
    if _lower(rule.get("unit")) != "usd":
        raise bad_request("The unit of a rule is invalid.")
    if not is_number(amount) or amount <= 0:
        raise bad_request("The amount of a rule must be greater than 0.")
    if (recurring and _lower(rule.get("period")) not in PERIODS) or (not recurring and "period" in rule):
        raise bad_request("The period of a rule is invalid.")
    thresholds = rule.get("thresholds") or []
    if not isinstance(thresholds, list) or len(thresholds) > 10:
        raise bad_request("A rule takes up to 10 thresholds.")
    for each in thresholds:
        most = {"percentage": 100, "absolute": amount}.get(_lower(each.get("type")))
        if (
            most is None
            or not is_number(most)
            or _lower(each.get("action")) not in ACTIONS
            or not is_number(each.get("value"))
            or not 0 <= each["value"] <= most
        ):
            raise bad_request("A threshold is invalid.")


def _shown(cloud: Cloud, account: Account, control: Control, status: int = 200) -> Response:
    return json(_body(cloud, account, control), status, {"etag": control.etag})


def _body(cloud: Cloud, account: Account, control: Control) -> dict[str, Any]:
    base = f"/subscriptions/{cloud.subscription}/resourceGroups/{cloud.group}/providers/Microsoft.CognitiveServices/accounts/{account.name}"
    kind = "Microsoft.CognitiveServices/accounts/costControls"
    return {
        "id": f"{base}/costControls/{control.name}",
        "name": control.name,
        "type": kind,
        "properties": control.properties,
        "etag": control.etag,
    }


def _counter(rule: dict[str, Any]) -> Any:
    counter = rule.get("counterKey")
    counter = counter[0] if isinstance(counter, list) and len(counter) == 1 else counter
    return counter.get("type") if isinstance(counter, dict) else None


def _named(identity: Any) -> str:
    return str(identity).rpartition("/costControls/")[2]


def _lower(value: Any) -> str:
    return value.lower() if isinstance(value, str) else ""
