"""The real gateways start, answer as their claims presume, and leave nothing behind."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from . import leash, servers
from .marks import HEAVY, in_ci
from .servers import Gateway, ServerError, running

GONE_WITHIN = 10.0
"""Seconds in which the last member of a killed process group must have ended."""

needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="tells the members of a process group by /proc")


def members(group: int) -> set[int]:
    """Process ids of a group, those excepted that have ended and only wait to be collected."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _parent, its_group, *_ = stat.read_text(encoding="utf-8", errors="replace").rpartition(") ")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # ended between the listing and the reading
        if int(its_group) == group and state != "Z":
            found.add(int(stat.parent.name))
    return found


def is_gone(group: int) -> bool:
    deadline = time.monotonic() + GONE_WITHIN
    while members(group):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def working_in(folder: bytes) -> list[int]:
    """Processes whose command names a folder: a database is in no group of ours."""
    found = []
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(FileNotFoundError, ProcessLookupError):
            if folder in command.read_bytes():
                found.append(int(command.parent.name))
    return found


def reached(gateway: Gateway) -> int:
    """How many calls the model behind the gateway has served."""
    return int(httpx.get(f"{gateway.upstream}/count", trust_env=False).json()["count"])


def says_hello(gateway: Gateway) -> None:
    """It answers, refuses to manage keys without a credential, and is of the version that the claims speak of."""
    with httpx.Client(base_url=gateway.url, trust_env=False, timeout=30) as client:
        if gateway.name == "litellm":
            assert client.get("/health/liveliness").status_code == 200
            assert client.get("/key/list").json()["error"]["type"] == "auth_error"
            assert client.get("/key/nothing-here").status_code == 404
            key = {"Authorization": f"Bearer {gateway.credentials['LITELLM_MASTER_KEY']}"}
            assert client.get("/key/list", headers=key).json()["total_count"] == 0
            assert client.get("/openapi.json").json()["info"]["version"] == gateway.version
            return
        assert client.get("/health").status_code == 200
        if gateway.name == "any_llm_gateway":
            assert client.get("/v1/keys").json() == {"detail": "Missing X-AnyLLM-Key or Authorization header"}
            assert client.get("/v1/nothing-here").status_code == 404
            key = {"Authorization": f"Bearer {gateway.credentials['GATEWAY_MASTER_KEY']}"}
            assert [row["key_name"] for row in client.get("/v1/keys", headers=key).json()] == ["bootstrap"]
            assert client.get("/openapi.json").json()["info"]["version"] == gateway.version
        elif gateway.name == "prompture_hub":
            refused = client.get("/admin/keys")
            assert (refused.status_code, refused.json()) == (401, {"detail": "Invalid admin token."})
            assert client.get("/admin/nothing-here").status_code == 404
            token = gateway.credentials["HUB_ADMIN_TOKEN"]
            assert client.get("/admin/keys", headers={"Authorization": f"Bearer {token}"}).json() == []
            assert client.get("/openapi.json").json()["info"]["version"] == gateway.version
        else:
            refused = client.get("/api/3.0/mlflow/gateway/budgets/list")
            assert (refused.status_code, refused.headers["www-authenticate"]) == (401, 'Basic realm="mlflow"')
            # It asks for the credential before it looks at the path, so a keyless probe cannot tell its routes.
            assert client.get("/api/3.0/mlflow/gateway/budgets/nothing-here").status_code == 401
            administrator = (gateway.credentials["MLFLOW_TRACKING_USERNAME"], gateway.credentials["MLFLOW_TRACKING_PASSWORD"])
            assert client.get("/api/3.0/mlflow/gateway/budgets/list", auth=administrator).status_code == 200
            assert client.get("/version", auth=administrator).text == gateway.version


@needs_proc
@pytest.mark.gateway
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "name",
    [
        "prompture_hub",
        "any_llm_gateway",
        pytest.param("mlflow_ai_gateway", marks=HEAVY),
        pytest.param("litellm", marks=[HEAVY, in_ci]),
    ],
)
def test_a_gateway_answers_while_it_runs_and_is_gone_afterwards(name: str, built: Callable[[str], None]) -> None:
    built(name)
    with running(name) as gateway:
        says_hello(gateway)
        assert len(members(gateway.process_id)) >= 2
        folder = str(gateway.log.parent).encode()
        assert name != "litellm" or working_in(folder)
    assert is_gone(gateway.process_id)
    assert working_in(folder) == []
    assert not gateway.log.exists()
    with pytest.raises(httpx.ConnectError):
        httpx.get(gateway.url, trust_env=False)
    with pytest.raises(httpx.ConnectError):
        httpx.get(gateway.upstream, trust_env=False)


@pytest.mark.gateway
@pytest.mark.timeout(180)
def test_a_capped_key_reaches_the_upstream_through_prompture_hub(prompture_hub: Gateway) -> None:
    """One call of 1,000 + 1,000 tokens costs 0.0175 USD at the price that comes with the package, online or not."""
    with httpx.Client(base_url=prompture_hub.url, trust_env=False, timeout=30) as client:
        administrator = {"Authorization": f"Bearer {prompture_hub.credentials['HUB_ADMIN_TOKEN']}"}
        key = client.post("/admin/keys", headers=administrator, json={"name": "one-call", "daily_spend_cap_usd": 0.01}).json()
        before = reached(prompture_hub)
        asked = {"model": "openai/gpt-5.4", "stream": True, "messages": [{"role": "user", "content": "hi"}]}
        answers = [client.post("/v1/chat/completions", headers={"X-API-Key": key["key"]}, json=asked) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 402]
        assert reached(prompture_hub) - before == 1
        usage = client.get("/admin/usage", headers=administrator, params={"key_id": key["id"]}).json()
        assert sum(row["cost_usd"] for row in usage) == pytest.approx(0.0175)
        client.delete(f"/admin/keys/{key['id']}", headers=administrator)


@needs_proc
@pytest.mark.gateway
def test_nothing_is_left_of_a_gateway_that_does_not_start(built: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    built("prompture_hub")
    groups = []
    wait = servers._wait

    def impatient(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, seconds: float) -> None:
        groups.append(process.pid)
        wait(ready, process, log, 0.0 if log.name == "gateway.log" else seconds)

    monkeypatch.setattr(servers, "_wait", impatient)
    with pytest.raises(ServerError, match="no answer within 0 s"), running("prompture_hub"):
        pytest.fail("it cannot have answered")
    assert len(groups) == 2
    assert all(is_gone(group) for group in groups)


def test_a_server_that_ends_at_once_is_reported_with_its_log(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    command = (sys.executable, "-c", "raise SystemExit('port is taken')")
    with servers._leashed(command, {}, tmp_path, log) as process, pytest.raises(ServerError, match=r"(?s)ended while.*port is taken"):
        servers._wait(lambda: False, process, log, 10)


@needs_proc
def test_a_leash_ends_the_whole_group_when_its_holder_is_killed() -> None:
    sleeper = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])"
    hold = (
        "import subprocess, sys\n"
        f"leash = subprocess.Popen([sys.executable, {leash.__file__!r}, sys.executable, '-c', {sleeper!r}],\n"
        "                         stdin=subprocess.PIPE, start_new_session=True)\n"
        "print(leash.pid, flush=True)\n"
        "leash.wait()\n"
    )
    with subprocess.Popen([sys.executable, "-c", hold], stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL) as holder:
        assert holder.stdout is not None
        group = int(holder.stdout.readline())
        while len(members(group)) < 3:  # the leash, what it runs, and what that runs
            time.sleep(0.05)
        holder.kill()
        assert is_gone(group)


@needs_proc
def test_nothing_is_left_when_the_leash_itself_is_killed(tmp_path: Path) -> None:
    command = (sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)")
    log = tmp_path / "server.log"
    with servers._leashed(command, {}, tmp_path, log) as process:
        servers._wait(lambda: log.read_bytes() != b"", process, log, 10)
        process.kill()
        process.wait()
        assert members(process.pid)
    assert is_gone(process.pid)


def test_the_upstream_costs_the_same_on_every_call_and_counts(tmp_path: Path) -> None:
    with servers._upstream(tmp_path) as address, httpx.Client(base_url=address, trust_env=False) as client:
        plain = client.post("/v1/chat/completions", json={"model": "some-model", "messages": []}).json()
        assert plain["usage"] == {"prompt_tokens": 1000, "completion_tokens": 1000, "total_tokens": 2000}
        streamed = client.post("/chat/completions", json={"model": "some-model", "messages": [], "stream": True})
        assert streamed.headers["content-type"].startswith("text/event-stream")
        events = [line.removeprefix("data: ") for line in streamed.text.splitlines() if line]
        assert events[-1] == "[DONE]"
        assert json.loads(events[-2])["usage"] == plain["usage"]
        assert client.get("/count").json() == {"count": 2}
