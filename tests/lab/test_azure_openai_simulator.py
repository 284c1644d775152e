"""Azure's simulator against what the vendor says of its own service: routes, refusals, what must be at rest and what is soft-deleted."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from probes.contracts.extract import Extract
from probes.lab.azure_openai import HANDLERS, AzureOpenAI
from probes.lab.simulator import Behaviour
from probes.wire.cassette import load

PREVIEW = "api-version=2026-09-15-preview"


def test_the_simulators_routes_are_declared_by_the_vendor() -> None:
    declared: set[str] = set()
    for _, response in load(Path(__file__).parents[2] / "cassettes/live/azure_openai/contract.yaml").interactions:
        extract = Extract.from_json(json.loads(response["body"]["string"]))
        declared |= {shape(each.name) for each in extract.operations} | {shape(name) for name in extract.others}
    served = {shape(f"{method} {path}") for method, path, _ in HANDLERS}
    undescribed = {each for each in served if "/operationResults/" in each or "/deletedAccounts/" in each}
    assert served - undescribed <= declared


def shape(route: str) -> str:
    """A route without the names of its parameters; what is under any scope is under `{}`."""
    parts = ["{}" if part.startswith("{") else part for part in route.split("/")]
    path = "/".join(parts).replace("/subscriptions/{}/resourceGroups/{}/providers/Microsoft.Co", "/{}/providers/Microsoft.Co")
    cost = any(name in path for name in ("Microsoft.Consumption/budgets", "Microsoft.CostManagement"))
    return path.replace("/subscriptions/{}/providers", "/{}/providers") if cost else path


class Arm:
    """Calls one simulator directly."""

    def __init__(self, made: AzureOpenAI, client: httpx.AsyncClient, data: httpx.AsyncClient) -> None:
        self.cloud, self.made, self._client, self.data = made.cloud, made, client, data
        self.group = f"/subscriptions/{self.cloud.subscription}/resourceGroups/{self.cloud.group}"
        self.accounts = f"{self.group}/providers/Microsoft.CognitiveServices/accounts"

    async def __call__(
        self, method: str, path: str, body: Any = None, *, query: str = "api-version=2026-09-15-preview", **how: Any
    ) -> httpx.Response:
        headers = how.get("headers", {"authorization": f"Bearer {self.cloud.token}"})
        return await self._client.request(method, f"{path}?{query}", json=body, headers=headers)


@pytest.fixture
async def arm() -> AsyncIterator[Arm]:
    made = AzureOpenAI(Behaviour(cap_lag=0.0, latency=0.0))
    made.cloud.settles = 0.0
    hosts = [httpx.ASGITransport(app=made.hosts[name]) for name in ("api", "inference")]
    async with (
        httpx.AsyncClient(transport=hosts[0], base_url="http://arm") as client,
        httpx.AsyncClient(transport=hosts[1], base_url="http://data") as data,
    ):
        yield Arm(made, client, data)


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


ACCOUNT = {"kind": "AIServices", "location": "eastus", "sku": {"name": "S0"}, "properties": {"customSubDomainName": "a"}}
RULE = {"name": "r", "counterKey": {"type": "Account"}, "unit": "Usd", "amount": 1.0, "period": "Month"}
BLOCK = {"type": "Percentage", "value": 100.0, "action": "Block"}


async def test_arm_asks_for_the_credential_before_it_routes(arm: Arm) -> None:
    nowhere = f"{arm.group}/providers/Microsoft.CognitiveServices/nothing/x"
    for path in (arm.accounts, nowhere):
        missing = await arm("GET", path, headers={})
        assert code(missing) == (401, "AuthenticationFailed")
        assert missing.headers["www-authenticate"].startswith("Bearer authorization_uri=")
        assert code(await arm("GET", path, headers={"authorization": "x"})) == (401, "AuthenticationFailedInvalidHeader")
        assert code(await arm("GET", path, headers={"authorization": "Bearer x"})) == (401, "InvalidAuthenticationToken")
    assert code(await arm("GET", nowhere)) == (404, "InvalidResourceType")
    assert code(await arm("GET", arm.accounts, query="")) == (400, "MissingApiVersionParameter")
    assert code(await arm("GET", arm.accounts.replace(arm.cloud.subscription, "other"))) == (404, "SubscriptionNotFound")
    assert code(await arm("GET", arm.accounts.replace(arm.cloud.group, "other"))) == (404, "ResourceGroupNotFound")
    assert code(await arm("PUT", f"{arm.accounts}/a", ACCOUNT, headers={"authorization": f"Bearer {arm.cloud.reader}"})) == (
        403,
        "AuthorizationFailed",
    )


async def test_an_account_at_work_refuses_changes_and_one_with_something_in_it_its_end(arm: Arm) -> None:
    account, control = f"{arm.accounts}/a", f"{arm.accounts}/a/costControls/c"
    arm.cloud.settles = 1000.0
    assert (await arm("PUT", account, ACCOUNT)).status_code == 201
    assert (await arm("GET", account)).json()["properties"]["provisioningState"] == "Accepted"
    assert code(await arm("PATCH", account, {"properties": {}})) == (409, "RequestConflict")
    assert code(await arm("PUT", control, {"properties": {"rules": [RULE]}})) == (409, "RequestConflict")
    arm.cloud.accounts["a"].settles_at = arm.cloud.settles = 0.0
    created = await arm("PUT", control, {"properties": {"rules": [{**RULE, "thresholds": [BLOCK]}]}})
    assert created.status_code == 201
    assert (await arm("PATCH", account, {"properties": {"costControlIds": [created.json()["id"]]}})).status_code == 202
    assert code(await arm("DELETE", control)) == (409, "CostControlInUse")
    assert code(await arm("DELETE", account)) == (409, "CannotDeleteResource")
    await arm("PATCH", account, {"properties": {"costControlIds": []}})
    assert (await arm("DELETE", control)).status_code == 200
    arm.cloud.settles = 1000.0
    purge = account.replace(f"/resourceGroups/{arm.cloud.group}", "").replace(
        "/accounts/", f"/locations/eastus/resourceGroups/{arm.cloud.group}/deletedAccounts/"
    )
    assert (await arm("DELETE", account)).status_code == 202
    assert code(await arm("DELETE", purge)) == (409, "RequestConflict")
    arm.cloud.accounts["a"].settles_at = 0.0
    assert code(await arm("PUT", account, ACCOUNT)) == (409, "FlagMustBeSetForRestore")
    assert [(await arm("DELETE", purge)).status_code for _ in range(2)] == [200, 204]


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 0},
        {"amount": True},
        {"unit": "Eur"},
        {"period": "Hour"},
        {"recurring": False},
        {"counterKey": {"type": "Key"}},
        {"thresholds": [{**BLOCK, "value": 101}]},
        {"thresholds": [{**BLOCK, "action": "Audit"}]},
        {"name": "-"},
    ],
    ids=str,
)
async def test_a_wrong_rule_is_refused(arm: Arm, wrong: dict[str, Any]) -> None:
    await arm("PUT", f"{arm.accounts}/a", ACCOUNT)
    answer = await arm("PUT", f"{arm.accounts}/a/costControls/c", {"properties": {"rules": [{**RULE, **wrong}]}})
    assert code(answer) == (400, "BadRequest")


async def test_an_alert_needs_an_event_grid_and_only_one_control_is_attached(arm: Arm) -> None:
    await arm("PUT", f"{arm.accounts}/a", ACCOUNT)
    alert = {**RULE, "thresholds": [{**BLOCK, "action": "Alert"}]}
    made = await arm("PUT", f"{arm.accounts}/a/costControls/c", {"properties": {"rules": [alert]}})
    for ids in ([made.json()["id"]], [made.json()["id"]] * 2, ["/subscriptions/x/costControls/c"]):
        assert code(await arm("PATCH", f"{arm.accounts}/a", {"properties": {"costControlIds": ids}})) == (400, "BadRequest")


async def test_the_data_plane_knows_keys_and_nothing_else(arm: Arm) -> None:
    key = arm.cloud.accounts["contoso-openai"].keys["key2"]
    path, body = (
        "/openai/v1/chat/completions",
        {"model": "gpt-4.1", "messages": [{"role": "user", "content": "hi"}], "max_completion_tokens": 5},
    )
    assert (await arm.data.get("/openai/v1/models", headers={"api-key": key})).status_code == 200
    assert code(await arm.data.get("/openai/v1/models", headers={"api-key": "0" * 32})) == (401, "401")
    assert (await arm.data.get("/openai/v1/models", headers={"authorization": f"Bearer {arm.cloud.token}"})).json()["statusCode"] == 401
    assert code(await arm.data.post(path, json={**body, "model": "none"}, headers={"api-key": key})) == (404, "DeploymentNotFound")
    assert code(await arm.data.post(path, content=b"x", headers={"api-key": key}))[0] == 400
    assert code(await arm.data.get("/v1/models", headers={"api-key": key})) == (404, "404")
    served = await arm.data.post(path, json=body, headers={"authorization": f"Bearer {key}"})
    assert served.json()["usage"]["completion_tokens"] == 5
    assert served.headers["x-ratelimit-remaining-tokens"] < served.headers["x-ratelimit-limit-tokens"]


async def test_a_deployment_takes_no_more_than_the_quota_and_a_call_no_more_than_the_deployment(arm: Arm) -> None:
    deployment = f"{arm.accounts}/contoso-openai/deployments/d"
    body = {"sku": {"name": "Standard", "capacity": 1001}, "properties": {"model": {"format": "OpenAI", "name": "m"}}}
    assert code(await arm("PUT", deployment, body)) == (400, "InsufficientQuota")
    assert (await arm("PUT", deployment, {**body, "sku": {"name": "Standard", "capacity": 1}})).status_code == 201
    headers = {"api-key": arm.cloud.accounts["contoso-openai"].keys["key1"]}
    call = {"model": "d", "messages": [], "max_completion_tokens": 2000}
    refused = await arm.data.post("/openai/v1/chat/completions", json=call, headers=headers)
    assert code(refused) == (429, "429")
    assert (refused.headers["retry-after"], refused.headers["policy-id"]) == ("86400", "DeploymentRatelimit-Token")
