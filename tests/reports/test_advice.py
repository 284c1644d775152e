"""The recommendation and its arithmetic."""

from decimal import Decimal

import pytest

from probes.errors import UsageError
from probes.results import Results
from probes.vocabulary import Region
from reports import advise
from reports.advice import Advice, ranked
from reports.needs import NEEDS, named, together
from reports.ranking import ranking
from reports.text import texts


def of(results: Results, need: str, provider: str) -> Advice:
    return next(each for each in advise(results, need) if each.provider == provider)


def test_a_proven_native_cap_counts_in_full_and_a_claimed_one_by_half(invented: Results) -> None:
    terms = {term.capability: term.arithmetic for term in of(invented, "customer_keys", "acme").terms}
    assert terms["spend.limit.key"] == "1 × 1 × 4 = 4"
    assert terms["key.create"] == "1 × 0.95 × 3 = 2.85"
    assert terms["spend.usage"] == "0.5 × 0.5 × 1 = 0.25"


def test_a_cap_above_the_key_and_one_in_tokens_count_less(invented: Results) -> None:
    cloudy = {term.capability: term.arithmetic for term in of(invented, "customer_keys", "cloudy").terms}
    hub = {term.capability: term.arithmetic for term in of(invented, "customer_keys", "hub").terms}
    assert cloudy["spend.limit.scope"] == "1 × 0.5 × 0.75 × 4 = 1.5"
    assert hub["spend.limit.key"] == "1 × 0.5 × 0.5 × 4 = 1"


def test_a_conflict_counts_a_quarter_and_a_refuted_claim_nothing(invented: Results) -> None:
    terms = {term.capability: term for term in of(invented, "key_lifecycle", "acme").terms}
    assert terms["key.read"].confidence == Decimal("0.25")
    assert terms["key.rotate"].value == 0


@pytest.mark.parametrize("need", [need.id for need in NEEDS])
def test_every_printed_line_of_arithmetic_is_true(need: str, real: Results) -> None:
    for each in advise(real, need):
        lines = [term.arithmetic for term in each.terms] + [each.arithmetic]
        for line in lines:
            left, right = line.split(" = ")
            total = Decimal(0)
            for summand in left.split(" + "):
                product = Decimal(1)
                for factor in summand.split(" × "):
                    product *= Decimal(factor)
                total += product
            assert total == Decimal(right), line
        assert each.score <= each.out_of


def test_the_best_stand_first_within_each_need(real: Results) -> None:
    for need in NEEDS:
        scores = [each.score for each in advise(real, need.id)]
        assert scores == sorted(scores, reverse=True)


def test_needs_and_regions_narrow_the_providers(invented: Results) -> None:
    assert {each.provider for each in advise(invented, "mainland_china")} == {"cloudy"}
    assert {each.provider for each in advise(invented, "self_hosted")} == {"hub"}
    assert {each.provider for each in advise(invented, ["reset"], Region.CN)} == {"cloudy"}
    with pytest.raises(KeyError):
        advise(invented, "no_such_need")


def test_the_ranking_leaves_out_who_has_nothing_and_says_how_many(invented: Results) -> None:
    ranks = {rank.id: rank for rank in ranking(invented, texts("en"))}
    assert [place.provider for place in ranks["rate_limits"].places] == ["acme"]
    assert "2 have none" in ranks["rate_limits"].note


def test_several_needs_are_one_whose_weights_add_up(real: Results) -> None:
    both = together(named(["customer_keys", "alerts"], real.claims))
    assert both.out_of == sum(need.out_of for need in named(["customer_keys", "alerts"], real.claims))
    usage = [wish.weight for wish in both.wishes if wish.options[0].capability == "spend.usage"]
    assert sorted(usage) == [1, 1]
    scores = {
        need: {each.provider: each.score for each in ranked(real, named([need], real.claims)[0])} for need in ("customer_keys", "alerts")
    }
    for each in ranked(real, both):
        assert each.score == scores["customer_keys"][each.provider] + scores["alerts"][each.provider]


def test_a_need_that_narrows_narrows_them_together(real: Results) -> None:
    both = ranked(real, together(named(["mainland_china", "alerts"], real.claims)))
    assert {each.provider for each in both} == {each.provider for each in advise(real, "mainland_china")}


def test_a_capability_is_a_need_of_its_own(real: Results) -> None:
    first = ranked(real, named(["spend.limit.key"], real.claims)[0])[0]
    assert real.headlines[first.provider].answer == "native"


def test_a_name_that_is_neither_is_refused(real: Results) -> None:
    with pytest.raises(UsageError, match="is no need"):
        named(["capped"], real.claims)


def test_weights_of_ones_own_are_a_need_by_capability(real: Results) -> None:
    own = advise(real, {"spend.limit.key": 1})
    assert [(each.provider, each.score) for each in own] == [
        (each.provider, each.score) for each in ranked(real, named(["spend.limit.key"], real.claims)[0])
    ]
    doubled = {each.provider: each.score for each in advise(real, {"spend.limit.key": 2, "key.create": 4})}
    assert doubled == {each.provider: 2 * each.score for each in advise(real, {"spend.limit.key": 1, "key.create": 2})}


@pytest.mark.parametrize(
    ("weights", "told"), [({"key.made": 1}, "is no capability"), ({"key.create": 0}, "has the weight 0"), ({}, "has no weights")]
)
def test_weights_that_cannot_be_used_are_refused(weights: dict[str, int], told: str, real: Results) -> None:
    with pytest.raises(UsageError, match=told):
        advise(real, weights)
