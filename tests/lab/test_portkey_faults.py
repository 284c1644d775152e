"""Portkey's probes where it refuses, fails, shows nothing or loses an answer: nothing is said to be missing, and nothing is left."""

import pytest
from starlette.responses import JSONResponse
from starlette.types import Message, Receive, Scope, Send

from probes.lab.portkey.state import Workspace
from probes.lab.simulator import Simulator
from probes.probe import Tier
from tests.lab.conftest import Lab
from tests.lab.test_portkey import DRY, READ, SPEND, WRITE, denying, error, organisation


@pytest.mark.parametrize(("status", "message"), [(402, "Subscription exhausted"), (400, "No provider"), (429, "from the provider")])
def test_another_refusal_says_nothing_of_the_budget(lab: Lab, status: int, message: str) -> None:
    run = lab.verify("portkey", denying("POST", "/v1/chat", lambda: error(status, message)), tiers=SPEND, waits=0.1)
    assert run.outcomes["spend.limit.scope"] == run.outcomes["spend.usage"] == "inconclusive"
    assert "refused_otherwise" in run.causes["spend.limit.scope"]


@pytest.mark.parametrize("key", ["ordinary", "nobody's"])
def test_a_key_of_the_wrong_kind_or_nobodys_proves_nothing(lab: Lab, key: str) -> None:
    def wrong(given: dict[str, str]) -> dict[str, str]:
        return given | {"PORTKEY_ADMIN_API_KEY": given["PORTKEY_API_KEY"] if key == "ordinary" else "made-up-key-of-nobody"}

    run = lab.verify("portkey", variables=wrong)
    assert set(run.outcomes.values()) == {"inconclusive"}
    assert len(organisation(run).keys) == 2


def test_management_that_is_too_busy_is_no_absence(lab: Lab) -> None:
    run = lab.verify("portkey", denying("POST", "/v1", lambda: error(429, "Too many requests", "AB06")), tiers=WRITE | DRY)
    assert set(run.outcomes.values()) == {"inconclusive"}


def test_a_plan_without_budgets_is_no_absence(lab: Lab) -> None:
    run = lab.verify("portkey", denying("PUT", "/v1/api-keys", lambda: error(402, "Upgrade", "AB09")), tiers=WRITE)
    assert run.causes["spend.reset"] >= {"permission_missing"}


@pytest.mark.parametrize(("status", "tiers"), [(200, READ | WRITE), (500, READ | DRY)])
def test_a_fault_is_no_absence_whatever_its_status(lab: Lab, status: int, tiers: frozenset[Tier]) -> None:
    run = lab.verify("portkey", denying("*", "/v1", lambda: error(status)), tiers=tiers, waits=0.1)
    assert set(run.outcomes.values()) == {"inconclusive"}


def test_an_organisation_without_keys_and_cost_gives_nothing_to_read(lab: Lab) -> None:
    def empty(made: Simulator) -> None:
        organisation(made).calls.clear()

    nothing = denying("GET", "/v1/api-keys", lambda: JSONResponse({"object": "list", "total": 0, "data": []}))
    run = lab.verify("portkey", nothing, tiers=READ, prepare=empty)
    assert run.causes["key.list"] == run.causes["key.read"] == run.causes["rate.read"] == run.causes["spend.usage"] == {"route_only"}


def test_a_filter_that_is_ignored_tells_no_cost_by_key(lab: Lab) -> None:
    graph = {"summary": {"total": 5, "avg": 5}, "data_points": [{"timestamp": "2026-11-23T00:00:00Z", "total": 5, "avg": 5}]}
    run = lab.verify("portkey", denying("GET", "/v1/analytics", lambda: JSONResponse(graph)), tiers=READ)
    assert run.outcomes["spend.usage"] == "absent"


@pytest.mark.parametrize("path", ["/v1/admin/workspaces", "/v1/api-keys/workspace/service", "/v1/policies/usage-limits"])
def test_what_was_created_is_removed_though_its_answer_was_lost(lab: Lab, path: str) -> None:
    def lose(made: Simulator) -> None:
        known, app = organisation(made), made.hosts["api"]
        known.workspaces[:0] = [Workspace(f"customer {number}", f"ws-{number}", born=0.0) for number in range(250)]

        async def losing(scope: Scope, receive: Receive, send: Send) -> None:
            async def changed(message: Message) -> None:
                is_start = message["type"] == "http.response.start"
                await send({**message, "status": 502} if is_start else {**message, "body": b" " * len(message.get("body", b""))})

            await app(scope, receive, changed if (scope["method"], scope["path"]) == ("POST", path) else send)

        made.hosts = {"api": losing}

    run = lab.verify("portkey", tiers=WRITE, waits=0.1, prepare=lose)
    created = [*organisation(run).workspaces[251:], *organisation(run).keys[2:], *organisation(run).policies]
    assert created
    assert run.simulator.leftovers() == []
    assert {name for name, outcome in run.outcomes.items() if outcome == "absent"} <= {"key.expiry"}  # which was not waited for
