"""How simulated clouds check signatures, from the vendors' descriptions and without their packages: a refusal, or None for a good one."""

import hashlib
import hmac
import re
import time
from calendar import timegm
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, quote

from starlette.requests import Request

DATE = "%Y-%m-%dT%H:%M:%SZ"
ACS3_WINDOW = 900.0
"""Seconds that the date of an ACS3 request may be off, either way."""

TC3_WINDOW = 300.0
"""Seconds that the timestamp of a TC3 request may be off, either way."""

_TC3 = re.compile(
    r"TC3-HMAC-SHA256 Credential=([^/\s]+)/(\d{4}-\d\d-\d\d)/(\w+)/tc3_request, SignedHeaders=([\w;-]+), Signature=([0-9a-f]{64})"
)


class Refused(NamedTuple):
    """Status, code and message of a refusal."""

    status: int
    code: str
    message: str


def acs3(request: Request, body: bytes, keys: Mapping[str, str], nonces: set[str]) -> Refused | None:
    """ACS3-HMAC-SHA256; `keys` are secrets by AccessKey id, `nonces` those already used."""
    given = request.headers.get("authorization", "")
    parts = dict(part.partition("=")[::2] for part in given.removeprefix("ACS3-HMAC-SHA256 ").split(","))
    if not given.startswith("ACS3-HMAC-SHA256 ") or not {"Credential", "SignedHeaders", "Signature"} <= set(parts):
        return Refused(400, "MissingAccessKeyId", "AccessKeyId is mandatory for this action.")
    if (secret := keys.get(parts["Credential"])) is None:
        return Refused(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
    if _off(request.headers.get("x-acs-date", "")) > ACS3_WINDOW:
        return Refused(400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")
    nonce = request.headers.get("x-acs-signature-nonce", "")
    if not nonce or nonce in nonces:
        return Refused(400, "SignatureNonceUsed", "Specified signature nonce was used already.")
    names = parts["SignedHeaders"].split(";")
    digest = hashlib.sha256(body).hexdigest()
    headers = "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in names)
    canonical = "\n".join([request.method, _path(request), _query(request), headers, ";".join(names), digest])
    expected = _mac(secret, f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}")
    needed = {"host", *(name for name in request.headers if name.startswith("x-acs-"))}
    if expected != parts["Signature"] or request.headers.get("x-acs-content-sha256") != digest or not needed <= set(names):
        return Refused(400, "SignatureDoesNotMatch", "Specified signature is not matched with our calculation.")
    nonces.add(nonce)
    return None


def bce(request: Request, keys: Mapping[str, str], missing: Refused) -> Refused | None:
    """bce-auth-v1; `keys` are secrets by access key id, `missing` is the service's own answer to a request without a signature."""
    given = request.headers.get("authorization", "")
    if not given:
        return missing
    parts = given.split("/")
    if len(parts) != 6 or parts[0] != "bce-auth-v1" or not parts[3].isdigit():
        return Refused(400, "InvalidHTTPAuthHeader", "The HTTP authorization header is invalid.")
    _, key_id, date, expires, names, signature = parts
    if (secret := keys.get(key_id)) is None:
        return Refused(403, "InvalidAccessKeyId", "The Access Key ID you provided does not exist in our records.")
    if _off(date) > float(expires):
        return Refused(400, "RequestExpired", f"Request has expired. Timestamp date is {date}.")
    signing = _mac(secret, "/".join(parts[:4]))
    lines = sorted(f"{quote(name, safe='~')}:{quote(request.headers.get(name, '').strip(), safe='~')}" for name in names.split(";"))
    canonical = "\n".join([request.method, _path(request), _query(request), "\n".join(lines)])
    if _mac(signing, canonical) != signature or "host" not in names.split(";"):
        return Refused(400, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.")
    return None


def tc3(request: Request, body: bytes, keys: Mapping[str, str], service: str) -> Refused | None:
    """TC3-HMAC-SHA256; `keys` are secrets by SecretId. This cloud refuses with 200."""
    found = _TC3.fullmatch(request.headers.get("authorization", ""))
    if found is None:
        return Refused(200, "AuthFailure.InvalidAuthorization", "The Authorization header is not valid.")
    key_id, day, named, names, signature = found.groups()
    if (secret := keys.get(key_id)) is None:
        return Refused(200, "AuthFailure.SecretIdNotFound", "The SecretId is not found.")
    stamp = request.headers.get("x-tc-timestamp", "")
    if not stamp.isdigit() or abs(time.time() - int(stamp)) > TC3_WINDOW or time.strftime("%Y-%m-%d", time.gmtime(int(stamp))) != day:
        return Refused(200, "AuthFailure.SignatureExpire", "The signature has expired.")
    headers = "".join(f"{name}:{request.headers.get(name, '').strip().lower()}\n" for name in names.split(";"))
    query = request.scope["query_string"].decode("ascii")
    canonical = "\n".join([request.method, _path(request), query, headers, names, hashlib.sha256(body).hexdigest()])
    text = "\n".join(["TC3-HMAC-SHA256", stamp, f"{day}/{service}/tc3_request", hashlib.sha256(canonical.encode()).hexdigest()])
    signing = f"TC3{secret}".encode()
    for part in (day, service, "tc3_request"):
        signing = hmac.new(signing, part.encode(), hashlib.sha256).digest()
    expected = hmac.new(signing, text.encode(), hashlib.sha256).hexdigest()
    if expected != signature or named != service or not {"content-type", "host"} <= set(names.split(";")):
        return Refused(200, "AuthFailure.SignatureFailure", "The provided credentials could not be validated.")
    return None


def _off(date: str) -> float:
    """Seconds between a date and now, infinite for what is no date."""
    try:
        return abs(time.time() - timegm(time.strptime(date, DATE)))
    except ValueError:
        return float("inf")


def _path(request: Request) -> str:
    raw: bytes = request.scope["raw_path"]
    return raw.decode("ascii")


def _query(request: Request) -> str:
    """The query as both vendors want it: decoded, encoded strictly, sorted."""
    pairs = parse_qsl(request.scope["query_string"].decode("ascii"), keep_blank_values=True)
    return "&".join(sorted(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in pairs))


def _mac(key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()
