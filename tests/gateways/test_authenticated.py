"""With its operator's credential a real gateway is read, its keys created and revoked; nothing is left, and no secret is recorded."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.gateways.marks import LIGHT
from tests.gateways.servers import Gateway

pytestmark = [pytest.mark.gateway, LIGHT, pytest.mark.timeout(180)]


def verify(gateway: Gateway, folder: Path, *allowed: str) -> Any:
    """Verify a running gateway with its credential and return the JSON document."""
    environment = {**os.environ, **gateway.credentials, "XDG_STATE_HOME": str(folder / "state")}
    command = [sys.executable, "-m", "probes", "verify", gateway.name, *allowed, "--json"]
    command += ["--endpoint", f"{gateway.name}={gateway.url}#{gateway.version}", "--cassettes", str(folder / "cassettes")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=folder)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_the_whole_life_of_a_real_key(prompture_hub: Gateway, tmp_path: Path) -> None:
    document = verify(prompture_hub, tmp_path, "--allow-write")
    proven = {row["capability"]: row["level"] for row in document["verdicts"] if row["verdict"] == "confirmed"}
    for capability in ("key.create", "key.list", "key.revoke", "key.restrict", "spend.limit.key", "spend.reset", "spend.usage", "rate.set"):
        assert proven[capability] == "behaviour", capability
    assert document["headline"]["prompture_hub"] == {
        "answer": "native",
        "rests_on": ["key.create", "spend.limit.key"],
        "level": "behaviour",
    }
    token = prompture_hub.credentials["HUB_ADMIN_TOKEN"]
    rows = httpx.get(f"{prompture_hub.url}/admin/keys", headers={"authorization": f"Bearer {token}"}).json()
    assert [row["name"] for row in rows if row["name"].startswith("keycap-probe-") and not row["revoked_at"]] == []
    assert list((tmp_path / "state").rglob("*.jsonl")) == []
    written = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "cassettes").rglob("*.yaml"))
    assert token not in written
    assert "REDACTED" in written
