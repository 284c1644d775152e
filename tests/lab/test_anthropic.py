"""Claude's probes against its simulator: what they settle, what they say when it misbehaves, and whether it is what the SDK declares."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from starlette.responses import JSONResponse, Response

from probes.contracts.extract import Extract, Operation
from probes.endpoint import same_route
from probes.figures import Limited
from probes.lab.anthropic.organisation import Organisation
from probes.lab.anthropic.state import Key, Workspace
from probes.lab.simulator import Behaviour, Simulator
from probes.probe import Tier
from probes.vocabulary import Means
from probes.wire.record import cassette_path, load
from tests.lab.conftest import Lab, LabRun

CLAIMED = {
    "key.list", "key.read", "key.update", "key.revoke", "spend.limit.scope", "spend.reset", "spend.usage", "rate.read", "rate.set",
    "rate.headers", "rate.error",
}  # fmt: skip
PRODUCTION = 12050.5


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory, real_claims: Any) -> LabRun:
    return Lab(real_claims, tmp_path_factory.mktemp("full")).verify("anthropic")


def test_every_claim_of_support_is_settled_and_nothing_is_left(full: LabRun) -> None:
    assert {name for name, outcome in full.outcomes.items() if outcome == "present"} == CLAIMED
    assert all(each.conclusive for each in full.evidence)
    assert full.simulator.leftovers() == []


def test_the_figures_are_what_the_simulator_counted(full: LabRun) -> None:
    alone, parallel = full.figures["spend.limit.scope"]
    (rate,) = full.figures["rate.error"]
    assert [each.status for each in (alone, parallel, rate)] == [400, 400, 429]
    assert [each.means for each in (alone, parallel, rate)] == [Means.SPEND, Means.SPEND, Means.RATE]
    assert [each.code for each in (alone, parallel, rate)] == ["invalid_request_error", "invalid_request_error", "rate_limit_error"]
    assert parallel.calls_past > 0
    assert all(each.seconds_to_reopen is not None for each in (alone, parallel))
    assert (rate.limited, rate.retry_after, rate.waiting_sufficed) == (Limited.RATE, 3.0, True)
    one_first_three_reopening = 4
    assert full.simulator.served == sum(each.calls for each in (alone, parallel, rate)) + one_first_three_reopening
    assert full.spent == pytest.approx(full.simulator.served * 0.002)


def answering(part: str, answer: Callable[[], Response], *methods: str) -> Behaviour:
    return Behaviour(deny=lambda method, path: answer() if part in path and method in (methods or ("GET",)) else None)


def refusal(status: int, kind: str, code: str = "") -> Response:
    error = {"type": kind, "message": "no", **({"details": {"error_code": code}} if code else {})}
    return JSONResponse({"type": "error", "error": error, "request_id": "req_1"}, status)


def test_a_revoked_key_that_still_works_is_not_revoked(lab: Lab) -> None:
    run = lab.verify("anthropic", Behaviour(revoke_lag=1000), tiers=[Tier.WRITE])
    assert (run.outcomes["key.update"], run.outcomes["key.revoke"]) == ("absent", "absent")
    assert run.simulator.leftovers() == []


def test_a_change_that_takes_a_moment_is_waited_for(lab: Lab) -> None:
    run = lab.verify("anthropic", Behaviour(revoke_lag=0.5, appears_after=0.7), tiers=[Tier.WRITE])
    assert set(run.outcomes.values()) == {"present"}
    assert run.simulator.leftovers() == []


def test_a_limit_that_reads_back_otherwise_is_not_set(lab: Lab) -> None:
    behaviour = answering("/spend_limits/", lambda: JSONResponse({"amount": "1", "period": "daily"}))
    run = lab.verify("anthropic", behaviour, tiers=[Tier.WRITE])
    assert (run.outcomes["spend.limit.scope"], run.outcomes["spend.reset"], run.outcomes["rate.set"]) == ("absent", "absent", "present")


def test_an_organisation_outside_the_preview_learns_what_it_lacks(lab: Lab) -> None:
    code = "spend_limits_admin_api_writes_not_enabled"
    run = lab.verify("anthropic", answering("/spend_limits", lambda: refusal(403, "permission_error", code), "POST"))
    assert run.unsettled == ["spend.limit.scope", "spend.reset"]
    assert run.causes["spend.reset"] == {"permission_missing"}
    assert run.outcomes["rate.set"] == "present"
    assert run.simulator.leftovers() == []


def test_an_inference_key_is_too_weak_for_the_admin_api_and_a_stranger_is_refused(lab: Lab) -> None:
    weak = lab.verify(
        "anthropic", tiers=[Tier.READ, Tier.DRY], variables=lambda given: {**given, "ANTHROPIC_ADMIN_KEY": given["ANTHROPIC_API_KEY"]}
    )
    assert {frozenset(causes) for causes in weak.causes.values()} == {frozenset({"permission_missing"})}
    stranger = lab.verify("anthropic", tiers=[Tier.READ], variables=lambda given: {**given, "ANTHROPIC_ADMIN_KEY": "sk-ant-admin01-none"})
    assert {frozenset(causes) for causes in stranger.causes.values()} == {frozenset({"credential_refused"})}


def test_zeros_prove_nothing(lab: Lab) -> None:
    row = {"group": {}, "cost": {"amount": "0", "list_amount": "0", "currency": "USD", "requests": 0}}
    run = lab.verify("anthropic", answering("/analytics/cost", lambda: JSONResponse({"data": [row]})), tiers=[Tier.READ])
    assert run.unsettled == ["spend.usage"]


def test_an_organisation_without_keys_shows_the_route_and_nothing_of_its_rows(lab: Lab) -> None:
    run = lab.verify("anthropic", answering("/api_keys", lambda: JSONResponse({"data": [], "has_more": False})), tiers=[Tier.READ])
    assert run.causes["key.list"] == run.causes["key.read"] == {"route_only"}


def test_a_list_that_ignores_its_cursor_is_no_list(lab: Lab) -> None:
    answer = {"data": [{"type": "api_key", "id": "apikey_1", "status": "active"}], "has_more": True, "last_id": "apikey_1"}
    run = lab.verify("anthropic", answering("/api_keys", lambda: JSONResponse(answer)), tiers=[Tier.READ])
    assert run.outcomes["key.list"] == "absent"


def test_a_management_api_that_is_too_busy_says_nothing_of_the_vendor(lab: Lab) -> None:
    busy = answering("/v1/organizations", lambda: refusal(429, "rate_limit_error"), "GET", "POST", "DELETE")
    run = lab.verify("anthropic", busy, tiers=[Tier.DRY, Tier.WRITE])
    assert {frozenset(causes) for causes in run.causes.values()} == {frozenset({"rate_limited"})}


def test_a_server_that_refuses_every_write_alike_proves_no_route(lab: Lab) -> None:
    alike = answering("/v1/organizations", lambda: refusal(400, "invalid_request_error"), "POST")
    run = lab.verify("anthropic", alike, tiers=[Tier.DRY])
    assert {frozenset(causes) for causes in run.causes.values()} == {frozenset({"all_alike"})}


def test_without_an_offer_what_needs_one_stays_open_and_nothing_is_touched(lab: Lab) -> None:
    def withdraw(simulator: Simulator) -> None:
        cast("Organisation", simulator).offered.name = "Team A"

    run = lab.verify("anthropic", tiers=[Tier.WRITE, Tier.SPEND], prepare=withdraw)
    assert run.causes["key.update"] == run.causes["key.revoke"] == run.causes["rate.error"] == {"nothing_to_try"}
    assert run.outcomes["rate.headers"] == "present"
    assert run.simulator.served == 1
    assert run.simulator.leftovers() == []


def test_a_key_that_was_not_offered_is_called_once_and_its_limits_stay(lab: Lab) -> None:
    def of_production(given: dict[str, str]) -> dict[str, str]:
        return {**given, "ANTHROPIC_API_KEY": secret[0], "ANTHROPIC_DISPOSABLE_KEY": secret[0]}

    def remember(simulator: Simulator) -> None:
        secret.append(next(key.secret for key in cast("Organisation", simulator).keys.values() if key.cents == PRODUCTION))

    secret: list[str] = []
    run = lab.verify("anthropic", tiers=[Tier.WRITE, Tier.SPEND], prepare=remember, variables=of_production)
    assert run.causes["key.update"] == run.causes["rate.error"] == {"credential_missing"}
    assert run.simulator.served == 1
    assert cast("Organisation", run.simulator).disposable.status == "active"


def test_a_cap_that_does_not_bite_is_not_shown(lab: Lab) -> None:
    run = lab.verify("anthropic", Behaviour(cap_lag=1000, latency=0), tiers=[Tier.SPEND])
    assert run.causes["spend.limit.scope"] == {"not_refused"}
    assert run.outcomes["rate.error"] == "present"
    assert run.simulator.leftovers() == []


def test_money_bounds_the_series(lab: Lab) -> None:
    run = lab.verify("anthropic", tiers=[Tier.SPEND], max_spend=0.01)
    assert run.unsettled == ["rate.error", "spend.limit.scope"]
    assert run.spent <= 0.01
    assert run.simulator.leftovers() == []


def test_a_refused_inference_key_settles_nothing(lab: Lab) -> None:
    run = lab.verify("anthropic", tiers=[Tier.SPEND], variables=lambda given: {**given, "ANTHROPIC_API_KEY": given["ANTHROPIC_ADMIN_KEY"]})
    assert {frozenset(causes) for causes in run.causes.values()} == {frozenset({"refused_otherwise"})}


def test_offers_are_found_beyond_a_thousand_workspaces_and_keys(lab: Lab) -> None:
    def crowd(simulator: Simulator) -> None:
        made = cast("Organisation", simulator)
        more = [Workspace(f"Team {number}", made.clock) for number in range(1005)]
        made.workspaces |= {each.id: each for each in more}
        archived = [Key(f"Old {number}", made.offered.id, status="archived") for number in range(1005)]
        made.keys = {each.id: each for each in [*archived, *made.keys.values()]}

    run = lab.verify("anthropic", tiers=[Tier.WRITE], prepare=crowd)
    assert set(run.outcomes.values()) == {"present"}


def operations(checkout: Path) -> list[Operation]:
    """What the vendor's SDK declares, as it was recorded."""
    (interaction,) = load(cassette_path(checkout / "cassettes", "live", "anthropic", "contract")).interactions
    return list(Extract.from_json(json.loads(interaction[1]["body"]["string"])).operations)


def fields(value: Any, path: str = "") -> Iterator[str]:
    """The dotted names of a JSON value, as an extract writes them."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"{path}.{name}".lstrip(".")
            yield from fields(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from fields(inner, f"{path}[]")


def test_requests_and_answers_have_the_fields_that_the_sdk_declares(full: LabRun, checkout: Path) -> None:
    declared, checked, unknown = operations(checkout), set(), []
    for tier in ("read", "write", "spend"):
        for request, response in load(cassette_path(full.cassettes, "lab", "anthropic", tier)).interactions:
            path = urlsplit(request.uri).path
            operation = next((each for each in declared if each.method == request.method and same_route(path, each.path)), None)
            if operation is None or response["status"]["code"] >= 300:
                continue
            checked.add(operation.name)
            sent = fields(json.loads(request.body) if request.body else {})
            unknown += [f"{operation.name} < {name}" for name in sent if name not in operation.request]
            answer = json.loads(response["body"]["string"])
            rows = answer["data"] if isinstance(answer.get("data"), list) else [answer]
            shown = {name for row in rows for name in fields(row)}
            unknown += [f"{operation.name} > {name}" for name in shown if not {name, f"data[].{name}"} & operation.response.keys()]
    assert sorted(set(unknown)) == []
    assert len(checked) >= 10
