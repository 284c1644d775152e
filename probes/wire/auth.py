"""How a credential is put on a request: by a header, by a signature where the claims name a scheme that signs, or by a vendor's own chain
of credentials, which gives tokens.
"""

import base64
from collections.abc import Callable, Generator, Mapping, Sequence
from importlib import import_module

import httpx

from probes.errors import UsageError
from probes.wire import entra, google
from probes.wire.extensions import SIGNED_FOR
from probes.wire.schemes import signer_of, signs, template_of

CHAINS: Mapping[str, Callable[[Mapping[str, str]], Callable[[], httpx.Auth] | None]] = {"google": google.chain, "entra": entra.chain}
"""By the name that the claims give a chain: from a person's variables to what makes its auth, None where nothing is there to make it of."""


class HeaderAuth(httpx.Auth):
    """One header with one value, which is never shown by repr."""

    def __init__(self, name: str, value: str) -> None:
        self._name, self._value = name, value

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Set the header; nothing is retried."""
        request.headers[self._name] = self._value
        yield request


def chained(name: str, variables: Mapping[str, str]) -> Callable[[], httpx.Auth] | None:
    """What makes the auth of a vendor's chain, None where these variables and this machine hold no credential for it.

    Making it raises UsageError where its package is not installed, or the credential cannot be used.
    """
    return CHAINS[name](variables)


def auth_of(send: str, values: Sequence[str]) -> httpx.Auth:
    """The way in from how a claim says a credential is sent and the values of its variables, whatever the scheme.

    Raises UsageError for a value that cannot stand in a header, for a scheme whose package is not installed, naming the extra, and for one
    that signs and has no signer here: nothing of the secret is then sent.
    """
    name, template = template_of(send)
    for value in values:
        if not value.isascii() or not value.isprintable() or " " in value:
            raise UsageError(
                "has a value that cannot stand in a header", where=name, hint="Look for a line end or a space in the variable."
            )
    if module := signer_of(send):
        signing: httpx.Auth = import_module(f"probes.wire.{module}").signer(values)
        return signing
    if signs(send):
        raise UsageError("signs its requests, for which keycap has no signer yet", where=send.replace(" {}", ""))
    if "{}" not in template:
        raise UsageError("has no place for the credential", where=send, hint="In the claims, write {} where its value goes.")
    return header_auth(send, values)


def header_auth(send: str, values: Sequence[str]) -> HeaderAuth:
    """One header as a claim writes it (`Authorization: Bearer {}`); several values are joined by a colon, as Basic wants them."""
    name, template = template_of(send)
    value = ":".join(values)
    if template.startswith("Basic "):
        value = base64.b64encode(value.encode("ascii")).decode("ascii")
    return HeaderAuth(name, template.replace("{}", value))


def signed_for(request: httpx.Request) -> tuple[str, str]:
    """The service and the region that a signature is to name, as the claims tell them of the host. Raises UsageError where they do not."""
    service, _, region = str(request.extensions.get(SIGNED_FOR, "")).partition("/")
    if not service:
        raise UsageError("is signed for a service that the claims do not name", where=request.url.host, hint="Name it: signed_for.")
    return service, region


def package(module: str, extra: str, scheme: str) -> object:
    """The module of an optional package. Raises UsageError that says how to get it."""
    try:
        return import_module(module)
    except ImportError as error:
        what = f"needs a package that is not installed: uv run --extra {extra} keycap …"
        raise UsageError(what, where=scheme, hint=f"Or install keycap[{extra}].") from error
