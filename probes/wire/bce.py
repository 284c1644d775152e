"""bce-auth-v1, the signature of Baidu AI Cloud, by the vendor's own package (extra `baidu`).

Signed are the host and the date, the method, the path and the query; not the body. A signature is good for 30 minutes from its date.
"""

import logging
import time
import warnings
from collections.abc import Callable, Generator, Sequence
from typing import Any
from urllib.parse import parse_qsl

import httpx

from probes.wire.auth import package

SCHEME = "bce-auth-v1"
EXPIRES = 1800
"""Seconds; what the vendor's own client asks for."""

SIGNED = (b"host", b"x-bce-date")


class BceAuth(httpx.Auth):
    """An access key pair. `clock` gives seconds since 1970."""

    def __init__(self, key_id: str, secret: str, *, clock: Callable[[], float] = time.time) -> None:
        with warnings.catch_warnings():  # the package has escapes in its strings that Python warns of
            warnings.simplefilter("ignore")
            credentials: Any = package("baidubce.auth.bce_credentials", "baidu", SCHEME)
            self._signer: Any = package("baidubce.auth.bce_v1_signer", "baidu", SCHEME)
        logging.getLogger("baidubce").setLevel(logging.WARNING)  # below that it logs the key that it signs with
        self._credentials = credentials.BceCredentials(key_id, secret)
        self._clock = clock

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign as it is now; nothing is retried here."""
        now = int(self._clock())
        request.headers["x-bce-date"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
        path, _, query = request.url.raw_path.partition(b"?")
        headers = {name: request.headers[name.decode("ascii")].encode("ascii") for name in SIGNED}
        parameters = dict(parse_qsl(query.decode("ascii"), keep_blank_values=True))
        with warnings.catch_warnings():  # of a way to tell the time that Python is giving up
            warnings.simplefilter("ignore", DeprecationWarning)
            signed: bytes = self._signer.sign(
                self._credentials, request.method.encode("ascii"), path, headers, parameters, now, EXPIRES, list(SIGNED)
            )
        request.headers["authorization"] = signed.decode("ascii")
        yield request


def signer(values: Sequence[str]) -> BceAuth:
    """From the values of an access key: id and secret."""
    return BceAuth(*values)
