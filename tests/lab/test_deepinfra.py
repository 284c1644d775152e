"""DeepInfra's probes against its simulator: a token that nobody stores, with a limit, a lifetime and models of its own."""

from collections.abc import Callable
from typing import cast

import pytest
from starlette.responses import JSONResponse

from probes.lab.deepinfra import Account
from probes.lab.simulator import Behaviour, Simulator
from probes.probe import Tier
from probes.vocabulary import Means
from tests.lab.conftest import Lab

CHAT = "/v1/openai/chat/completions"
QUICK = 0.1
"""What waits are multiplied by where none is what a test is about."""


def test_every_claim_of_support_is_settled_the_overshoot_measured_and_no_token_recorded(lab: Lab) -> None:
    run = lab.verify("deepinfra")
    assert run.outcomes == dict.fromkeys(("key.create", "key.expiry", "key.restrict", "spend.limit.key"), "present")
    one, many = run.figures["spend.limit.key"]
    assert (one.status, one.means, one.in_flight, many.in_flight) == (402, Means.SPEND, 1, 8)
    assert one.calls >= 6
    assert many.calls_past >= one.calls_past
    recorded = "".join(path.read_text(encoding="utf-8") for path in run.cassettes.rglob("*.yaml"))
    assert "eyJ" not in recorded
    assert cast("Account", run.simulator).key not in recorded


def answer_as(status: int, message: str) -> Callable[[Simulator], None]:
    def prepare(made: Simulator) -> None:
        cast("Account", made).limit_refusal = status, message

    return prepare


@pytest.mark.parametrize(("status", "message"), [(402, "Payment Required"), (403, "Forbidden"), (401, "Invalid token"), (400, "no")])
def test_a_refusal_without_a_reason_is_the_limits_while_the_signing_key_is_served(lab: Lab, status: int, message: str) -> None:
    run = lab.verify("deepinfra", tiers=[Tier.SPEND], waits=QUICK, prepare=answer_as(status, message))
    assert run.outcomes["spend.limit.key"] == "present"
    assert [each.status for each in run.figures["spend.limit.key"]] == [status, status]


def test_a_rate_limit_is_no_spending_limit(lab: Lab) -> None:
    run = lab.verify("deepinfra", tiers=[Tier.SPEND], waits=QUICK, prepare=answer_as(429, "rate limit exceeded"))
    assert run.causes["spend.limit.key"] == {"refused_otherwise"}


def test_a_limit_that_is_not_kept_is_not_shown(lab: Lab) -> None:
    run = lab.verify("deepinfra", Behaviour(cap_lag=1000.0), tiers=[Tier.SPEND], waits=QUICK)
    assert run.causes["spend.limit.key"] == {"not_refused"}


def test_an_account_that_refuses_everybody_shows_no_limit(lab: Lab) -> None:
    behaviour = Behaviour(deny=lambda _method, path: JSONResponse({"detail": "no"}, 402) if path == CHAT else None)
    run = lab.verify("deepinfra", behaviour, tiers=[Tier.SPEND], waits=QUICK)
    assert run.outcomes["spend.limit.key"] == "inconclusive"
    assert run.outcomes["key.expiry"] == "inconclusive"


def test_a_route_that_makes_tokens_for_anybody_is_no_way_to_create_keys(lab: Lab) -> None:
    behaviour = Behaviour(deny=lambda _method, path: JSONResponse({"token": "jwt:a.b.c"}) if path == "/v1/scoped-jwt" else None)
    run = lab.verify("deepinfra", behaviour, tiers=[Tier.WRITE])
    assert run.outcomes["key.create"] == "absent"
