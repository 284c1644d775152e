"""Azure's probes against its simulator: present on everything, and not where the simulator misbehaves. The simulator and its contract."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.responses import JSONResponse, Response

from probes.contracts.extract import Extract
from probes.evidence import Level
from probes.lab.azure_openai import HANDLERS, AzureOpenAI
from probes.lab.azure_openai.state import Account
from probes.lab.simulator import Behaviour
from probes.probe import Tier
from probes.wire.cassette import load
from tests.lab.conftest import Lab

SETTLED = {
    "key.create",
    "key.list",
    "key.read",
    "key.update",
    "key.revoke",
    "key.rotate",
    "key.restrict",
    "spend.limit.key",
    "spend.limit.scope",
    "spend.reset",
    "spend.alert",
    "spend.usage",
    "spend.balance",
    "rate.read",
    "rate.set",
    "rate.headers",
    "rate.error",
}
"""Every claim that is supported or partial by API."""

WRITE = (Tier.WRITE,)
PREVIEW = "api-version=2026-09-15-preview"
KEYS = {"key.create", "key.list", "key.read", "key.update", "key.revoke", "key.rotate", "key.restrict"}


def error(status: int, code: str) -> Response:
    return JSONResponse({"error": {"code": code, "message": "made up"}}, status)


def azure(made: object) -> AzureOpenAI:
    assert isinstance(made, AzureOpenAI)
    return made


def test_every_claim_is_settled_and_nothing_is_left(lab: Lab) -> None:
    run = lab.verify("azure_openai")
    assert run.outcomes == dict.fromkeys(SETTLED, "present")
    enforced = {each.capability for each in run.evidence if each.level is Level.ENFORCEMENT}
    assert enforced == {"spend.limit.key", "spend.limit.scope", "rate.set", "rate.error"}
    assert run.simulator.leftovers() == []
    assert list(run.ledger.glob("*")) == []
    sequence, parallel = run.figures["spend.limit.key"]
    assert (sequence.in_flight, parallel.in_flight) == (1, 8)
    assert 0 < sequence.calls_past < parallel.calls_past
    assert sequence.seconds_to_reopen is not None
    [rate] = run.figures["rate.error"]
    assert (rate.status, rate.waiting_sufficed) == (429, True)
    assert run.spent <= 1.0
    recorded = "".join(path.read_text(encoding="utf-8") for path in run.cassettes.rglob("*.yaml"))
    cloud = azure(run.simulator).cloud
    for own in (cloud.token, cloud.subscription, cloud.group, cloud.billing_account, cloud.billing_profile, cloud.tenant):
        assert own not in recorded


def test_operations_may_take_long_and_things_be_shown_late_behind_a_thousand_others(lab: Lab) -> None:
    def prepare(made: Any) -> None:
        made.cloud.settles = 0.9
        for number in range(1200):
            name = f"account-{number:04}"
            made.cloud.accounts[name] = Account(name=name, location="eastus", sku={"name": "S0"})

    run = lab.verify("azure_openai", Behaviour(appears_after=0.6, revoke_lag=0.4), tiers=WRITE, prepare=prepare)
    assert set(run.outcomes.values()) == {"present"}
    assert run.simulator.leftovers() == []


def test_a_replaced_key_that_still_works_is_no_revocation_and_a_preview_that_is_not_open_says_nothing(lab: Lab) -> None:
    def refused(method: str, path: str) -> Response | None:
        return error(400, "FeatureNotRegistered") if method == "PUT" and "/costControls/" in path else None

    run = lab.verify("azure_openai", Behaviour(revoke_lag=1000.0, deny=refused), tiers=WRITE)
    assert (run.outcomes["key.revoke"], run.outcomes["key.rotate"], run.outcomes["key.create"]) == ("absent", "absent", "present")
    left = {"spend.limit.key", "spend.limit.scope", "spend.reset"}
    assert {capability for capability, outcome in run.outcomes.items() if outcome == "inconclusive"} == left
    assert run.outcomes["rate.set"] == "present"
    assert run.simulator.leftovers() == []


def test_a_cap_that_stops_nothing_is_not_enforced(lab: Lab) -> None:
    run = lab.verify("azure_openai", Behaviour(cap_lag=1000.0), tiers=(Tier.SPEND,))
    assert (run.outcomes["spend.limit.key"], run.causes["spend.limit.key"]) == ("inconclusive", {"not_refused"})
    assert run.outcomes["rate.error"] == "present"
    assert run.simulator.leftovers() == []


def test_a_budget_of_nothing_sends_no_call(lab: Lab) -> None:
    run = lab.verify("azure_openai", tiers=(Tier.SPEND,), max_spend=0.0)
    assert run.causes["rate.error"] == {"budget_spent"}
    assert run.simulator.served == 0
    assert run.simulator.leftovers() == []


@pytest.mark.parametrize(("which", "cause"), [("reader", "permission_missing"), ("key", "credential_refused")])
def test_a_credential_that_may_not_says_nothing_of_the_vendor(lab: Lab, which: str, cause: str) -> None:
    """A token that may only read, and an account key where the token belongs."""
    made: list[AzureOpenAI] = []

    def other(given: dict[str, str]) -> dict[str, str]:
        cloud = made[0].cloud
        return {**given, "AZURE_MANAGEMENT_TOKEN": cloud.reader if which == "reader" else cloud.accounts["contoso-openai"].keys["key1"]}

    run = lab.verify("azure_openai", prepare=lambda each: made.append(azure(each)), variables=other)
    assert "absent" not in run.outcomes.values()
    assert all(cause in run.causes[capability] for capability in KEYS | {"spend.limit.key", "rate.set"})
    assert run.simulator.leftovers() == []


def test_zeros_show_nothing(lab: Lab) -> None:
    columns = [{"name": name, "type": "String"} for name in ("Cost", "UsageDate", "ResourceId", "Currency")]
    zeros = {"properties": {"columns": columns, "rows": [[0.0, 20261101, "/subscriptions/s", "USD"]]}}
    empty = {"properties": {"balanceSummary": {"currentBalance": {"currency": "USD", "value": 0}}}}
    answers = {"/query": zeros, "/balanceSummary": empty, "/usages": {"value": []}}

    def told(_method: str, path: str) -> Response | None:
        return next((JSONResponse(body) for ending, body in answers.items() if path.endswith(ending)), None)

    run = lab.verify("azure_openai", Behaviour(deny=told), tiers=(Tier.READ,))
    assert set(run.outcomes.values()) == {"inconclusive"}
    assert run.causes == {capability: {"route_only"} for capability in ("rate.read", "spend.usage", "spend.balance")}


@pytest.mark.parametrize(
    ("ending", "status", "inconclusive"),
    [
        ("/regenerateKey", 500, {"key.revoke", "key.rotate"}),
        ("/listKeys", 429, KEYS),
        ("/usages", 429, {"rate.read", "spend.limit.scope"}),
    ],
    ids=["a server that fails", "too many requests to ARM", "too many requests with all of it standing"],
)
def test_what_fails_is_inconclusive(lab: Lab, ending: str, status: int, inconclusive: set[str]) -> None:
    behaviour = Behaviour(deny=lambda _, path: error(status, "made up") if path.endswith(ending) else None)
    run = lab.verify("azure_openai", behaviour, tiers=WRITE)
    assert {capability for capability, outcome in run.outcomes.items() if outcome == "inconclusive"} == inconclusive
    assert "absent" not in run.outcomes.values()
    assert run.simulator.leftovers() == []


def test_without_a_setting_its_variable_is_named(lab: Lab) -> None:
    run = lab.verify(
        "azure_openai", tiers=(Tier.READ,), variables=lambda given: {name: given[name] for name in given if name != "AZURE_BILLING_PROFILE"}
    )
    assert run.causes["spend.balance"] == {"setting_missing"}
    assert any("AZURE_BILLING_PROFILE" in each.detail for each in run.evidence)


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
