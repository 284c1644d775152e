"""API Gateway's probes against moto in server mode, a third party's simulator: origin lab, signatures checked."""

import logging
from collections.abc import Iterator

import pytest

from probes.claims import Claims
from probes.headline import Answer, headline
from probes.probe import Tier
from probes.vocabulary import MONEY, Status
from tests.lab.aws import Moto, moto
from tests.lab.conftest import Lab


@pytest.fixture
def account() -> Iterator[Moto]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with moto() as made:
        yield made


def test_keys_and_plans_are_created_read_changed_and_undone(lab: Lab, account: Moto) -> None:
    run = lab.verify("aws_api_gateway", made=account, tiers=[Tier.READ, Tier.WRITE])
    assert run.outcomes == dict.fromkeys(
        ("key.list", "rate.read", "key.create", "key.read", "key.update", "key.revoke", "rate.set", "spend.reset", "key.restrict"),
        "present",
    ) | {"spend.usage": "inconclusive"}
    assert account.leftovers() == []
    assert account.served == 0


def test_the_secret_is_in_no_request_and_in_no_recording(lab: Lab, account: Moto) -> None:
    run = lab.verify("aws_api_gateway", made=account, tiers=[Tier.READ])
    assert all(f"{account.key_id}/" in each and "/us-east-1/apigateway/aws4_request" in each for each in account.seen)
    recorded = "".join(path.read_text(encoding="utf-8") for path in run.cassettes.rglob("*.yaml"))
    assert account.secret not in recorded + "".join(account.seen)
    assert account.key_id not in recorded


def test_a_wrong_secret_is_told_as_that(lab: Lab, account: Moto) -> None:
    run = lab.verify(
        "aws_api_gateway", made=account, tiers=[Tier.READ], variables=lambda given: {**given, "AWS_ACCESS_KEY_ID": "AKIAOTHER"}
    )
    assert run.causes == {"key.list": {"credential_refused"}, "rate.read": {"credential_refused"}}


def test_a_limit_on_requests_is_never_called_a_spend_cap(real_claims: Claims) -> None:
    provider = real_claims.providers["aws_api_gateway"]
    assert headline(provider).answer is Answer.NO
    limits = [provider.claims[name] for name in ("spend.limit.key", "spend.limit.scope")]
    assert all(claim.status is Status.UNSUPPORTED for claim in limits)
    assert not {claim.unit for claim in provider.claims.values()} & MONEY
