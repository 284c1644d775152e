"""keycap from Python and from notebooks, where an event loop already runs."""

from pathlib import Path

import pytest

import probes
from probes.claims import Claims
from probes.sync import run_sync
from tests.servers import Reply, http_server


async def test_evidence_can_be_loaded_where_an_event_loop_runs(real_claims: Claims, checkout: Path) -> None:
    evidence = probes.load_evidence(real_claims, checkout / "cassettes")
    results = probes.Results.of(real_claims, evidence)
    assert len(results.verdicts) == len(real_claims.providers) * len(real_claims.capabilities)


async def test_verify_can_be_called_and_awaited_where_an_event_loop_runs(sample: Claims, tmp_path: Path) -> None:
    with http_server(lambda _method, target: Reply(200 if target == "/v1/models" else 404)) as server:
        settings = probes.Settings(tmp_path / "called")
        called = probes.verify(sample, settings, providers=["acme"], tiers=[probes.Tier.SURFACE], endpoints={"acme": server.url})
        settings = probes.Settings(tmp_path / "awaited")
        awaited = await probes.verify_async(
            sample, settings, providers=["acme"], tiers=[probes.Tier.SURFACE], endpoints={"acme": server.url}
        )
    found = [(each.capability, each.outcome, each.origin) for each in called.evidence]
    assert found == [(each.capability, each.outcome, each.origin) for each in awaited.evidence]
    assert any(each.conclusive for each in called.evidence)
    assert called.evidence == probes.Results.of(sample, probes.load_evidence(sample, tmp_path / "called")).evidence


def test_verify_tells_a_provider_that_nobody_has(sample: Claims, tmp_path: Path) -> None:
    with pytest.raises(probes.KeycapError, match="did you mean acme"):
        probes.verify(sample, probes.Settings(tmp_path), providers=["acne"])


async def test_a_fault_in_another_thread_reaches_the_caller() -> None:
    async def broken() -> None:
        raise probes.KeycapError("what", where="where", hint="do this next")

    with pytest.raises(probes.KeycapError, match="what") as caught:
        run_sync(broken())
    assert str(caught.value) == "where: what\n  do this next"
