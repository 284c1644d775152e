"""Moonshot's probes against its simulator: what they settle, and what they say when it misbehaves."""

from typing import Any, cast

import pytest
from starlette.responses import JSONResponse

from probes.lab.moonshot import Account
from probes.lab.simulator import Behaviour, Simulator
from probes.probe import Tier
from probes.vocabulary import Means
from tests.lab.conftest import Lab

BALANCE, USAGES, CHAT = "/v1/users/me/balance", "/coding/v1/usages", "/v1/chat/completions"


def test_every_claim_of_support_is_settled(lab: Lab) -> None:
    run = lab.verify("moonshot")
    assert run.outcomes == {"spend.balance": "present", "spend.usage": "present", "rate.error": "present", "rate.headers": "absent"}
    (figures,) = run.figures["rate.error"]
    assert (figures.status, figures.code, figures.means) == (429, "rate_limit_reached_error", Means.RATE)
    assert run.simulator.served == figures.calls + 1
    assert run.requests < 60


def answering(part: str, body: dict[str, Any], status: int = 200) -> Behaviour:
    return Behaviour(deny=lambda _method, path: JSONResponse(body, status) if part in path else None)


def test_a_key_of_the_other_platform_is_tried_there(lab: Lab) -> None:
    def move(made: Simulator) -> None:
        hosts = cast("Account", made).hosts
        made.hosts = {**hosts, "api": hosts["international"], "international": hosts["api"]}

    run = lab.verify("moonshot", prepare=move)
    assert [run.outcomes[name] for name in ("spend.balance", "rate.error")] == ["present"] * 2


def test_a_debt_is_a_balance(lab: Lab) -> None:
    def spend(made: Simulator) -> None:
        account = cast("Account", made)
        account.voucher, account.cash = 0.0, -31.14918

    run = lab.verify("moonshot", prepare=spend)
    assert run.outcomes["spend.balance"] == "present"
    assert run.causes["rate.error"] == {"refused_otherwise"}


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"code": 0, "status": True, "data": {"available_balance": 0, "voucher_balance": 0, "cash_balance": 0}}, "inconclusive"),
        ({"code": 0, "status": True, "data": {"available_balance": 5, "voucher_balance": 5, "cash_balance": 0}}, "absent"),
        ({"code": 7, "status": False, "data": None}, "absent"),
        ([], "absent"),
    ],
    ids=["zeros", "told to anybody", "an error with status 200", "no object"],
)
def test_a_balance_of_zeros_or_for_anybody_is_none(lab: Lab, answer: dict[str, Any], outcome: str) -> None:
    run = lab.verify("moonshot", answering(BALANCE, answer), tiers=[Tier.READ])
    assert run.outcomes["spend.balance"] == outcome


def test_keys_of_another_kind_are_refused_and_a_missing_one_is_named(lab: Lab) -> None:
    wrong = lab.verify("moonshot", tiers=[Tier.READ], variables=lambda given: {"MOONSHOT_API_KEY": given["KIMI_API_KEY"]})
    assert wrong.causes == {"spend.balance": {"credential_refused"}, "spend.usage": {"credential_missing"}}


@pytest.mark.parametrize("usage", [{"used": "0", "limit": "0"}, {"limit": "0", "used": 3}])
def test_a_quota_of_zero_proves_nothing(lab: Lab, usage: dict[str, Any]) -> None:
    run = lab.verify("moonshot", answering(USAGES, {"usage": usage}), tiers=[Tier.READ])
    assert run.causes["spend.usage"] == {"route_only"}


@pytest.mark.parametrize(("kind", "status"), [("engine_overloaded_error", 429), ("exceeded_current_quota_error", 429)])
def test_other_refusals_with_429_are_no_rate(lab: Lab, kind: str, status: int) -> None:
    run = lab.verify("moonshot", answering(CHAT, {"error": {"type": kind, "message": "…"}}, status), tiers=[Tier.SPEND])
    assert run.causes["rate.error"] == {"refused_otherwise"}


def let_all_in(made: Simulator) -> None:
    cast("Account", made).slots.limit = 1000


def test_a_limit_that_is_not_reached_is_not_shown(lab: Lab) -> None:
    run = lab.verify("moonshot", Behaviour(latency=0), tiers=[Tier.SPEND], prepare=let_all_in)
    assert run.causes["rate.error"] == {"not_refused"}


def test_the_limit_per_minute_bites_too(lab: Lab) -> None:
    behaviour = Behaviour(latency=0, requests_per_minute=3)
    run = lab.verify("moonshot", behaviour, tiers=[Tier.SPEND], prepare=let_all_in)
    assert run.outcomes["rate.error"] == "present"
    assert run.simulator.served == 3
