"""The probes of the Gemini API against its simulator: what they conclude when it behaves, and when it does not."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.responses import JSONResponse, Response

from probes.addresses import addresses
from probes.contracts.extract import Extract, Operation
from probes.credentials import Environment
from probes.evidence import Origin
from probes.figures import Limited
from probes.findings import run_probes
from probes.lab import endpoint, simulator
from probes.lab.google_gemini import Gemini
from probes.lab.simulator import Behaviour, Simulator
from probes.plan import Job
from probes.probe import Tier
from probes.providers import own_probes
from probes.wire.cassette import load
from tests.lab.conftest import Lab, LabRun

NAME = "google_gemini"
WRITE = (Tier.WRITE,)
LIVES = ("key.create", "key.list", "key.read", "key.expiry", "key.update", "key.restrict", "key.revoke")


def world(run: LabRun) -> Any:
    assert isinstance(run.simulator, Gemini)
    return run.simulator.world


def refusing(status: int, code: str, message: str, when: Callable[[str, str], bool]) -> Behaviour:
    """A behaviour that answers some calls with an error of Google's shape."""

    def deny(method: str, path: str) -> Response | None:
        body = {"error": {"code": status, "message": message, "status": code}}
        return JSONResponse(body, status) if when(method, path) else None

    return Behaviour(deny=deny)


def test_every_claim_is_settled_and_nothing_is_left(lab: Lab) -> None:
    run = lab.verify(NAME, Behaviour(cap_lag=0.1))
    claims = lab.claims.providers[NAME].claims
    by_api = {name for name, claim in claims.items() if claim.status in ("supported", "partial") and claim.mechanism == "api"}
    assert {name for name, outcome in run.outcomes.items() if outcome == "present"} == by_api
    assert run.outcomes["rate.headers"] == "absent"
    assert run.unsettled == []
    assert (run.simulator.leftovers(), list(run.ledger.glob("*"))) == ([], [])
    assert {project.state for project in world(run).projects.values() if project.project_id != world(run).own} == {"DELETE_REQUESTED"}

    alone, together = run.figures["spend.limit.scope"]
    assert (alone.limited, alone.status, alone.code, alone.in_flight, together.in_flight) == (
        Limited.SPEND,
        429,
        "RESOURCE_EXHAUSTED",
        1,
        8,
    )
    assert together.calls_past > 0  # in sequence a busy machine may be slower than the lag
    [reset] = run.figures["spend.reset"]
    assert reset.seconds_to_reopen is not None
    [rate] = run.figures["rate.error"]
    assert (rate.calls, rate.status, rate.means, rate.headers) == (3, 429, "rate", ())
    assert rate.retry_after is not None
    assert run.spent == pytest.approx(run.simulator.served * 0.002)

    _nothing_of_the_person_is_written(run)


def _nothing_of_the_person_is_written(run: LabRun) -> None:
    """No secret and no name of an account in any recording; names that the run made stay."""
    here = world(run)
    written = "".join(path.read_text(encoding="utf-8") for path in run.cassettes.rglob("*.yaml"))
    secrets = [here.token, *(key.secret for project in here.projects.values() for key in project.keys.values())]
    accounts = [here.own, here.billing, here.parent.rpartition("/")[2], *(project.number for project in here.projects.values())]
    assert [each for each in (*secrets, *accounts) if each in written] == []
    assert not re.search(r"auth_tokens/[0-9a-f]", written)
    assert "/v2/projects/REDACTED/locations/global/keys?keyId=keycap-probe-" in written


@pytest.mark.parametrize("behaviour", [Behaviour(appears_after=0.4), Behaviour(revoke_lag=1.5)], ids=["appears late", "ends late"])
def test_what_takes_a_while_is_waited_for(lab: Lab, behaviour: Behaviour) -> None:
    run = lab.verify(NAME, behaviour, tiers=WRITE)
    assert {run.outcomes[name] for name in LIVES} == {"present"}
    assert run.simulator.leftovers() == []


def test_a_weak_or_wrong_credential_says_nothing_of_the_vendor(lab: Lab) -> None:
    denied = refusing(
        403, "PERMISSION_DENIED", "The caller does not have permission", lambda _, path: path.startswith(("/v2", "/v1/billing"))
    )
    run = lab.verify(NAME, denied, tiers=(Tier.READ, Tier.DRY, Tier.WRITE))
    assert run.causes["key.create"] == {"permission_missing"}
    assert run.outcomes["spend.alert"] == run.outcomes["key.revoke"] == "inconclusive"
    assert run.simulator.leftovers() == []

    def swapped(given: dict[str, str]) -> dict[str, str]:
        return given | {"GOOGLE_OAUTH_ACCESS_TOKEN": given["GEMINI_API_KEY"], "GEMINI_API_KEY": given["GOOGLE_OAUTH_ACCESS_TOKEN"]}

    run = lab.verify(NAME, tiers=(Tier.READ,), variables=swapped)
    assert {cause for causes in run.causes.values() for cause in causes} == {"credential_refused"}

    run = lab.verify(
        NAME, refusing(429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric 'Read requests'", lambda *_: True), tiers=(Tier.DRY,)
    )
    assert run.causes["key.create"] == {"rate_limited"}


def test_a_setting_that_is_missing_is_named(lab: Lab) -> None:
    def without(given: dict[str, str]) -> dict[str, str]:
        return {name: value for name, value in given.items() if name != "GOOGLE_BILLING_ACCOUNT"}

    run = lab.verify(NAME, tiers=(Tier.READ, Tier.WRITE), variables=without)
    assert run.causes["spend.limit.scope"] == {"setting_missing"}
    assert {each.detail for each in run.evidence if each.cause == "setting_missing"} == {"GOOGLE_BILLING_ACCOUNT is not set"}
    assert run.outcomes["key.create"] == "present"
    assert run.simulator.leftovers() == []


async def test_a_key_that_still_works_after_its_end_is_told(lab: Lab) -> None:
    """Without the waiting, which would be five minutes: the simulator is asked in this process, and time stands still."""
    made = simulator(NAME, Behaviour(revoke_lag=600.0))
    environment, provider = Environment(made.environment), lab.claims.providers[NAME]
    apps = {httpx.URL(address).host: httpx.ASGITransport(made.hosts[host]) for host, address in addresses(provider, endpoint(NAME)).items()}
    probes = tuple(each for each in own_probes(NAME, Tier.WRITE) if "key.revoke" in each.capabilities)
    job = Job(NAME, provider, Tier.WRITE, Origin.LAB, endpoint(NAME), probes)

    async def route(request: httpx.Request) -> httpx.Response:
        response = await apps[request.url.host].handle_async_request(request)
        return httpx.Response(response.status_code, headers=response.headers, content=await response.aread())

    async with httpx.AsyncClient(transport=httpx.MockTransport(route)) as client:
        held, settings = environment.held(provider), environment.settings(provider)
        found = await run_probes(job, client, "0123abcd", held=held, settings=settings)
    outcomes = {each.capability: str(each.outcome) for findings in found.values() for each in findings}
    assert (outcomes["key.create"], outcomes["key.revoke"]) == ("present", "absent")


def test_a_cap_that_is_not_kept_is_no_proof_of_anything(lab: Lab) -> None:
    run = lab.verify(NAME, Behaviour(cap_lag=600.0), tiers=(Tier.SPEND,))
    assert (run.outcomes["spend.limit.scope"], run.causes["spend.limit.scope"]) == ("inconclusive", {"not_refused"})
    assert run.outcomes["rate.error"] == "present"
    assert run.simulator.leftovers() == []


def test_a_budget_of_nothing_stops_the_run_before_a_call(lab: Lab) -> None:
    run = lab.verify(NAME, tiers=(Tier.SPEND,), max_spend=0.005)
    assert run.causes["spend.limit.scope"] == {"budget_spent"}
    assert run.spent <= 0.005
    assert run.simulator.leftovers() == []


@pytest.mark.parametrize(
    ("path", "capabilities"),
    [("/keys", ["key.list", "key.read"]), ("/quotaInfos", ["rate.read"]), ("/timeSeries", ["spend.usage"]), ("/budgets", ["spend.alert"])],
)
def test_a_read_that_answers_200_with_nothing_proves_nothing(lab: Lab, path: str, capabilities: list[str]) -> None:
    behaviour = Behaviour(deny=lambda method, asked: JSONResponse({}) if method == "GET" and asked.endswith(path) else None)
    run = lab.verify(NAME, behaviour, tiers=(Tier.READ,))
    assert {run.outcomes[name] for name in capabilities} == {"inconclusive"}


def test_a_route_that_refuses_everything_alike_proves_nothing(lab: Lab) -> None:
    behaviour = refusing(400, "INVALID_ARGUMENT", "Request contains an invalid argument.", lambda method, _: method != "GET")
    run = lab.verify(NAME, behaviour, tiers=(Tier.DRY,))
    assert {run.outcomes[name] for name in ("key.create", "spend.limit.scope", "rate.set")} <= {"inconclusive", "absent"}
    assert run.outcomes["key.create"] == "inconclusive"


def test_keys_are_found_beyond_a_thousand(lab: Lab) -> None:
    def crowd(made: Simulator) -> None:
        assert isinstance(made, Gemini)
        own = made.world.projects[made.world.own]
        for number in range(1200):
            made.world.add_key(own, f"crowd-{number:04}", {"displayName": f"crowd {number}"}).since = 0.0

    run = lab.verify(NAME, tiers=WRITE, prepare=crowd)
    assert run.outcomes["key.list"] == "present"


def test_a_creation_that_is_answered_by_an_error_leaves_nothing(lab: Lab) -> None:
    run = lab.verify(NAME, refusing(500, "INTERNAL", "Internal error", lambda _, path: path.endswith("/keyString")), tiers=WRITE)
    assert run.outcomes["key.create"] == run.outcomes["spend.limit.scope"] == "inconclusive"
    assert run.simulator.leftovers() == []


def test_the_simulator_speaks_as_the_vendors_contract_does(lab: Lab, checkout: Path) -> None:
    """Every field that was sent or answered with success is declared by Google's own documents, as the recorded contract has them."""
    recorded = load(checkout / "cassettes" / "live" / NAME / "contract.yaml").interactions
    declared = [each for _, answer in recorded for each in Extract.from_json(json.loads(answer["body"]["string"])).operations]
    seen, undeclared = 0, []
    for request, answer in load(next(lab.verify(NAME, tiers=WRITE).cassettes.rglob("write.yaml"))).interactions:
        operation = declaration(request.method, request.path, declared)
        if operation is None or answer["status"]["code"] >= 300:
            continue
        seen += 1
        for body, fields in ((request.body, operation.request), (answer["body"]["string"], operation.response)):
            names = flattened(json.loads(body), "") if body else []
            undeclared += [f"{operation.name}: {name}" for name in names if not is_declared(name, fields)]
    assert seen > 30
    assert sorted(set(undeclared)) == []


def declaration(method: str, path: str, declared: list[Operation]) -> Operation | None:
    """The operation that a path belongs to, the one with the fewest parameters where several fit."""
    fitting = [
        each
        for each in declared
        if each.method == method and re.fullmatch(re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(each.path).replace("/", "/")), path)
    ]
    return min(fitting, key=lambda each: each.path.count("{"), default=None)


def flattened(value: Any, at: str) -> list[str]:
    """Dotted names of all that is in a body, `[]` for a list."""
    if isinstance(value, dict):
        return [name for key, inner in value.items() for name in flattened(inner, f"{at}.{key}".lstrip("."))]
    if isinstance(value, list):
        return [name for inner in value for name in flattened(inner, f"{at}[]")]
    return [at]


def is_declared(name: str, fields: Mapping[str, str]) -> bool:
    """Whether a field is there by its name, or stands in one whose own fields the extract does not go into."""
    folded = {each.replace("[]", ""): kind for each, kind in fields.items()}
    parts = name.replace("[]", "").split(".")
    for length in range(len(parts), 0, -1):
        prefix = ".".join(parts[:length])
        if prefix in folded:
            inner = any(each.startswith(f"{prefix}.") and not each.startswith(f"{prefix}.*") for each in folded)
            return length == len(parts) or not inner
    return False
