"""Accepting: the evidence's word in the claim's place, and not a character beside it."""

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from probes.claims_file import load_claims
from probes.evidence import VerdictStatus
from probes.plan import plan
from probes.probe import Tier
from probes.runner import Settings, verify
from probes.surgery import NotEditable, changed
from probes.vocabulary import Mechanism, Status
from tests.keycap import Ended, Keycap
from tests.samples import CLAIMS
from tests.servers import Reply, http_server

ROTATE = "/v1/keys/{id}/rotate"


class Checkout:
    """A claims file and a record of acme's contract, and keycap run on them."""

    def __init__(self, keycap: Keycap, folder: Path) -> None:
        self.keycap, self.folder = keycap, folder
        self.claims = folder / "capabilities.yaml"

    def declare(self, paths: Mapping[str, tuple[str, ...]]) -> None:
        """Record a contract in which each path takes a POST with these fields."""
        document: dict[str, Any] = {"openapi": "3.1.0", "info": {"title": "Acme", "version": "1"}, "paths": {}}
        for path, fields in paths.items():
            schema = {"properties": {name: {"type": "number"} for name in fields}}
            document["paths"][path] = {"post": {"requestBody": {"content": {"application/json": {"schema": schema}}}}}
        (self.folder / "acme.openapi.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
        (self.folder / "index.yaml").write_text("- {file: acme.openapi.yaml, date: 2026-11-20}\n", encoding="utf-8")
        loaded = load_claims(self.claims)
        jobs = plan(loaded, providers=["acme"], tiers=[Tier.CONTRACT])
        verify(jobs, loaded, Settings(self.folder / "cassettes", self.folder))

    def accept(self, *named: str) -> Ended:
        return self.keycap("claims", "accept", *named, *self._where)

    def verdict(self, capability: str) -> str:
        rows = self.keycap("show", "acme", "--json", *self._where).json["verdicts"]
        return str(next(row["verdict"] for row in rows if (row["provider"], row["capability"]) == ("acme", capability)))

    @property
    def _where(self) -> tuple[object, ...]:
        return ("--claims", self.claims, "--cassettes", self.folder / "cassettes")


@pytest.fixture
def acme(keycap: Keycap, sample_path: Path) -> Checkout:
    return Checkout(keycap, sample_path.parent)


def difference(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in lines if line[0] in "+-" and line[:3] not in ("+++", "---")]


def test_what_appeared_in_a_contract_changes_the_line_of_its_claim_only(acme: Checkout) -> None:
    acme.declare({"/v1/keys": ("limit",), ROTATE: ()})
    before = acme.claims.read_text(encoding="utf-8")
    assert acme.verdict("key.rotate") == "refuted"
    assert acme.accept("acme.key.rotate").code == 0
    assert difference(before, acme.claims.read_text(encoding="utf-8")) == [
        '-      key.rotate: {status: unsupported, refuted_by: ["* /**/rotate"], sources: [spec]}',
        f"+      key.rotate: {{status: supported, mechanism: api, endpoint: 'POST {ROTATE}', sources: [spec],"
        " accepted: {record: live/acme/contract.yaml, dated: 2026-11-20}}",
    ]
    assert acme.verdict("key.rotate") == "confirmed"


def test_what_vanished_from_a_contract_changes_the_line_of_its_claim_only(acme: Checkout) -> None:
    acme.declare({"/v1/keys": ("name",)})
    before = acme.claims.read_text(encoding="utf-8")
    assert acme.accept("acme.spend.limit.key").code == 0
    lines = difference(before, acme.claims.read_text(encoding="utf-8"))
    assert lines[0].strip("- ").startswith("spend.limit.key: {status: supported, mechanism: api, scope: [key]")
    assert lines[-1].endswith("unit: usd, sources: [spec], accepted: {record: live/acme/contract.yaml, dated: 2026-11-20}}")
    claim = load_claims(acme.claims).providers["acme"].claims["spend.limit.key"]
    assert (claim.status, claim.mechanism, claim.endpoint) == (Status.UNSUPPORTED, Mechanism.NONE, "POST /v1/keys")
    assert acme.verdict("spend.limit.key") == "confirmed"


def test_nothing_is_accepted_without_being_named(acme: Checkout) -> None:
    acme.declare({"/v1/keys": ("name",), ROTATE: ()})
    before = acme.claims.read_bytes()
    ended = acme.accept()
    assert (ended.code, acme.claims.read_bytes()) == (0, before)
    assert {line.split()[3] for line in ended.out.splitlines()} == {"acme.key.rotate", "acme.spend.limit.key"}


def test_a_provider_names_all_that_its_evidence_contradicts(acme: Checkout) -> None:
    acme.declare({"/v1/keys": ("name",), ROTATE: ()})
    assert acme.accept("acme").code == 0
    assert {acme.verdict(each) for each in ("key.rotate", "spend.limit.key", "key.create")} == {"confirmed"}
    assert acme.accept("acme").out == "nothing to accept\n"


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ("acme.key.create", "there is nothing to accept"),
        ("acme.rate.error", "no evidence settles it"),
        ("acme.spend.limit.scope", "no evidence settles it"),
        ("acme.key.crate", "did you mean key.create?"),
        ("acne.key.create", "did you mean acme?"),
    ],
)
def test_where_the_evidence_does_not_say_enough_nothing_is_written(acme: Checkout, named: str, why: str) -> None:
    acme.declare({"/v1/keys": ("name",)})
    before = acme.claims.read_bytes()
    ended = acme.accept("acme.spend.limit.key", named)
    assert (ended.code, why in ended.err, acme.claims.read_bytes()) == (2, True, before), ended.err


def test_a_route_that_answers_is_accepted_where_the_claim_names_just_one(keycap: Keycap, sample_path: Path) -> None:
    statuses = {"/openapi.json": 200, "/admin/keys": 401, "/admin/keys/rotate": 401}
    loaded = load_claims(sample_path)
    with http_server(lambda _method, target: Reply(statuses.get(target, 404))) as server:
        jobs = plan(loaded, providers=["hub"], tiers=[Tier.SURFACE], endpoints={"hub": f"{server.url}#0.0.1"})
        outcome = verify(jobs, loaded, Settings(sample_path.parent / "cassettes"))
    assert {each.outcome for each in outcome.evidence} == {"present"}
    where = ("--claims", sample_path, "--cassettes", sample_path.parent / "cassettes")
    assert keycap("claims", "accept", "hub.key.rotate", *where).code == 0
    hub = load_claims(sample_path).providers["hub"]
    claim = hub.claims["key.rotate"]
    assert (claim.status, claim.endpoint, claim.refuted_by) == (Status.SUPPORTED, "POST /admin/keys/rotate", [])
    assert hub.sources[claim.sources[0]].url == "live capture"
    assert keycap("show", "hub", "--json", *where).json["verdicts"][1]["verdict"] == VerdictStatus.CONFIRMED


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_comments_order_layout_and_line_ends_stay(acme: Checkout, newline: str) -> None:
    text = CLAIMS.replace("      key.rotate:", "      # Not to be found.   \n      key.rotate:", 1).replace("\n", newline)
    acme.claims.write_bytes(text.encode())
    acme.declare({"/v1/keys": ("limit",), ROTATE: ()})
    acme.accept("acme.key.rotate")
    now = acme.claims.read_bytes().decode()
    assert [line for line in text.split(newline) if line not in now.split(newline)] == [
        '      key.rotate: {status: unsupported, refuted_by: ["* /**/rotate"], sources: [spec]}'
    ]
    assert now.count(newline) == text.count(newline)


ORDER = ["status", "mechanism", "endpoint", "sources", "accepted"]
TELLING = ["POST /v1/{id}", "a, b", "# no", "true", "null", "{", "*x"]
TEXT = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=8) | st.sampled_from(TELLING)
    ["POST /v1/{id}", "a, b", "# no", "true", "null", "{", "*x"]
)


@given(st.dictionaries(st.sampled_from(ORDER), TEXT, min_size=1), st.dictionaries(st.sampled_from(ORDER), st.none() | TEXT), st.booleans())
def test_entries_are_set_and_removed_in_either_style_and_nothing_else_moves(old: dict[str, str], new: dict[str, Any], flow: bool) -> None:
    before = {"first": {"x": "1"}, "here": {"it": old}, "last": ["z"]}
    text = "# top\n" + yaml.safe_dump(before, default_flow_style=None if flow else False, sort_keys=False, allow_unicode=True) + "# end\n"
    try:
        edited = changed(text, ("here", "it"), new, ORDER)
    except NotEditable:
        return
    expected = {**old, **{key: value for key, value in new.items() if value is not None}}
    expected = {key: value for key, value in expected.items() if new.get(key, "") is not None}
    assert yaml.safe_load(edited) == {**before, "here": {"it": expected}}
    assert edited.startswith("# top\nfirst")
    assert edited.endswith("# end\n")


def test_a_value_in_a_block_is_left_to_a_person() -> None:
    with pytest.raises(NotEditable):
        changed("a:\n  status: >-\n    one\n    two\n  b: 1\n", ("a",), {"status": "x"}, ["status"])
    with pytest.raises(KeyError):
        changed("a: {}\n", ("b",), {"status": "x"}, ["status"])
