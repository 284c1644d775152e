"""The committed record: what keycap has really shown so far, re-derived from `cassettes/` by anyone."""

from pathlib import Path

import pytest
import yaml

import reports
from probes.claims import Claims
from probes.evidence import Level, Origin, VerdictStatus
from probes.judged import load_record
from probes.results import Results
from probes.vocabulary import Kind, Status
from probes.wire.cassette import load
from reports.history import read
from reports.readme import READMES, is_current

CLAIMED = (Status.SUPPORTED, Status.PARTIAL)


@pytest.fixture(scope="module")
def results(real_claims: Claims) -> Results:
    record = load_record(real_claims, Path(__file__).parent.parent / "cassettes")
    return Results.of(real_claims, record.evidence, record.exchanges)


def surveyed(claims: Claims) -> list[str]:
    """The providers of the 2024 survey."""
    return [name for name, provider in claims.providers.items() if provider.seed]


MEASURED = {"prompture_hub", "mlflow_ai_gateway", "litellm", "any_llm_gateway"}
"""Gateways that run here, for real."""


def test_the_nine_of_the_survey_and_all_others_claim_every_capability(real_claims: Claims) -> None:
    assert len(surveyed(real_claims)) == 9
    assert len(real_claims.providers) >= 48
    assert all(list(provider.claims) == list(real_claims.capabilities) for provider in real_claims.providers.values())
    assert len(real_claims.capabilities) == 18


def test_every_supported_or_partial_claim_has_a_dated_source(real_claims: Claims) -> None:
    for name, provider in real_claims.providers.items():
        for capability, claim in provider.claims.items():
            if claim.status in CLAIMED:
                assert [provider.sources[source].read for source in claim.sources], f"{name} {capability}"


def test_every_partial_claim_says_what_is_missing_in_both_languages(real_claims: Claims) -> None:
    bare = [
        f"{name} {capability}"
        for name, provider in real_claims.providers.items()
        for capability, claim in provider.claims.items()
        if claim.status is Status.PARTIAL and claim.note is None
    ]
    assert bare == []


def test_contracts_settle_claims_of_at_least_seven_surveyed_providers_positives_and_negatives(results: Results) -> None:
    settled: dict[str, set[Status]] = {}
    for (provider, capability), verdict in results.verdicts.items():
        if verdict.status is VerdictStatus.CONFIRMED and verdict.level is Level.CONTRACT:
            settled.setdefault(provider, set()).add(results.claims.providers[provider].claims[capability].status)
    names = set(surveyed(results.claims)) & settled.keys()
    assert len(names) >= 7
    assert sum(Status.UNSUPPORTED in settled[name] and bool(set(CLAIMED) & settled[name]) for name in names) >= 6


def test_nothing_in_the_record_contradicts_a_claim(results: Results) -> None:
    contradicted = [key for key, verdict in results.verdicts.items() if verdict.status in (VerdictStatus.REFUTED, VerdictStatus.CONFLICT)]
    assert contradicted == []


def test_the_gateways_were_really_probed_and_name_their_version(results: Results, checkout: Path) -> None:
    for name, provider in results.claims.providers.items():
        if name in MEASURED:
            assert provider.kind is Kind.GATEWAY
            metadata = load(checkout / "cassettes" / "live" / name / "surface.yaml").metadata
            assert (metadata.origin, metadata.version) == ("live", provider.version)
            assert metadata.endpoint.startswith("http://127.0.0.1:")
            assert any(each.provider == name and each.level is Level.SURFACE and each.origin is Origin.LIVE for each in results.evidence)


def test_a_contract_says_where_it_comes_from(results: Results, checkout: Path) -> None:
    for path in (checkout / "cassettes" / "live").glob("*/contract.yaml"):
        for _request, response in load(path).interactions:
            text = response["body"]["string"].decode("utf-8")
            assert all(f'"{name}":' in text for name in ("address", "version", "date", "sha256", "retrieved")), path


def test_measured_gateways_hold_their_figures(results: Results) -> None:
    """In sequence and with eight in flight, honest and understated, each against a cap that stopped traffic."""
    for name in MEASURED:
        series = {
            (figures.in_flight, figures.understated)
            for each in results.by_claim[name, "spend.limit.key"]
            if each.origin is Origin.LIVE
            for figures in each.figures
            if figures.refused
        }
        assert series == {(1, False), (8, False), (1, True), (8, True)}, name


def test_at_least_fifteen_providers_settle_claims_by_their_contracts(results: Results) -> None:
    assert len({each.provider for each in results.evidence if each.level is Level.CONTRACT and each.conclusive}) >= 15


def test_no_vendors_route_was_recorded_from_here(checkout: Path) -> None:
    """Nothing here reaches a vendor: a recording of one beyond its contract, origin live, could not be true."""
    beyond = {path.parent.name for path in (checkout / "cassettes" / "live").glob("*/*.yaml") if path.name != "contract.yaml"}
    assert beyond == MEASURED


def test_every_verdict_is_the_same_whichever_way_the_evidence_is_ordered(results: Results) -> None:
    turned = Results.of(results.claims, tuple(reversed(results.evidence)))
    assert {key: (each.status, each.level) for key, each in turned.verdicts.items()} == {
        key: (each.status, each.level) for key, each in results.verdicts.items()
    }


def test_the_committed_report_and_readmes_are_what_the_record_says(results: Results, checkout: Path, tmp_path: Path) -> None:
    for path in reports.render(results, tmp_path, history=read(checkout / "reports" / "history.jsonl")):
        place = path.relative_to(tmp_path)
        assert path.read_bytes() == (checkout / "reports" / "latest" / place).read_bytes(), f"run `keycap report`: {place} is not current"
    for language, name in READMES.items():
        assert is_current(results, checkout / name, language), f"run `keycap report`: {name} is not current"


def test_the_claims_can_be_read_without_libyaml(real_claims: Claims, checkout: Path) -> None:
    """Some machines have PyYAML without its C library, whose own parser is stricter."""
    data = yaml.load((checkout / "capabilities.yaml").read_text(encoding="utf-8"), yaml.SafeLoader)
    assert list(data["providers"]) == list(real_claims.providers)
