"""How evidence settles a claim: the strongest conclusive evidence of an origin that may speak for the vendor decides."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.claims import Claim
from probes.evidence import Cause, Evidence, Level, Missing, Origin, Outcome, Verdict, VerdictStatus, settle
from probes.vocabulary import Status

SUPPORTED = Claim(status=Status.SUPPORTED, endpoint="POST /keys")
UNSUPPORTED = Claim(status=Status.UNSUPPORTED, refuted_by=["POST /keys"])


def evidence(
    outcome: Outcome = Outcome.PRESENT,
    level: Level = Level.CONTRACT,
    origin: Origin = Origin.LIVE,
    as_of: str = "2026-10-01",
    cause: Cause = Cause.DECLARED,
) -> Evidence:
    return Evidence("acme", "key.create", outcome, level, origin, "contract", "spec", cause, recorded_at=f"{as_of}T00:00:00Z", as_of=as_of)


ABSENT, PRESENT = evidence(Outcome.ABSENT), evidence()


def test_presence_confirms_a_supported_claim_and_refutes_an_unsupported_one() -> None:
    assert settle(SUPPORTED, [PRESENT]).status is VerdictStatus.CONFIRMED
    assert settle(UNSUPPORTED, [PRESENT]).status is VerdictStatus.REFUTED


def test_absence_confirms_an_unsupported_claim_and_refutes_a_supported_one() -> None:
    assert settle(UNSUPPORTED, [ABSENT]).status is VerdictStatus.CONFIRMED
    assert settle(SUPPORTED, [ABSENT]).status is VerdictStatus.REFUTED


def test_a_claim_that_says_unknown_is_refuted_by_knowledge() -> None:
    assert settle(Claim(status=Status.UNKNOWN), [PRESENT]).status is VerdictStatus.REFUTED
    assert settle(Claim(status=Status.UNKNOWN), [ABSENT]).status is VerdictStatus.REFUTED


def test_the_stronger_level_decides() -> None:
    verdict = settle(SUPPORTED, [evidence(Outcome.ABSENT, Level.CONTRACT), evidence(Outcome.PRESENT, Level.SURFACE)])
    assert (verdict.status, verdict.level) == (VerdictStatus.CONFIRMED, Level.SURFACE)


def test_two_pieces_of_equal_level_that_disagree_are_a_conflict() -> None:
    surface = [evidence(Outcome.ABSENT, Level.SURFACE), evidence(Outcome.PRESENT, Level.SURFACE)]
    assert settle(SUPPORTED, surface).status is VerdictStatus.CONFLICT


def test_an_older_contract_that_lacks_it_does_not_contradict_a_newer_one_that_has_it() -> None:
    older, newer = evidence(Outcome.ABSENT, as_of="2026-08-21"), evidence(Outcome.PRESENT, as_of="2026-10-27")
    verdict = settle(SUPPORTED, [older, newer])
    assert (verdict.status, verdict.decided_by) == (VerdictStatus.CONFIRMED, (newer,))


def test_a_newer_contract_that_lacks_what_an_older_one_has_is_a_conflict() -> None:
    older, newer = evidence(Outcome.PRESENT, as_of="2026-08-21"), evidence(Outcome.ABSENT, as_of="2026-10-27")
    assert settle(SUPPORTED, [older, newer]).status is VerdictStatus.CONFLICT


@pytest.mark.parametrize("origin", [Origin.LAB, Origin.OVERRIDE])
def test_a_simulator_or_somebodys_own_endpoint_never_settles_a_claim(origin: Origin) -> None:
    verdict = settle(SUPPORTED, [evidence(level=Level.ENFORCEMENT, origin=origin)])
    assert (verdict.status, verdict.level) == (VerdictStatus.UNVERIFIED, Level.CLAIMED)


def test_what_a_person_saw_counts_only_without_anything_live() -> None:
    attested = evidence(Outcome.ABSENT, Level.BEHAVIOUR, Origin.ATTESTED)
    assert settle(SUPPORTED, [attested]).status is VerdictStatus.REFUTED
    assert settle(SUPPORTED, [attested, PRESENT]).status is VerdictStatus.CONFIRMED


def test_an_unverified_claim_names_what_is_missing() -> None:
    inconclusive = evidence(Outcome.INCONCLUSIVE, cause=Cause.ALL_ALIKE)
    assert settle(SUPPORTED, []).missing is Missing.NEVER_RUN
    assert settle(SUPPORTED, [evidence(Outcome.INCONCLUSIVE, cause=Cause.NOT_RECORDED)]).missing is Missing.NEVER_RUN
    assert settle(SUPPORTED, [inconclusive]).missing is Missing.PROBE_INCONCLUSIVE
    assert settle(SUPPORTED, [], shown_by="answer").missing is Missing.AUTHENTICATED_PROBE
    assert settle(SUPPORTED, [], testable=False).missing is Missing.SOMETHING_TO_TEST


any_evidence = st.builds(
    evidence, st.sampled_from(Outcome), st.sampled_from(Level), st.sampled_from(Origin), st.sampled_from(["2026-08-21", "2026-10-27"])
)


@given(st.lists(any_evidence, max_size=4))
def test_the_order_of_evidence_never_matters(pieces: list[Evidence]) -> None:
    def judged(order: tuple[Evidence, ...]) -> Verdict:
        verdict = settle(SUPPORTED, order)
        return Verdict(verdict.status, verdict.level, verdict.as_of, verdict.missing, ())

    assert len({judged(order) for order in permutations(pieces)}) == 1


@given(st.lists(any_evidence, max_size=6))
def test_no_verdict_is_more_certain_than_its_evidence(pieces: list[Evidence]) -> None:
    verdict = settle(SUPPORTED, pieces)
    usable = [each.level for each in pieces if each.conclusive and each.origin in (Origin.LIVE, Origin.ATTESTED)]
    if verdict.status is VerdictStatus.UNVERIFIED:
        assert usable == []
    else:
        assert verdict.level <= max(usable)
        assert all(each.conclusive for each in verdict.decided_by)
