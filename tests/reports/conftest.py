"""Results that the report's tests share: invented ones, and the real ones of this checkout."""

import pytest

from probes.claims import Claims
from probes.judged import load_record
from probes.results import Results
from reports.rendering import documents
from reports.text import LANGUAGES
from tests.reports import invented as samples


@pytest.fixture(scope="session")
def invented() -> Results:
    return samples.results()


@pytest.fixture(scope="session")
def rendered(invented: Results) -> dict[str, str]:
    """The invented report: en.md with the pages of its providers, en.html, zh.md, zh.html."""
    return joined(invented)


@pytest.fixture(scope="session")
def real(real_claims: Claims) -> Results:
    record = load_record(real_claims, samples.CHECKOUT / "cassettes")
    return Results.of(real_claims, record.evidence, record.exchanges)


@pytest.fixture(scope="session")
def rendered_real(real: Results) -> dict[str, str]:
    return joined(real)


def joined(results: Results) -> dict[str, str]:
    """Both languages' pages by language and format; Markdown is one text of all its files."""
    found = {}
    for language in LANGUAGES:
        files = documents(results, language)
        found[f"{language}.html"] = files[f"report.{language}.html"]
        found[f"{language}.md"] = "\n".join(text for name, text in files.items() if name.endswith(".md"))
    return found
