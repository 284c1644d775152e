"""The probes of Model Studio against its simulator: all is settled, and what misbehaves is told for what it is."""

from tests.lab.conftest import Lab

SETTLED = {
    "key.create", "key.list", "key.read", "key.update", "key.revoke", "key.rotate", "key.expiry", "key.restrict",
    "spend.usage", "spend.balance", "rate.read", "rate.set", "rate.error",
}  # fmt: skip


def test_every_claim_is_settled(lab: Lab) -> None:
    run = lab.verify("qwen")
    for e in run.evidence: print(e.capability, e.outcome, e.level.word, e.tier, e.cause, e.detail)
    assert run.outcomes == dict.fromkeys(SETTLED, "present")
    assert run.simulator.leftovers() == []
    (figures,) = run.figures["rate.error"]
    assert (figures.status, figures.code, figures.calls, figures.retry_after) == (429, "limit_requests", 3, None)
    print(run.requests, figures)
