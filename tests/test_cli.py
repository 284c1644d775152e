"""The keycap command from end to end: real claims, real servers on loopback, real recordings."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
import yaml

from probes.claims import Claims
from probes.endpoint import Endpoint
from tests.keycap import Ended, Keycap
from tests.servers import Reply, http_server

REFUSED = Reply(401, b'{"error": {"message": "Missing bearer or basic authentication in header", "code": null}}')
UNKNOWN = Reply(404, b'{"error": {"message": "Invalid URL"}}')
VENDOR = "openai"


@pytest.fixture
def real_routes(real_claims: Claims) -> Callable[[str, str], Reply]:
    """A server that answers 401 on the vendor's real routes, as claimed, and 404 elsewhere."""
    provider = real_claims.providers[VENDOR]
    claimed = [Endpoint.parse(claim.endpoint) for claim in provider.claims.values() if claim.endpoint]
    claimed += [Endpoint.parse(host.control) for host in provider.hosts.values() if host.control]
    patterns = [re.compile(rf"{each.method} {re.sub(r'{[^}]+}', '[^/?]+', each.path)}(\?.*)?") for each in claimed]

    def answer(method: str, target: str) -> Reply:
        return REFUSED if any(pattern.fullmatch(f"{method} {target}") for pattern in patterns) else UNKNOWN

    return answer


def of(document: Any, table: str, provider: str = VENDOR) -> dict[str, Any]:
    """Rows of one provider by capability; of evidence only those of origin override."""
    rows = [row for row in document[table] if row["provider"] == provider and row.get("origin", "override") == "override"]
    return {row["capability"]: row for row in rows}


def surface(keycap: Keycap, url: str, cassettes: Path, *more: object, provider: str = VENDOR) -> Ended:
    """Verify one provider's routes at `url`."""
    return keycap("verify", provider, "--tier", "surface", "--endpoint", f"{provider}={url}", "--cassettes", cassettes, "--json", *more)


def acme_routes(method: str, target: str) -> Reply:
    """A server with the routes of the sample claims."""
    return REFUSED if f"{method} {target}" in ("GET /v1/models", "POST /v1/keys") else UNKNOWN


@pytest.fixture
def acme(keycap: Keycap, sample_path: Path, tmp_path: Path) -> Callable[..., Ended]:
    """Verify the sample's `acme` at a URL into `tmp_path / "cassettes"`: three requests instead of thirty, which are paced."""

    def run(url: str, *more: object) -> Ended:
        return surface(keycap, url, tmp_path / "cassettes", "--claims", sample_path, *more, provider="acme")

    return run


def test_real_routes_are_present_with_origin_override_and_change_no_verdict(
    keycap: Keycap, real_routes: Callable[[str, str], Reply], tmp_path: Path
) -> None:
    before = keycap("show", VENDOR, "--json", "--cassettes", tmp_path).json
    with http_server(real_routes) as server:
        ended = surface(keycap, server.url, tmp_path)
    evidence = of(ended.json, "evidence")
    assert ended.code == 0
    for capability in ("key.create", "key.list", "key.read", "key.revoke", "spend.limit.scope", "spend.alert", "rate.read", "rate.set"):
        assert (evidence[capability]["outcome"], evidence[capability]["level"]) == ("present", "surface"), evidence[capability]
    assert of(ended.json, "verdicts").keys() == of(before, "verdicts").keys()
    changed = [row for row in ended.json["verdicts"] if row["verdict"] != "unverified"]
    assert changed == []


def test_a_server_that_refuses_everything_alike_is_inconclusive(keycap: Keycap, tmp_path: Path) -> None:
    with http_server(lambda _method, _target: REFUSED) as server:
        ended = surface(keycap, server.url, tmp_path)
    assert ended.code == 3
    assert {row["outcome"] for row in of(ended.json, "evidence").values()} == {"inconclusive"}
    assert {row["cause"] for row in of(ended.json, "evidence").values()} == {"all_alike"}


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b"<html>Sign in</html>", "text/html"),
        Reply(500, b'{"error": "oops"}'),
        Reply(200, b"{not json"),
        Reply(302, headers={"location": "http://127.0.0.9/elsewhere"}),
        Reply(200, b"x" * 3_000_000),
        Reply(429),
    ],
    ids=["html", "500", "invalid JSON", "redirect to another host", "too large", "429"],
)
def test_an_answer_that_is_no_answer_is_inconclusive_and_ends(acme: Callable[..., Ended], reply: Reply) -> None:
    with http_server(lambda _method, _target: reply) as server:
        ended = acme(server.url)
    assert ended.code == 3
    assert of(ended.json, "evidence", "acme")["key.create"]["outcome"] == "inconclusive"


def test_a_dead_network_ends_in_seconds_with_3_and_records_nothing(keycap: Keycap, tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        started = time.monotonic()
        ended = surface(keycap, f"http://127.0.0.1:{unused.getsockname()[1]}", tmp_path)
    assert ended.code == 3
    assert time.monotonic() - started < 10
    assert {row["cause"] for row in of(ended.json, "evidence").values()} == {"unreachable"}
    assert list(tmp_path.rglob("*.yaml")) == []


def test_an_outage_never_erases_evidence(acme: Callable[..., Ended], tmp_path: Path) -> None:
    with http_server(acme_routes) as server:
        acme(server.url)
    [path] = (tmp_path / "cassettes").rglob("*.yaml")
    recorded = path.read_bytes()
    with http_server(lambda _method, _target: Reply(500)) as server:
        ended = acme(server.url)
    assert path.read_bytes() == recorded
    assert "older recording stays" in ended.err
    assert "older recording stays" in ended.json["run"]["jobs"][0]["kept"]


def test_what_was_recorded_is_judged_the_same_without_the_server(acme: Callable[..., Ended]) -> None:
    with http_server(acme_routes) as server:
        live = acme(server.url)
    replayed = acme(server.url, "--replay")
    assert replayed.json["evidence"] == live.json["evidence"] != []
    assert replayed.json["verdicts"] == live.json["verdicts"]


def test_httpx_is_as_it_was_after_a_run(acme: Callable[..., Ended]) -> None:
    before = httpx.AsyncHTTPTransport.handle_async_request, httpx.HTTPTransport.handle_request
    with http_server(acme_routes) as server:
        acme(server.url)
    assert (httpx.AsyncHTTPTransport.handle_async_request, httpx.HTTPTransport.handle_request) == before


def test_a_damaged_recording_is_refused_and_left_alone(
    acme: Callable[..., Ended], keycap: Keycap, sample_path: Path, tmp_path: Path
) -> None:
    cassettes = tmp_path / "cassettes"
    with http_server(acme_routes) as server:
        acme(server.url)
    [path] = cassettes.rglob("*.yaml")
    path.write_bytes(path.read_bytes()[: len(path.read_bytes()) // 2])
    damaged = path.read_bytes()
    for command in (("show",), ("report", "--out", tmp_path / "out")):
        ended = keycap(*command, "--claims", sample_path, "--cassettes", cassettes)
        assert ended.code == 2
        assert str(path) in ended.err
    with http_server(acme_routes) as server:
        assert acme(server.url).code == 2
    assert path.read_bytes() == damaged


def test_a_recording_that_was_moved_to_another_provider_is_refused(
    acme: Callable[..., Ended], keycap: Keycap, sample_path: Path, tmp_path: Path
) -> None:
    cassettes = tmp_path / "cassettes"
    with http_server(acme_routes) as server:
        acme(server.url)
    [path] = cassettes.rglob("*.yaml")
    moved = cassettes / "live" / "hub" / "surface.yaml"
    moved.parent.mkdir(parents=True)
    path.rename(moved)
    ended = keycap("show", "--claims", sample_path, "--cassettes", cassettes)
    assert (ended.code, "its place says otherwise" in ended.err) == (2, True)


def test_a_recording_of_another_host_is_refused(acme: Callable[..., Ended], keycap: Keycap, sample_path: Path, tmp_path: Path) -> None:
    """A recording says where it was made; one that was edited to speak for another host no longer fits its digest."""
    cassettes = tmp_path / "cassettes"
    with http_server(acme_routes) as server:
        acme(server.url)
    [path] = cassettes.rglob("*.yaml")
    path.write_text(path.read_text(encoding="utf-8").replace(server.url, "https://api.acme.example"), encoding="utf-8")
    assert keycap("show", "--claims", sample_path, "--cassettes", cassettes).code == 2


def test_a_contract_is_read_from_a_folder_of_copies_with_its_date(keycap: Keycap, sample_path: Path, tmp_path: Path) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    operation = {"post": {"requestBody": {"content": {"application/json": {"schema": {"properties": {"limit": {"type": "number"}}}}}}}}
    contract = {"openapi": "3.1.0", "info": {"title": "Acme", "version": "7"}, "paths": {"/v1/keys": operation}}
    (documents / "acme.openapi.yaml").write_text(yaml.safe_dump(contract), encoding="utf-8")
    (documents / "index.yaml").write_text("- {file: acme.openapi.yaml, date: 2026-08-21}\n", encoding="utf-8")
    ended = keycap(
        "verify", "acme", "--tier", "contract", "--documents", documents, "--claims", sample_path, "--cassettes", tmp_path / "c", "--json"
    )
    verdicts = of(ended.json, "verdicts", "acme")
    assert ended.code == 0
    assert {name: row["verdict"] for name, row in verdicts.items()} == {
        "key.create": "confirmed",
        "key.rotate": "confirmed",
        "spend.limit.key": "confirmed",
        "spend.limit.scope": "unverified",
        "rate.error": "unverified",
    }
    assert verdicts["key.create"]["as_of"] == "2026-08-21"
    assert ended.json["headline"]["acme"] == {"answer": "native", "rests_on": ["key.create", "spend.limit.key"], "level": "contract"}


def test_a_contradicted_claim_ends_with_1(keycap: Keycap, sample_path: Path, tmp_path: Path) -> None:
    (tmp_path / "acme.openapi.yaml").write_text("openapi: 3.1.0\ninfo: {version: '7'}\npaths: {/v1/keys: {post: {}}}\n", encoding="utf-8")
    arguments = ("verify", "acme", "--tier", "contract", "--documents", tmp_path, "--claims", sample_path, "--cassettes", tmp_path / "c")
    ended = keycap(*arguments)
    assert ended.code == 1
    assert "spend.limit.key: claimed supported" in ended.out


def test_ctrl_c_says_what_was_not_run_and_leaves_a_valid_record(
    real_routes: Callable[[str, str], Reply], tmp_path: Path, keycap: Keycap
) -> None:
    def slow(method: str, target: str) -> Reply:
        time.sleep(0.4)
        return real_routes(method, target)

    with http_server(slow) as server:
        command = [sys.executable, "-m", "probes", "verify", VENDOR, "--tier", "surface"]
        command += ["--endpoint", f"{VENDOR}={server.url}", "--cassettes", str(tmp_path), "--json"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "NO_COLOR": "1"})
        deadline = time.monotonic() + 30
        while len(server.asked) < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "not run: " in err
    assert json.loads(out)["run"]["jobs"][0]["not_run"] != []
    assert keycap("show", "--cassettes", tmp_path).code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("verify", "opena"), "did you mean openai?"),
        (("show", "opena"), "did you mean openai?"),
        (("explain", "openai", "key.creat"), "did you mean key.create?"),
        (("verify", "--tier", "sirface"), "Tiers: contract, surface"),
        (("verify", "--endpoint", "openai"), "PROVIDER=URL"),
        (("verify", "--endpoint", "openai=ftp://x"), "PROVIDER=URL"),
        (("verify", "--endpoint", "openai=http://me:s3cret@127.0.0.1"), "--endpoint openai=…: has more than an address"),
        (("verify", "--endpoint", "openai=http://127.0.0.1/?key=s3cret"), "Credentials come from the environment"),
        (("verify", "--endpoint", "nobody=http://127.0.0.1"), "no provider"),
        (("claims", "check", "--claims", "absent.yaml"), "cannot be read"),
    ],
)
def test_bad_usage_says_what_where_and_what_next_and_ends_with_2(keycap: Keycap, arguments: tuple[str, ...], says: str) -> None:
    ended = keycap(*arguments)
    assert ended.code == 2
    assert says in ended.err
    assert "Traceback" not in ended.err
    assert "s3cret" not in ended.err
    assert ended.out == ""


def test_a_bad_claims_file_ends_with_2_and_names_line_and_path(keycap: Keycap, sample_path: Path) -> None:
    sample_path.write_text(sample_path.read_text(encoding="utf-8").replace("status: supported", "status: suported"), encoding="utf-8")
    ended = keycap("claims", "check", "--claims", sample_path)
    assert ended.code == 2
    assert "providers.acme.claims.key.create.status" in ended.err
    assert "did you mean supported?" in ended.err


def test_claims_check_passes_on_the_real_file(keycap: Keycap) -> None:
    ended = keycap("claims", "check")
    assert (ended.code, "no problem" in ended.out) == (0, True)


def test_the_schema_accepts_the_real_file_and_is_the_committed_one(keycap: Keycap, checkout: Path) -> None:
    schema = keycap("claims", "schema").json
    data = yaml.load((checkout / "capabilities.yaml").read_text(encoding="utf-8"), yaml.CBaseLoader)  # noqa: S506  (no types but text)
    assert json.loads((checkout / "probes" / "capabilities.schema.json").read_text(encoding="utf-8")) == schema
    data["providers"][VENDOR]["kind"] = "unheard-of"
    complaints = [list(error.path) for error in jsonschema.Draft202012Validator(schema).iter_errors(data)]
    assert ["providers", VENDOR, "kind"] in complaints


def test_explain_shows_claim_sources_evidence_exchanges_and_why(keycap: Keycap, sample_path: Path, tmp_path: Path) -> None:
    (tmp_path / "acme.openapi.yaml").write_text("openapi: 3.1.0\ninfo: {version: '7'}\npaths: {/v1/keys: {post: {}}}\n", encoding="utf-8")
    where = ("--claims", sample_path, "--cassettes", tmp_path / "c")
    keycap("verify", "acme", "--tier", "contract", "--documents", tmp_path, *where)
    out = keycap("explain", "acme", "key.create", *where).out
    for part in (
        "claimed: supported by api",
        "POST /v1/keys",
        "https://acme.example/openapi.yaml",
        "live/acme/contract.yaml#0",
        "verdict: confirmed",
    ):
        assert part in out


def test_plan_shows_every_request_and_sends_none(keycap: Keycap) -> None:
    with http_server(lambda _method, _target: REFUSED) as server:
        ended = keycap("plan", VENDOR, "--endpoint", f"{VENDOR}={server.url}", "--tier", "surface", "--json")
    assert server.asked == []
    requests = ended.json["requests"]
    assert {"POST", "GET", "DELETE"} <= {each["method"] for each in requests}
    assert all(each["url"].startswith(server.url) and each["credential"] is None and each["cost_usd"] == 0 for each in requests)


def test_json_goes_to_stdout_alone(acme: Callable[..., Ended]) -> None:
    with http_server(acme_routes) as server:
        ended = acme(server.url)
    assert ended.json["schema"] == 1
    assert "surface" in ended.err


def test_show_is_plain_without_colour(keycap: Keycap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("FORCE_COLOR", "")
    assert "\x1b[" not in keycap("show", VENDOR).out
