"""`claims check --strict`: what a valid file may lack, and where it says something else than a recorded contract."""

from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from probes.claims_file import read_claims
from probes.claims_places import ClaimsError
from probes.claims_strict import check
from probes.cli import app
from tests.samples import CLAIMS

TODAY = date(2026, 11, 24)
PARTIAL = "{status: partial, mechanism: api, scope: [key], endpoint: POST /v1/keys, fields: [limit]"

SPEC = 'spec: {url: "https://acme.example/openapi.yaml"'
FRESH = "dated: 2026-08-21, read: 2026-11-23"
FAULTS = [
    (PARTIAL.replace("partial", "supported"), PARTIAL, "claims.spend.limit.key.note", "what part"),
    (FRESH, "dated: 2026-11-23, read: 2025-11-23", "acme.claims.key.create.sources", "read after 2025-11-24"),
    ("zh: 一个虚构的提供商。", "zh: An invented provider.", "acme.summary.zh", "no Chinese"),
    ("en: An invented gateway.", "en: 一个虚构的网关。", "hub.summary.en", "has Chinese"),
    ("get: {zh: 控制台, en: console}", "get: {zh: console, en: console}", "acme.credentials.admin.get.zh", "no Chinese"),
    ("name: {zh: 中枢, en: Hub}", "name: {zh: 中枢, en: ACME}", "hub.name.en", "the name of acme"),
    ("  hub:\n    name", "  acm_e:\n    name", "providers.acm_e", "the id of acme"),
    (SPEC, 'spec: {url: "http://acme.example/openapi.yaml"', "acme.sources.spec.url", "https"),
    (SPEC, 'spec: {url: "https://me:s3cret@acme.example/"', "acme.sources.spec.url", "credential"),
    (SPEC, 'spec: {url: "https://acme/openapi.yaml"', "acme.sources.spec.url", "host"),
    (SPEC, 'spec: {url: "https://acme.example/a…b"', "acme.sources.spec.url", "character"),
    (SPEC, 'spec: {url: "https://acme.example:99999/"', "acme.sources.spec.url", "no URL"),
    ('api: {url: "https://api.acme.example"', 'api: {url: "https://-api.acme.example"', "acme.hosts.api.url", "host"),
]  # fmt: skip


def strict(path: Path, cassettes: Path) -> list[str]:
    claims, places = read_claims(path)
    try:
        check(path, claims, places, cassettes, today=TODAY)
    except ClaimsError as error:
        return [str(problem) for problem in error.problems]
    return []


def test_the_sample_lacks_nothing(sample_path: Path, tmp_path: Path) -> None:
    assert strict(sample_path, tmp_path) == []


@pytest.mark.parametrize(("right", "wrong", "path", "says"), FAULTS)
def test_each_lack_is_told_with_its_place(tmp_path: Path, right: str, wrong: str, path: str, says: str) -> None:
    assert CLAIMS.count(right) == 1, "the fault must be the only change"
    file = tmp_path / "capabilities.yaml"
    file.write_text(CLAIMS.replace(right, wrong), encoding="utf-8")
    told = strict(file, tmp_path)
    assert any(path in problem and says in problem for problem in told), told
    line, column = map(int, next(problem for problem in told if path in problem).split(":")[:2])
    key = "spend.limit.key" if path.endswith("note") else path.rpartition(".")[2]  # what is missing is told where it belongs
    assert file.read_text(encoding="utf-8").splitlines()[line - 1][column - 1 :].startswith(key)
    assert "s3cret" not in "".join(told)


def test_equal_ids_are_no_valid_file(tmp_path: Path) -> None:
    file = tmp_path / "capabilities.yaml"
    file.write_text(CLAIMS.replace("  hub:\n", "  acme:\n"), encoding="utf-8")
    with pytest.raises(ClaimsError, match="stands twice"):
        read_claims(file)


def test_a_source_that_is_still_read_may_be_old(tmp_path: Path) -> None:
    file = tmp_path / "capabilities.yaml"
    file.write_text(CLAIMS.replace("dated: 2026-08-21", "dated: 2019-01-01"), encoding="utf-8")
    assert strict(file, tmp_path) == []


def test_claims_that_a_recorded_contract_contradicts_are_told(checkout: Path, tmp_path: Path) -> None:
    """OpenAI's, recorded in two editions: a field and a route that are not declared, and a route that a claim names besides."""
    text = (checkout / "capabilities.yaml").read_text(encoding="utf-8")
    for right, wrong in (
        ("returns: [api_key.value]", "returns: [api_key.cap]"),
        ("also: [GET /v1/organization/admin_api_keys]", "also: [GET /v1/organization/admin_api_keyz]"),
        ('"GET /v1/organization/projects/{project_id}/api_keys/{api_key_id}"', '"GET /v1/organization/projects/{project_id}/keys/{key}"'),
    ):
        assert text.count(right) == 1
        text = text.replace(right, wrong)
    file = tmp_path / "capabilities.yaml"
    file.write_text(text, encoding="utf-8")
    told = strict(file, checkout / "cassettes")
    assert [problem.split(": ")[1] for problem in told] == [
        "providers.openai.claims.key.create.endpoint",
        "providers.openai.claims.key.list.also[0]",
        "providers.openai.claims.key.read.endpoint",
    ]
    lines = text.splitlines()
    for problem in told:
        line, column = map(int, problem.split(":")[:2])
        assert lines[line - 1][column - 1 :].startswith(("endpoint", '"', "GET"))


def test_the_real_file_passes(checkout: Path) -> None:
    assert strict(checkout / "capabilities.yaml", checkout / "cassettes") == []


def test_the_command_tells_all_of_it_and_ends_with_2(tmp_path: Path) -> None:
    file = tmp_path / "capabilities.yaml"
    file.write_text(CLAIMS.replace("zh: 一个虚构的提供商。", "zh: An invented provider."), encoding="utf-8")
    run = CliRunner().invoke(app, ["claims", "check", "--claims", str(file), "--cassettes", str(tmp_path)])
    assert run.exit_code == 0
    run = CliRunner().invoke(app, ["claims", "check", "--strict", "--claims", str(file), "--cassettes", str(tmp_path)])
    assert isinstance(run.exception, ClaimsError)
    assert run.exception.exit_code == 2
