"""No run spends past its bound, whatever is in flight; what a call costs is never guessed."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.claims_inference import Inference as Declared
from probes.errors import BudgetSpent, PriceUnknown, UsageError
from probes.inference import Inference
from probes.money import Budget, Model

DECLARED = Declared.model_validate({
    "call": "POST /v1/chat/completions",
    "credential": "inference",
    "model": "small",
    "body": {"messages": [{"role": "user", "content": "hi"}]},
    "max_tokens": {"field": "options.max_tokens", "value": 500},
    "usage": {"input": "usage.prompt_tokens", "output": "usage.completion_tokens"},
})  # fmt: skip


@given(limit=st.floats(0, 10), calls=st.lists(st.tuples(st.floats(0, 3), st.floats(0, 1)), max_size=40))
def test_what_may_have_been_spent_never_passes_the_limit(limit: float, calls: list[tuple[float, float]]) -> None:
    """Calls are reserved in one order and settled in another, as when eight are in flight; each costs a part of its bound."""
    budget, in_flight, really = Budget(limit), [], 0.0
    for bound, part in calls:
        try:
            in_flight.append((budget.reserve(bound), bound * part))
        except BudgetSpent:
            assert budget.spent + bound > limit
            continue
        really += bound * part
        if len(in_flight) >= 8:
            budget.settle(*in_flight.pop(0))
        assert really <= budget.spent + 1e-9 <= limit + 1e-6
    for reserved, actual in in_flight:
        budget.settle(reserved, actual)
    assert budget.spent == pytest.approx(really, abs=1e-9)


@pytest.mark.parametrize("bound", [math.nan, math.inf, -1.0])
def test_a_call_of_unknown_cost_is_not_sent(bound: float) -> None:
    with pytest.raises(BudgetSpent):
        Budget(100).reserve(bound)


def test_nothing_is_spent_unless_it_was_allowed() -> None:
    with pytest.raises(BudgetSpent):
        Budget(0.0).reserve(0.000001)


def test_a_call_without_a_known_price_is_refused_and_says_how_to_name_one() -> None:
    with pytest.raises(PriceUnknown, match="nobody told") as refused:
        Inference.of(DECLARED)
    assert "--model" in str(refused.value)


def test_the_bound_covers_all_output_that_was_asked_for_and_every_byte_sent() -> None:
    call = Inference.of(DECLARED, Model("tiny", 1, 3))
    assert call.body == {"messages": [{"role": "user", "content": "hi"}], "model": "tiny", "options": {"max_tokens": 500}}
    assert call.bound >= (len(str(call.body)) * 1 + 500 * 3) / 1_000_000


def test_an_understated_call_is_bounded_by_what_it_will_really_get() -> None:
    honest = Inference.of(DECLARED, Model("tiny", 1, 3))
    understated = honest.understated(really=1000)
    assert understated.body["options"]["max_tokens"] == 1
    assert (understated.is_understated, understated.bound >= 1000 * 3 / 1_000_000) == (True, True)
    assert honest.body["options"]["max_tokens"] == 500


@pytest.mark.parametrize("text", ["", "name", "name@", "name@1", "name@1,2,3", "name@a,b", "name@nan,1", "name@-1,1", "@1,2", "name@inf,1"])
def test_a_model_without_a_price_is_none(text: str) -> None:
    with pytest.raises(UsageError):
        Model.parse(text)


@given(name=st.text(min_size=1).filter(lambda name: name.strip()), prices=st.tuples(st.floats(0, 1e4), st.floats(0, 1e4)))
def test_a_model_reads_back_as_it_was_written(name: str, prices: tuple[float, float]) -> None:
    model = Model(name, float(f"{prices[0]:g}"), float(f"{prices[1]:g}"))
    assert Model.parse(str(model)) == model
