"""What programs read: evidence.json by its schema, and JUnit as CI systems take it."""

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest

import reports
from probes.document import SCHEMA, document, schema
from probes.evidence import Cause, Level, Outcome
from probes.results import Results
from reports.frames import reference_date
from reports.junit import junit
from tests.reports.invented import found, invented


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 — our own


@pytest.mark.parametrize("which", ["invented", "real"])
def test_the_document_is_what_its_schema_says(which: str, request: pytest.FixtureRequest) -> None:
    results: Results = request.getfixturevalue(which)
    validator = jsonschema.Draft202012Validator(schema())
    jsonschema.Draft202012Validator.check_schema(schema())
    made = document(results, {"keycap": "0"}, today=reference_date(results))
    assert [error.message for error in validator.iter_errors(made)] == []
    made["evidence"][0]["surprise"] = 1
    assert not validator.is_valid(made)


def test_the_report_brings_the_schema_of_its_evidence(invented: Results, tmp_path: Path) -> None:
    reports.render(invented, tmp_path)
    written = json.loads((tmp_path / "evidence.schema.json").read_text(encoding="utf-8"))
    assert written["$id"].endswith(f":{SCHEMA}")
    jsonschema.Draft202012Validator(written).validate(json.loads((tmp_path / "evidence.json").read_text(encoding="utf-8")))


def test_another_shape_is_another_version() -> None:
    """Whoever changes these lists changes `SCHEMA` where a field goes or means something else."""
    rows = {name: list(each["properties"]) for name, each in schema()["$defs"].items() if "properties" in each}
    assert SCHEMA == 1
    assert rows["EvidenceRow"] == [
        "provider", "capability", "outcome", "level", "origin", "tier", "probe", "cause", "detail", "recorded_at", "as_of", "exchanges",
        "figures",
    ]  # fmt: skip
    assert rows["VerdictRow"] == ["provider", "capability", "status", "verdict", "level", "as_of", "age_days", "missing"]
    assert rows["HeadlineRow"] == ["answer", "rests_on", "level"]


def test_a_suite_for_each_provider_and_a_case_for_each_claim(invented: Results) -> None:
    root = parsed(junit(invented))
    suites = {suite.attrib["name"]: suite for suite in root}
    assert list(suites) == list(invented.claims.providers)
    assert [case.attrib["name"] for case in suites["acme"]] == list(invented.claims.capabilities)
    assert (root.attrib["tests"], root.attrib["failures"]) == ("54", "2")
    assert root.attrib["skipped"] == "49"
    assert suites["acme"].attrib["timestamp"] == "2026-11-24T10:00:00"


def case(results: Results, capability: str, provider: str = "acme") -> ET.Element:
    found = parsed(junit(results)).find(f"testsuite[@name='{provider}']/testcase[@name='{capability}']")
    assert found is not None
    return found


def test_contradicted_fails_unchecked_is_skipped_and_a_broken_probe_is_an_error(invented: Results) -> None:
    failure = case(invented, "key.rotate").find("failure")
    assert failure is not None
    assert "claimed unsupported, refuted by surface" in failure.attrib["message"]
    assert "live/acme/contract.yaml#0" in (failure.text or "")
    skipped = case(invented, "spend.usage").find("skipped")
    assert skipped is not None
    assert "cannot be told apart" in skipped.attrib["message"]
    assert [each.tag for each in case(invented, "key.create")] == ["system-out"]
    broken = found("key.list", Outcome.INCONCLUSIVE, Level.BEHAVIOUR, cause=Cause.PROBE_FAILED, detail="KeyError: 'x'\x1b")
    error = case(Results.of(invented.claims, [broken]), "key.list").find("error")
    assert error is not None
    assert error.attrib["message"] == "KeyError: 'x'\ufffd"


def test_some_providers_only(invented: Results) -> None:
    assert [suite.attrib["name"] for suite in parsed(junit(invented, ["hub"]))] == ["hub"]


def test_hostile_details_are_xml_still() -> None:
    evil = "]]></failure><x>\x00\u202e\ud800&"
    twisted = [replace(each, detail=evil) for each in (found("key.rotate", Outcome.PRESENT, Level.SURFACE),)]
    text = junit(Results.of(invented(), twisted))
    assert parsed(text).find(".//x") is None
    text.encode("utf-8")
