"""OpenRouter's probes against its simulator: what they conclude of one that behaves, and of one that does not."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from probes.claims import Claims
from probes.lab.openrouter import OpenRouter, inference
from probes.lab.openrouter.account import USER, Account
from probes.lab.simulator import Behaviour, Simulator
from probes.probe import Tier
from tests.lab.conftest import Lab, LabRun
from tests.lab.tap import Tap

READ, DRY, WRITE, SPEND = (frozenset({tier}) for tier in (Tier.READ, Tier.DRY, Tier.WRITE, Tier.SPEND))
CALL_USD = inference.MODEL.cost(inference.PROMPT, inference.LONGEST)


def account(run: LabRun | Simulator) -> Account:
    """What the simulator holds."""
    return cast(OpenRouter, run.simulator if isinstance(run, LabRun) else run).account


def by_api(claims: Claims) -> set[str]:
    """Claims of OpenRouter that a call can settle."""
    provider = claims.providers["openrouter"]
    return {name for name, claim in provider.claims.items() if claim.status in ("supported", "partial") and claim.mechanism == "api"}


def error(status: int, message: str, **metadata: Any) -> Response:
    return JSONResponse({"error": {"code": status, "message": message, "metadata": metadata}}, status)


def denying(method: str, path: str, response: Callable[[], Response]) -> Behaviour:
    """Answers so to a method and what begins with a path; `*` is any method."""
    return Behaviour(deny=lambda asked, at: response() if method in ("*", asked) and at.startswith(path) else None)


def ignoring(*fields: str) -> Callable[[Simulator], None]:
    """A server that takes these fields of a body for unknown ones, and says nothing of it."""

    def without(_: Request, body: bytes) -> bytes:
        given = json.loads(body) if body else None
        return json.dumps({name: value for name, value in given.items() if name not in fields}).encode() if given else body

    def prepare(made: Simulator) -> None:
        made.hosts = {"api": Tap(made.hosts["api"], without)}

    return prepare


@pytest.fixture(scope="module")
def honest(real_claims: Claims, tmp_path_factory: pytest.TempPathFactory) -> tuple[LabRun, Tap]:
    """A whole run against a simulator that behaves, and what was exchanged in it."""
    taps: list[Tap] = []

    def tap(made: Simulator) -> None:
        taps.append(Tap(made.hosts["api"]))
        made.hosts = {"api": taps[0]}

    return Lab(real_claims, tmp_path_factory.mktemp("lab")).verify("openrouter", prepare=tap), taps[0]


@pytest.mark.xdist_group("openrouter")
def test_every_claim_is_settled_and_nothing_is_left(honest: tuple[LabRun, Tap], real_claims: Claims) -> None:
    run, _ = honest
    assert {name for name, outcome in run.outcomes.items() if outcome == "present"} == by_api(real_claims)
    assert {str(each.outcome) for each in run.evidence} == {"present"}
    assert run.simulator.leftovers() == []
    assert list(run.ledger.rglob("*.jsonl")) == []
    assert run.spent <= 1.0


@pytest.mark.xdist_group("openrouter")
def test_a_cap_is_measured_in_sequence_at_once_and_for_a_call_too_large(honest: tuple[LabRun, Tap]) -> None:
    run, _ = honest
    alone, together, too_large = run.figures["spend.limit.key"]
    assert {alone.status, together.status} <= {402, 403}  # whichever call finds the cap first: what is left too little, or nothing
    assert {alone.code, together.code, too_large.code} == {"openrouter_key_limit"}
    assert alone.seconds_to_reopen is not None
    assert together.calls_past > 0
    for figures in (alone, together):
        assert figures.usd == pytest.approx(figures.calls * CALL_USD)
        assert figures.usd_past == pytest.approx(figures.usd - (figures.limit or 0.0), abs=1e-6)
    assert (too_large.status, too_large.calls) == (402, 0)
    budgets = [each.figures[0] for each in run.evidence if each.capability == "spend.limit.scope" and each.figures]
    assert [(figures.status, figures.means, figures.seconds_to_reopen is not None) for figures in budgets] == [(403, "spend", True)] * 2


@pytest.mark.xdist_group("openrouter")
def test_a_free_model_shows_the_rate_its_headers_and_its_quota(honest: tuple[LabRun, Tap]) -> None:
    (figures,) = honest[0].figures["rate.error"]
    assert (figures.status, figures.calls, figures.limit, figures.retry_after) == (429, 20, 20.0, None)
    assert set(figures.headers) == {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"}


@pytest.mark.xdist_group("openrouter")
def test_no_secret_is_written(honest: tuple[LabRun, Tap]) -> None:
    run, _ = honest
    written = "".join(path.read_text(encoding="utf-8") for path in run.cassettes.rglob("*.yaml"))
    assert [key.name for key in account(run).keys if key.secret in written] == []
    assert USER not in written


def with_plain_parameters(document: Any) -> Any:
    """The document with one type where a parameter may also be null, which openapi-core cannot read."""
    for operation in (each for path in document["paths"].values() for each in path.values()):
        for schema in (parameter["schema"] for parameter in operation.get("parameters", ())):
            if isinstance(schema.get("type"), list):
                schema["type"] = next(name for name in schema["type"] if name != "null")
    return document


@pytest.mark.xdist_group("openrouter")
def test_requests_and_answers_are_those_of_the_vendors_contract(honest: tuple[LabRun, Tap], shared: Path) -> None:
    text = (shared / "specs" / "openrouter.openapi.yaml").read_text(encoding="utf-8")
    document = with_plain_parameters(yaml.load(text, yaml.CSafeLoader))
    contract = OpenAPI.from_dict(document, Config(spec_validator_cls=cast(Any, None)))  # it is no valid document in every corner
    checked: set[tuple[str, int]] = set()
    for each in honest[1].exchanges:
        request, path = each.request, each.request.url.path
        if path.endswith("/keycap-none"):
            continue
        query = {name: request.query_params.getlist(name) for name in request.query_params}
        told = MockRequest(
            "https://openrouter.ai", request.method.lower(), path, args=cast(Any, query), headers=dict(request.headers), data=each.asked
        )
        if each.status != 400:
            contract.validate_request(told)
        contract.validate_response(told, MockResponse(each.answered, each.status))
        checked.add((path.split("/")[3], each.status))
    assert checked >= {("keys", 201), ("keys", 400), ("key", 401), ("credits", 200), ("activity", 200), ("guardrails", 201)}
    assert checked >= {("workspaces", 201), ("workspaces", 200), ("models", 200)} | {
        ("chat", status) for status in (200, 402, 403, 404, 429)
    }


def test_late_answers_long_lists_and_a_smaller_plan_change_no_conclusion(lab: Lab) -> None:
    def fill(made: Simulator) -> None:
        account(made).newest_first = False
        for number in range(1050):
            account(made).add_key(f"customer {number}", {}, born=0.0)

    smaller = denying("PUT", "/api/v1/workspaces", lambda: error(403, "Workspace budgets need the Enterprise plan"))
    run = lab.verify("openrouter", replace(smaller, appears_after=0.7, revoke_lag=0.7), tiers=WRITE, prepare=fill)
    assert set(run.outcomes.values()) == {"present"}
    assert run.causes["spend.limit.scope"] == {"done", "permission_missing"}
    assert run.simulator.leftovers() == []


def test_a_key_that_works_on_is_not_called_revoked_or_expired(lab: Lab) -> None:
    run = lab.verify("openrouter", Behaviour(revoke_lag=1e9), tiers=WRITE)
    assert run.outcomes["key.revoke"] == run.outcomes["key.expiry"] == "absent"
    assert run.outcomes["key.update"] == "inconclusive"
    assert run.outcomes["key.create"] == run.outcomes["spend.limit.key"] == "present"
    assert run.simulator.leftovers() == []


def test_fields_that_are_taken_and_ignored_are_absent(lab: Lab) -> None:
    fields = ("limit", "limit_reset", "expires_at", "disabled", "allowed_models", "limit_usd", "reset_interval")
    run = lab.verify("openrouter", tiers=WRITE, prepare=ignoring(*fields), waits=0.1)
    absent = {"spend.limit.key", "spend.reset", "key.expiry", "key.update", "key.restrict"}
    assert {name for name, outcome in run.outcomes.items() if outcome == "absent"} == absent | {"spend.limit.scope"}
    assert {name for name, outcome in run.outcomes.items() if outcome == "present"} == {"key.create", "key.list", "key.read", "key.revoke"}
    assert run.simulator.leftovers() == []


def test_a_field_that_is_ignored_is_not_called_refused(lab: Lab) -> None:
    run = lab.verify("openrouter", tiers=DRY, prepare=ignoring("limit", "limit_reset", "expires_at", "allowed_models", "limit_usd"))
    assert {name for name, outcome in run.outcomes.items() if outcome == "present"} == {"key.create", "spend.limit.scope"}
    assert run.causes["spend.limit.key"] == run.causes["key.expiry"] == run.causes["key.restrict"] == {"control_failed"}
    assert run.simulator.leftovers() == []


def test_a_cap_that_is_not_kept_is_never_said_to_be(lab: Lab) -> None:
    run = lab.verify("openrouter", Behaviour(cap_lag=1e9, latency=0.0), tiers=SPEND)
    assert {name for name, outcome in run.outcomes.items() if outcome == "present"} == {
        "key.restrict",
        "rate.error",
        "rate.headers",
        "rate.read",
    }
    assert run.outcomes["spend.limit.scope"] == run.outcomes["spend.usage"] == run.outcomes["spend.balance"] == "inconclusive"
    assert run.causes["spend.limit.key"] == run.causes["spend.limit.scope"] == {"not_refused"}
    assert run.simulator.leftovers() == []


def test_no_more_is_spent_than_allowed(lab: Lab) -> None:
    run = lab.verify("openrouter", Behaviour(cap_lag=1e9), tiers=SPEND, max_spend=0.02)
    assert run.simulator.served > 0
    assert account(run).meter.total == pytest.approx(run.spent)
    assert run.spent <= 0.02
    assert run.outcomes["spend.limit.key"] == "inconclusive"
    assert run.simulator.leftovers() == []


def test_an_account_out_of_credit_says_nothing_of_the_key(lab: Lab) -> None:
    broke = "Insufficient credits. Add more using https://openrouter.ai/settings/credits"
    refused = denying("POST", "/api/v1/chat", lambda: error(402, broke, limit_source="openrouter_credits"))
    run = lab.verify("openrouter", refused, tiers=SPEND)
    assert set(run.outcomes.values()) == {"inconclusive"}
    assert run.causes["spend.limit.key"] == run.causes["spend.limit.scope"] == run.causes["rate.error"] == {"refused_otherwise"}


def test_an_upstream_provider_over_its_limit_says_nothing_of_the_rate(lab: Lab) -> None:
    busy = denying("POST", "/api/v1/chat", lambda: error(429, "Provider returned error", limit_source="upstream_provider_shared_pool"))
    run = lab.verify("openrouter", busy, tiers=SPEND)
    assert run.causes["rate.error"] == {"refused_otherwise"}
    assert run.outcomes["rate.headers"] == "inconclusive"


@pytest.mark.parametrize(("key", "cause"), [("ordinary", "permission_missing"), ("sk-or-v1-" + "0" * 64, "credential_refused")])
def test_a_key_of_the_wrong_kind_or_nobodys_proves_nothing(lab: Lab, key: str, cause: str) -> None:
    def wrong(given: dict[str, str]) -> dict[str, str]:
        return given | {"OPENROUTER_MANAGEMENT_KEY": given["OPENROUTER_API_KEY"] if key == "ordinary" else key}

    run = lab.verify("openrouter", variables=wrong)
    assert run.outcomes.pop("rate.read") == "present"  # read with the ordinary key
    assert set(run.outcomes.values()) == {"inconclusive"}
    assert set().union(*(causes for name, causes in run.causes.items() if name != "rate.read")) == {cause}
    assert len(account(run).keys) == 2


def test_credits_of_zero_prove_nothing(lab: Lab) -> None:
    zeros = denying("GET", "/api/v1/credits", lambda: JSONResponse({"data": {"total_credits": 0, "total_usage": 0}}))
    run = lab.verify("openrouter", zeros, tiers=READ)
    assert (run.outcomes["spend.balance"], run.causes["spend.balance"]) == ("inconclusive", {"control_failed"})


def test_management_that_is_too_busy_is_no_absence(lab: Lab) -> None:
    run = lab.verify("openrouter", denying("POST", "/api/v1", lambda: error(429, "Rate limit exceeded")), tiers=WRITE | DRY)
    assert set(run.outcomes.values()) == {"inconclusive"}
    assert set().union(*run.causes.values()) == {"rate_limited"}


@pytest.mark.parametrize(("status", "tiers"), [(200, READ | WRITE), (500, READ | DRY)])
def test_a_fault_is_no_absence_whatever_its_status(lab: Lab, status: int, tiers: frozenset[Tier]) -> None:
    fault = denying("*", "/api/v1", lambda: JSONResponse({"error": {"code": 500, "message": "Internal Server Error"}}, status))
    run = lab.verify("openrouter", fault, tiers=tiers)
    assert set(run.outcomes.values()) == {"inconclusive"}


def test_an_account_without_keys_and_activity_gives_nothing_to_read(lab: Lab) -> None:
    nothing = Behaviour(deny=lambda _, path: JSONResponse({"data": []}) if path in ("/api/v1/keys", "/api/v1/activity") else None)
    run = lab.verify("openrouter", nothing, tiers=READ)
    assert run.causes["key.list"] == run.causes["key.read"] == run.causes["spend.usage"] == {"route_only"}
