"""The probes of one provider against its simulator."""

from tests.lab.conftest import Lab


def test_every_claim_is_settled(lab: Lab) -> None:
    run = lab.verify("openai")
    for each in run.evidence:
        print(each.tier, each.capability, each.outcome, each.cause, each.detail, each.figures)
    print(run.requests, run.spent, run.simulator.served)
    assert run.unsettled == []
    assert run.simulator.leftovers() == []
