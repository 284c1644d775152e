"""Results that the report's tests share: invented ones, and the real ones of this checkout."""

import pytest

from probes.claims import Claims
from probes.judge import load_record
from probes.results import Results
from reports.rendering import documents
from tests.reports import invented as samples


@pytest.fixture(scope="session")
def invented() -> Results:
    return samples.results()


@pytest.fixture(scope="session")
def rendered(invented: Results) -> dict[str, str]:
    """The invented report by name: en.md, en.html, zh.md, zh.html."""
    return {f"{language}.{form}": text for language in ("en", "zh") for form, text in documents(invented, language).items()}


@pytest.fixture(scope="session")
def real(real_claims: Claims) -> Results:
    record = load_record(real_claims, samples.CHECKOUT / "cassettes")
    return Results.of(real_claims, record.evidence, record.exchanges)


@pytest.fixture(scope="session")
def rendered_real(real: Results) -> dict[str, str]:
    return {f"{language}.{form}": text for language in ("en", "zh") for form, text in documents(real, language).items()}
