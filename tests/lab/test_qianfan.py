"""The probes of Qianfan against its simulator: all is settled, and what misbehaves is told for what it is."""

import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from probes.evidence import Level
from probes.lab.qianfan.state import Account
from probes.lab.simulator import Behaviour, Simulator
from probes.probe import Tier
from probes.wire.bce import BceAuth
from tests.lab.conftest import Lab, LabRun

SETTLED = {
    "key.create", "key.expiry", "key.restrict", "spend.usage", "spend.balance", "rate.read", "rate.set", "rate.headers", "rate.error",
}  # fmt: skip

Deny = Callable[[str, str], Response | None]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not change is not waited for."""
    monkeypatch.setattr("probes.keys.WITHIN", 0.5)


def answering(status: int, body: Any, path: str) -> Deny:
    """Answer calls to paths that begin so with this."""
    return lambda _method, asked: JSONResponse(body, status) if asked.startswith(path) else None


def account(made: Simulator) -> Account:
    found: Account = made.account  # type: ignore[attr-defined]
    return found


def causes(run: LabRun) -> set[str]:
    return {cause for found in run.causes.values() for cause in found}


def details(run: LabRun, cause: str) -> str:
    return " ".join(each.detail for each in run.evidence if each.cause == cause)


def recorded(run: LabRun) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in run.cassettes.rglob("*.yaml"))


def test_every_claim_is_settled(lab: Lab) -> None:
    run = lab.verify("qianfan")
    assert run.outcomes == dict.fromkeys(SETTLED, "present")
    assert {each.outcome for each in run.evidence} == {"present"}
    assert {each.capability for each in run.evidence if each.level is Level.ENFORCEMENT} == {"rate.error", "rate.set"}
    (figures,) = run.figures["rate.error"]
    assert (figures.status, figures.code, figures.calls, figures.retry_after) == (429, "rpm_rate_limit_exceeded", 3, None)
    assert run.simulator.leftovers() == []
    assert list(run.ledger.glob("*.jsonl")) == []
    assert run.spent < 0.02
    text, held = recorded(run), account(run.simulator)
    assert not [secret for secret in (*held.access_keys, *held.access_keys.values(), *held.tokens, "27f88a0b1c2d") if secret in text]
    assert "bce-auth-v1/ALTAK" not in text


def test_keys_that_are_minted_live_as_short_as_can_be(lab: Lab) -> None:
    run = lab.verify("qianfan", tiers=[Tier.READ, Tier.DRY, Tier.WRITE])
    lives = sorted(round(until - since) for since, until, _ in account(run.simulator).tokens.values())
    assert lives == [300, 420]


def test_a_key_that_appears_late_is_waited_for(lab: Lab) -> None:
    run = lab.verify("qianfan", Behaviour(appears_after=1.0), tiers=[Tier.WRITE])
    assert run.outcomes["key.create"] == "present"


@pytest.mark.usefixtures("impatient")
def test_a_narrowed_key_that_opens_all_the_same_is_told(lab: Lab) -> None:
    run = lab.verify("qianfan", tiers=[Tier.WRITE, Tier.SPEND], prepare=lambda made: setattr(account(made), "opens", lambda _: True))
    assert {each.outcome for each in run.evidence if each.capability == "key.create"} == {"absent"}  # a made-up key opens as well
    assert run.outcomes["key.restrict"] == "absent"


@pytest.mark.usefixtures("impatient")
def test_a_rate_that_is_not_kept_is_told(lab: Lab) -> None:
    def ignoring(made: Simulator) -> None:
        for endpoint in account(made).endpoints.values():
            endpoint.rate = Fixed(endpoint.rate)

    run = lab.verify("qianfan", tiers=[Tier.WRITE, Tier.SPEND], prepare=ignoring)
    assert (run.outcomes["rate.set"], run.causes["rate.error"]) == ("absent", {"not_refused"})


class Fixed(dict[str, int]):
    """A rate that nothing changes."""

    def __or__(self, _other: object) -> "Fixed":  # type: ignore[override]
        return self


def test_an_endpoint_that_was_not_made_for_keycap_is_never_changed(lab: Lab) -> None:
    def without(made: Simulator) -> None:
        endpoints = account(made).endpoints
        del endpoints[next(key for key, each in endpoints.items() if each.name == "keycap-endpoint")]

    run = lab.verify("qianfan", tiers=[Tier.WRITE, Tier.SPEND], prepare=without)
    assert {run.outcomes[name] for name in ("rate.set", "rate.error")} == {"inconclusive"}
    assert "create one in the console" in details(run, "nothing_to_try")
    assert run.outcomes["rate.headers"] == "present"


def test_a_rate_is_restored_when_the_probe_breaks(lab: Lab) -> None:
    def broken(method: str, path: str) -> Response | None:
        return Response(b'{"id": 1', 200, media_type="application/json") if path == "/v2/chat/completions" else None

    run = lab.verify("qianfan", Behaviour(deny=broken), tiers=[Tier.SPEND])
    assert run.outcomes["rate.error"] == "inconclusive"
    assert run.simulator.leftovers() == []


def test_a_weak_credential_proves_nothing(lab: Lab) -> None:
    refusal = {"requestId": "1", "code": "AccessDenied", "message": "Access denied."}
    run = lab.verify("qianfan", Behaviour(deny=answering(403, refusal, "/v")), tiers=[Tier.READ, Tier.DRY, Tier.WRITE])
    assert set(run.outcomes.values()) == {"inconclusive"}
    assert causes(run) == {"permission_missing"}


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("QIANFAN_ACCESS_KEY", "ALTAK0123456789abcdef012345", "does not exist"),
        ("QIANFAN_SECRET_KEY", "0123456789abcdef0123456789abcdef", "does not match"),
    ],
)
def test_a_credential_that_is_wrong_proves_nothing(lab: Lab, variable: str, value: str, says: str) -> None:
    run = lab.verify("qianfan", tiers=[Tier.READ, Tier.WRITE], variables=lambda held: {**held, variable: value})
    assert (set(run.outcomes.values()), causes(run)) == ({"inconclusive"}, {"credential_refused"})
    assert says in details(run, "credential_refused")
    assert value not in recorded(run)


@pytest.mark.parametrize("off", [-7200.0, 7200.0])
def test_a_clock_that_is_off_is_told(lab: Lab, off: float, monkeypatch: pytest.MonkeyPatch) -> None:
    def skewed(values: Sequence[str]) -> BceAuth:
        return BceAuth(*values, clock=lambda: time.time() + off)

    monkeypatch.setattr("probes.wire.bce.signer", skewed)
    run = lab.verify("qianfan", tiers=[Tier.READ])
    assert set(run.outcomes.values()) == {"inconclusive"}
    assert "Request has expired" in details(run, "credential_refused")


def test_without_its_signer_nothing_is_sent_and_the_command_is_told(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "baidubce.auth.bce_v1_signer", None)
    run = lab.verify("qianfan", tiers=[Tier.READ])
    assert (run.requests, causes(run)) == (0, {"credential_missing"})
    assert "uv run --extra baidu keycap" in details(run, "credential_missing")


def test_a_balance_of_zero_proves_nothing(lab: Lab) -> None:
    run = lab.verify("qianfan", Behaviour(deny=answering(200, {"cashBalance": 0}, "/v1/finance")), tiers=[Tier.READ])
    assert (run.outcomes["spend.balance"], run.causes["spend.balance"]) == ("inconclusive", {"control_failed"})
    assert run.outcomes["spend.usage"] == "present"


def test_a_fault_of_the_vendor_proves_nothing(lab: Lab) -> None:
    refusal = {"requestId": "1", "code": "InternalError", "message": "busy"}
    run = lab.verify("qianfan", Behaviour(deny=answering(500, refusal, "/v2/service")), tiers=[Tier.READ, Tier.WRITE])
    assert {run.outcomes[name] for name in ("rate.read", "rate.set")} == {"inconclusive"}
