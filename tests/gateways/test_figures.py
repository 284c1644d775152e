"""The committed figures agree with an earlier measurement of the same versions, made by hand."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from probes.claims import Claims
from probes.evidence import Evidence
from probes.figures import Figures
from probes.judged import load_evidence

SEQUENTIAL = {"overshoot.sequential", "overshoot.seq_maxtok1000"}
PARALLEL = {"overshoot.parallel8", "overshoot.par8_maxtok1000"}
OTHERS = {"litellm": {"overshoot.parallel8"}}
"""Kinds that were made without `max_tokens`, which none of the committed calls is."""


@pytest.fixture(scope="module")
def evidence(real_claims: Claims) -> list[Evidence]:
    return load_evidence(real_claims, Path(__file__).resolve().parents[2] / "cassettes")


def committed(evidence: Sequence[Evidence], name: str) -> list[Figures]:
    """The four series of a gateway: in sequence, in parallel, and both with an understated `max_tokens`."""
    return next(list(each.figures) for each in evidence if each.provider == name and each.capability == "spend.limit.key" and each.figures)


def earlier(shared: Path, name: str) -> Iterator[dict[str, Any]]:
    """The summaries of the earlier measurement; not those of another database, and not those that ended in a dead-lock."""
    for line in (shared / "research" / "live" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["step"] == "summary" and "calls_ok" in row and "postgres" not in str(row.get("run")):
            yield row


@pytest.mark.parametrize("name", ["prompture_hub", "any_llm_gateway", "mlflow_ai_gateway", "litellm"])
def test_as_many_calls_got_past_as_were_measured_by_hand(name: str, evidence: list[Evidence], shared: Path) -> None:
    honest, parallel, understated, understated_parallel = committed(evidence, name)
    kinds = [row for row in earlier(shared, name) if row["kind"] not in OTHERS.get(name, ())]
    for row in kinds:
        if row["kind"] in SEQUENTIAL or row["kind"] == "overshoot.seq_maxtok10_pause":
            assert row["calls_ok"] == honest.calls == understated.calls, row["kind"]
        elif row["kind"] in PARALLEL:
            assert abs(row["calls_ok"] - parallel.calls) <= 1, row["kind"]
        elif row["kind"] == "overshoot.par8_maxtok10":
            assert abs(row["calls_ok"] - understated_parallel.calls) <= 1, row["kind"]
    assert {row["kind"] for row in kinds} & SEQUENTIAL
    assert {row["kind"] for row in kinds} & PARALLEL
