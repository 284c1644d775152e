"""Azure's probes against its simulator: present on everything, and not where the simulator misbehaves."""

from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from probes.evidence import Level
from probes.lab.azure_openai import AzureOpenAI
from probes.lab.azure_openai.state import Account
from probes.lab.simulator import Behaviour
from probes.probe import Tier
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
    assert parallel.calls_past > 0  # in sequence a busy machine may be slower than the lag
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


def test_an_account_whose_answer_was_lost_is_deleted_and_purged_by_its_name(lab: Lab) -> None:
    made: list[AzureOpenAI] = []

    def lost(method: str, path: str) -> Response | None:
        cloud, name = made[0].cloud, path.rpartition("/")[2]
        if method != "PUT" or "/accounts/keycap-probe-" not in path:
            return None
        cloud.accounts[name] = Account(name=name, location="eastus", sku={"name": "S0"})
        return error(504, "GatewayTimeout")

    run = lab.verify("azure_openai", Behaviour(deny=lost), tiers=WRITE, prepare=lambda each: made.append(azure(each)))
    assert set(run.outcomes.values()) - {"present"} == {"inconclusive"}
    assert run.simulator.leftovers() == []
    assert list(run.ledger.glob("*")) == []


def test_without_a_setting_its_variable_is_named(lab: Lab) -> None:
    run = lab.verify(
        "azure_openai", tiers=(Tier.READ,), variables=lambda given: {name: given[name] for name in given if name != "AZURE_BILLING_PROFILE"}
    )
    assert run.causes["spend.balance"] == {"setting_missing"}
    assert any("AZURE_BILLING_PROFILE" in each.detail for each in run.evidence)
