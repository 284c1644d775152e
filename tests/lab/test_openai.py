"""OpenAI's probes against its simulator: what they conclude of one that behaves, and of one that does not."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import yaml
from jsonschema import Draft202012Validator
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from probes.claims import Claims
from probes.lab import openai, simulator
from probes.lab.simulator import Behaviour, Simulator
from probes.probe import Tier
from tests.lab.conftest import Lab, LabRun

WRITE, SPEND = frozenset({Tier.WRITE}), frozenset({Tier.SPEND})
PROJECTS = "/v1/organization/projects"


def organisation(run: LabRun | Simulator) -> Any:
    """What the simulator holds."""
    return cast(openai.OpenAI, run.simulator if isinstance(run, LabRun) else run).organisation


def by_api(claims: Claims) -> set[str]:
    """Claims of OpenAI that a call can settle."""
    provider = claims.providers["openai"]
    return {name for name, claim in provider.claims.items() if claim.status in ("supported", "partial") and claim.mechanism == "api"}


@dataclass
class Tap:
    """Passes everything on to an app, and keeps it."""

    app: ASGIApp
    exchanges: list[tuple[Request, bytes, int, bytes]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        asked, status, answered = await request.body(), 0, b""

        async def again() -> Message:
            return {"type": "http.request", "body": asked, "more_body": False}

        async def keep(message: Message) -> None:
            nonlocal status, answered
            status, answered = message.get("status", status), answered + message.get("body", b"")
            await send(message)

        await self.app(scope, again, keep)
        self.exchanges.append((request, asked, status, answered))


@pytest.fixture(scope="module")
def honest(real_claims: Claims, tmp_path_factory: pytest.TempPathFactory) -> tuple[LabRun, Tap]:
    """A whole run against a simulator that behaves, and what was exchanged in it."""
    taps: list[Tap] = []

    def tap(made: Simulator) -> None:
        taps.append(Tap(made.hosts["api"]))
        made.hosts = {"api": taps[0]}

    return Lab(real_claims, tmp_path_factory.mktemp("lab")).verify("openai", prepare=tap), taps[0]


@pytest.mark.xdist_group("openai")
def test_every_claim_is_settled_and_nothing_is_left(honest: tuple[LabRun, Tap], real_claims: Claims) -> None:
    run, _ = honest
    assert {name for name, outcome in run.outcomes.items() if outcome == "present"} == by_api(real_claims)
    assert run.simulator.leftovers() == []
    assert list(run.ledger.rglob("*.jsonl")) == []
    archived = [each for each in organisation(run).projects.values() if each.archived_at is not None]
    assert archived
    assert not any(each.accounts or each.alerts for each in archived)
    alone, together = run.figures["spend.limit.scope"]
    for figures in (alone, together):
        assert (figures.status, figures.code, figures.limit) == (429, "project_spend_limit_exceeded", 0.01)
        assert figures.usd == pytest.approx(figures.calls * 0.002)
        assert figures.seconds_to_reopen is not None
    assert together.calls_past > 0
    (rate,) = run.figures["rate.set"]
    assert (rate.status, rate.code, rate.retry_after, rate.waiting_sufficed) == (429, "rate_limit_exceeded", 3.0, True)
    assert run.spent == pytest.approx(run.simulator.served * 0.002)
    written = "".join(path.read_text(encoding="utf-8") for path in run.cassettes.rglob("*.yaml"))
    secrets = [key.secret for project in organisation(run).projects.values() for key in project.keys.values()]
    assert [secret for secret in (*secrets, organisation(run).admin_secret) if secret in written] == []


def test_what_is_not_found_at_first_is_waited_for(lab: Lab) -> None:
    run = lab.verify("openai", Behaviour(appears_after=0.7, revoke_lag=0.7), tiers=WRITE)
    assert set(run.outcomes.values()) == {"present"}
    assert run.simulator.leftovers() == []


def test_a_revoked_and_an_expired_key_that_still_work_prove_nothing(lab: Lab) -> None:
    run = lab.verify("openai", Behaviour(revoke_lag=1e9), tiers=WRITE)
    assert {name for name, outcome in run.outcomes.items() if outcome != "present"} == {"key.revoke", "key.rotate", "key.expiry"}
    assert run.causes["key.revoke"] == run.causes["key.expiry"] == {"not_done"}
    assert run.simulator.leftovers() == []


def test_a_cap_that_is_not_kept_is_never_said_to_be(lab: Lab) -> None:
    run = lab.verify("openai", Behaviour(cap_lag=1e9, latency=0.0), tiers=SPEND)
    assert run.outcomes["spend.limit.scope"] == "inconclusive"
    assert run.causes["spend.limit.scope"] == {"not_refused"}
    assert run.outcomes["rate.set"] == "present"
    assert run.simulator.leftovers() == []


def test_no_more_is_spent_than_allowed(lab: Lab) -> None:
    run = lab.verify("openai", Behaviour(cap_lag=1e9), tiers=SPEND, max_spend=0.02)
    assert run.simulator.served * 0.002 <= run.spent <= 0.02
    assert run.causes["spend.limit.scope"] == {"budget_spent"}
    assert run.simulator.leftovers() == []


@pytest.mark.parametrize(
    ("key", "cause"), [("person", "permission_missing"), ("sk-admin-nobody-ever-issued-this-one", "credential_refused")]
)
def test_a_key_of_the_wrong_kind_or_nobodys_proves_nothing(lab: Lab, key: str, cause: str) -> None:
    def wrong(given: dict[str, str]) -> dict[str, str]:
        return given | {"OPENAI_ADMIN_KEY": given["OPENAI_API_KEY"] if key == "person" else key}

    run = lab.verify("openai", variables=wrong)
    assert set(run.outcomes.values()) == {"inconclusive"}
    assert set().union(*run.causes.values()) == {cause}
    assert len(organisation(run).projects) == 1


def lacking(scope: str) -> Response:
    return JSONResponse({"error": f"You have insufficient permissions for this operation. Missing scopes: {scope}."}, 403)


def test_a_key_that_may_only_read_says_which_permission_is_missing(lab: Lab) -> None:
    behaviour = Behaviour(deny=lambda method, _: None if method == "GET" else lacking("api.management.write"))
    run = lab.verify("openai", behaviour)
    assert {name for name, outcome in run.outcomes.items() if outcome == "present"} == {"key.list", "key.read", "rate.read", "spend.usage"}
    assert run.causes["key.create"] == {"permission_missing"}
    assert "api.management.write" in next(each.detail for each in run.evidence if each.capability == "key.create")


def test_management_that_is_too_busy_is_no_absence(lab: Lab) -> None:
    body = {"error": {"message": "Rate limit reached.", "type": "requests", "param": None, "code": "rate_limit_exceeded"}}
    busy = Behaviour(deny=lambda method, path: JSONResponse(body, 429) if method == "POST" and path.startswith(PROJECTS) else None)
    run = lab.verify("openai", busy, tiers=WRITE | {Tier.DRY})
    assert set(run.outcomes.values()) == {"inconclusive"}
    assert set().union(*run.causes.values()) == {"rate_limited"}


def test_costs_of_nothing_but_zeros_prove_nothing(lab: Lab) -> None:
    def free(made: Simulator) -> None:
        organisation(made).served.clear()

    run = lab.verify("openai", tiers={Tier.READ}, prepare=free)
    assert run.outcomes == {"key.list": "present", "key.read": "present", "rate.read": "present", "spend.usage": "inconclusive"}
    assert run.causes["spend.usage"] == {"route_only"}


def test_an_organisation_without_keys_and_accounts_gives_nothing_to_try(lab: Lab) -> None:
    def empty(made: Simulator) -> None:
        first = next(iter(organisation(made).projects.values()))
        first.accounts.clear()
        first.keys.clear()

    run = lab.verify("openai", tiers={Tier.READ, Tier.DRY}, prepare=empty)
    untried = {"key.list", "key.read", "key.restrict", "key.rotate", "key.update"}
    assert {name for name, outcome in run.outcomes.items() if outcome == "inconclusive"} == untried
    assert all(run.causes[name] == {"nothing_to_try"} for name in untried)


def test_a_success_that_says_an_error_creates_nothing(lab: Lab) -> None:
    body = {"error": {"message": "Something went wrong.", "type": "server_error", "param": None, "code": None}}
    behaviour = Behaviour(deny=lambda method, path: JSONResponse(body) if (method, path) == ("POST", PROJECTS) else None)
    run = lab.verify("openai", behaviour, tiers=WRITE)
    assert set(run.outcomes.values()) == {"inconclusive"}
    assert run.causes["key.create"] == {"nothing_to_try"}
    assert run.simulator.leftovers() == []


def test_a_server_that_serves_any_key_shows_neither_a_new_one_nor_its_end(lab: Lab) -> None:
    models = {"object": "list", "data": []}
    run = lab.verify(
        "openai", Behaviour(deny=lambda _, path: JSONResponse(models) if path == "/v1/models" else None), tiers=WRITE, waits=0.1
    )
    assert run.outcomes["key.create"] == run.outcomes["key.revoke"] == run.outcomes["key.expiry"] == "inconclusive"
    assert run.outcomes["key.restrict"] == "absent"


def test_settings_that_are_taken_and_not_kept_are_absent(lab: Lab) -> None:
    def forgets(method: str, path: str) -> Response | None:
        if method == "POST" and path.endswith("/spend_limit"):
            return JSONResponse({"object": "project.spend_limit"})
        if method == "POST" and "/rate_limits/" in path:
            return JSONResponse({"object": "project.rate_limit"})
        return None

    run = lab.verify("openai", Behaviour(deny=forgets), tiers=WRITE)
    assert run.outcomes["spend.limit.scope"] == run.outcomes["spend.reset"] == run.outcomes["rate.set"] == "absent"
    assert run.simulator.leftovers() == []


def test_what_was_created_with_a_lost_answer_is_found_on_a_later_page(lab: Lab) -> None:
    def loses(made: Simulator) -> None:
        app = made.hosts["api"]
        for number in range(120):
            organisation(made).add_project(f"customer-{number}", 0.0)

        async def lossy(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["method"] == "POST" and scope["path"] == PROJECTS:
                send, answered = answer_nobody, send
                await app(scope, receive, send)
                await Response("upstream gone", 502)(scope, receive, answered)
            else:
                await app(scope, receive, send)

        made.hosts = {"api": lossy}

    run = lab.verify("openai", tiers=WRITE, prepare=loses)
    assert set(run.outcomes.values()) == {"inconclusive"}
    assert len(organisation(run).projects) == 121 + 3
    assert run.simulator.leftovers() == []


async def answer_nobody(_message: Message) -> None:
    """Takes an answer and drops it."""


async def test_lists_are_cut_into_pages_beyond_a_thousand_keys() -> None:
    made = simulator("openai", Behaviour())
    first = next(iter(organisation(made).projects.values()))
    person = next(iter(first.keys.values())).owner
    added = [organisation(made).add_key(first, person, f"key {number}").id for number in range(1050)]
    headers = {"authorization": f"Bearer {organisation(made).admin_secret}"}
    client = httpx.AsyncClient(transport=httpx.ASGITransport(made.hosts["api"]), base_url="http://api", headers=headers)
    found: list[str] = []
    after: dict[str, str] = {}
    async with client:
        while True:
            page = (await client.get(f"{PROJECTS}/{first.id}/api_keys", params={"limit": "100", **after})).json()
            found += [row["id"] for row in page["data"]]
            if not page["has_more"]:
                break
            after = {"after": page["last_id"]}
        too_many = await client.get(f"{PROJECTS}/{first.id}/api_keys?limit=101")
    assert found[2:] == added
    assert too_many.status_code == 400


NEWER = ("POST", True)
"""Method, and whether the path ends in a key: in the SDK of November, not yet in the document of August."""


def without_discriminators(value: Any) -> Any:
    """A copy of a document in which alternatives are told apart by their schemas: the names of kinds in it are not those of schemas."""
    if isinstance(value, dict):
        return {
            name: without_discriminators(inner) for name, inner in value.items() if name != "discriminator" or "propertyName" not in inner
        }
    return [without_discriminators(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.xdist_group("openai")
def test_requests_and_answers_are_those_of_the_vendors_contract(honest: tuple[LabRun, Tap], shared: Path) -> None:
    text = (shared / "specs" / "openai.openapi.yaml").read_text(encoding="utf-8")
    document = without_discriminators(yaml.load(text, yaml.CSafeLoader))
    config = Config(spec_validator_cls=cast(Any, None))  # it is no valid document in every corner
    contract = OpenAPI.from_dict(document, config)
    refusal = Draft202012Validator({**document, "$ref": "#/components/schemas/ErrorResponse"})
    checked: set[str] = set()
    for request, asked, status, answered in honest[1].exchanges:
        path = request.url.path
        query = {name: request.query_params.getlist(name) for name in request.query_params}
        told = MockRequest(
            "https://api.openai.com", request.method.lower(), path, args=cast(Any, query), headers=dict(request.headers), data=asked
        )
        if status < 300 and (request.method, "/api_keys/" in path) != NEWER:
            contract.validate_request(told)
            contract.validate_response(told, MockResponse(answered, status))
            checked |= {part for part in path.split("/") if request.method == "POST"}
        elif status not in (200, 403):  # 403 has a text where the object stands, as the vendor's own answer
            refusal.validate(yaml.safe_load(answered))
    assert checked >= {"projects", "service_accounts", "api_keys", "spend_limit", "spend_alerts", "rate_limits", "responses", "archive"}
