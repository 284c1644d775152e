"""`keycap verify --lab`: a full run without an account, as anybody starts it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from probes.claims import Claims
from probes.lab import simulated
from probes.vocabulary import Kind


def keycap(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """A run as a process of its own, without any credential."""
    environment = {name: value for name, value in os.environ.items() if not name.endswith(("_KEY", "_TOKEN", "_SECRET"))}
    environment |= {"XDG_STATE_HOME": str(folder / "state"), "NO_COLOR": "1", "COLUMNS": "80"}
    command = [sys.executable, "-m", "probes", "verify", "--lab", "--cassettes", str(folder / "cassettes"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=environment)


@pytest.mark.timeout(150)
def test_a_provider_is_taken_through_all_tiers_and_leaves_no_ledger(tmp_path: Path) -> None:
    ran = keycap(tmp_path, "openai", "--allow-write", "--allow-spend", "--max-spend", "1", "--json")
    assert ran.returncode == 0, ran.stderr
    document: dict[str, Any] = json.loads(ran.stdout)
    assert {(job["tier"], job["origin"]) for job in document["run"]["jobs"]} == {
        (tier, "lab") for tier in ("surface", "read", "dry", "write", "spend")
    }
    assert {row["origin"] for row in document["evidence"]} == {"lab"}
    assert {row["verdict"] for row in document["verdicts"]} == {"unverified"}, "what a simulator shows never settles a claim"
    assert any(row["figures"] for row in document["evidence"])
    assert not list((tmp_path / "state").rglob("*.jsonl"))
    assert all(path.parts[-3] == "lab" for path in (tmp_path / "cassettes").rglob("*.yaml"))


def test_spending_needs_a_bound_and_a_bound_needs_spending(tmp_path: Path) -> None:
    for arguments in (("--allow-spend",), ("--max-spend", "1"), ("--allow-spend", "--max-spend", "0"), ("--tier", "spend")):
        refused = keycap(tmp_path, "openai", *arguments)
        assert (refused.returncode, "spend" in refused.stderr) == (2, True), arguments


def test_the_lab_has_addresses_of_its_own_and_only_its_own_providers(tmp_path: Path) -> None:
    mixed = keycap(tmp_path, "openai", "--endpoint", "openai=http://127.0.0.1:1")
    assert (mixed.returncode, "addresses and models of its own" in mixed.stderr) == (2, True)
    unknown = keycap(tmp_path, "prompture_hub")
    assert (unknown.returncode, "has no simulator" in unknown.stderr) == (2, True)


def test_every_seed_provider_has_a_simulator(real_claims: Claims) -> None:
    seeds = {name for name, provider in real_claims.providers.items() if provider.seed is not None and provider.kind is not Kind.GATEWAY}
    assert seeds <= set(simulated())
