"""Azure's probes against its simulator."""

from tests.lab.conftest import Lab


def test_every_claim_is_settled(lab: Lab) -> None:
    run = lab.verify("azure_openai")
    for each in sorted(run.evidence, key=lambda e: e.capability):
        print(each.capability, each.outcome, each.tier, each.cause, each.detail, each.figures)
    print(run.requests, run.spent, run.simulator.served, run.ledger)
    assert run.simulator.leftovers() == []
