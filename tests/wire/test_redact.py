"""Nothing secret survives redaction, evidence does, and redacting twice changes nothing."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from probes.wire.redact import Redactor
from tests.disguises import ENCODINGS, kernel

CANARY = "sec/ret+Canary=77%x"


canaries = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=8, max_size=40).filter(
    lambda value: value.strip() == value and "REDACTED" not in value and len(set(value)) > 3
)
PLACES: dict[str, Callable[[Redactor, str], str]] = {
    "text": lambda redactor, value: redactor.text(f"before {value} after"),
    "path": lambda redactor, value: redactor.url(f"https://api.test/v1/{value}/x"),
    "query": lambda redactor, value: redactor.url(f"https://api.test/v1?page=2&name={value}"),
    "header": lambda redactor, value: redactor.headers({"x-note": f"a {value}"})["x-note"],
    "body": lambda redactor, value: redactor.body(f"<p>{value}</p>".encode(), "text/html"),
    "form": lambda redactor, value: redactor.body(f"a=b&c={value}", "application/x-www-form-urlencoded"),
    "json": lambda redactor, value: redactor.body(json.dumps({"a": [{"b": f"see {value}."}]}), "application/json"),
    "json key": lambda redactor, value: redactor.body(json.dumps({value: 1}), "application/json"),
    "json in json": lambda redactor, value: redactor.body(json.dumps({"raw": json.dumps({"b": value})}), "application/json"),
    "broken json": lambda redactor, value: redactor.body(json.dumps({"b": value})[:-1], "application/json"),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(canary=canaries)
@example(canary=CANARY)
@example(canary='quo"te\\back\\nslash')
@example(canary="密钥密钥密钥密钥😀abc")
@example(canary="a%41b%42c%43d")
def test_a_known_value_never_survives(encoding: str, canary: str) -> None:
    written = ENCODINGS[encoding](canary)
    for place, redacted_in in PLACES.items():
        if place in ("path", "query") and any(character in written for character in "#?&\t\n\r"):
            continue  # not one part of an address then
        redactor = Redactor([canary])
        shown = redacted_in(redactor, written)
        assert "REDACTED" in shown, place
        assert canary not in shown, place
        assert kernel(written, encoding) not in shown, place
        assert canary not in unquote(shown), place


@given(st.text(max_size=200) | st.from_regex(r"((sk|org|user|proj)[-_][A-Za-z0-9]{6,30}|token[=:] ?\w{6,20}|\w+@\w+\.com|[ %\"{},.])+"))
def test_redacting_twice_changes_nothing(text: str) -> None:
    once = Redactor(["0123456789"], ["key1"])
    shown = once.text(text)
    assert once.text(shown) == shown
    assert Redactor().text(shown) == shown


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20) | st.just("sk-abcdefgh1234567890"),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["token", "key1", "api_key", "name", "a"]), inner, max_size=4)
    ),
    max_leaves=15,
)


@given(json_values)
def test_redacting_json_twice_changes_nothing(value: Any) -> None:
    redactor = Redactor(["0123456789"], ["key1"])
    shown = redactor.body(json.dumps(value), "application/json")
    assert redactor.body(shown, "application/json") == shown
    assert Redactor(fields=["key1"]).body(shown, "application/json") == shown


@pytest.mark.parametrize(
    "hint",
    ["sk-or-v1-au7...890", "sk-abc...def", "sk-ant-api03-R2D...igAA", "sk-abcd****wxyz", "sk-ab***wxyz", "sk-...5e27",
      "sk-proj-****************abcd", "AIza…9f3k"],
)  # fmt: skip
def test_what_the_vendor_shortened_stays(hint: str) -> None:
    redactor = Redactor(fields=["hint"])
    assert redactor.text(f"Incorrect API key provided: {hint}. Find yours.") == f"Incorrect API key provided: {hint}. Find yours."
    assert redactor.json({"label": hint, "api_key": hint, "hint": hint}) == {"label": hint, "api_key": hint, "hint": hint}


@pytest.mark.parametrize(
    "key",
    [
        "sk-" + "a1B2" * 12, "sk-proj-" + "a1B2_" * 20, "sk-admin-" + "x9Y8" * 10,
        "sk-ant-api03-" + "Ab3-" * 20, "sk-or-v1-" + "0123456789abcdef" * 4,
        "AIza" + "Sy1234567" * 4, "AQ.Ab8RN6" + "xYz12" * 6, "ya29.a0Af" + "B1c2D3" * 6, "bce-v3/ALTAK-abcdEFGH1234/" + "0a1b" * 10,
        "LTAI5t" + "AbCd1234" * 2, "AKIA" + "ABCDEFGH12345678", "ghp_" + "a1B2c3" * 6, "ph_" + "0a1b2c3d" * 4,
        "xoxb-123456789012-abcdefABCDEF",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "rqsty-sk-" + "a1B2" * 8, "xai-" + "a1B2" * 10,
        "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----",
    ],
)  # fmt: skip
def test_well_known_keys_are_recognised(key: str) -> None:
    redactor = Redactor()
    for shown in (
        redactor.text(f"the key is {key}, keep it"),
        redactor.url(f"https://api.test/x?name={quote(key, safe='')}"),
        redactor.body(json.dumps({"data": {"k": key}}), "application/json"),
        redactor.headers({"x-note": key.replace("\n", " ")})["x-note"],
    ):
        assert key not in shown
        assert key.replace("\n", "\\n") not in shown
        assert "REDACTED" in shown


def test_equal_secrets_stay_equal_and_different_ones_different() -> None:
    """A replay can tell that one key was rotated and the other was not."""
    redactor = Redactor(fields=["key1", "key2"])
    before = redactor.json({"key1": "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "key2": "a0b1c2d3e4f5061728394a5b6c7d8e9f"})
    after = redactor.json({"key1": "99887766554433221100ffeeddccbbaa", "key2": "a0b1c2d3e4f5061728394a5b6c7d8e9f"})
    assert before["key2"] == after["key2"]
    assert before["key1"] != after["key1"]


def test_accounts_get_stable_placeholders() -> None:
    redactor = Redactor()
    first = redactor.text("org-AbCd1234EfGh in proj_Zx9876543210 by ann@example.com")
    assert first == "org-REDACTED2 in proj_REDACTED3 by REDACTED1@redacted.invalid"
    assert redactor.text("again org-AbCd1234EfGh") == "again " + first.split()[0]
    assert "AbCd1234EfGh" not in first
    assert "ann@" not in first


def test_a_secret_found_once_is_blanked_everywhere_even_before_the_field_that_gave_it_away() -> None:
    redactor = Redactor(fields=["key1"])
    shown = redactor.json({"note": "now 0f1e2d3c4b5a69788796a5b4c3d2e1f0", "key1": "0f1e2d3c4b5a69788796a5b4c3d2e1f0"})
    assert "0f1e" not in json.dumps(shown)
    assert "0f1e" not in redactor.url("https://api.test/keys/0f1e2d3c4b5a69788796a5b4c3d2e1f0")


def test_harmless_fields_stay() -> None:
    harmless = {
        "max_tokens": 128, "total_tokens": 4096, "completion_tokens": "1234567890", "next_page_token": "abcdefgh12345678",
        "token": "string", "secret": "object|null",
        "password": "string", "key": "spend_limit", "token_type": "bearer", "has_secret": True, "limit": 0.01, "empty": "", "api_key": None,
        "authorization": "required", "model": "gpt-4o-mini-2024-07-18", "user_disabled": "user_disabled", "version": "pkg@1.2.3",
    }  # fmt: skip
    assert Redactor(keep=["authorization"]).json(harmless) == harmless


def test_keep_lets_a_field_stay_and_dotted_names_choose_one() -> None:
    value = {"api_key": {"id": "key_1", "value": "plain-words-only"}, "other": {"value": "plain-words-only"}, "token": "hash-of-the-key-1"}
    shown = Redactor(fields=["api_key.value"], keep=["token"]).json(value)
    assert shown["api_key"]["id"] == "key_1"
    assert shown["api_key"]["value"].startswith("REDACTED")
    assert shown["other"] == value["other"]
    assert shown["token"] == value["token"]


def test_request_headers_keep_only_the_scheme() -> None:
    shown = Redactor().headers(
        {"Authorization": "Bearer abc", "x-api-key": "k", "Cookie": "a=b", "accept": "*/*", "openai-organization": "my-own-org"}
    )
    assert shown["Authorization"] == "Bearer REDACTED"
    assert shown["x-api-key"] == shown["Cookie"] == "REDACTED"
    assert shown["accept"] == "*/*"
    assert shown["openai-organization"] == "REDACTED1"


@pytest.mark.parametrize(
    "signature",
    [
        "ACS3-HMAC-SHA256 Credential=LTAI0123456789abcdef,SignedHeaders=host;x-acs-date;x-acs-version,Signature=0123456789abcdef0123",
        "bce-auth-v1/ALTAK0123456789abcdef/2026-11-24T12:30:00Z/1800/host;x-bce-date/0123456789abcdef0123456789abcdef",
    ],
)
def test_a_signature_is_gone_and_its_date_and_words_are_not_taken_for_secrets_elsewhere(signature: str) -> None:
    redactor = Redactor(["LTAI0123456789abcdef", "ALTAK0123456789abcdef"])
    assert redactor.headers({"authorization": signature}) == {"authorization": "REDACTED"}
    answer = {"createTime": "2026-11-24T12:30:00.125Z", "signed": "host;x-acs-date;x-acs-version"}
    assert redactor.json(answer) == answer


def test_addresses_lose_userinfo_and_secret_parameters_and_nothing_else() -> None:
    redactor = Redactor()
    assert (
        redactor.url("https://me:pass@api.test/v1/a%2Fb?key=AbC123&b=%E4%B8%AD&x=a+b")
        == "https://REDACTED@api.test/v1/a%2Fb?key=REDACTED1&b=%E4%B8%AD&x=a+b"
    )
    assert redactor.url("https://api.test/v1/keys?limit=20") == "https://api.test/v1/keys?limit=20"
    assert urlsplit(redactor.url("https://api.test/o/org-AbCd1234EfGh")).path == "/o/org-REDACTED2"


def test_bodies_are_text_whatever_the_server_says() -> None:
    redactor = Redactor()
    assert redactor.body("密钥".encode("gb18030"), "text/html; charset=gb18030") == "密钥"
    assert redactor.body(b"\xff\xfe\x00abc", "text/plain; charset=unicode_escape") != ""
    assert redactor.body(b"\\ud800", "text/plain; charset=unicode_escape").encode("utf-8")
    assert redactor.body(b"[" * 100_000, "application/json") == "[" * 100_000
    assert redactor.body('{"a":"\\ud800 \u2028 \x7f 😀"}', "application/json") == '{\n  "a": "\\ud800 \\u2028 \\u007f \\ud83d\\ude00"\n}'


def test_real_azure_keys_are_gone_and_still_comparable(shared: Path) -> None:
    recording = yaml.safe_load((shared / "recordings/azure/cognitiveservices_keys.yaml").read_text(encoding="utf-8"))
    bodies = [each["response"]["body"]["string"] for each in recording["interactions"]]
    redactor = Redactor(fields=["key1", "key2"])
    shown = [json.loads(redactor.body(body, "application/json; charset=utf-8")) for body in bodies]
    values = {value for body in bodies for value in json.loads(body).values()}
    assert len(values) == 3
    assert not any(value in json.dumps(shown) for value in values)
    assert shown[0]["key2"] == shown[1]["key2"]
    assert shown[0]["key1"] != shown[1]["key1"]


def test_real_hints_and_counts_stay(shared: Path) -> None:
    examples = json.loads((shared / "recordings/openrouter/docs_examples.json").read_text(encoding="utf-8"))
    text = json.dumps(examples)
    shown = json.dumps(Redactor().json(examples))
    assert "sk-or-v1-au7...890" in text
    assert shown.count("sk-or-v1-au7...890") == text.count("sk-or-v1-au7...890")
    assert shown.count('"prompt_tokens": 50') == text.count('"prompt_tokens": 50') > 0


def test_a_time_that_a_token_bears_is_no_piece_of_it() -> None:
    token = "bce-auth-v1/ALTAK0a1b2c3d4e5f6/2026-11-24T12:40:18Z/300/host/0f9e8d7c6b5a49382716"
    redacted = Redactor(fields=["token"]).body(
        f'{{"token": "{token}", "expireTime": "2026-11-24T12:40:18.851Z"}}'.encode(), "application/json"
    )
    assert "2026-11-24T12:40:18.851Z" in redacted
    assert token[-20:] not in redacted
