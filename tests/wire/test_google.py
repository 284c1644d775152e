"""Google's application default credentials put a token on every request, and say exactly what is missing."""

import json
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from probes.claims import Claims
from probes.credentials import Environment
from probes.doctor import examine
from probes.errors import HostUnreachable, NotAllowed, UsageError
from probes.wire.google import GoogleAuth, credentials_file

USER = {"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r", "quota_project_id": "my-project"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "user.json"
    path.write_text(json.dumps(USER), encoding="utf-8")
    return path


class Tokens:
    """The host that gives tokens: how often it was asked, and what it answers."""

    def __init__(self, status: int = 200, body: dict[str, Any] | None = None) -> None:
        self.asked: list[str] = []
        self._answer = status, body or {"access_token": "ya29.made-up", "expires_in": 3599, "token_type": "Bearer"}

    def client(self) -> httpx.Client:
        def answer(request: httpx.Request) -> httpx.Response:
            self.asked.append(request.content.decode())
            return httpx.Response(self._answer[0], json=self._answer[1])

        return httpx.Client(transport=httpx.MockTransport(answer))


async def sent(auth: GoogleAuth, times: int = 1) -> list[httpx.Headers]:
    seen: list[httpx.Headers] = []

    def note(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers)
        return httpx.Response(200)

    async with httpx.AsyncClient(transport=httpx.MockTransport(note)) as client:
        for _ in range(times):
            await client.get("https://acme.test/", auth=auth, headers={"x-goog-user-project": "other"})
    return seen


async def test_a_token_is_had_once_and_sent_with_every_request(file: Path) -> None:
    tokens = Tokens()
    seen = await sent(GoogleAuth(file, client=tokens.client), times=3)
    assert [headers["authorization"] for headers in seen] == ["Bearer ya29.made-up"] * 3
    assert {headers["x-goog-user-project"] for headers in seen} == {"my-project"}
    assert len(tokens.asked) == 1
    assert "grant_type=refresh_token" in tokens.asked[0]


async def test_a_refused_token_says_nothing_of_what_the_server_said(file: Path) -> None:
    tokens = Tokens(400, {"error": "invalid_grant", "error_description": "canary-value"})
    with pytest.raises(NotAllowed, match="RefreshError") as raised:
        await sent(GoogleAuth(file, client=tokens.client))
    assert raised.value.means == "credential"
    assert "canary" not in str(raised.value)


async def test_a_host_that_is_not_there_is_told(file: Path) -> None:
    def broken() -> httpx.Client:
        def refuse(request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("refused", request=request)

        return httpx.Client(transport=httpx.MockTransport(refuse))

    with pytest.raises(HostUnreachable):
        await sent(GoogleAuth(file, client=broken))


def test_a_missing_package_says_what_to_run(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.auth", None)
    with pytest.raises(UsageError, match="uv run --extra google keycap"):
        GoogleAuth(file)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"type": "service_account"}', '{"type": "authorized_user"}'])
def test_a_file_that_is_none_of_credentials_is_told(tmp_path: Path, content: str) -> None:
    path = tmp_path / "c.json"
    path.write_text(content, encoding="utf-8")
    for given in (path, tmp_path / "absent.json"):
        with pytest.raises(UsageError, match="names no file of Google credentials"):
            GoogleAuth(given)


def test_the_file_is_the_named_one_or_the_one_that_gcloud_wrote(tmp_path: Path) -> None:
    written = tmp_path / ".config" / "gcloud" / "application_default_credentials.json"
    assert credentials_file({"HOME": str(tmp_path)}) is None
    assert credentials_file({}) is None
    written.parent.mkdir(parents=True)
    written.write_text("{}", encoding="utf-8")
    assert credentials_file({"CLOUDSDK_CONFIG": str(written.parent)}) == written
    assert credentials_file({"CLOUDSDK_CONFIG": str(tmp_path), "GOOGLE_APPLICATION_CREDENTIALS": "x.json"}) == Path("x.json")


def test_a_chain_stands_in_for_a_variable_that_is_not_set(sample: Claims, file: Path) -> None:
    acme = sample.providers["acme"]
    admin = acme.credentials["admin"].model_copy(update={"chain": "google"})
    chained = acme.model_copy(update={"credentials": {"admin": admin}})
    environment = Environment.of({"GOOGLE_APPLICATION_CREDENTIALS": str(file)})
    assert isinstance(environment.held(chained)["admin"].auth, GoogleAuth)
    assert environment.held(acme) == {}
    both = Environment.of({"GOOGLE_APPLICATION_CREDENTIALS": str(file), "ACME_ADMIN_KEY": "k"})
    assert both.held(chained)["admin"].values == ("k",)


def test_doctor_tells_a_chain_that_cannot_be_used(sample: Claims, tmp_path: Path) -> None:
    acme = sample.providers["acme"]
    admin = acme.credentials["admin"].model_copy(update={"chain": "google"})
    claims = sample.model_copy(update={"providers": {"acme": acme.model_copy(update={"credentials": {"admin": admin}})}})
    [found] = examine(claims, Environment.of({"GOOGLE_APPLICATION_CREDENTIALS": str(tmp_path / "absent")}), ["acme"])
    assert (found.present, "names no file of Google credentials" in found.problem) == (True, True)
