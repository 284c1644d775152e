"""A refusal is not one thing: the same status means different things, and different statuses the same."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from probes.claims import Refusal
from probes.claims_texts import Bilingual
from probes.refusals import classify, envelope, says_error
from probes.vocabulary import Means

WHEN = Bilingual(zh="测试", en="test")


@pytest.mark.parametrize(
    ("status", "body", "means"),
    [
        (401, {"error": {"code": "invalid_api_key", "message": "Incorrect API key provided"}}, Means.CREDENTIAL),
        (401, {"error": {"message": "You have insufficient permissions. Missing scopes: api.management.read"}}, Means.SCOPE),
        (403, {"error": "You have insufficient permissions for this operation. Missing scopes: api.usage.read"}, Means.SCOPE),
        (403, {"error": {"code": 403, "message": "Key limit exceeded (total limit). Manage it using …"}}, Means.SPEND),
        (402, {"error": {"code": 402, "message": "This request requires more credits, or fewer max_tokens."}}, Means.CREDIT),
        (402, {"error": {"error": {"code": 402, "message": "More credits are required"}, "code": 402}}, Means.CREDIT),
        (400, {"error": {"type": "invalid_request_error", "message": "You have reached your specified API usage limits."}}, Means.SPEND),
        (429, {"error": {"code": "insufficient_quota", "message": "You exceeded your current quota"}}, Means.CREDIT),
        (429, {"error": {"type": "rate_limit_error"}}, Means.RATE),
        (429, {"detail": "Budget limit exceeded. Limit: $0.03 USD per 1 day."}, Means.SPEND),
        (429, {"error": {"type": "engine_overloaded_error"}}, Means.CAPACITY),
        (429, "", Means.RATE),
        (529, {"error": {"type": "overloaded_error"}}, Means.CAPACITY),
        (404, {"Code": "InvalidAction.NotFound"}, Means.NOT_FOUND),
        (404, {"Code": "InvalidAccessKeyId.NotFound"}, Means.CREDENTIAL),
        (400, {"Code": "MissingAccessKeyId"}, Means.CREDENTIAL),
        (500, {"error": "oops"}, Means.UNKNOWN),
        (200, {"data": []}, Means.UNKNOWN),
        (200, {"data": {"total_credits": 0, "total_usage": 0}}, Means.UNKNOWN),
        (404, "<html>Not Found</html>", Means.NOT_FOUND),
        (200, {"Response": {"Error": {"Code": "RequestLimitExceeded", "Message": "Too many requests"}, "RequestId": "r"}}, Means.RATE),
        (200, {"Response": {"ApiKeySet": [], "Status": "insufficient_quota", "RequestId": "r"}}, Means.UNKNOWN),
        (403, {"ResponseMetadata": {"Action": "CreateApiKey", "Error": {"Code": "AuthorizationFailed", "CodeN": 1}}}, Means.SCOPE),
        (200, {"ResponseMetadata": {"Action": "CreateApiKey", "RequestId": "r"}, "Result": {}}, Means.UNKNOWN),
        (400, {"success": False, "errors": [{"code": 7003, "message": "rate limit of the zone"}], "result": None}, Means.RATE),
        (200, {"success": True, "errors": [], "result": {"status": "rate_limit"}}, Means.UNKNOWN),
        (429, {"errors": ["Budget of this key exceeded"]}, Means.SPEND),
        (200, {"base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}}, Means.CREDIT),
        (200, {"base_resp": {"status_code": 0, "status_msg": "success"}, "data": []}, Means.UNKNOWN),
        (429, [{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "rate limit"}}], Means.RATE),
        (200, [{"error": {"status": "PERMISSION_DENIED"}}], Means.SCOPE),
        (200, [{"id": 1, "error": "rate limit"}, {"id": 2}], Means.UNKNOWN),
        (400, {"detail": [{"type": "budget_exceeded", "msg": "no"}]}, Means.SPEND),
    ],
)
def test_general_rules(status: int, body: Any, means: Means) -> None:
    assert classify(status, body) is means


def test_a_providers_own_rules_come_first() -> None:
    own = [
        Refusal(status=200, code="1001", means=Means.CREDENTIAL, when=WHEN),
        Refusal(status=429, message="spending cap", means=Means.SPEND, when=WHEN),
        Refusal(code="RESOURCE_EXHAUSTED", means=Means.RATE, when=WHEN),
    ]
    assert classify(200, {"code": 1001, "success": False}, own) is Means.CREDENTIAL
    assert classify(429, {"error": {"status": "RESOURCE_EXHAUSTED", "message": "exceeded its monthly Spending Cap"}}, own) is Means.SPEND
    assert classify(429, {"error": {"status": "RESOURCE_EXHAUSTED", "message": "exceeded your current quota"}}, own) is Means.RATE


def test_a_rule_without_any_condition_matches_nothing() -> None:
    assert classify(418, {}, [Refusal(means=Means.SPEND, when=WHEN)]) is Means.UNKNOWN


READINGS = {
    ("openrouter", 403): Means.SPEND,
    ("openrouter", 402): Means.CREDIT,
    ("openrouter", 200): Means.UNKNOWN,
    ("anthropic", 400): Means.SPEND,
    ("openai", 429): Means.CREDIT,
    ("google", 429): Means.RATE,
    ("moonshot", 403): Means.CREDIT,
    ("litellm", 400): Means.SPEND,
}


def test_real_refusals_quoted_in_public_issues(shared: Path, real_claims: Any) -> None:
    names = {"google": "google_gemini"}
    for row in yaml.safe_load((shared / "recordings" / "refusals.yaml").read_text(encoding="utf-8")):
        provider = real_claims.providers.get(names.get(row["provider"], row["provider"]))
        own = provider.refusals if provider else ()
        assert classify(row["status"], row["body"], own) is READINGS[row["provider"], row["status"]], row["case"]


KEYS = [
    "error", "Error", "errors", "code", "message", "details", "detail", "Response", "ResponseMetadata", "base_resp", "status_code",
    "success", "x",
]  # fmt: skip
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=15,
)


@given(st.integers(100, 599), json_values)
def test_no_body_is_too_strange(status: int, body: Any) -> None:
    assert classify(status, body) in Means
    assert says_error(body) in (True, False)
    found = envelope(body)
    assert all(isinstance(text, str) for text in (*found.codes, *found.messages))
