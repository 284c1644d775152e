"""With its administrator's password, a real MLflow's users and budgets are created, used, read back and deleted; nothing is left."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from probes.claims import Claims
from probes.wire.disguise import forms
from probes.wire.redact import Redactor
from tests.gateways.marks import HEAVY, in_ci
from tests.gateways.servers import Gateway

pytestmark = [pytest.mark.gateway, HEAVY, pytest.mark.timeout(240)]

USERS = "/api/2.0/mlflow/users"
GATEWAY = "/api/3.0/mlflow/gateway"
CONFIRMED = {
    "key.create", "key.list", "key.read", "key.update", "key.revoke", "key.rotate", "key.restrict", "spend.limit.key", "spend.limit.scope",
    "spend.reset", "spend.alert", "spend.usage", "spend.balance",
}  # fmt: skip
COLLEAGUE = "colleague.4711@example.com"
PASSWORD = "not-secret-12345"
HARMLESS = r'any|realm="mlflow"|\S{1,4}\.\.\.\S{4}'
"""A type in a contract, what a 401 asks for, a key that MLflow itself has shortened."""


def environment(gateway: Gateway, folder: Path) -> dict[str, str]:
    """A person's environment with the gateway's credential, and a ledger of its own."""
    return {**os.environ, **gateway.credentials, "XDG_STATE_HOME": str(folder / "state")}


def command(gateway: Gateway, folder: Path, *more: str) -> list[str]:
    """Verify the gateway with its credential."""
    address = f"{gateway.name}={gateway.url}#{gateway.version}"
    return [
        sys.executable, "-m", "probes", "verify", gateway.name, "--allow-write", "--json", "--endpoint", address,
        "--cassettes", str(folder / "cassettes"), *more,
    ]  # fmt: skip


def run(arguments: list[str], gateway: Gateway, folder: Path) -> Any:
    """The JSON document of a command that ends well."""
    ended = subprocess.run(arguments, capture_output=True, text=True, check=False, env=environment(gateway, folder), cwd=folder)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


@contextmanager
def administrator(gateway: Gateway) -> Iterator[httpx.Client]:
    """Signed in as the administrator."""
    auth = (gateway.credentials["MLFLOW_TRACKING_USERNAME"], gateway.credentials["MLFLOW_TRACKING_PASSWORD"])
    # The very first call waits for MLflow's database.
    with httpx.Client(base_url=gateway.url, auth=auth, trust_env=False, timeout=90) as client:
        yield client


def ours(client: httpx.Client) -> list[str]:
    """Whatever a keycap run created and what is still there."""
    names = [user["username"] for user in client.get(f"{USERS}/list").json()["users"]]
    for route in ("budgets", "endpoints", "model-definitions", "secrets"):
        # One field of the answer, absent where there is nothing.
        listed: list[dict[str, Any]] = next(iter(client.get(f"{GATEWAY}/{route}/list").json().values()), [])
        names += [row.get("created_by") or row.get("name") or row.get("secret_name") or "" for row in listed]
    return [name for name in names if name.startswith("keycap-probe-")]


def findings(document: Any) -> list[tuple[str, ...]]:
    """What was found with the credential."""
    fields = ("capability", "tier", "outcome", "level", "cause", "detail")
    return [tuple(row[field] for field in fields) for row in document["evidence"] if row["tier"] in {"read", "write"}]


def test_the_whole_life_of_a_real_user_and_its_budget(mlflow_ai_gateway: Gateway, tmp_path: Path) -> None:
    gateway = mlflow_ai_gateway
    with administrator(gateway) as client:
        client.post(f"{USERS}/create", json={"username": COLLEAGUE, "password": PASSWORD}).raise_for_status()
        try:
            document = run(command(gateway, tmp_path), gateway, tmp_path)
        finally:
            client.request("DELETE", f"{USERS}/delete", json={"username": COLLEAGUE})
        assert ours(client) == []
    verdicts = {row["capability"]: (row["verdict"], row["level"]) for row in document["verdicts"]}
    assert {capability for capability, verdict in verdicts.items() if verdict == ("confirmed", "behaviour")} == CONFIRMED
    assert list((tmp_path / "state").rglob("*.jsonl")) == []
    assert findings(run(command(gateway, tmp_path, "--replay"), gateway, tmp_path)) == findings(document)

    written = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "cassettes").rglob("*.yaml"))
    assert COLLEAGUE.partition("@")[0] not in written
    assert [form for form in forms(gateway.credentials["MLFLOW_TRACKING_PASSWORD"]) if form in written] == []
    # Those of the made-up users are not known here: wherever one would stand, something else does.
    sent = re.findall(r'"(?:password|api_key)": "(.*?)"', written) + re.findall(r"\bBasic (.*)", written)
    assert len(sent) > 20
    assert [each for each in sent if not re.fullmatch(rf"REDACTED\d*|{HARMLESS}", each)] == []


@in_ci
def test_what_a_killed_run_left_is_cleaned_up(mlflow_ai_gateway: Gateway, tmp_path: Path) -> None:
    gateway = mlflow_ai_gateway
    with administrator(gateway) as client:
        assert ours(client) == []
        with subprocess.Popen(
            command(gateway, tmp_path),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment(gateway, tmp_path),
            cwd=tmp_path,
        ) as process:
            while process.poll() is None and "keycap-probe-" not in client.get(f"{GATEWAY}/endpoints/list").text:
                time.sleep(0.05)
            process.send_signal(signal.SIGKILL)
        assert ours(client) != []
        swept = run([sys.executable, "-m", "probes", "cleanup", "--json"], gateway, tmp_path)["swept"]
        assert ours(client) == []
    # What was about to be created and is not there may still come; only that stays in the ledger.
    assert bool(list((tmp_path / "state").rglob("*.jsonl"))) == any(row["again_in_minutes"] for row in swept)


def test_the_hash_that_a_taken_name_shows_is_never_written(mlflow_ai_gateway: Gateway, real_claims: Claims) -> None:
    fields = real_claims.providers[mlflow_ai_gateway.name].secrets
    with administrator(mlflow_ai_gateway) as client:
        try:
            for _ in range(2):
                answer = client.post(f"{USERS}/create", json={"username": COLLEAGUE, "password": PASSWORD})
        finally:
            client.request("DELETE", f"{USERS}/delete", json={"username": COLLEAGUE})
    shown = re.search(r"scrypt:[0-9:]+\$(\w+)\$(\w+)", answer.text)
    assert answer.status_code == 400
    assert shown is not None, "MLflow no longer shows it: say so in the claims"
    redacted = Redactor(fields=fields).body(answer.text, "application/json")
    assert shown[1] not in redacted
    assert shown[2] not in redacted
    assert COLLEAGUE not in redacted
