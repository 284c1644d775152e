"""Claude's probes against its simulator: what they settle, and what they say when it misbehaves."""

from tests.lab.conftest import Lab


def test_every_claim_of_support_is_settled_and_nothing_is_left(lab: Lab) -> None:
    run = lab.verify("anthropic")
    print(run.outcomes, run.causes, run.requests, run.spent, run.figures)
    for e in run.evidence: print(e.capability, e.outcome, e.cause, e.detail, e.tier)
    print(run.simulator.leftovers(), run.simulator.served)
    assert 0
