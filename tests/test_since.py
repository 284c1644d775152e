"""Since when a contract has what is claimed: bisection over its editions, each read at most once."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from probes.contracts import fetch
from probes.contracts.extract import Extract, Operation, Provenance
from probes.editions import Edition
from probes.errors import DocumentError
from probes.since import appearances
from tests.keycap import Keycap
from tests.repositories import commit
from tests.samples import sample_claims

WITHOUT, WITH = Operation("POST", "/v1/keys", {"name": "string"}), Operation("POST", "/v1/keys", {"name": "string", "limit": "number"})


def document(*fields: str) -> str:
    schema = {"properties": {name: {"type": "number"} for name in fields}}
    paths = (
        {"/v1/keys": {"post": {"requestBody": {"content": {"application/json": {"schema": schema}}}}}}
        if fields
        else {"/v1/chat": {"post": {}}}
    )
    return yaml.safe_dump({"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": paths})


class Reads:
    """Editions that count how often they are read; `broken` ones cannot be."""

    def __init__(self, operations: Sequence[Operation | None], broken: Sequence[int] = ()) -> None:
        self.read: list[int] = []
        self.broken = set(broken)
        self.editions = [Edition(f"e{place}", f"2026-{place + 1:02}-01", self._load(place, each)) for place, each in enumerate(operations)]

    def _load(self, place: int, operation: Operation | None) -> Any:
        def load() -> Extract:
            self.read.append(place)
            if place in self.broken:
                raise DocumentError("is not YAML", where="x")
            return Extract(Provenance("openapi", "a", "1", "2026-01-01", "0", "copy"), (operation,) if operation else ())

        return load

    def since(self) -> dict[str, str]:
        found, _ = appearances(sample_claims().providers["acme"], sample_claims().capabilities, "openapi", self.editions)
        return {each.capability: each.since for each in found}


@given(st.integers(0, 9), st.integers(0, 9), st.integers(1, 10))
def test_the_first_edition_that_has_it_is_found_and_none_is_read_twice(operation: int, field: int, count: int) -> None:
    field = max(operation, field)
    reads = Reads([WITH if place >= field else WITHOUT if place >= operation else None for place in range(count)])
    expected = {
        name: "" if at >= count else "before 2026-01-01" if at == 0 else f"2026-{at + 1:02}-01"
        for name, at in (("key.create", operation), ("spend.limit.key", field))
    }
    assert reads.since() == expected
    assert len(reads.read) == len(set(reads.read))


def test_of_a_hundred_editions_few_are_read() -> None:
    reads = Reads([WITH if place >= 77 else None for place in range(100)])
    reads.since()
    assert len(reads.read) <= 8


@given(st.sets(st.integers(0, 7), max_size=7))
def test_editions_that_cannot_be_read_are_passed_over(broken: set[int]) -> None:
    reads = Reads([WITH if place >= 4 else None for place in range(8)], sorted(broken))
    usable = [place for place in range(8) if place not in broken]
    having = [place for place in usable if place >= 4]
    expected = "" if not having else f"2026-{having[0] + 1:02}-01" if having[0] != usable[0] else f"before 2026-{having[0] + 1:02}-01"
    assert reads.since()["key.create"] == expected
    assert len(reads.read) == len(set(reads.read))


def test_when_none_can_be_read_that_is_said() -> None:
    with pytest.raises(DocumentError, match="no edition can be read"):
        Reads([WITH, WITH], [0, 1]).since()


def test_dated_copies_in_a_folder_are_editions(keycap: Keycap, sample_path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    for day, fields in (("2026-01-01", ()), ("2026-02-01", ("name",)), ("2026-03-01", ("name", "limit"))):
        (folder / f"acme.{day}.openapi.yaml").write_text(document(*fields), encoding="utf-8")
    (folder / "other.2026-01-15.openapi.yaml").write_text("{", encoding="utf-8")
    ended = keycap("since", "acme", "--documents", folder, "--claims", sample_path, "--json").json
    assert {each["capability"]: each["since"] for each in ended["since"]} == {"key.create": "2026-02-01", "spend.limit.key": "2026-03-01"}
    assert (ended["contract"], ended["editions"]) == ("openapi", 3)
    told = keycap("since", "acme", "--documents", folder, "--claims", sample_path)
    assert "not in acme.2026-02-01.openapi.yaml (2026-02-01), in acme.2026-03-01.openapi.yaml (2026-03-01)" in told.out
    assert "3 of 3 editions read" in told.err


def test_the_commits_of_a_checkout_are_editions(keycap: Keycap, sample_path: Path, tmp_path: Path) -> None:
    checkout = tmp_path / "vendor"
    (checkout / "spec").mkdir(parents=True)
    for day, fields in (("2026-01-01", ()), ("2026-02-01", ("name",)), ("2026-03-01", ("name", "limit"))):
        (checkout / "spec" / "api.yaml").write_text(document(*fields), encoding="utf-8")
        commit(checkout, day)
    where = ("--checkout", checkout, "--file", "spec/api.yaml", "--claims", sample_path)
    found = keycap("since", "acme", "--json", *where).json["since"]
    assert {each["capability"]: each["since"] for each in found} == {"key.create": "2026-02-01", "spend.limit.key": "2026-03-01"}
    for wrong in (("--file", "spec/none.yaml"), ("--file", "../outside.yaml")):
        assert keycap("since", "acme", "--checkout", checkout, *wrong, "--claims", sample_path).code == 2


def test_where_there_are_no_editions_it_says_what_could_be_given(keycap: Keycap, sample_path: Path, tmp_path: Path) -> None:
    for arguments in ((), ("--documents", tmp_path), ("--checkout", tmp_path), ("--contract", "sdk")):
        ended = keycap("since", "acme", *arguments, "--claims", sample_path)
        assert (ended.code, ended.err.startswith("keycap: ")) == (2, True), arguments


def test_releases_are_listed_by_the_users_own_installer(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], **_: Any) -> "subprocess.CompletedProcess[str]":
        assert command[:3] == [sys.executable, "-m", "pip"]
        assert command[-1] == "acme-sdk"
        assert not any("://" in argument for argument in command)
        return subprocess.CompletedProcess(command, 0, "acme-sdk (2.0)\nAvailable versions: 2.0, 1.10, 1.9\n  INSTALLED: 1.9\n", "")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(fetch, "find_spec", lambda _: object())
    assert fetch.versions("acme-sdk") == ["1.9", "1.10", "2.0"]
    with pytest.raises(DocumentError, match="no name of a package"):
        fetch.versions("--index=x")


def test_the_vendors_real_editions_bracket_its_spend_limits(keycap: Keycap, shared: Path) -> None:
    ended = keycap("since", "openai", "--documents", shared / "specs", "--contract", "openapi", "--json").json
    found = {each["capability"]: each for each in ended["since"]}
    assert ended["read"] <= ended["editions"] == 5
    assert (found["spend.limit.scope"]["since"], "2026-07-22" in found["spend.limit.scope"]["lacking"]) == ("2026-08-21", True)
    assert found["key.create"]["since"] == "2024-11-01"
    assert "rate.error" not in found
