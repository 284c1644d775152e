"""AWS4-HMAC-SHA256, the signature of Amazon Web Services (SigV4), by the vendor's own package (extra `aws`).

Signed are the host, the content type, every x-amz- header, the path, the query and a digest of the body. The scope of a signature, service
and region, stands in the vendor's host: `apigateway.us-east-1.amazonaws.com`; a host without a region (`iam.amazonaws.com`) is signed for
us-east-1. A signature is good within five minutes of its time.
"""

from collections.abc import Generator, Sequence
from typing import Any

import httpx

from probes.wire.auth import package
from probes.wire.extensions import VENDOR

ALGORITHM = "AWS4-HMAC-SHA256"
REGION = "us-east-1"
"""Where services that have one host for the world are signed for."""


class SigV4Auth(httpx.Auth):
    """An access key pair, with the session token of temporary credentials where there is one."""

    requires_request_body = True

    def __init__(self, key_id: str, secret: str, token: str = "") -> None:
        credentials: Any = package("botocore.credentials", "aws", ALGORITHM)
        self._signer: Any = package("botocore.auth", "aws", ALGORITHM)
        self._requests: Any = package("botocore.awsrequest", "aws", ALGORITHM)
        self._credentials = credentials.Credentials(key_id, secret, token or None)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign as it is now; nothing is retried here."""
        host = httpx.URL(request.extensions.get(VENDOR) or request.url).host
        signed = {name: value for name, value in request.headers.items() if name in ("host", "content-type") or name.startswith("x-amz-")}
        signable = self._requests.AWSRequest(request.method, str(request.url), signed, request.content)
        self._signer.SigV4Auth(self._credentials, *scope(host)).add_auth(signable)
        for name, value in signable.headers.items():
            request.headers[name] = value
        yield request


def scope(host: str) -> tuple[str, str]:
    """Service and region that requests to one of the vendor's hosts are signed for."""
    service, *labels = host.removesuffix(".cn").removesuffix(".amazonaws.com").split(".")
    return service, labels[0] if labels else REGION


def signer(values: Sequence[str]) -> SigV4Auth:
    """From the values of an access key: id, secret and, with temporary credentials, session token."""
    return SigV4Auth(*values)
