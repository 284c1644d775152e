"""The keys of a simulated TokenHub: made with quotas, listed by pages, read in plain text, changed, disabled, deleted."""

import ipaddress
from collections.abc import Mapping
from typing import Any

from probes.lab.tencent_hunyuan.answers import ActionError, moment
from probes.lab.tencent_hunyuan.state import MOST_KEYS, Account, Key, Quota

LONGEST_PAGE = 100
MOST_CREDITS = 10**13
Body = Mapping[str, Any]
CUSTOM = "model_custom_endpoint_custom"


class Keys:
    """Actions over one account; each takes a body and gives the fields of the answer, or raises ActionError."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def create(self, body: Body) -> dict[str, Any]:
        _platform(body)
        name, bind_type = body.get("ApiKeyName"), body.get("BindType")
        if not isinstance(name, str) or not name:
            raise ActionError("MissingParameter.MissingParameter", "ApiKeyName is required.")
        bindings = body.get("Bindings") or []
        if bind_type not in ("all", CUSTOM) or (bind_type == CUSTOM) != bool(bindings):
            raise _bad("BindType")
        if len(self.account.listed()) >= MOST_KEYS:
            raise ActionError("LimitExceeded", "The number of API keys exceeds the limit.")
        status, wanted = body.get("Status", "enable"), quotas(body.get("Quotas"))
        if status not in ("enable", "disable"):
            raise _bad("Status")
        ips = addresses(body.get("IpWhitelist"))
        key = self.account.new_key(name, str(body.get("Remark", "")), bind_type, list(bindings), ips, enabled=status == "enable")
        self.account.set_quotas(key, wanted)
        return {"ApiKeyId": key.number}

    def list(self, body: Body) -> dict[str, Any]:
        _platform(body)
        size, start = body.get("Limit", 20), body.get("Offset", 0)
        if type(size) is not int or type(start) is not int or not 1 <= size <= LONGEST_PAGE or start < 0:
            raise ActionError("InvalidParameter.Limit", "Limit or Offset is not valid.")
        found = [key for key in self.account.listed() if all(_passes(key, each) for each in body.get("Filters") or [])]
        rows = [self._row(key, plain=False) for key in found[start : start + size]]
        return {"TotalCount": len(found), "ApiKeySet": rows}

    def read(self, body: Body) -> dict[str, Any]:
        _platform(body)
        given = body.get("ApiKeyId") or next((key.number for key in self.account.listed() if key.value == body.get("ApiKey")), None)
        return self._row(self._key({"ApiKeyId": given}), plain=True)

    def modify(self, body: Body) -> dict[str, Any]:
        _platform(body)
        key = self._key(body)
        wanted = quotas(body["QuotasDesired"]) if body.get("QuotasDesired") is not None else None
        ips = addresses(body["IpWhitelist"]) if body.get("IpWhitelist") is not None else key.addresses
        key.remark, key.addresses, key.updated = str(body.get("Remark", key.remark)), ips, self.account.clock()
        if wanted is not None:
            self.account.set_quotas(key, wanted)
        return {}

    def switch(self, body: Body) -> dict[str, Any]:
        _platform(body)
        key, status = self._key(body), body.get("Status")
        if status not in ("enable", "disable"):
            raise _bad("Status")
        key.enabled, key.updated = status == "enable", self.account.clock()
        key.ended = None if key.enabled else key.updated
        return {}

    def delete(self, body: Body) -> dict[str, Any]:
        _platform(body)
        key = self._key(body)
        key.deleted = True
        key.ended = self.account.clock() if key.ended is None else key.ended
        return {}

    def _key(self, body: Body) -> Key:
        if not body.get("ApiKeyId"):
            raise ActionError("MissingParameter.MissingParameter", "ApiKeyId is required.")
        if (key := self.account.shown(body["ApiKeyId"])) is None:
            raise ActionError("ResourceNotFound.ResourceNotFound", "The API key does not exist.")
        return key

    def _row(self, key: Key, *, plain: bool) -> dict[str, Any]:
        told = {
            "ApiKeyId": key.number,
            "Name": key.name,
            "ApiKey": key.value if plain else f"{key.value[:5]}***{key.value[-4:]}",
            "Remark": key.remark,
            "Platform": "maas",
            "Uin": "100000000001",
            "SubUin": "100000000001",
            "AppId": "1250000000",
            "Status": "enable" if key.enabled else "disable",
            "BindType": key.bind_type,
            "BindingItems": key.bindings,
            "IpWhitelist": key.addresses,
            "CreateTime": moment(key.created),
            "UpdateTime": moment(key.updated),
            "Editable": True,
            "Creator": "",
            "QuotaStatus": ("inactive" if self.account.spent(key) else "active") if key.quotas else "",
        }
        return told | ({"QuotaSet": [self._quota(each) for each in key.quotas.values()]} if key.quotas else {})

    def _quota(self, quota: Quota) -> dict[str, Any]:
        return {
            "PkgId": quota.number,
            "Status": 3 if quota.meter.counted(self.account.behaviour.cap_lag) >= quota.credits else 1,
            "CycleUnit": quota.unit,
            "CycleCredits": str(quota.credits),
            "CycleUsed": str(round(quota.meter.counted(self.account.usage_lag))),
            "StartTime": moment(quota.since),
            "ExpireTime": moment(quota.until),
        }


def quotas(given: Any) -> list[tuple[str, int, int]]:
    """Unit, size in tokens and first day of the month of each wanted quota; a size is text."""
    found: list[tuple[str, int, int]] = []
    for each in given if isinstance(given, list) else []:
        unit, size, day = each.get("CycleUnit"), each.get("CycleCredits"), each.get("MonthStartDay", 1)
        if unit not in ("d", "m", "lifetime") or unit in [other for other, _, _ in found]:
            raise _bad("CycleUnit")
        if not isinstance(size, str) or not size.isdigit() or not 0 < int(size) <= MOST_CREDITS:
            raise _bad("CycleCredits")
        if type(day) is not int or not 1 <= day <= 31:
            raise _bad("MonthStartDay")
        found.append((unit, int(size), day))
    return found


def addresses(given: Any) -> list[str]:
    """A list of at most fifty IPv4 addresses or ranges."""
    wanted = given if isinstance(given, list) else []
    try:
        for each in wanted:
            ipaddress.IPv4Network(each)
    except (ValueError, TypeError) as error:
        raise _bad("IpWhitelist") from error
    if len(wanted) > 50 or len(set(wanted)) != len(wanted):
        raise _bad("IpWhitelist")
    return [*wanted]


def _passes(key: Key, wanted: Body) -> bool:
    field = {"apikeyId": key.number, "apiKeyName": key.name, "status": "enable" if key.enabled else "disable", "bindType": key.bind_type}
    value, values = field.get(str(wanted.get("Name"))), wanted.get("Values") or []
    match wanted.get("Op", "EXACT"):
        case "FUZZY":
            return value is None or any(each in value for each in values)
        case "NOT":
            return value not in values
    return value is None or value in values


def _platform(body: Body) -> None:
    if body.get("Platform") != "maas":
        raise _bad("Platform")


def _bad(parameter: str) -> ActionError:
    return ActionError("InvalidParameterValue.InvalidParameterValue", f"The value of {parameter} is not valid.")
