"""The signers of clouds, against signatures computed here anew from the vendors' descriptions, with other code."""

import hashlib
import hmac
import sys
from urllib.parse import parse_qsl, quote

import httpx
import pytest

from probes.errors import UsageError
from probes.wire.acs3 import Acs3Auth
from probes.wire.auth import auth_of
from probes.wire.bce import BceAuth
from probes.wire.extensions import RETRY, SIGNED_FOR
from probes.wire.sigv4 import SigV4Auth
from probes.wire.tc3 import Tc3Auth

WHEN = 1_790_000_000.7
DATE = "2026-09-21T14:13:20Z"


def signed(auth: httpx.Auth, request: httpx.Request) -> httpx.Request:
    """The request as it would leave."""
    return next(auth.sync_auth_flow(request))


def mac(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("GET", "https://cloud.example/", {}),
        ("GET", "https://cloud.example/keys/7%2F8?b=2&a=x%20y%2Bz&empty=", {}),
        ("POST", "https://cloud.example/keys?description=%E4%BD%A0", {"data": {"auth.type": "All", "ips.1": "1.2.3.4/24"}}),
        ("PUT", "https://cloud.example/keys", {"json": {"a": [1]}}),
    ],
)
def test_acs3_signs_host_headers_path_query_and_body(method: str, url: str, body: dict[str, object]) -> None:
    request = httpx.Request(method, url, headers={"x-acs-action": "CreateKey", "x-acs-version": "2026-01-01"}, **body)  # type: ignore[arg-type]
    request = signed(Acs3Auth("LTAIid", "s3cret", clock=lambda: WHEN), request)
    assert request.headers["x-acs-date"] == DATE
    assert request.headers["x-acs-content-sha256"] == hashlib.sha256(request.content).hexdigest()
    names = ["host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"]
    names += ["content-type"] if body else []
    headers = "".join(f"{name}:{request.headers[name].strip()}\n" for name in sorted(names))
    path, _, query = url.removeprefix("https://cloud.example").partition("?")
    pairs = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in parse_qsl(query, keep_blank_values=True))
    canonical = "\n".join([
        method, path, "&".join(f"{name}={value}" for name, value in pairs), headers, ";".join(sorted(names)),
        hashlib.sha256(request.content).hexdigest(),
    ])  # fmt: skip
    expected = mac(b"s3cret", f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}")
    said = f"ACS3-HMAC-SHA256 Credential=LTAIid,SignedHeaders={';'.join(sorted(names))},Signature={expected}"
    assert request.headers["authorization"] == said


def test_acs3_sends_the_token_of_temporary_credentials_and_never_signs_two_requests_alike() -> None:
    auth = auth_of("Authorization: ACS3-HMAC-SHA256 {}", ["LTAIid", "s3cret", "token"])
    first, second = (signed(auth, httpx.Request("GET", "https://cloud.example/")) for _ in range(2))
    assert (first.headers["x-acs-security-token"], first.headers["x-acs-accesskey-id"]) == ("token", "LTAIid")
    assert "x-acs-security-token" in first.headers["authorization"]
    assert first.headers["x-acs-signature-nonce"] != second.headers["x-acs-signature-nonce"]
    assert first.extensions[RETRY] is False


@pytest.mark.parametrize("query", ["", "?Action=Describe&n=1", "?acl=eyJpZCI6IngifQ%3D%3D&expireInSeconds=300&empty="])
def test_bce_signs_method_path_query_host_and_date(query: str) -> None:
    request = httpx.Request("POST", f"https://iam.example/v2/a%20b{query}", json={"a": 1})
    request = signed(BceAuth("ALTAKid", "s3cret", clock=lambda: WHEN), request)
    assert request.headers["x-bce-date"] == DATE
    pairs = sorted(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in parse_qsl(query[1:], keep_blank_values=True))
    prefix = f"bce-auth-v1/ALTAKid/{DATE}/1800"
    headers = f"host:iam.example\nx-bce-date:{quote(DATE, safe='~')}"
    canonical = "\n".join(["POST", "/v2/a%20b", "&".join(pairs), headers])
    expected = mac(mac(b"s3cret", prefix).encode(), canonical)
    assert request.headers["authorization"] == f"{prefix}/host;x-bce-date/{expected}"


def test_tc3_signs_content_type_host_action_and_body() -> None:
    request = httpx.Request("POST", "https://hunyuan.cloud.example/", json={"a": 1}, headers={"x-tc-action": "CreateKey"})
    request.extensions[SIGNED_FOR] = "tokenhub"
    request = signed(Tc3Auth("AKIDid", "s3cret", "token", clock=lambda: WHEN), request)
    assert (request.headers["x-tc-timestamp"], request.headers["x-tc-token"]) == ("1790000000", "token")
    names = "content-type;host;x-tc-action"
    headers = "content-type:application/json\nhost:hunyuan.cloud.example\nx-tc-action:createkey\n"
    canonical = "\n".join(["POST", "/", "", headers, names, hashlib.sha256(request.content).hexdigest()])
    scope = "2026-09-21/tokenhub/tc3_request"
    text = f"TC3-HMAC-SHA256\n1790000000\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    expected = chained(b"TC3s3cret", scope.split("/"), text)
    said = f"TC3-HMAC-SHA256 Credential=AKIDid/{scope}, SignedHeaders={names}, Signature={expected}"
    assert request.headers["authorization"] == said


@pytest.mark.parametrize(
    ("url", "signed_for", "scope", "signed_as"),
    [
        ("https://one.eu-west-1.amazonaws.com/keys?n=5&a=x%20y%2Bz&e=", "two/us-east-1", "eu-west-1/two", "/keys\na=x%20y%2Bz&e=&n=5"),
        ("https://one.us-gov-west-1.amazonaws.com/", "two/us-east-1", "us-gov-west-1/two", "/\n"),
        ("https://one.cn-north-1.amazonaws.com.cn/", "two/us-east-1", "cn-north-1/two", "/\n"),
        ("https://one.amazonaws.com/", "two/us-east-1", "us-east-1/two", "/\n"),
        ("http://127.0.0.1:5000/a%2Fb", "two/us-east-1", "us-east-1/two", "/a%252Fb\n"),
    ],
)
def test_sigv4_signs_host_amz_headers_path_query_and_body(url: str, signed_for: str, scope: str, signed_as: str) -> None:
    """Service and region are those of the claims, whatever address stands for the vendor's; a host of the vendor's tells its region."""
    headers = {"x-amz-target": "Svc.Do", "user-agent": "any"}
    request = httpx.Request("POST", url, json={"a": 1}, headers=headers, extensions={SIGNED_FOR: signed_for})
    request = signed(SigV4Auth("AKIAid", "s3cret", "token"), request)
    names = "content-type;host;x-amz-date;x-amz-security-token;x-amz-target"
    canonical = "\n".join([
        "POST", signed_as, *(f"{name}:{request.headers[name]}" for name in names.split(";")), "", names,
        hashlib.sha256(request.content).hexdigest(),
    ])  # fmt: skip
    when = request.headers["x-amz-date"]
    scope = f"{when[:8]}/{scope}/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{when}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    said = f"AWS4-HMAC-SHA256 Credential=AKIAid/{scope}, SignedHeaders={names}, Signature={chained(b'AWS4s3cret', scope.split('/'), text)}"
    assert request.headers["authorization"] == said
    assert request.headers["x-amz-security-token"] == "token"


@pytest.mark.parametrize("scheme", ["TC3-HMAC-SHA256", "AWS4-HMAC-SHA256"])
def test_a_signature_that_names_the_service_is_not_made_without_one(scheme: str) -> None:
    auth = auth_of(f"Authorization: {scheme} {{}}", ["id", "s3cret"])
    with pytest.raises(UsageError, match="service that the claims do not name"):
        signed(auth, httpx.Request("GET", "https://cloud.example/"))


def chained(key: bytes, scope: list[str], text: str) -> str:
    """The signature by a key that is derived part by part."""
    for part in scope:
        key = bytes.fromhex(mac(key, part))
    return mac(key, text)


@pytest.mark.parametrize(
    ("send", "module", "extra"),
    [
        ("Authorization: ACS3-HMAC-SHA256 {}", "alibabacloud_openapi_util.client", "alibaba"),
        ("Authorization: bce-auth-v1/{}", "baidubce.auth.bce_v1_signer", "baidu"),
        ("Authorization: TC3-HMAC-SHA256 {}", "tencentcloud.common.sign", "tencent"),
        ("Authorization: AWS4-HMAC-SHA256 {}", "botocore.auth", "aws"),
    ],
)
def test_a_missing_package_is_told_with_the_command_that_has_it(
    send: str, module: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UsageError, match=f"uv run --extra {extra} keycap"):
        auth_of(send, ["id", "s3cret"])


@pytest.mark.parametrize(
    "template",
    [
        "AWS4-ECDSA-P256-SHA256 {}",
        "HMAC-SHA256 {}",
        "HMAC-SHA256 Credential={}/20261124/cn-beijing/ark/request, SignedHeaders=host, Signature={}",
        "Qiniu {}",
        "QBox {} (HMAC-SHA1 over the request)",
        "OAuth oauth_signature={}",
        "Acme-Sigv3 {}",
    ],
)
def test_a_scheme_that_signs_and_that_nothing_here_knows_is_told_and_the_secret_is_not_sent_in_plain(template: str) -> None:
    with pytest.raises(UsageError, match="no signer yet") as caught:
        auth_of(f"Authorization: {template}", ["id", "s3cret"])
    assert "s3cret" not in str(caught.value)


def test_a_scheme_without_a_place_for_the_value_is_told() -> None:
    with pytest.raises(UsageError, match="no place for the credential"):
        auth_of("Authorization: Acme", ["s3cret"])


@pytest.mark.parametrize("scheme", ["ACS3-HMAC-SHA256 ", "bce-auth-v1/", "TC3-HMAC-SHA256 ", "AWS4-HMAC-SHA256 "])
def test_a_signer_shows_no_secret(scheme: str) -> None:
    send = f"Authorization: {scheme}{{}}"
    assert "s3cret" not in repr(auth_of(send, ["id", "s3cret"]))
    with pytest.raises(UsageError, match="cannot stand in a header"):
        auth_of(send, ["id", "s3cret\n"])
