"""A bad capabilities.yaml gets every problem at once, each with its place, what was found, what is allowed and the nearest spelling."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.claims_file import load_claims
from probes.claims_places import ClaimsError
from probes.errors import KeycapError
from tests.samples import CLAIMS

FAULTS = [
    (
        "status: supported, mechanism: api, scope: [key], endpoint: POST /v1/keys, sources",
        "status: suported, mechanism: api, scope: [key], endpoint: POST /v1/keys, sources",
        "providers.acme.claims.key.create.status",
        "supported",
    ),
    (
        "mechanism: api, scope: [key], endpoint: POST /v1/keys, fields",
        "mechanism: apii, scope: [key], endpoint: POST /v1/keys, fields",
        "providers.acme.claims.spend.limit.key.mechanism",
        "api",
    ),
    (
        "scope: [key], endpoint: POST /v1/keys, fields",
        "scope: [kee], endpoint: POST /v1/keys, fields",
        "providers.acme.claims.spend.limit.key.scope[0]",
        "key",
    ),
    ("endpoint: POST /v1/keys, fields", "endpoint: POSTS /v1/keys, fields", "providers.acme.claims.spend.limit.key.endpoint", "METHOD"),
    (
        "endpoint: POST /v1/keys, fields",
        "endpoint: POST wrong:/v1/keys, fields",
        "providers.acme.claims.spend.limit.key.endpoint",
        "names no host",
    ),
    ("unit: usd", "unit: dollars", "providers.acme.claims.spend.limit.key.unit", "usd"),
    ("unit: usd, sources: [spec]", "unit: usd, sources: [spek]", "providers.acme.claims.spend.limit.key.sources[0]", "did you mean spec?"),
    ("unit: usd, sources: [spec]", "unit: usd", "providers.acme.claims.spend.limit.key.sources", "at least one dated source"),
    ("unit: usd, sources: [spec]", "unit: usd, sources: spec", "providers.acme.claims.spend.limit.key.sources", "list"),
    ("fields: [limit]", "feilds: [limit]", "providers.acme.claims.spend.limit.key.feilds", "did you mean fields?"),
    ('refuted_by: ["* /**/rotate"]', 'refuted_by: ["rotate"]', "providers.acme.claims.key.rotate.refuted_by[0]", "METHOD"),
    (
        "    claims:\n      key.create: {status: supported, mechanism: api, scope: [key], endpoint: POST /v1",
        "    claims:\n      key.creat: {status: supported, mechanism: api, scope: [key], endpoint: POST /v1",
        "providers.acme.claims.key.creat",
        "did you mean key.create?",
    ),
    ("      spend.limit.scope: {status: unknown}\n", "", "providers.acme.claims.spend.limit.scope", "is missing"),
    ("kind: hosted-model-api", "kind: hosted", "providers.acme.kind", "hosted-model-api"),
    ("region: global", "region: mars", "providers.acme.region", "global"),
    ("name: {zh: 顶点, en: Acme}", "name: {en: Acme}", "providers.acme.name.zh", "is missing"),
    ("name: {zh: 顶点, en: Acme}", "name: {zh: '', en: Acme}", "providers.acme.name.zh", "at least 1"),
    ("name: {zh: 顶点, en: Acme}", "name: Acme", "providers.acme.name", "found 'Acme'"),
    ("summary: {zh: 一个虚构的提供商。, en: An invented provider.}\n", "\n", "providers.acme.summary", "is missing"),
    ('url: "https://api.acme.example"', "url: ftp://api.acme.example", "providers.acme.hosts.api.url", "https://"),
    ("control: GET /v1/models", "control: GET", "providers.acme.hosts.api.control", "METHOD"),
    ("env: [ACME_ADMIN_KEY]", "env: [acme-admin-key]", "providers.acme.credentials.admin.env[0]", "pattern"),
    ("read: 2026-11-23}\n    contracts", "read: yesterday}\n    contracts", "providers.acme.sources.spec.read", "date"),
    ("dated: 2026-08-21", "dated: last summer", "providers.acme.sources.spec.dated", "pattern"),
    ('{url: "https://acme.example/openapi.yaml", dated', "{url: somewhere, dated", "providers.acme.sources.spec.url", "a source is a URL"),
    ("kind: openapi", "kind: openap", "providers.acme.contracts.openapi.kind", "did you mean openapi?"),
    ("covers: [key.create,", "covers: [key.make,", "providers.acme.contracts.openapi.covers[0]", "is no capability"),
    ("  acme:\n", "  Acme-1:\n", "providers.Acme-1", "pattern"),
    ("version: 1", "version: 2", "version", "1"),
    (
        "capabilities:\n  key.create: {group: key,",
        "capabilities:\n  key.create: {group: kay,",
        "capabilities.key.create.group",
        "did you mean key?",
    ),
    (
        "      rate.error: {status: unknown}",
        "      rate.error: {status: unknown}\n      rate.error: {status: unsupported}",
        "providers.hub.claims.rate.error",
        "stands twice",
    ),
    (
        "      spend.limit.scope: {status: unsupported}",
        "      spend.limit.scope: {status: supported, sources: [seen]}",
        "providers.hub.claims.spend.limit.scope.mechanism",
        "says how",
    ),
    (
        "endpoint: POST /admin/keys, sources: [seen]",
        "endpoint: POST /admin/keys, credential: root, sources: [seen]",
        "providers.hub.claims.key.create.credential",
        "names no credential",
    ),
    (
        'send: "Authorization: Bearer {}"',
        'send: "Authorization: TC3-HMAC-SHA256 {}"',
        "providers.acme.hosts.api.signed_for",
        "names the service",
    ),
]


def problems_of(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "capabilities.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ClaimsError) as caught:
        load_claims(path)
    assert caught.value.exit_code == 2
    return [str(problem) for problem in caught.value.problems]


def test_the_sample_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "capabilities.yaml"
    path.write_text(CLAIMS, encoding="utf-8")
    assert list(load_claims(path).providers) == ["acme", "hub"]


@pytest.mark.parametrize(("right", "wrong", "path", "says"), FAULTS)
def test_each_fault_is_told_with_its_place(tmp_path: Path, right: str, wrong: str, path: str, says: str) -> None:
    assert CLAIMS.count(right) == 1, "the fault must be the only change"
    text = CLAIMS.replace(right, wrong)
    told = [problem for problem in problems_of(tmp_path, text) if f" {path}:" in problem]
    assert any(says in problem for problem in told), problems_of(tmp_path, text)
    line = int(told[0].split(":")[0])
    assert 1 <= line <= text.count("\n") + 1
    if wrong.strip() and "\n" not in wrong.strip():
        changed = next(
            number for number, (old, new) in enumerate(zip(CLAIMS.splitlines(), text.splitlines(), strict=False), 1) if old != new
        )
        assert line <= changed


def test_thirty_faults_are_told_at_once(tmp_path: Path) -> None:
    text, expected = CLAIMS, []
    for right, wrong, path, _ in FAULTS:
        if text.count(right) == 1 and "Acme-1" not in path and "\n" not in right:
            text = text.replace(right, wrong)
            expected.append(path)
    told = "\n".join(problems_of(tmp_path, text))
    assert len(expected) >= 15
    assert [path for path in expected if f" {path}:" not in told] == []


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just text", "42"])
def test_what_is_no_mapping_is_told(tmp_path: Path, text: str) -> None:
    assert "must be a mapping" in problems_of(tmp_path, text)[0]


def test_a_syntax_error_has_a_line_and_column(tmp_path: Path) -> None:
    problem = problems_of(tmp_path, "version: 1\ngroups: {a: [}\n")[0]
    assert problem.startswith("2:")
    assert "not valid YAML" in problem


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(KeycapError, match="cannot be read"):
        load_claims(tmp_path / "absent.yaml")


@given(
    st.text(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["version", "groups", "capabilities", "providers", "claims", "acme", "sources"]), inner, max_size=4
            )
        ),
        max_leaves=12,
    ).map(str)
)
def test_whatever_stands_in_the_file_only_claims_errors_come_out(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("claims") / "capabilities.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(KeycapError):
        load_claims(path)
