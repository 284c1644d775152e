"""TC3-HMAC-SHA256, the signature of Tencent Cloud's API 3.0, by the vendor's own package (extra `tencent`).

Signed are the content type, the host, a digest of the body and, where there is one, the action. The service that a signature names is that
of the claims. A signature is good within five minutes of its time.
"""

import hashlib
import time
from collections.abc import Callable, Generator, Sequence
from typing import Any

import httpx

from probes.wire.auth import package, signed_for

ALGORITHM = "TC3-HMAC-SHA256"
SIGNED = ("content-type", "host", "x-tc-action")


class Tc3Auth(httpx.Auth):
    """A SecretId with its SecretKey, and the token of temporary credentials where there is one. `clock` gives seconds since 1970."""

    requires_request_body = True

    def __init__(self, key_id: str, secret: str, token: str = "", *, clock: Callable[[], float] = time.time) -> None:
        vendor: Any = package("tencentcloud.common.sign", "tencent", ALGORITHM)
        self._sign = vendor.Sign.sign_tc3
        self._key_id, self._secret, self._token, self._clock = key_id, secret, token, clock

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign as it is now; nothing is retried here."""
        now = int(self._clock())
        day, (service, _) = time.strftime("%Y-%m-%d", time.gmtime(now)), signed_for(request)
        request.headers["x-tc-timestamp"] = str(now)
        request.headers.setdefault("content-type", "application/json")
        if self._token:
            request.headers["x-tc-token"] = self._token
        names = [name for name in SIGNED if name in request.headers]
        headers = "".join(f"{name}:{request.headers[name].strip().lower()}\n" for name in names)
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        canonical = "\n".join([request.method, path, query, headers, ";".join(names), hashlib.sha256(request.content).hexdigest()])
        scope = f"{day}/{service}/tc3_request"
        text = "\n".join([ALGORITHM, str(now), scope, hashlib.sha256(canonical.encode()).hexdigest()])
        signature = self._sign(self._secret, day, service, text)
        credential = f"{self._key_id}/{scope}"
        request.headers["authorization"] = f"{ALGORITHM} Credential={credential}, SignedHeaders={';'.join(names)}, Signature={signature}"
        yield request


def signer(values: Sequence[str]) -> Tc3Auth:
    """From the values of a key: id, secret and, with temporary credentials, token."""
    return Tc3Auth(*values)
