"""The probes of TokenHub against its simulator: what a quota of tokens does is measured, and what misbehaves is told for what it is."""

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

import pytest
from starlette.responses import JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send

from probes.claims import Claims
from probes.contracts.extract import Extract, Operation
from probes.evidence import Level
from probes.figures import Limited
from probes.lab.simulator import Behaviour, Simulator
from probes.lab.tencent_hunyuan import TokenHub
from probes.lab.tencent_hunyuan.state import Account
from probes.probe import Tier
from probes.vocabulary import Means
from probes.wire.cassette import load
from probes.wire.tc3 import Tc3Auth
from tests.conftest import CHECKOUT
from tests.lab.conftest import Lab, LabRun
from tests.lab.test_qwen import fields

SETTLED = {
    "key.create", "key.list", "key.read", "key.update", "key.revoke", "key.restrict",
    "spend.limit.key", "spend.reset", "spend.usage", "spend.balance", "rate.read",
}  # fmt: skip

QUICK = 0.1
"""What waits are multiplied by where none is what a test is about."""
CHAT = "/v1/chat/completions"


def account(made: Simulator) -> Account:
    return cast("TokenHub", made).account


def answering(action: str, body: Any) -> Callable[[Simulator], None]:
    """Answer an action with this."""

    def prepare(made: Simulator) -> None:
        account(made).answers[action] = body

    return prepare


def failing(action: str, code: str = "InternalError.InternalError") -> Callable[[Simulator], None]:
    return answering(action, {"Response": {"Error": {"Code": code, "Message": "busy"}, "RequestId": "r"}})


@pytest.fixture(scope="module")
def honest(real_claims: Claims, tmp_path_factory: pytest.TempPathFactory) -> LabRun:
    """A whole run against a simulator that behaves."""
    return Lab(real_claims, tmp_path_factory.mktemp("lab")).verify("tencent_hunyuan")


@pytest.mark.xdist_group("tencent_hunyuan")
def test_what_can_be_tried_is_settled_and_the_quota_measured_in_tokens(honest: LabRun) -> None:
    assert honest.outcomes == dict.fromkeys(SETTLED, "present")
    assert {each.capability for each in honest.evidence if each.level is Level.ENFORCEMENT} == {"spend.limit.key"}
    one, many = honest.figures["spend.limit.key"]
    assert (one.limited, one.status, one.means, one.in_flight, many.in_flight) == (Limited.TOKENS, 402, Means.SPEND, 1, 8)
    assert (one.usd_past, many.usd_past) == (0.0, 0.0)
    assert one.tokens_past > 0
    assert many.calls_past > one.calls_past
    assert one.seconds_to_reopen is not None
    assert honest.simulator.leftovers() == []
    assert not list(honest.ledger.glob("*.jsonl"))


@pytest.mark.xdist_group("tencent_hunyuan")
def test_no_secret_and_no_number_of_the_account_is_recorded(honest: LabRun) -> None:
    recorded = "".join(path.read_text(encoding="utf-8") for path in honest.cassettes.rglob("*.yaml"))
    held = account(honest.simulator)
    secrets = [*next(iter(held.secrets.items())), *[key.value for key in held.keys.values()], "100000000001", "1250000000"]
    assert not [secret for secret in secrets if secret in recorded]
    assert "TC3-HMAC-SHA256 Credential" not in recorded
    assert "x-tc-timestamp" not in recorded


@pytest.mark.parametrize("refusal", [(402, "401008"), (403, "403004"), (401, "401007"), (400, "400000")])
def test_a_refusal_without_a_reason_is_the_quotas_while_a_key_without_one_is_served(lab: Lab, refusal: tuple[int, str]) -> None:
    def prepare(made: Simulator) -> None:
        account(made).quota_refusal = refusal[0], "permission_error", refusal[1], "no"

    run = lab.verify("tencent_hunyuan", tiers=[Tier.SPEND], waits=QUICK, prepare=prepare)
    assert run.outcomes["spend.limit.key"] == "present"
    assert [(each.status, each.means) for each in run.figures["spend.limit.key"]] == [(refusal[0], Means.SPEND)] * 2


def test_a_rate_limit_is_no_quota(lab: Lab) -> None:
    run = lab.verify("tencent_hunyuan", Behaviour(requests_per_minute=3), tiers=[Tier.SPEND], waits=QUICK)
    assert run.causes["spend.limit.key"] == {"refused_otherwise"}


def test_a_quota_that_is_not_kept_is_not_shown(lab: Lab) -> None:
    run = lab.verify("tencent_hunyuan", Behaviour(cap_lag=1000.0), tiers=[Tier.SPEND])
    assert run.causes["spend.limit.key"] == {"not_refused"}


def test_an_account_that_runs_dry_shows_no_quota(lab: Lab) -> None:
    calls = iter(range(1_000))

    def deny(_method: str, path: str) -> Response | None:
        return JSONResponse({"error": {"code": "403004", "message": "no"}}, 402) if path == CHAT and next(calls) >= 2 else None

    run = lab.verify("tencent_hunyuan", Behaviour(deny=deny), tiers=[Tier.SPEND], waits=QUICK)
    assert run.causes["spend.limit.key"] == {"refused_otherwise"}


def test_quotas_that_are_ignored_are_told(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Account, "set_quotas", lambda *_: None)
    run = lab.verify("tencent_hunyuan", tiers=[Tier.WRITE], waits=QUICK)
    assert (run.outcomes["spend.limit.key"], run.outcomes["spend.reset"], run.outcomes["key.create"]) == ("absent", "absent", "present")


def test_a_key_that_does_not_end_is_told(lab: Lab) -> None:
    run = lab.verify("tencent_hunyuan", Behaviour(revoke_lag=1000.0), tiers=[Tier.WRITE], waits=0.02)
    said = {name: run.outcomes[name] for name in ("key.create", "key.update", "key.revoke")}
    assert said == {"key.create": "present", "key.update": "absent", "key.revoke": "absent"}
    assert run.simulator.leftovers() == []


def test_what_appears_late_and_ends_late_is_waited_for(lab: Lab) -> None:
    run = lab.verify("tencent_hunyuan", Behaviour(revoke_lag=0.6), tiers=[Tier.WRITE], waits=0.5)
    assert {"key.create", "key.update", "key.revoke"} <= {name for name, said in run.outcomes.items() if said == "present"}


def test_models_that_anybody_may_list_show_no_key(lab: Lab) -> None:
    behaviour = Behaviour(deny=lambda _method, path: JSONResponse({"data": []}) if path == "/v1/models" else None)
    run = lab.verify("tencent_hunyuan", behaviour, tiers=[Tier.WRITE], waits=0.02)
    assert {run.outcomes[name] for name in ("key.create", "key.update", "key.revoke", "key.restrict")} == {"inconclusive"}
    assert run.outcomes["spend.limit.key"] == "present"
    assert run.simulator.leftovers() == []


def test_an_error_with_status_200_proves_nothing(lab: Lab) -> None:
    run = lab.verify("tencent_hunyuan", tiers=[Tier.READ], prepare=failing("DescribeApiKeyList"))
    assert (run.outcomes["key.list"], run.causes["key.list"]) == ("inconclusive", {"server_fault"})
    assert run.outcomes["rate.read"] == "present"


def test_a_missing_permission_proves_nothing(lab: Lab) -> None:
    prepare = failing("CreateApiKey", "UnauthorizedOperation.UnauthorizedOperation")
    run = lab.verify("tencent_hunyuan", tiers=[Tier.WRITE], prepare=prepare)
    assert set(run.outcomes.values()) == {"inconclusive"}
    assert {cause for causes in run.causes.values() for cause in causes} == {"permission_missing"}
    assert not list(run.ledger.glob("*.jsonl"))


def test_zeros_are_no_balance_and_no_usage(lab: Lab) -> None:
    def prepare(made: Simulator) -> None:
        account(made).balance = 0.0
        account(made).person.used.clear()

    run = lab.verify("tencent_hunyuan", tiers=[Tier.READ], prepare=prepare)
    assert (run.outcomes["spend.balance"], run.outcomes["spend.usage"]) == ("inconclusive", "inconclusive")


def test_more_than_two_hundred_keys_are_all_listed(lab: Lab) -> None:
    def many(made: Simulator) -> None:
        for number in range(230):
            account(made).new_key(f"key {number}", "", "all", [], [], enabled=True)

    run = lab.verify("tencent_hunyuan", tiers=[Tier.READ], prepare=many)
    assert (run.outcomes["key.list"], run.outcomes["key.read"]) == ("present", "present")


@pytest.mark.parametrize("variable", ["TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY"])
def test_a_wrong_credential_proves_nothing(lab: Lab, variable: str) -> None:
    value = "made-up-0123456789abcdef"
    run = lab.verify("tencent_hunyuan", tiers=[Tier.READ, Tier.WRITE], variables=lambda held: {**held, variable: value})
    assert set(run.outcomes.values()) == {"inconclusive"}
    assert {cause for causes in run.causes.values() for cause in causes} == {"credential_refused"}
    assert value not in "".join(path.read_text(encoding="utf-8") for path in run.cassettes.rglob("*.yaml"))


@pytest.mark.parametrize("off", [-3600.0, 3600.0])
def test_a_clock_that_is_off_is_told(lab: Lab, off: float, monkeypatch: pytest.MonkeyPatch) -> None:
    def skewed(values: Sequence[str]) -> Tc3Auth:
        return Tc3Auth(*values, clock=lambda: time.time() + off)

    monkeypatch.setattr("probes.wire.tc3.signer", skewed)
    run = lab.verify("tencent_hunyuan", tiers=[Tier.READ])
    assert set(run.outcomes.values()) == {"inconclusive"}
    assert any("signature has expired" in each.detail for each in run.evidence)


def test_a_key_whose_answer_was_lost_is_found_by_its_name_and_deleted(lab: Lab) -> None:
    run = lab.verify("tencent_hunyuan", tiers=[Tier.WRITE], waits=QUICK, prepare=losing_created_keys)
    ours = [key for key in account(run.simulator).keys.values() if key.name.startswith("keycap-probe-")]
    assert [key.deleted for key in ours] == [True] * 3
    assert run.outcomes["key.create"] == "inconclusive"


def losing_created_keys(made: Simulator) -> None:
    """The control plane creates keys, but its answer does not arrive."""
    app = made.hosts["management"]

    async def nowhere(_message: Message) -> None:
        """Where the answer goes."""

    async def losing(scope: Scope, receive: Receive, send: Send) -> None:
        if (b"x-tc-action", b"CreateApiKey") in scope["headers"]:
            await app(scope, receive, nowhere)
            await Response("bad gateway", 502)(scope, receive, send)
        else:
            await app(scope, receive, send)

    made.hosts = {**made.hosts, "management": losing}


def test_what_could_not_be_deleted_stays_in_the_ledger(lab: Lab) -> None:
    run = lab.verify("tencent_hunyuan", tiers=[Tier.WRITE], waits=QUICK, prepare=failing("DeleteApiKey"))
    assert len(run.simulator.leftovers()) == 3
    assert run.outcomes["key.revoke"] != "present"
    assert len(list(run.ledger.glob("*.jsonl"))) == 1


@pytest.mark.xdist_group("tencent_hunyuan")
def test_the_simulated_control_plane_answers_what_the_vendors_contract_declares(honest: LabRun) -> None:
    """Every call has fields of the SDK; every answer has fields that it declares, of their types."""
    operations = {operation.action: operation for operation in contract()}
    seen = set()
    for path in honest.cassettes.rglob("*.yaml"):
        for request, response in load(path).interactions:
            action = request.headers.get("x-tc-action")
            if action is None or "authorization" not in request.headers:
                continue
            operation = operations[action]
            assert {name for name, _ in fields(json.loads(request.body or b"{}"))} <= set(operation.request), action
            body = json.loads(response["body"]["string"])
            told = {name: kind for name, kind in fields(body) if not redacted(name)}
            if "Response.Error" in told:
                continue  # the key was deleted before it was undone
            assert told.items() <= operation.response.items(), action
            seen.add(action)
    assert len(seen) == 10


def redacted(name: str) -> bool:
    """Whether a field's value is replaced in a recording, by text whatever it was."""
    return re.search(r"(ApiKey|Uin|AppId)$", name) is not None


def contract() -> Iterator[Operation]:
    """The operations of the vendor's SDKs, as the record has them."""
    for _, response in load(CHECKOUT / "cassettes" / "live" / "tencent_hunyuan" / "contract.yaml").interactions:
        yield from Extract.from_json(json.loads(response["body"]["string"])).operations
