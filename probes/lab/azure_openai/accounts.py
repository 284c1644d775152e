"""Accounts: PUT and PATCH are operations that take time, DELETE is soft, and each account has two keys."""

import uuid
from copy import deepcopy
from typing import Any

from starlette.responses import Response

from probes.lab.azure_openai.answers import Call, Refused, bad_request, conflict, json, not_found
from probes.lab.azure_openai.controls import check_attached
from probes.lab.azure_openai.state import Account, Cloud, key

KINDS = frozenset({"AIServices", "OpenAI"})
PAGE = 100
PATCHED = frozenset(
    {"disableLocalAuth", "networkAcls", "publicNetworkAccess", "costControlIds", "costControlConnections", "dynamicThrottlingEnabled"}
)


def put(cloud: Cloud, call: Call) -> Response:
    """201 and a state that is not terminal; 200 where the account was there."""
    name = call.at["account"]
    if not isinstance(call.field("location"), str):
        raise Refused(400, "LocationRequired", "The location property is required for this definition.")
    if call.field("kind") not in KINDS:
        raise Refused(400, "InvalidApiSetId", f"The account type '{call.field('kind')}' is either invalid or unavailable in given region.")
    if call.field("sku.name") != "S0":
        raise Refused(400, "InvalidSkuId", f"The account sku '{call.field('sku.name')}' is either invalid or unavailable in given region.")
    if name in cloud.deleted:
        raise Refused(
            409, "FlagMustBeSetForRestore", f"An existing resource with ID '{call.path}' has been soft-deleted: restore or purge it first."
        )
    account = cloud.accounts.get(name)
    if account is not None and account.state(cloud.now) != "Succeeded":
        raise conflict(call.path)
    status = 200 if account else 201
    if account is None:
        account = cloud.accounts[name] = Account(name=name, created_at=cloud.now)
    account.location, account.kind, account.sku = call.field("location"), call.field("kind"), deepcopy(call.field("sku"))
    account.properties = {"publicNetworkAccess": "Enabled", "disableLocalAuth": False, **deepcopy(call.field("properties") or {})}
    account.begin(cloud.later, "Accepted")
    return json(shown(cloud, account), status, _operation(cloud))


def patch(cloud: Cloud, call: Call) -> Response:
    """202; what is changed is seen when the operation is through."""
    account = terminal(cloud, call)
    given = call.field("properties")
    if not isinstance(given, dict):
        raise bad_request("The request body has no properties.")
    if not isinstance(given.get("disableLocalAuth", False), bool):
        raise bad_request("The property 'disableLocalAuth' is not a boolean.")
    check_attached(cloud, account, given.get("costControlIds"), given.get("costControlConnections"))
    changed = deepcopy({name: value for name, value in given.items() if name in PATCHED})
    account.begin(cloud.later, "Accepted", lambda: account.properties.update(changed))
    return json(shown(cloud, account), 202, _operation(cloud))


def get(cloud: Cloud, call: Call) -> Response:
    """The account, 404 where it is not there or not shown yet."""
    return json(shown(cloud, existing(cloud, call)))


def listed(cloud: Cloud, call: Call) -> Response:
    """The accounts, so many on a page; `nextLink` where there are more."""
    rows = [shown(cloud, account) for _, account in sorted(cloud.accounts.items()) if cloud.visible(account)]
    skipped = call.query.get("$skiptoken", "0")
    start = int(skipped) if skipped.isdigit() else 0
    page: dict[str, Any] = {"value": rows[start : start + PAGE]}
    if start + PAGE < len(rows):
        link = f"https://management.azure.com{call.path}?api-version={call.query['api-version']}&$skiptoken={start + PAGE}"
        page["nextLink"] = link
    return json(page)


def delete(cloud: Cloud, call: Call) -> Response:
    """202, then soft-deleted; refused while anything is in the account. 204 where it is not there."""
    account = cloud.accounts.get(call.at["account"])
    if account is None:
        return Response(status_code=204)
    if account.state(cloud.now) != "Succeeded":
        raise conflict(call.path)
    if nested := [*account.deployments, *account.controls]:
        ids = ", ".join(f"'Microsoft.CognitiveServices/accounts/{account.name}/{name}'" for name in nested)
        what = "Cannot delete resource while nested resources exist. Some existing nested resource IDs include:"
        raise Refused(409, "CannotDeleteResource", f"{what} {ids}. Please delete all nested resources before deleting this resource.")

    def gone() -> None:
        cloud.deleted[account.name] = cloud.accounts.pop(account.name)

    account.begin(cloud.later, "Deleting", gone)
    return Response(status_code=202, headers=_operation(cloud))


def deleted(cloud: Cloud, call: Call) -> Response:
    """A soft-deleted account."""
    if (account := cloud.deleted.get(call.at["account"])) is None:
        raise not_found(call.path)
    return json({"id": call.path, "name": account.name, "location": account.location, "kind": account.kind})


def purge(cloud: Cloud, call: Call) -> Response:
    """200; 409 while the account is still being deleted, 204 where it is not there."""
    name = call.at["account"]
    if name in cloud.accounts:
        raise conflict(call.path)
    return Response(status_code=200 if cloud.deleted.pop(name, None) else 204)


def list_keys(cloud: Cloud, call: Call) -> Response:
    """Both keys in clear."""
    account = existing(cloud, call)
    if account.properties.get("disableLocalAuth"):
        raise bad_request("Failed to list key. disableLocalAuth is set to be true")
    return json(account.keys)


def regenerate_key(cloud: Cloud, call: Call) -> Response:
    """A new value for one of the two; the old one ends, after `revoke_lag`."""
    account = existing(cloud, call)
    named = {"key1": "key1", "key2": "key2"}.get(str(call.field("keyName")).lower())
    if named is None:
        raise bad_request("The value of keyName is neither Key1 nor Key2.")
    account.revoked[account.keys[named]] = cloud.now + cloud.behaviour.revoke_lag
    account.keys[named] = key()
    return json(account.keys)


def existing(cloud: Cloud, call: Call) -> Account:
    """The account of a path. Raises Refused with 404."""
    account = cloud.accounts.get(call.at["account"])
    if account is None or not cloud.visible(account):
        raise not_found(call.path)
    return account


def terminal(cloud: Cloud, call: Call) -> Account:
    """The account of a path, on which no operation is at work. Raises Refused with 404 or 409."""
    account = existing(cloud, call)
    if account.state(cloud.now) != "Succeeded":
        raise conflict(call.path)
    return account


def shown(cloud: Cloud, account: Account) -> dict[str, Any]:
    """An account as ARM shows it: never its keys."""
    base = f"/subscriptions/{cloud.subscription}/resourceGroups/{cloud.group}/providers/Microsoft.CognitiveServices/accounts/{account.name}"
    domain = account.properties.get("customSubDomainName")
    endpoint = f"https://{domain}.openai.azure.com/" if domain else f"https://{account.location}.api.cognitive.microsoft.com/"
    return {
        "id": base,
        "name": account.name,
        "type": "Microsoft.CognitiveServices/accounts",
        "location": account.location,
        "kind": account.kind,
        "sku": account.sku,
        "properties": {**account.properties, "provisioningState": account.state(cloud.now), "endpoint": endpoint},
    }


def operation(cloud: Cloud, call: Call) -> Response:
    """The state of an operation, as Azure-AsyncOperation names it: through, where nothing is at work any more."""
    busy = any(account.state(cloud.now) != "Succeeded" for account in cloud.accounts.values())
    return json({"name": call.at["operation"], "status": "Running" if busy else "Succeeded"})


def _operation(cloud: Cloud) -> dict[str, str]:
    region = f"/subscriptions/{cloud.subscription}/providers/Microsoft.CognitiveServices/locations/{cloud.location}"
    return {
        "azure-asyncoperation": f"https://management.azure.com{region}/operationResults/{uuid.uuid4()}?api-version=2026-05-01",
        "retry-after": "1",
    }
