"""keycap from Python and from notebooks, where an event loop already runs."""

import asyncio
from pathlib import Path

import pytest

import probes
from probes.claims import Claims
from probes.plan import plan
from probes.probe import Tier
from probes.runner import Settings
from probes.sync import run_sync
from tests.servers import Reply, http_server


async def test_evidence_can_be_loaded_where_an_event_loop_runs(real_claims: Claims, checkout: Path) -> None:
    evidence = probes.load_evidence(real_claims, checkout / "cassettes")
    results = probes.Results.of(real_claims, evidence)
    assert len(results.verdicts) == len(real_claims.providers) * len(real_claims.capabilities)


async def test_verify_can_be_called_where_an_event_loop_runs(sample: Claims, tmp_path: Path) -> None:
    with http_server(lambda _method, target: Reply(200 if target == "/v1/models" else 404)) as server:
        jobs = plan(sample, providers=["acme"], tiers=[Tier.SURFACE], endpoints={"acme": server.url})
        outcome = await asyncio.to_thread(probes.verify, jobs, sample, Settings(tmp_path))
        inside = probes.verify(jobs, sample, Settings(tmp_path))
    assert outcome.tested
    assert {each.outcome for each in inside.evidence} == {each.outcome for each in outcome.evidence}


async def test_a_fault_in_another_thread_reaches_the_caller() -> None:
    async def broken() -> None:
        raise probes.KeycapError("what", where="where", hint="do this next")

    with pytest.raises(probes.KeycapError, match="what") as caught:
        run_sync(broken())
    assert str(caught.value) == "where: what\n  do this next"
