"""Entra's credentials put a token for ARM on every request, and say exactly what is missing. No test here reaches a network."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import pytest
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError
from azure.core.pipeline.transport import HttpRequest, HttpResponse, HttpTransport
from azure.identity import ClientSecretCredential, CredentialUnavailableError

from probes.claims import Claims
from probes.credentials import Environment
from probes.errors import HostUnreachable, NotAllowed, UsageError
from probes.wire.entra import SCOPE, Credential, EntraAuth, chain

TENANT, CLIENT = "11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-000000000000"
PRINCIPAL = {"AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": CLIENT, "AZURE_CLIENT_SECRET": "made-up~secret"}


class Given:
    """A credential that gives a token for an hour, or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self.asked: list[str] = []
        self.token, self.expires_on = "eyJ.made-up", 3600
        self._error = error

    def get_token(self, *scopes: str) -> Self:
        self.asked += scopes
        if self._error is not None:
            raise self._error
        return self


async def sent(auth: httpx.Auth, times: int = 1) -> list[str]:
    seen: list[str] = []

    def note(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["authorization"])
        return httpx.Response(200)

    async with httpx.AsyncClient(transport=httpx.MockTransport(note)) as client:
        for _ in range(times):
            await client.get("https://acme.test/", auth=auth)
    return seen


async def test_a_token_is_had_once_until_it_is_about_to_expire() -> None:
    given, now = Given(), [0.0]
    auth = EntraAuth(lambda: given, clock=lambda: now[0])
    assert await sent(auth, times=3) == ["Bearer eyJ.made-up"] * 3
    assert given.asked == [SCOPE]
    now[0] = 3301.0
    await sent(auth)
    assert given.asked == [SCOPE, SCOPE]


@pytest.mark.parametrize(
    ("error", "raised", "says"),
    [
        (ClientAuthenticationError("AADSTS7000215 canary-value"), NotAllowed, "ClientAuthenticationError"),
        (CredentialUnavailableError("canary-value"), NotAllowed, "nobody is signed in"),
        (ServiceRequestError("canary-value"), HostUnreachable, "does not answer"),
        (ValueError("canary-value"), NotAllowed, "ValueError"),
    ],
)
async def test_a_token_that_is_not_given_is_told_without_what_the_server_said(error: Exception, raised: type[Exception], says: str) -> None:
    with pytest.raises(raised, match=says) as told:
        await sent(EntraAuth(lambda: Given(error)))
    assert "canary" not in str(told.value)


def test_a_missing_package_says_what_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "azure.identity", None)
    made = chain(PRINCIPAL)
    assert made is not None
    with pytest.raises(UsageError, match="uv run --extra azure keycap"):
        made()


def test_a_tenant_that_cannot_be_one_is_told_without_its_value() -> None:
    made = chain({**PRINCIPAL, "AZURE_TENANT_ID": "no/tenant"})
    assert made is not None
    with pytest.raises(UsageError) as told:
        made()
    assert "no/tenant" not in str(told.value)


def test_what_is_found_is_a_principal_a_workload_or_whoever_is_signed_in(tmp_path: Path) -> None:
    assert chain({}) is chain({"HOME": str(tmp_path)}) is None
    assert chain({name: value for name, value in PRINCIPAL.items() if name != "AZURE_CLIENT_SECRET"}) is None
    profile = tmp_path / ".azure" / "azureProfile.json"
    profile.parent.mkdir()
    profile.write_text("{}", encoding="utf-8")
    token = {"AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": CLIENT, "AZURE_FEDERATED_TOKEN_FILE": str(tmp_path / "token")}
    for variables in ({"HOME": str(tmp_path)}, {"AZURE_CONFIG_DIR": str(profile.parent)}, PRINCIPAL, token):
        made = chain(variables)
        assert made is not None
        assert isinstance(made(), EntraAuth)


def test_a_chain_stands_in_for_a_token_that_is_not_set(sample: Claims) -> None:
    acme = sample.providers["acme"]
    chained = acme.model_copy(update={"credentials": {"admin": acme.credentials["admin"].model_copy(update={"chain": "entra"})}})
    assert isinstance(Environment.of(PRINCIPAL).held(chained)["admin"].auth, EntraAuth)
    assert Environment.of({**PRINCIPAL, "ACME_ADMIN_KEY": "k"}).held(chained)["admin"].values == ("k",)
    assert "secret" not in repr(Environment.of(PRINCIPAL).held(chained))


async def test_azure_identity_itself_is_asked_for_a_token_of_arm() -> None:
    login = Login()

    def credential() -> Credential:
        return ClientSecretCredential(TENANT, CLIENT, "made-up~secret", transport=login)

    assert await sent(EntraAuth(credential), times=2) == ["Bearer eyJ.given"] * 2
    [asked] = [each for each in login.requests if each.method == "POST"]
    assert asked.url == f"https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token"
    assert (asked.body["grant_type"], asked.body["scope"]) == ("client_credentials", SCOPE)


class Login(HttpTransport[HttpRequest, HttpResponse]):
    """login.microsoftonline.com, as far as a client's secret needs it."""

    def __init__(self) -> None:
        self.requests: list[Any] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None = None, error: BaseException | None = None, trace: TracebackType | None = None
    ) -> None: ...
    def open(self) -> None: ...
    def close(self) -> None: ...
    def sleep(self, duration: float) -> None: ...

    def send(self, request: HttpRequest, **_: Any) -> HttpResponse:
        self.requests.append(request)
        if request.method == "POST":
            return Told(request, {"token_type": "Bearer", "expires_in": 3599, "access_token": "eyJ.given"})
        base = f"https://login.microsoftonline.com/{TENANT}"
        ends = {"authorization_endpoint": f"{base}/oauth2/v2.0/authorize", "token_endpoint": f"{base}/oauth2/v2.0/token"}
        instance = {"tenant_discovery_endpoint": f"{base}/v2.0/.well-known/openid-configuration", "metadata": []}
        return Told(request, {**ends, **instance, "issuer": f"{base}/v2.0"})


class Told(HttpResponse):
    """A JSON answer as azure-core reads it."""

    def __init__(self, request: HttpRequest, body: Mapping[str, Any]) -> None:
        super().__init__(request, None)
        self.status_code, self.reason, self.content_type = 200, "OK", "application/json"
        self.headers = {"content-type": "application/json"}
        self._body = json.dumps(body).encode()

    def body(self) -> bytes:
        return self._body

    def stream_download(self, pipeline: Any, **kwargs: Any) -> Any:
        raise NotImplementedError
