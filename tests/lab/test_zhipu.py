"""BigModel's and Z.ai's probes against their simulator: what they settle, and what they say when it misbehaves."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any, cast

import httpx
import pytest
from starlette.responses import JSONResponse

from probes.lab import simulator
from probes.lab.server import serving
from probes.lab.simulator import Behaviour, Simulator
from probes.lab.zhipu import Account
from probes.probe import Tier
from probes.vocabulary import Means
from tests.lab.conftest import Lab

BALANCE, QUOTA, CHAT = "query-customer-account-report", "quota/limit", "chat/completions"


def test_every_claim_of_support_is_settled(lab: Lab) -> None:
    run = lab.verify("zhipu")
    assert run.outcomes == {"spend.balance": "present", "spend.usage": "present", "rate.error": "present", "rate.headers": "absent"}
    (figures,) = run.figures["rate.error"]
    assert (figures.status, figures.code, figures.means, figures.retry_after, figures.headers) == (429, "1302", Means.RATE, None, ())
    assert run.simulator.served == figures.calls + 1
    assert run.requests < 60


def answering(part: str, body: dict[str, Any], status: int = 200) -> Behaviour:
    return Behaviour(deny=lambda _method, path: JSONResponse(body, status) if part in path else None)


def test_a_key_of_the_other_site_is_tried_there(lab: Lab) -> None:
    def move(made: Simulator) -> None:
        account = cast("Account", made)
        account.hosts = {"api": account.hosts["international"], "international": account.hosts["api"]}

    run = lab.verify("zhipu", prepare=move)
    assert [run.outcomes[name] for name in ("spend.balance", "spend.usage", "rate.error")] == ["present"] * 3


def test_a_refusal_with_status_200_is_a_refusal(lab: Lab) -> None:
    run = lab.verify("zhipu", tiers=[Tier.READ], variables=lambda _: {"ZAI_API_KEY": "0123456789abcdef.none"})
    assert run.causes == {"spend.balance": {"credential_refused"}, "spend.usage": {"credential_refused"}}


def test_a_retired_route_is_absent_in_spite_of_its_status(lab: Lab) -> None:
    run = lab.verify("zhipu", answering("/api/biz", {"code": 404, "msg": "NOT_FOUND", "success": False}), tiers=[Tier.READ])
    assert (run.outcomes["spend.balance"], run.outcomes["spend.usage"]) == ("absent", "present")


@pytest.mark.parametrize("data", [{"balance": 0, "availableBalance": 0.0, "totalSpendAmount": 0}])
def test_zeros_prove_nothing(lab: Lab, data: dict[str, float]) -> None:
    run = lab.verify("zhipu", answering(BALANCE, {"code": 200, "success": True, "data": data}), tiers=[Tier.READ])
    assert run.causes["spend.balance"] == {"route_only"}


@pytest.mark.parametrize("limits", [[], [{"type": "TOKENS_LIMIT", "percentage": 0}]])
def test_a_key_without_a_plan_shows_no_usage(lab: Lab, limits: list[dict[str, Any]]) -> None:
    run = lab.verify("zhipu", answering(QUOTA, {"code": 200, "success": True, "data": {"limits": limits}}), tiers=[Tier.READ])
    assert run.causes["spend.usage"] == {"route_only"}


def test_what_is_told_to_anybody_is_not_told_to_the_key(lab: Lab) -> None:
    data = {"availableBalance": 5.0}
    run = lab.verify("zhipu", answering(BALANCE, {"code": 200, "success": True, "data": data}), tiers=[Tier.READ])
    assert run.outcomes["spend.balance"] == "absent"


@pytest.mark.parametrize("code", ["1113", "1305", "1308"])
def test_other_refusals_with_429_are_no_rate(lab: Lab, code: str) -> None:
    run = lab.verify("zhipu", answering(CHAT, {"error": {"code": code, "message": "…"}}, 429), tiers=[Tier.SPEND])
    assert run.causes["rate.error"] == {"refused_otherwise"}


def test_an_error_body_with_status_200_settles_nothing(lab: Lab) -> None:
    body = {"code": 401, "msg": "令牌已过期或验证不正确", "success": False}
    run = lab.verify("zhipu", answering(CHAT, body), tiers=[Tier.SPEND])
    assert run.causes["rate.error"] == run.causes["rate.headers"] == {"refused_otherwise"}


def let_all_in(made: Simulator) -> None:
    cast("Account", made).slots.limit = 1000


def test_a_limit_that_is_not_reached_is_not_shown(lab: Lab) -> None:
    run = lab.verify("zhipu", Behaviour(latency=0), tiers=[Tier.SPEND], prepare=let_all_in)
    assert run.causes["rate.error"] == {"not_refused"}


async def test_the_simulator_takes_a_key_as_it_is_or_signed() -> None:
    made = cast("Account", simulator("zhipu"))
    url = "http://api.zhipu.lab.invalid/api/paas/v4/files"
    with serving({"zhipu": made}) as network:
        async with network() as transport, httpx.AsyncClient(transport=transport) as client:
            statuses = [
                (await client.get(url, headers={"authorization": f"Bearer {token}"})).status_code
                for token in (f"{made.id}.{made.secret}", signed(made, 60), signed(made, -60), f"{made.id}.wrong")
            ]
    assert statuses == [200, 200, 401, 401]


def signed(made: Account, seconds: float) -> str:
    """A token that expires in so many seconds, as the vendor's SDK makes it."""
    now = int(time.time() * 1000)
    claims = {"api_key": made.id, "exp": now + int(seconds * 1000), "timestamp": now}
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in ({"alg": "HS256", "sign_type": "SIGN"}, claims)]
    signature = hmac.new(made.secret.encode(), b".".join(parts), hashlib.sha256).digest()
    return b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()
