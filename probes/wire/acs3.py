"""ACS3-HMAC-SHA256, the signature of Alibaba Cloud's OpenAPI, by the vendor's own package (extra `alibaba`).

Signed are the host, the content type and every x-acs- header, the path, the query and a digest of the body. A signature is good for one
request, within 15 minutes of its date.
"""

import hashlib
import secrets
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import httpx

from probes.wire.auth import package
from probes.wire.extensions import RETRY

ALGORITHM = "ACS3-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class _Signable:
    """A request as the vendor's signer reads it: path as on the wire, query decoded."""

    method: str
    pathname: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


class Acs3Auth(httpx.Auth):
    """An AccessKey pair, with the security token of temporary credentials where there is one. `clock` gives seconds since 1970."""

    requires_request_body = True

    def __init__(self, key_id: str, secret: str, token: str = "", *, clock: Callable[[], float] = time.time) -> None:
        vendor: Any = package("alibabacloud_openapi_util.client", "alibaba", ALGORITHM)
        self._authorization = vendor.Client.get_authorization
        self._key_id, self._secret, self._token, self._clock = key_id, secret, token, clock

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign as it is now. It is sent once: the nonce of a second sending would be refused."""
        digest = hashlib.sha256(request.content).hexdigest()
        request.headers["x-acs-date"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self._clock()))
        request.headers["x-acs-signature-nonce"] = secrets.token_hex(16)
        request.headers["x-acs-content-sha256"] = digest
        if self._token:
            request.headers["x-acs-accesskey-id"] = self._key_id
            request.headers["x-acs-security-token"] = self._token
        signed = {name: value for name, value in request.headers.items() if name in ("host", "content-type") or name.startswith("x-acs-")}
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        signable = _Signable(request.method, path, dict(parse_qsl(query, keep_blank_values=True)), signed)
        request.headers["authorization"] = self._authorization(signable, ALGORITHM, digest, self._key_id, self._secret)
        request.extensions[RETRY] = False
        yield request


def signer(values: Sequence[str]) -> Acs3Auth:
    """From the values of an access key: id, secret and, with temporary credentials, security token."""
    return Acs3Auth(*values)
