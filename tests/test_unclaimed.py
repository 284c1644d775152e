"""Discovery: what a vendor's contract declares about keys, spend or rate and no claim mentions."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml

from probes import runner
from probes.claims import Claims
from probes.contracts.words import telling, telling_field
from probes.evidence import Origin
from probes.plan import plan
from probes.probe import Tier
from probes.record import Record
from probes.unclaimed import discoveries
from reports import drift
from reports.drift_forms import to_markdown, to_text
from reports.states import Became
from tests.keycap import Keycap
from tests.repositories import commit

KEYS = {"post": {"requestBody": {"content": {"application/json": {"schema": {"properties": {"name": {"type": "string"}}}}}}}}
VENDOR = "openai"


def recorded(claims: Claims, folder: Path, paths: Mapping[str, object]) -> Record:
    """A record of acme's contract with these paths."""
    folder.mkdir(exist_ok=True)
    document = {"openapi": "3.1.0", "info": {"title": "Acme", "version": "1"}, "paths": paths}
    (folder / "acme.openapi.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    runner.verify(plan(claims, providers=["acme"], tiers=[Tier.CONTRACT]), claims, runner.Settings(folder / "cassettes", folder))
    (folder / "claims.yaml").write_text(yaml.safe_dump(claims.model_dump(mode="json", exclude_none=True)), encoding="utf-8")
    return Record.read(folder / "claims.yaml", folder / "cassettes", day=date(2026, 11, 24))


def with_fields(*names: str) -> Mapping[str, object]:
    schema = {"properties": {name: {"type": "number"} for name in names}}
    return {"post": {"requestBody": {"content": {"application/json": {"schema": schema}}}}}


def test_a_new_operation_that_no_claim_mentions_is_told_with_its_path_and_fields(sample: Claims, tmp_path: Path) -> None:
    before = recorded(sample, tmp_path / "a", {"/v1/keys": KEYS})
    new = {"/v1/projects/{id}/spend_limit": with_fields("amount", "interval"), "/v1/chat/files": KEYS, "/v1/keys/{id}": KEYS}
    after = recorded(sample, tmp_path / "b", {"/v1/keys": KEYS, **new})
    found = {each.operation: each.fields for each in discoveries(before, after)}
    assert found == {"POST /v1/projects/{id}/spend_limit": ("amount", "interval"), "POST /v1/keys/{id}": ("name",)}
    assert discoveries(after, after) == []
    assert {each.operation for each in discoveries(after, after, every=True)} == found.keys()


def test_a_path_that_says_nothing_is_told_for_its_fields(sample: Claims, tmp_path: Path) -> None:
    before = recorded(sample, tmp_path / "a", {"/v1/keys": KEYS})
    after = recorded(sample, tmp_path / "b", {"/v1/keys": KEYS, "/v1/controls": with_fields("monthly_budget", "color")})
    assert [(each.operation, each.fields) for each in discoveries(before, after)] == [("POST /v1/controls", ("monthly_budget",))]


def test_a_new_field_of_a_known_operation_is_told_unless_the_claim_names_it(sample: Claims, tmp_path: Path) -> None:
    before = recorded(sample, tmp_path / "a", {"/v1/keys": with_fields("name")})
    after = recorded(sample, tmp_path / "b", {"/v1/keys": with_fields("name", "limit", "daily_quota")})
    assert [(each.operation, each.fields) for each in discoveries(before, after)] == [("POST /v1/keys", ("daily_quota",))]


def test_another_name_of_a_parameter_is_no_news(sample: Claims, tmp_path: Path) -> None:
    before = recorded(sample, tmp_path / "a", {"/v1/budgets/{id}": KEYS})
    after = recorded(sample, tmp_path / "b", {"/v1/budgets/{budget_id}": KEYS})
    assert discoveries(before, after) == []


def test_without_an_earlier_edition_nothing_is_new(sample: Claims, tmp_path: Path) -> None:
    after = recorded(sample, tmp_path / "b", {"/v1/budgets": KEYS})
    assert discoveries(replace(after, recordings=()), after) == []


@pytest.mark.parametrize(
    ("path", "action", "tells"),
    [
        ("/v1/organization/spend_limit", "", True), ("/v2/projects/{key}", "", False), ("/?Action=SetUserQuota", "", True),
        ("/modelstudio/models", "UpdateModelLimits", True), ("/v1/monkeys", "", False), ("/v1/capacity", "", False),
        ("/v1/apiKeys", "", True), ("/v1/spending-caps/{id}", "", True), ("/v1/chat/completions", "", False),
    ],
)  # fmt: skip
def test_words_are_whole_words_of_the_path_or_the_action(path: str, action: str, tells: bool) -> None:
    assert telling(path, action) is tells


@pytest.mark.parametrize(
    ("name", "method", "tells"),
    [("limit", "GET", False), ("limit", "POST", True), ("spendCap.units", "POST", False), ("spendCap", "PATCH", True),
     ("api_key", "POST", True), ("metadata.key", "POST", False), ("caps[].monthly_budget", "PUT", True)],
)  # fmt: skip
def test_a_field_tells_by_its_last_name_and_only_where_something_is_written(name: str, method: str, tells: bool) -> None:
    assert telling_field(name, method) is tells


def test_spend_limits_would_have_been_noticed_the_day_they_were_published(
    keycap: Keycap, real_claims: Claims, shared: Path, tmp_path: Path
) -> None:
    """The vendor's real document, its spend limits cut out for the older record; claims of the time, which knew none."""
    text = (shared / "specs" / f"{VENDOR}.openapi.yaml").read_text(encoding="utf-8")
    claims = claims_of_the_time(real_claims)
    record = ("--claims", tmp_path / "claims.yaml", "--cassettes", tmp_path / "cassettes")
    (tmp_path / "claims.yaml").write_text(yaml.safe_dump(claims.model_dump(mode="json", exclude_none=True), allow_unicode=True))
    for document in (without_spend_limits(text), text):
        (tmp_path / "documents").mkdir(exist_ok=True)
        (tmp_path / "documents" / f"{VENDOR}.openapi.yaml").write_text(document, encoding="utf-8")
        (tmp_path / ".gitignore").write_text("documents\n", encoding="utf-8")
        keycap("verify", VENDOR, "--tier", "contract", "--documents", tmp_path / "documents", *record)
        if document is not text:
            commit(tmp_path)
    ended = keycap("drift", *record, "--format", "json")
    assert ended.code == 1
    found = {row["operation"]: row["fields"] for row in ended.json["drift"]["discoveries"]}
    project, organisation = "/v1/organization/projects/{project_id}/spend_limit", "/v1/organization/spend_limit"
    assert found.keys() == {f"{method} {path}" for method in ("GET", "POST", "DELETE") for path in (project, organisation)}
    assert found[f"POST {project}"] == ["currency", "interval", "threshold_amount"]
    assert f"`POST {project}`" in keycap("drift", *record, "--format", "md").out


def test_operations_that_a_claim_names_are_told_with_its_cell(real_claims: Claims, shared: Path, tmp_path: Path) -> None:
    """With today's claims the same change is a capability that appeared, and the cell names what is declared anew."""
    text = (shared / "specs" / f"{VENDOR}.openapi.yaml").read_text(encoding="utf-8")
    jobs = plan(only_the_document(real_claims), providers=[VENDOR], tiers=[Tier.CONTRACT])
    records = []
    for folder, document in ((tmp_path / "a", without_spend_limits(text)), (tmp_path / "b", text)):
        folder.mkdir()
        (folder / f"{VENDOR}.openapi.yaml").write_text(document, encoding="utf-8")
        outcome = runner.verify(jobs, only_the_document(real_claims), runner.Settings(folder / "c", folder))
        assert {each.origin for each in outcome.evidence} == {Origin.LIVE}
        (folder / "claims.yaml").write_text(
            yaml.safe_dump(only_the_document(real_claims).model_dump(mode="json", exclude_none=True), allow_unicode=True), encoding="utf-8"
        )
        records.append(Record.read(folder / "claims.yaml", folder / "c", day=date(2026, 11, 24)))
    found = drift(*records)
    assert found.discoveries == ()
    cap = next(row for row in found.verdicts if row.capability == "spend.limit.scope")
    assert (cap.kind, len(cap.declared)) == (Became.APPEARED, 6)
    text = "\n".join(to_text(found))
    assert all(text.count(f"+ {operation}\n") >= 1 for operation in cap.declared)
    assert "契约新声明了" in to_markdown(found, real_claims, "zh")


def only_the_document(claims: Claims) -> Claims:
    """The vendor with its public document alone: an SDK would have to be downloaded."""
    vendor = claims.providers[VENDOR]
    changed = vendor.model_copy(update={"contracts": {"openapi": vendor.contracts["openapi"]}})
    return claims.model_copy(update={"providers": {VENDOR: changed}})


def claims_of_the_time(claims: Claims) -> Claims:
    vendor = only_the_document(claims).providers[VENDOR]
    unknown = {"status": "unknown"}
    changed = dict.fromkeys(("spend.limit.scope", "spend.reset"), unknown)
    data = only_the_document(claims).model_dump(mode="json", exclude_none=True)
    data["providers"][VENDOR]["claims"] |= changed
    data["providers"][VENDOR]["recipe"] = []
    for glob in list(vendor.contracts["openapi"].include):
        if "spend_limit" in glob:
            data["providers"][VENDOR]["contracts"]["openapi"]["include"].remove(glob)
    return Claims.model_validate(data)


def without_spend_limits(document: str) -> str:
    """The document without the two paths that end in spend_limit."""
    kept, cut = [], False
    for line in document.splitlines(keepends=True):
        if line.startswith("  ") and not line.startswith("   "):
            cut = line.strip().endswith("/spend_limit:")
        kept += [] if cut else [line]
    return "".join(kept)
