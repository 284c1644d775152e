"""Google's application default credentials: a file of a service account, a user, a workload identity; google-auth makes the access tokens.

The file is the one that GOOGLE_APPLICATION_CREDENTIALS names, else the one that `gcloud auth application-default login` wrote. The metadata
server of a machine in Google's cloud is not asked: whoever runs keycap there may not mean that machine's own account.
"""

import asyncio
import json
import os
import warnings
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import httpx

from probes.errors import HostUnreachable, NotAllowed, UsageError

VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS"
SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
TIMEOUT = 30.0
"""Seconds to wait for an access token."""


class Credentials(Protocol):
    """What is used of google-auth's own class."""

    @property
    def valid(self) -> bool: ...
    def refresh(self, request: Any) -> None: ...
    def apply(self, headers: dict[str, str]) -> None: ...


def credentials_file(variables: Mapping[str, str]) -> Path | None:
    """The file with the credentials, None where there is none; one that is named need not exist yet."""
    if VARIABLE in variables:
        return Path(variables[VARIABLE])
    if folder := variables.get("CLOUDSDK_CONFIG"):
        root = Path(folder)
    elif os.name == "nt":
        root = Path(variables.get("APPDATA", "")) / "gcloud"
    else:
        root = Path(variables.get("HOME", "")) / ".config" / "gcloud"
    path = root / "application_default_credentials.json"
    return path if root.is_absolute() and path.is_file() else None


def chain(variables: Mapping[str, str]) -> Callable[[], httpx.Auth] | None:
    """What makes the auth of the credentials that are found, None where none are."""
    file = credentials_file(variables)
    return None if file is None else partial(GoogleAuth, file)


class GoogleAuth(httpx.Auth):
    """Puts an access token on every request, and the quota project where the credentials name one. One is shared by a whole run.

    Making it raises UsageError where google-auth is not installed or the file is none of credentials; sending raises NotAllowed where no
    token is given for it, HostUnreachable where nobody answers.
    """

    def __init__(self, file: Path, *, client: Callable[[], httpx.Client] = lambda: httpx.Client(timeout=TIMEOUT)) -> None:
        self._credentials = _loaded(file)
        self._client = client
        self._lock = asyncio.Lock()

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Set the headers, with a new token where the old one is about to expire; nothing is retried."""
        async with self._lock:
            if not self._credentials.valid:
                await asyncio.to_thread(self._refresh)
        headers: dict[str, str] = {}
        self._credentials.apply(headers)
        request.headers.update(headers)
        yield request

    def _refresh(self) -> None:
        from google.auth.exceptions import GoogleAuthError, TransportError  # noqa: PLC0415

        with self._client() as client:
            try:
                self._credentials.refresh(_Request(client))
            except (TransportError, httpx.HTTPError) as error:
                raise HostUnreachable("the host that gives access tokens does not answer", where=VARIABLE) from error
            except GoogleAuthError as error:  # its text repeats what the server said, which may hold anything
                raise NotAllowed(f"no access token was given for the credentials ({type(error).__name__})", means="credential") from error


def _loaded(file: Path) -> Credentials:
    try:
        from google.auth import load_credentials_from_dict  # noqa: PLC0415
        from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415
    except ImportError as error:
        raise UsageError("needs google-auth: uv run --extra google keycap …", where=VARIABLE) from error
    try:
        described = json.loads(file.read_text(encoding="utf-8"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # it warns of files that come from somebody else
            loaded, _ = load_credentials_from_dict(described, scopes=SCOPES)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TypeError, AttributeError, GoogleAuthError) as error:
        raise UsageError(
            "names no file of Google credentials", where=VARIABLE, hint="gcloud auth application-default login writes one."
        ) from error
    credentials: Credentials = loaded
    return credentials


@dataclass(frozen=True, slots=True)
class _Response:
    """An answer as google-auth reads it."""

    status: int
    headers: Mapping[str, str]
    data: bytes


class _Request:
    """How google-auth asks for a token: over httpx, so that it needs no second HTTP library."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_: Any,
    ) -> _Response:
        response = self._client.request(method, url, content=body, headers=dict(headers or {}), timeout=timeout or TIMEOUT)
        return _Response(response.status_code, response.headers, response.content)
