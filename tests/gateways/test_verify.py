"""Gateways, really started and really probed: what `keycap verify` finds on them is what the committed record says."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.gateways.marks import HEAVY, in_ci
from tests.gateways.servers import Gateway

pytestmark = [pytest.mark.gateway, HEAVY, pytest.mark.timeout(420)]


def verify(gateway: Gateway, cassettes: Path, *more: str) -> Any:
    """Verify a running gateway and return the JSON document."""
    address = f"{gateway.name}={gateway.url}#{gateway.version}"
    command = [sys.executable, "-m", "probes", "verify", gateway.name, "--tier", "surface", "--endpoint", address]
    ended = subprocess.run([*command, "--cassettes", str(cassettes), "--json", *more], capture_output=True, text=True, check=False)
    return json.loads(ended.stdout)


def findings(document: Any) -> dict[str, tuple[str, str]]:
    """Outcome and cause by capability, of what was found on routes."""
    return {row["capability"]: (row["outcome"], row["cause"]) for row in document["evidence"] if row["tier"] == "surface"}


def committed(name: str) -> dict[str, tuple[str, str]]:
    """What the committed record says of a gateway's routes."""
    command = [
        sys.executable,
        "-m",
        "probes",
        "verify",
        name,
        "--tier",
        "surface",
        "--endpoint",
        f"{name}=http://127.0.0.1:1",
        "--replay",
        "--json",
    ]
    return findings(json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout))


def test_the_light_gateway_answers_as_recorded(prompture_hub: Gateway, tmp_path: Path) -> None:
    document = verify(prompture_hub, tmp_path)
    found = findings(document)
    assert found == committed("prompture_hub")
    assert found["key.create"] == ("present", "route_answers")
    assert [job["origin"] for job in document["run"]["jobs"]] == ["live"]


def test_another_light_gateway_answers_as_recorded(any_llm_gateway: Gateway, tmp_path: Path) -> None:
    found = findings(verify(any_llm_gateway, tmp_path))
    assert found == committed("any_llm_gateway")
    assert found["key.create"] == ("present", "route_answers")


@in_ci
def test_the_gateway_with_a_database_answers_as_recorded(litellm: Gateway, tmp_path: Path) -> None:
    found = findings(verify(litellm, tmp_path))
    assert found == committed("litellm")
    assert found["key.create"] == ("present", "route_answers")


def test_the_gateway_that_refuses_before_it_routes_stays_inconclusive(mlflow_ai_gateway: Gateway, tmp_path: Path) -> None:
    found = findings(verify(mlflow_ai_gateway, tmp_path))
    assert found == committed("mlflow_ai_gateway")
    assert set(found.values()) == {("inconclusive", "all_alike")}


def test_an_instance_of_unknown_version_speaks_for_itself_only(mlflow_ai_gateway: Gateway, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "probes",
        "verify",
        mlflow_ai_gateway.name,
        "--tier",
        "surface",
        "--cassettes",
        str(tmp_path),
        "--json",
    ]
    ended = subprocess.run(
        [*command, "--endpoint", f"{mlflow_ai_gateway.name}={mlflow_ai_gateway.url}"], capture_output=True, text=True, check=False
    )
    assert [job["origin"] for job in json.loads(ended.stdout)["run"]["jobs"]] == ["override"]
