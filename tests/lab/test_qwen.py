"""The probes of Model Studio against its simulator: all is settled, and what misbehaves is told for what it is."""

import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from starlette.responses import JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send

from probes.claims import Claims
from probes.contracts.extract import Extract, Operation
from probes.credentials import Environment
from probes.doctor import examine
from probes.endpoint import same_route
from probes.evidence import Level
from probes.lab.qwen.state import ALL, Account
from probes.lab.simulator import Behaviour, Simulator
from probes.probe import Tier
from probes.wire.acs3 import Acs3Auth
from probes.wire.cassette import load
from tests.conftest import CHECKOUT
from tests.lab.conftest import Lab, LabRun

SETTLED = {
    "key.create", "key.list", "key.read", "key.update", "key.revoke", "key.rotate", "key.expiry", "key.restrict",
    "spend.usage", "spend.balance", "rate.read", "rate.set", "rate.error",
}  # fmt: skip

Deny = Callable[[str, str], Response | None]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not change is not waited for."""
    monkeypatch.setattr("probes.keys.WITHIN", 0.5)


def answering(status: int, body: Any, path: str, method: str = "") -> Deny:
    """Answer calls to paths that begin so with this."""
    return lambda asked, at: JSONResponse(body, status) if at.startswith(path) and method in ("", asked) else None


def account(made: Simulator) -> Account:
    found: Account = made.account  # type: ignore[attr-defined]
    return found


def details(run: LabRun, cause: str) -> str:
    return " ".join(each.detail for each in run.evidence if each.cause == cause)


@pytest.fixture(scope="module")
def honest(real_claims: Claims, tmp_path_factory: pytest.TempPathFactory) -> LabRun:
    """A whole run against a simulator that behaves."""
    return Lab(real_claims, tmp_path_factory.mktemp("lab")).verify("qwen")


@pytest.mark.xdist_group("qwen")
def test_every_claim_is_settled(honest: LabRun) -> None:
    run = honest
    assert run.outcomes == dict.fromkeys(SETTLED, "present")
    assert {each.outcome for each in run.evidence} == {"present"}
    assert {each.capability for each in run.evidence if each.level is Level.ENFORCEMENT} == {"rate.error", "rate.set"}
    (figures,) = run.figures["rate.error"]
    assert (figures.status, figures.code, figures.calls, figures.retry_after) == (429, "limit_requests", 3, None)
    assert run.simulator.leftovers() == []
    assert run.spent < 0.02
    recorded = "".join(path.read_text(encoding="utf-8") for path in run.cassettes.rglob("*.yaml"))
    held = [*next(iter(account(run.simulator).access_keys.items())), *account(run.simulator).ended, *account(run.simulator).temporary]
    assert not [secret for secret in held if secret in recorded]
    assert "ACS3-HMAC-SHA256 Credential" not in recorded
    assert "x-acs-signature-nonce" not in recorded


def test_what_appears_late_and_ends_late_is_waited_for(lab: Lab) -> None:
    run = lab.verify("qwen", Behaviour(appears_after=0.6, revoke_lag=0.6), tiers=[Tier.WRITE])
    assert {"key.create", "key.revoke", "key.rotate", "key.update"} <= {name for name, said in run.outcomes.items() if said == "present"}
    assert run.simulator.leftovers() == []


@pytest.mark.usefixtures("impatient")
def test_a_key_that_does_not_end_is_told(lab: Lab) -> None:
    run = lab.verify("qwen", Behaviour(revoke_lag=1000), tiers=[Tier.WRITE])
    said = {name: run.outcomes[name] for name in ("key.create", "key.rotate", "key.revoke", "key.update")}
    assert said == {"key.create": "present", "key.rotate": "absent", "key.revoke": "absent", "key.update": "absent"}
    assert run.simulator.leftovers() == []


@pytest.mark.usefixtures("impatient")
def test_settings_that_are_not_kept_are_told(lab: Lab) -> None:
    deny = answering(200, {"code": "Success", "success": True}, "/modelstudio/models/limits", "POST")
    run = lab.verify("qwen", Behaviour(deny=deny), tiers=[Tier.WRITE, Tier.SPEND])
    assert (run.outcomes["rate.set"], run.outcomes["rate.error"]) == ("absent", "inconclusive")
    assert run.causes["rate.error"] == {"not_refused"}
    assert run.simulator.leftovers() == []


def test_a_weak_credential_proves_nothing(lab: Lab) -> None:
    refusal = {"Code": "NoPermission", "Message": "You are not authorized to do this operation. Action: modelstudio:ListApiKeys"}
    run = lab.verify("qwen", Behaviour(deny=answering(403, refusal, "/modelstudio")), tiers=[Tier.READ, Tier.DRY, Tier.WRITE])
    assert set(run.outcomes.values()) == {"inconclusive", "present"}
    assert {name for name, said in run.outcomes.items() if said == "present"} == {"spend.balance"}
    assert "modelstudio:ListApiKeys" in details(run, "permission_missing")


def test_a_refusal_for_the_rate_of_management_calls_proves_nothing(lab: Lab) -> None:
    refusal = {"Code": "Throttling.User", "Message": "Request was denied due to user flow control."}
    run = lab.verify("qwen", Behaviour(deny=answering(429, refusal, "/modelstudio")), tiers=[Tier.DRY, Tier.WRITE])
    assert set(run.outcomes.values()) == {"inconclusive"}
    assert {cause for causes in run.causes.values() for cause in causes} == {"rate_limited"}


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", "sk-0123456789abcdef0123456789abcdef", "access key is not found"),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "another0123456789another012345", "signature is not matched"),
    ],
)
def test_a_credential_of_the_wrong_kind_proves_nothing(lab: Lab, variable: str, value: str, says: str) -> None:
    run = lab.verify("qwen", tiers=[Tier.READ, Tier.WRITE], variables=lambda held: {**held, variable: value})
    assert set(run.outcomes.values()) == {"inconclusive"}
    assert {cause for causes in run.causes.values() for cause in causes} == {"credential_refused"}
    assert says in details(run, "credential_refused")
    assert value not in "".join(path.read_text(encoding="utf-8") for path in run.cassettes.rglob("*.yaml"))


@pytest.mark.parametrize("off", [-3600.0, 3600.0])
def test_a_clock_that_is_off_is_told(lab: Lab, off: float, monkeypatch: pytest.MonkeyPatch) -> None:
    def skewed(values: Sequence[str]) -> Acs3Auth:
        return Acs3Auth(*values, clock=lambda: time.time() + off)

    monkeypatch.setattr("probes.wire.acs3.signer", skewed)
    run = lab.verify("qwen", tiers=[Tier.READ])
    assert set(run.outcomes.values()) == {"inconclusive"}
    assert "time stamp or date value is expired" in details(run, "credential_refused")


def test_without_its_signer_nothing_is_sent_and_the_command_is_told(lab: Lab, real_claims: Claims, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "alibabacloud_openapi_util.client", None)
    run = lab.verify("qwen", tiers=[Tier.WRITE])
    assert run.requests == 0
    assert {cause for causes in run.causes.values() for cause in causes} == {"credential_missing"}
    assert "uv run --extra alibaba keycap" in details(run, "credential_missing")
    held = Environment.of({"ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAIcanary", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "canary-value"})
    problem = next(each.problem for each in examine(real_claims, held, ["qwen"]) if each.present)
    assert "uv run --extra alibaba keycap" in problem
    assert "canary" not in problem


def test_zeros_to_whoever_may_not_read_are_no_balance(lab: Lab) -> None:
    zeros = {"AvailableAmount": "0.00", "AvailableCashAmount": "0.00", "CreditAmount": "0.00", "Currency": "CNY"}
    body = {"Code": "200", "Success": True, "Data": zeros}
    run = lab.verify("qwen", Behaviour(deny=lambda _method, path: JSONResponse(body) if path == "/" else None), tiers=[Tier.READ])
    assert (run.outcomes["spend.balance"], run.causes["spend.balance"]) == ("inconclusive", {"control_failed"})


def test_an_error_with_status_200_proves_nothing(lab: Lab) -> None:
    body = {"code": "InternalError", "message": "busy", "success": False}
    run = lab.verify("qwen", Behaviour(deny=answering(200, body, "/modelstudio/apikeys", "GET")), tiers=[Tier.READ])
    assert (run.outcomes["key.list"], run.causes["key.list"]) == ("inconclusive", {"server_fault"})
    assert run.outcomes["rate.read"] == "present"


def test_more_than_a_thousand_keys_are_all_listed(lab: Lab) -> None:
    def many(made: Simulator) -> None:
        for number in range(1_100):
            account(made).new_key(account(made).default, f"key {number}", ALL).created -= 60

    run = lab.verify("qwen", tiers=[Tier.READ], prepare=many)
    assert (run.outcomes["key.list"], run.outcomes["key.read"]) == ("present", "present")
    assert run.requests >= 12


def test_a_key_whose_answer_was_lost_is_found_by_its_name_and_deleted(lab: Lab) -> None:
    run = lab.verify("qwen", tiers=[Tier.WRITE], prepare=losing_created_keys)
    ours = [key for key in account(run.simulator).keys.values() if key.description.startswith("keycap-probe-")]
    assert [key.deleted for key in ours] == [True, True]
    assert run.outcomes["key.create"] == "inconclusive"
    assert run.simulator.leftovers() == []


def losing_created_keys(made: Simulator) -> None:
    """The control plane creates keys, but its answer does not arrive."""
    app = made.hosts["management"]

    async def nowhere(_message: Message) -> None:
        """Where the answer goes."""

    async def losing(scope: Scope, receive: Receive, send: Send) -> None:
        if (scope["method"], scope["path"]) == ("POST", "/modelstudio/apikeys"):
            await app(scope, receive, nowhere)
            await Response("bad gateway", 502)(scope, receive, send)
        else:
            await app(scope, receive, send)

    made.hosts = {**made.hosts, "management": losing}


def test_what_could_not_be_deleted_stays_in_the_ledger(lab: Lab) -> None:
    refusal = {"code": "InternalError", "message": "busy", "success": False}
    run = lab.verify("qwen", Behaviour(deny=answering(200, refusal, "/modelstudio/workspaces/", "DELETE")), tiers=[Tier.WRITE])
    assert [name.startswith("keycap-probe-") for name in run.simulator.leftovers()] == [True]
    assert len(list(run.ledger.glob("*.jsonl"))) == 1


@pytest.mark.xdist_group("qwen")
def test_the_simulated_control_plane_answers_what_the_vendors_contract_declares(honest: LabRun) -> None:
    """Every call has the action, the parameters and the fields of the SDK; every answer has fields that it declares, of their types."""
    operations = contract()
    seen = set()
    for path in honest.cassettes.rglob("*.yaml"):
        for request, response in load(path).interactions:
            parts = urlsplit(request.uri)
            if not parts.path.startswith("/modelstudio") or response["status"]["code"] != 200:
                continue
            operation = next(each for each in operations if each.method == request.method and same_route(parts.path, each.path))
            sent = {**dict(parse_qsl(parts.query)), **dict(parse_qsl((request.body or b"").decode()))}
            assert request.headers["x-acs-action"] == operation.action
            assert {re.sub(r"\.\d+", "[]", name) for name in sent} <= set(operation.request)
            told = dict(fields(json.loads(response["body"]["string"])))
            assert told.items() <= operation.response.items(), operation.name
            seen.add(operation.name)
    assert len(seen) > 12


def contract() -> Sequence[Operation]:
    """The operations of the vendor's SDK, as the record has them."""
    recorded = load(CHECKOUT / "cassettes" / "live" / "qwen" / "contract.yaml")
    return Extract.from_json(json.loads(recorded.interactions[0][1]["body"]["string"])).operations


def fields(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """The fields of an answer and their types, as an extract has them; null is of any type."""
    kinds = {bool: "boolean", int: "number", float: "number", str: "string", list: "array", dict: "object"}
    if name and value is not None:
        yield name, kinds[type(value)]
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from fields(inner, f"{name}.{key}".lstrip("."))
    elif isinstance(value, list):
        for inner in value:
            yield from (found for found in fields(inner, f"{name}[]") if found[0] != f"{name}[]" or found[1] != "object")
