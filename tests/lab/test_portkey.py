"""Portkey's probes against its simulator: what they conclude of one that behaves, and of one that does not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from probes.claims import Claims
from probes.lab.portkey import Portkey, inference
from probes.lab.portkey.state import Key, Organisation
from probes.lab.simulator import Behaviour, Simulator
from probes.money import Model
from probes.probe import Tier
from tests.lab.conftest import Lab, LabRun
from tests.lab.tap import Tap

READ, DRY, WRITE, SPEND = (frozenset({tier}) for tier in (Tier.READ, Tier.DRY, Tier.WRITE, Tier.SPEND))
CALL_USD = inference.MODEL.cost(inference.PROMPT, inference.LONGEST)
DEAR = Model(inference.MODEL.name, 100.0, 300.0)
"""USD per million tokens: seven calls cost a dollar."""

LIMITS = ("usage_limits", "rate_limits", "credit_limit", "expires_at")


def organisation(run: LabRun | Simulator) -> Organisation:
    """What the simulator holds."""
    return cast(Portkey, run.simulator if isinstance(run, LabRun) else run).organisation


def by_api(claims: Claims) -> set[str]:
    """Claims of Portkey that a call can settle."""
    provider = claims.providers["portkey"]
    return {name for name, claim in provider.claims.items() if claim.status in ("supported", "partial") and claim.mechanism == "api"}


def present(run: LabRun) -> set[str]:
    return {name for name, outcome in run.outcomes.items() if outcome == "present"}


def error(status: int, message: str = "no", code: str = "AB00") -> Response:
    return JSONResponse({"success": False, "data": {"message": message, "errorCode": code}}, status)


def denying(method: str, path: str, response: Callable[[], Response]) -> Behaviour:
    """Answers so to a method and what begins with a path; `*` is any method."""
    return Behaviour(deny=lambda asked, at: response() if method in ("*", asked) and at.startswith(path) else None)


def changing(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Simulator], None]:
    """A server that takes what is asked for something else, and says nothing of it."""

    def otherwise(_: Request, body: bytes) -> bytes:
        return json.dumps(change(json.loads(body))).encode() if body.startswith(b"{") else body

    def prepare(made: Simulator) -> None:
        made.hosts = {"api": Tap(made.hosts["api"], otherwise)}

    return prepare


def ignoring(*fields: str) -> Callable[[Simulator], None]:
    """A server that takes these fields of a body for unknown ones; a policy needs its budget, and gets one that is never used up."""

    def without(given: dict[str, Any]) -> dict[str, Any]:
        kept = {name: value for name, value in given.items() if name not in fields}
        return kept | {"credit_limit": 1e9} if "credit_limit" in given and "credit_limit" in fields else kept

    return changing(without)


def dear(made: Simulator) -> None:
    made.model = DEAR


@pytest.fixture(scope="module")
def honest(real_claims: Claims, tmp_path_factory: pytest.TempPathFactory) -> tuple[LabRun, Tap]:
    """A whole run against a simulator that behaves, and what was exchanged in it."""
    taps: list[Tap] = []

    def tap(made: Simulator) -> None:
        taps.append(Tap(made.hosts["api"]))
        made.hosts = {"api": taps[0]}

    return Lab(real_claims, tmp_path_factory.mktemp("lab")).verify("portkey", prepare=tap), taps[0]


@pytest.mark.xdist_group("portkey")
def test_every_claim_is_settled_and_nothing_is_left(honest: tuple[LabRun, Tap], real_claims: Claims) -> None:
    run, _ = honest
    assert present(run) == set(run.outcomes) == by_api(real_claims)
    unsure = {(each.capability, str(each.cause)) for each in run.evidence if each.outcome != "present"}
    assert unsure == {(name, "nothing_to_try") for name in ("spend.limit.key", "spend.limit.scope", "spend.reset")}
    assert run.simulator.leftovers() == []
    assert list(run.ledger.rglob("*.jsonl")) == []
    assert run.spent <= 0.2


@pytest.mark.xdist_group("portkey")
def test_a_policys_budget_is_measured_in_sequence_and_at_once(honest: tuple[LabRun, Tap]) -> None:
    alone, together = honest[0].figures["spend.limit.scope"]
    assert (alone.status, alone.means, together.status, together.means) == (412, "spend", 412, "spend")
    assert (alone.in_flight, together.in_flight) == (1, 8)
    assert alone.seconds_to_reopen is not None
    assert together.calls_past > alone.calls_past
    for figures in (alone, together):
        assert figures.usd == pytest.approx(figures.calls * CALL_USD)
        assert figures.usd_past == pytest.approx(figures.usd - (figures.limit or 0.0), abs=1e-6)


@pytest.mark.xdist_group("portkey")
def test_a_rate_admits_what_it_says(honest: tuple[LabRun, Tap]) -> None:
    for capability in ("rate.set", "rate.error"):
        (figures,) = honest[0].figures[capability]
        assert (figures.status, figures.calls, figures.calls_past, figures.headers) == (429, 20, 0, ())


@pytest.mark.xdist_group("portkey")
def test_no_secret_is_written(honest: tuple[LabRun, Tap]) -> None:
    run, _ = honest
    written = "".join(path.read_text(encoding="utf-8") for path in run.cassettes.rglob("*.yaml"))
    assert [key.name for key in organisation(run).keys if key.secret in written] == []
    assert [key.name for key in organisation(run).keys if key.former is not None and key.former[0] in written] == []
    assert organisation(run).id not in written


@pytest.mark.xdist_group("portkey")
def test_requests_and_answers_are_those_of_the_vendors_contract(honest: tuple[LabRun, Tap], shared: Path) -> None:
    document = yaml.load((shared / "specs" / "portkey.openapi.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    document["paths"]["/chat/completions"]["post"]["security"] = document["security"]  # a model may name its integration itself
    contract = OpenAPI.from_dict(document, Config(spec_validator_cls=cast(Any, None)))  # it is no valid document in every corner
    checked: set[tuple[str, str]] = set()
    for each in honest[1].exchanges:
        request, path = each.request, each.request.url.path
        if each.status >= 400:  # the document has no answers but the good ones
            continue
        query = {name: request.query_params.getlist(name) for name in request.query_params}
        told = MockRequest(
            "https://api.portkey.ai", request.method.lower(), path, args=cast(Any, query), headers=dict(request.headers), data=each.asked
        )
        contract.validate_request(told)
        contract.validate_response(told, MockResponse(each.answered, each.status))
        checked.add((request.method, "/".join(path.split("/")[2 : 4 if "admin" in path or "policies" in path else 3])))
    methods = {"api-keys": ("POST", "GET", "PUT", "DELETE"), "chat": ("POST",), "models": ("GET",), "analytics": ("GET",)}
    methods |= dict.fromkeys(("admin/workspaces", "policies/usage-limits"), methods["api-keys"])
    assert checked == {(method, path) for path, several in methods.items() for method in several}


def test_budgets_of_a_dollar_are_measured_where_the_model_is_dear_and_the_money_is_there(lab: Lab) -> None:
    run = lab.verify("portkey", tiers=SPEND, max_spend=40.0, prepare=dear)
    assert (
        present(run)
        == set(run.outcomes)
        == {"spend.limit.key", "spend.limit.scope", "spend.reset", "spend.usage", "rate.set", "rate.error"}
    )
    assert {str(each.outcome) for each in run.evidence} == {"present"}
    measured = [each.figures for each in run.evidence if each.capability in ("spend.limit.key", "spend.limit.scope")]
    whole = [figures for figures in measured if {each.limit for each in figures} == {1}]
    assert len(whole) == 2
    for alone, together in whole:
        assert (alone.status, together.status, alone.in_flight, together.in_flight) == (412, 412, 1, 8)
        assert alone.usd >= 1.0
        assert together.calls_past > 0
        assert alone.seconds_to_reopen is not None
    assert organisation(run).calls[-1].usd == pytest.approx(DEAR.cost(inference.PROMPT, inference.LONGEST))
    assert run.simulator.leftovers() == []


def test_nothing_is_spent_on_a_budget_that_the_run_cannot_use_up(lab: Lab) -> None:
    run = lab.verify("portkey", tiers=SPEND, max_spend=0.05, prepare=dear)
    assert run.causes["spend.limit.key"] == run.causes["spend.reset"] == {"budget_spent"}
    assert (run.simulator.served, run.spent) == (0, 0.0)
    assert run.simulator.leftovers() == []


def test_late_answers_and_long_lists_change_no_conclusion(lab: Lab) -> None:
    def fill(made: Simulator) -> None:
        known = organisation(made)
        known.keys += [Key(f"customer {number}", known.shared, born=0.0) for number in range(250)]

    run = lab.verify("portkey", Behaviour(appears_after=0.7, revoke_lag=0.7), tiers=WRITE, prepare=fill)
    assert set(run.outcomes.values()) == {"present"}
    assert run.simulator.leftovers() == []


def test_a_key_that_works_on_is_not_called_revoked_or_expired(lab: Lab) -> None:
    run = lab.verify("portkey", Behaviour(revoke_lag=1e9), tiers=WRITE)
    assert run.outcomes["key.revoke"] == run.outcomes["key.expiry"] == "absent"
    assert run.outcomes["key.create"] == run.outcomes["spend.limit.key"] == "present"
    assert run.simulator.leftovers() == []


def test_a_key_that_everybody_has_is_none(lab: Lab) -> None:
    run = lab.verify("portkey", denying("GET", "/v1/models", lambda: JSONResponse({"data": []})), tiers=WRITE, waits=0.1)
    assert run.outcomes["key.create"] == run.outcomes["key.revoke"] == run.outcomes["key.expiry"] == "absent"


def test_fields_that_are_taken_and_ignored_are_absent(lab: Lab) -> None:
    run = lab.verify("portkey", tiers=WRITE, prepare=ignoring(*LIMITS), waits=0.1)
    absent = {"spend.limit.key", "spend.reset", "spend.alert", "rate.set", "rate.read", "key.expiry", "spend.limit.scope"}
    assert {name for name, outcome in run.outcomes.items() if outcome == "absent"} == absent
    assert run.simulator.leftovers() == []


def test_scopes_that_restrict_nothing_are_absent(lab: Lab) -> None:
    everything = changing(lambda given: given | ({"scopes": ["*"]} if "scopes" in given else {}))
    run = lab.verify("portkey", tiers=WRITE, prepare=everything, waits=0.1)
    assert run.outcomes["key.restrict"] == "absent"


def test_a_field_that_is_ignored_is_not_called_refused(lab: Lab) -> None:
    run = lab.verify("portkey", tiers=DRY, prepare=ignoring(*LIMITS))
    assert present(run) == {"key.create", "key.restrict"}
    assert (
        run.causes["spend.limit.scope"]
        == run.causes["spend.limit.key"]
        == run.causes["key.expiry"]
        == run.causes["rate.set"]
        == {"control_failed"}
    )
    assert run.simulator.leftovers() == []


def test_a_budget_that_is_not_kept_is_never_said_to_be(lab: Lab) -> None:
    run = lab.verify("portkey", Behaviour(cap_lag=1e9, latency=0.0), tiers=SPEND, max_spend=60.0, prepare=dear)
    assert present(run) == {"rate.set", "rate.error"}
    assert run.causes["spend.limit.key"] == run.causes["spend.limit.scope"] == {"not_refused"}
    assert run.outcomes["spend.usage"] == run.outcomes["spend.reset"] == "inconclusive"
    assert run.simulator.leftovers() == []


def test_a_budget_that_each_key_has_for_itself_is_not_the_workspaces(lab: Lab) -> None:
    by_key = changing(lambda given: given | ({"group_by": [{"key": "api_key"}]} if "group_by" in given else {}))
    run = lab.verify("portkey", tiers=SPEND, prepare=by_key)
    assert run.outcomes["spend.limit.scope"] == "inconclusive"
    assert "control_failed" in run.causes["spend.limit.scope"]
