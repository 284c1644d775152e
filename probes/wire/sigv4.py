"""AWS4-HMAC-SHA256, the signature of Amazon Web Services (SigV4), by the vendor's own package (extra `aws`).

Signed are the host, the content type, every x-amz- header, the path, the query and a digest of the body. The service and the region that a
signature names are those of the claims, as a host need not bear them: `bedrock-agentcore-control.us-east-1.amazonaws.com` is of the service
bedrock-agentcore, `iam.amazonaws.com` is signed for us-east-1. A signature is good within five minutes of its time.
"""

import re
from collections.abc import Generator, Sequence
from typing import Any

import httpx

from probes.wire.auth import package, signed_for

ALGORITHM = "AWS4-HMAC-SHA256"

_IN_A_REGION = re.compile(r"\.(?P<region>[a-z]+(-[a-z]+)+-\d+)\.(amazonaws\.com(\.cn)?|api\.aws)$")


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
        service, region = signed_for(request)
        if own := _IN_A_REGION.search(request.url.host):  # the vendor's host in another region than the claims speak of
            region = own["region"]
        signed = {name: value for name, value in request.headers.items() if name in ("host", "content-type") or name.startswith("x-amz-")}
        signable = self._requests.AWSRequest(request.method, str(request.url), signed, request.content)
        self._signer.SigV4Auth(self._credentials, service, region).add_auth(signable)
        for name, value in signable.headers.items():
            request.headers[name] = value
        yield request


def signer(values: Sequence[str]) -> SigV4Auth:
    """From the values of an access key: id, secret and, with temporary credentials, session token."""
    return SigV4Auth(*values)
