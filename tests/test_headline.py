"""The headline answer is derived from claims, never typed."""

from typing import Any

import pytest

from probes.claims import Call, Claim, Claims, Provider
from probes.headline import Answer, headline
from probes.vocabulary import Mechanism, Scope, Status, Unit

BY_API = Claim(status=Status.SUPPORTED, mechanism=Mechanism.API, scope=[Scope.KEY], unit=Unit.USD)
NONE = Claim(status=Status.UNSUPPORTED)
STEP = Call.model_validate({"call": "POST /v1/projects", "does": {"zh": "建项目", "en": "create a project"}})


def provider(sample: Claims, recipe: bool = False, **claims: Claim) -> Provider:
    acme = sample.providers["acme"]
    base = {"key.create": BY_API, "spend.limit.key": NONE, "spend.limit.scope": NONE}
    named: dict[str, Any] = {name.replace("_", "."): claim for name, claim in claims.items()}
    return acme.model_copy(update={"claims": base | named, "recipe": [STEP] if recipe else []})


def test_a_money_cap_on_the_key_by_api_is_native(sample: Claims) -> None:
    assert headline(provider(sample, spend_limit_key=BY_API)).answer is Answer.NATIVE
    partial = BY_API.model_copy(update={"status": Status.PARTIAL})
    assert headline(provider(sample, spend_limit_key=partial)).answer is Answer.NATIVE


def test_a_capped_project_with_a_key_in_it_is_composed_when_every_step_is_known(sample: Claims) -> None:
    scoped = BY_API.model_copy(update={"scope": [Scope.PROJECT]})
    assert headline(provider(sample, recipe=True, spend_limit_scope=scoped)).answer is Answer.COMPOSED
    assert headline(provider(sample, recipe=False, spend_limit_scope=scoped)).answer is Answer.NO


@pytest.mark.parametrize("unit", [Unit.TOKENS, Unit.REQUESTS])
def test_a_cap_that_counts_tokens_or_requests_is_never_called_a_spend_cap(sample: Claims, unit: Unit) -> None:
    assert headline(provider(sample, spend_limit_key=BY_API.model_copy(update={"unit": unit}))).answer is Answer.OTHER_UNIT


@pytest.mark.parametrize("how", [Mechanism.CONSOLE, Mechanism.NONE])
def test_by_hand_is_no(sample: Claims, how: Mechanism) -> None:
    assert headline(provider(sample, spend_limit_key=BY_API.model_copy(update={"mechanism": how}))).answer is Answer.NO


def test_without_a_key_by_api_a_cap_does_not_help(sample: Claims) -> None:
    answer = headline(provider(sample, key_create=NONE, spend_limit_key=BY_API))
    assert (answer.answer, answer.rests_on) == (Answer.NO, ("key.create",))
