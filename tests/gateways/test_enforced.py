"""Real limits of real gateways, called until they bite: the model behind a gateway counts what really got past."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from probes.claims import Claims
from probes.wire.cassette import load

from .marks import HEAVY, LIGHT, in_ci
from .runs import verify
from .servers import Gateway

pytestmark = [pytest.mark.gateway, pytest.mark.timeout(420), in_ci]

CAPPED = {
    "prompture_hub": ("spend.limit.key",),
    "any_llm_gateway": ("spend.limit.key", "spend.limit.scope"),
    "mlflow_ai_gateway": ("spend.limit.key", "spend.limit.scope"),
    "litellm": ("spend.limit.key", "spend.limit.scope"),
}
BOOKED_LATER = {"litellm": 2}
"""LiteLLM books a call after it has answered: on a busy machine so many more may get past, even in sequence."""
RATED = {
    "prompture_hub": ("rate.set", "rate.error"),
    "any_llm_gateway": ("rate.error",),
    "mlflow_ai_gateway": (),
    "litellm": ("rate.set", "rate.error"),
}


@pytest.fixture
def gateway(request: pytest.FixtureRequest) -> Gateway:
    """The gateway that a test's parameter names."""
    found: Gateway = request.getfixturevalue(request.param)
    return found


def reached(gateway: Gateway) -> int:
    """Calls that reached the model so far."""
    return int(httpx.get(f"{gateway.upstream}/count", trust_env=False).json()["count"])


def figures(document: Any) -> Mapping[str, list[dict[str, Any]]]:
    """What was measured, by capability."""
    return {row["capability"]: row["figures"] for row in document["evidence"] if row["tier"] == "spend" and row["figures"]}


@pytest.mark.parametrize(
    "gateway",
    [
        pytest.param("prompture_hub", marks=LIGHT),
        pytest.param("any_llm_gateway", marks=LIGHT),
        pytest.param("mlflow_ai_gateway", marks=HEAVY),
        pytest.param("litellm", marks=HEAVY),
    ],
    indirect=True,
)
def test_what_got_past_a_limit_is_what_reached_the_model(gateway: Gateway, real_claims: Claims, tmp_path: Path) -> None:
    before = reached(gateway)
    spend = ("--tier", "spend", "--allow-spend", "--max-spend", "5")
    document = verify(gateway, tmp_path, *spend)
    inference = real_claims.providers[gateway.name].inference
    assert inference is not None
    path = inference.call.partition(" ")[2]
    recorded = load(tmp_path / "cassettes" / "live" / gateway.name / "spend.yaml").interactions
    served = [response for request, response in recorded if request.uri.endswith(path) and response["status"]["code"] == 200]
    assert reached(gateway) - before == len(served)

    measured = figures(document)
    for capability in CAPPED[gateway.name]:
        for each in measured[capability]:
            assert each["means"] == "spend", capability
            assert each["usd_past"] > 0
            assert each["in_flight"] == 8 or each["calls_past"] <= BOOKED_LATER.get(gateway.name, 0)
    honest, parallel, understated, understated_parallel = measured["spend.limit.key"]
    for each in (honest, understated):
        assert each["calls"] == 3 + each["calls_past"]
    assert parallel["calls_past"] >= 1
    assert understated_parallel["calls_past"] >= parallel["calls_past"] - 2
    assert understated_parallel["calls_past"] >= 3
    for capability in RATED[gateway.name]:
        (rate,) = measured[capability]
        assert (rate["means"], rate["status"], rate["calls_past"], rate["waiting_sufficed"]) == ("rate", 429, 0, True)
        assert 30 < rate["retry_after"] <= 60
    assert figures(verify(gateway, tmp_path, *spend, "--replay")) == measured
    assert list((tmp_path / "state").rglob("*.jsonl")) == []


@pytest.mark.parametrize("gateway", [pytest.param("any_llm_gateway", marks=LIGHT)], indirect=True)
def test_a_key_over_its_cap_is_served_when_it_names_another_user(gateway: Gateway) -> None:
    """What the claims say of it: the cap does not hold against whoever has the key."""
    with httpx.Client(base_url=gateway.url, trust_env=False, timeout=30) as client:
        master = {"Authorization": f"Bearer {gateway.credentials['GATEWAY_MASTER_KEY']}"}
        budget = client.post("/v1/budgets", headers=master, json={"max_budget": 0.01}).json()["budget_id"]
        client.post("/v1/users", headers=master, json={"user_id": "capped", "budget_id": budget}).raise_for_status()
        key = client.post("/v1/keys", headers=master, json={"user_id": "capped"}).json()["key"]
        asked = {"model": gateway.model.name, "messages": [{"role": "user", "content": "hi"}]}
        ways: list[dict[str, str]] = [{}, {}, {"user": "team-a"}]
        answers = [
            client.post("/v1/chat/completions", headers={"Authorization": f"Bearer {key}"}, json=asked | more).status_code for more in ways
        ]
        client.delete("/v1/users/capped", headers=master)
        client.delete(f"/v1/budgets/{budget}", headers=master)
    assert answers == [200, 403, 200]


@pytest.mark.parametrize("gateway", [pytest.param("prompture_hub", marks=LIGHT)], indirect=True)
def test_a_call_that_is_not_streamed_never_fills_the_cap(gateway: Gateway) -> None:
    """What the claims say of it: nothing is booked for such a call."""
    with httpx.Client(base_url=gateway.url, trust_env=False, timeout=30) as client:
        administrator = {"Authorization": f"Bearer {gateway.credentials['HUB_ADMIN_TOKEN']}"}
        key = client.post("/admin/keys", headers=administrator, json={"name": "unstreamed", "daily_spend_cap_usd": 0.01}).json()
        asked = {"model": gateway.model.name, "messages": [{"role": "user", "content": "hi"}]}
        answers = [client.post("/v1/chat/completions", headers={"X-API-Key": key["key"]}, json=asked) for _ in range(3)]
        client.delete(f"/admin/keys/{key['id']}", headers=administrator)
    assert [answer.status_code for answer in answers] == [200, 200, 200]
