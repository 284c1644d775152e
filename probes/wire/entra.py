"""Microsoft Entra ID: a service principal, a workload identity, or whoever `az login` signed in; azure-identity gets the access tokens.

In this order: AZURE_TENANT_ID and AZURE_CLIENT_ID with AZURE_CLIENT_SECRET; the same two with AZURE_FEDERATED_TOKEN_FILE; the sign-in that
the Azure CLI keeps on this machine. The rest of DefaultAzureCredential is left out on purpose: a managed identity is this machine's, and
whoever runs keycap there may not mean that one.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Protocol

import httpx

from probes.errors import HostUnreachable, NotAllowed, UsageError

SCOPE = "https://management.azure.com/.default"
"""Of Azure Resource Manager."""

EARLY = 300.0
"""Seconds before its end from which a token is not used any more."""

EXTRA = "needs azure-identity: uv run --extra azure keycap …"


class Token(Protocol):
    """What is used of azure-core's AccessToken."""

    @property
    def token(self) -> str: ...
    @property
    def expires_on(self) -> int: ...


class Credential(Protocol):
    """What is used of azure-identity's own classes."""

    def get_token(self, *scopes: str) -> Token: ...


def chain(variables: Mapping[str, str]) -> Callable[[], httpx.Auth] | None:
    """What makes the auth of the credential that is found, None where none is."""
    tenant, client = variables.get("AZURE_TENANT_ID"), variables.get("AZURE_CLIENT_ID")
    if tenant and client and (secret := variables.get("AZURE_CLIENT_SECRET")):
        return partial(EntraAuth, partial(_service_principal, tenant, client, secret))
    if tenant and client and (file := variables.get("AZURE_FEDERATED_TOKEN_FILE")):
        return partial(EntraAuth, partial(_workload, tenant, client, file))
    folder = variables.get("AZURE_CONFIG_DIR") or (Path(home) / ".azure" if (home := _home(variables)) else None)
    return partial(EntraAuth, _signed_in) if folder and (Path(folder) / "azureProfile.json").is_file() else None


class EntraAuth(httpx.Auth):
    """Puts an access token for Azure Resource Manager on every request. One is shared by a whole run.

    Making it raises UsageError where azure-identity is not installed or the credential's own values cannot be right; sending raises
    NotAllowed where no token is given for it, HostUnreachable where nobody answers.
    """

    def __init__(self, credential: Callable[[], Credential], *, clock: Callable[[], float] = time.time) -> None:
        self._credential = _made(credential)
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token: Token | None = None

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Set the header, with a new token where the old one is about to expire; nothing is retried."""
        async with self._lock:
            if self._token is None or self._token.expires_on - EARLY <= self._clock():
                self._token = await asyncio.to_thread(self._fresh)
            token = self._token.token
        request.headers["authorization"] = f"Bearer {token}"
        yield request

    def _fresh(self) -> Token:
        from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError, ServiceResponseError  # noqa: PLC0415
        from azure.identity import CredentialUnavailableError  # noqa: PLC0415

        try:
            return self._credential.get_token(SCOPE)
        except (ServiceRequestError, ServiceResponseError) as error:
            raise HostUnreachable("the host that gives access tokens does not answer", where="Entra ID") from error
        except CredentialUnavailableError as error:
            raise NotAllowed(
                "nobody is signed in with the Azure CLI", means="credential", where="Entra ID", hint="Run az login."
            ) from error
        except (ClientAuthenticationError, ValueError) as error:  # the text repeats what the server said, which may hold anything
            what = f"no access token was given for the credential ({type(error).__name__})"
            raise NotAllowed(what, means="credential", where="Entra ID") from error


def _made(credential: Callable[[], Credential]) -> Credential:
    try:
        return credential()
    except ImportError as error:
        raise UsageError(EXTRA, where="Entra ID") from error
    except ValueError as error:  # its text may repeat the value
        raise UsageError("has a tenant or client id that cannot be one", where="AZURE_TENANT_ID, AZURE_CLIENT_ID") from error


def _service_principal(tenant: str, client: str, secret: str) -> Credential:
    from azure.identity import ClientSecretCredential  # noqa: PLC0415

    return ClientSecretCredential(tenant, client, secret)


def _workload(tenant: str, client: str, file: str) -> Credential:
    from azure.identity import WorkloadIdentityCredential  # noqa: PLC0415

    return WorkloadIdentityCredential(tenant_id=tenant, client_id=client, token_file_path=file)


def _signed_in() -> Credential:
    from azure.identity import AzureCliCredential  # noqa: PLC0415

    return AzureCliCredential()


def _home(variables: Mapping[str, str]) -> str | None:
    return variables.get("HOME") or variables.get("USERPROFILE")
