"""How a credential is put on a request: by a header. Signed clouds need a signer of their own, which is not here yet."""

import base64
from collections.abc import Generator, Sequence

import httpx

from probes.errors import UsageError

_SIGNED = ("ACS3-", "bce-auth-", "AWS4-", "TC3-")


class HeaderAuth(httpx.Auth):
    """One header with one value, which is never shown by repr."""

    def __init__(self, name: str, value: str) -> None:
        self._name, self._value = name, value

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Set the header; nothing is retried."""
        request.headers[self._name] = self._value
        yield request


def header_auth(send: str, values: Sequence[str]) -> HeaderAuth:
    """From how a claim says it is sent (`Authorization: Bearer {}`) and the values of its variables.

    Several values are joined by a colon, as Basic wants them. Raises UsageError for a scheme that signs requests, and for a value that
    cannot stand in a header.
    """
    name, _, template = send.partition(": ")
    if template.startswith(_SIGNED):
        raise UsageError("signs its requests, for which keycap has no signer yet", where=send.replace(" {}", ""))
    value = ":".join(values)
    if not value.isascii() or not value.isprintable() or " " in value:
        raise UsageError("has a value that cannot stand in a header", where=name, hint="Look for a line end or a space in the variable.")
    if template.startswith("Basic "):
        value = base64.b64encode(value.encode("ascii")).decode("ascii")
    return HeaderAuth(name, template.replace("{}", value))
