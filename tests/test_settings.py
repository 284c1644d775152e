"""Names of a person's own project: from the environment into paths, from there into no recording, and still replayed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from probes import preview, runner
from probes.addresses import segment
from probes.answer import dotted
from probes.api import Api
from probes.claims import Claims, Host, Provider
from probes.credentials import Environment
from probes.doctor import examine
from probes.errors import SettingMissing
from probes.evidence import Cause, Origin
from probes.judge import judge, read_recording
from probes.ledger import Undo
from probes.plan import Job
from probes.probe import Probe, Tier
from probes.settings import OwnSettings, collections

UNDO: Undo = {"method": "DELETE", "path": "/v1/projects/{project}/keys/{id}"}
ENVIRONMENT = {"ACME_ADMIN_KEY": "canary-credential", "ACME_PROJECT": "canary-project"}


@pytest.fixture
def acme(sample: Claims) -> Provider:
    """The sample's vendor, whose keys belong to a project that the person names."""
    provider = sample.providers["acme"]
    created = provider.claims["key.create"].model_copy(update={"endpoint": "POST /v1/projects/{project}/keys"})
    host = Host(url="https://api.acme.example", headers={"x-project": "{project}", "x-fixed": "1"})
    claims = {**provider.claims, "key.create": created}
    return provider.model_copy(update={"settings": {"project": "ACME_PROJECT"}, "claims": claims, "hosts": {"api": host}})


class Vendor:
    """Keeps keys by project, which it names by number in its answers."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self.keys: set[str] = set()

    @asynccontextmanager
    async def network(self) -> AsyncIterator[httpx.AsyncBaseTransport]:
        yield httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if request.method == "POST":
            self.keys.add(f"{request.url.path}/k1")
            name = "projects/1234567890/keys/k1"
            return httpx.Response(200, json={"id": "k1", "name": name, "owner": "project canary-project", "number": "1234567890"})
        if request.method == "DELETE":
            self.keys.discard(request.url.path)
            return httpx.Response(204)
        return httpx.Response(200, json={"scope": request.url.params.get("scope", "")})


async def keys_belong_to_a_project(api: Api) -> None:
    body = {"name": api.name, "project": f"projects/{api.setting('project')}"}
    made = await api.create("POST /v1/projects/{project}/keys", json=body, kind="key", name=api.name, identity="id", undo=UNDO)
    read = await api.get(f"/v1/projects/{{project}}/keys/{segment(dotted(made.json, 'id'))}?scope=projects/{{project}}")
    api.found("key.create", read.json["scope"] == f"projects/{api.setting('project')}", Cause.DONE)


def job(acme: Provider, tier: Tier = Tier.WRITE) -> Job:
    probe = Probe("acme", "keys_belong_to_a_project", ("key.create",), tier, keys_belong_to_a_project)
    return Job("acme", acme, tier, Origin.OVERRIDE, "https://acme.test", (probe,))


def verify(acme: Provider, sample: Claims, folder: Path, vendor: Vendor, environment: dict[str, str]) -> list[tuple[str, str, str]]:
    claims = sample.model_copy(update={"providers": {**sample.providers, "acme": acme}})
    settings = runner.Settings(folder / "c", environment=Environment(environment), ledger=folder / "ledger", network=vendor.network)
    [outcome] = runner.verify([job(acme)], claims, settings).jobs
    return [(each.outcome, each.cause, each.detail) for each in outcome.evidence]


async def test_it_is_in_the_paths_and_in_no_recording_and_replays(acme: Provider, sample: Claims, tmp_path: Path) -> None:
    vendor = Vendor()
    assert verify(acme, sample, tmp_path, vendor, ENVIRONMENT) == [("present", "done", "")]
    assert [request.url.raw_path for request in vendor.asked] == [
        b"/v1/projects/canary-project/keys",
        b"/v1/projects/canary-project/keys/k1?scope=projects%2Fcanary-project",
        b"/v1/projects/canary-project/keys/k1",
    ]
    assert {request.headers["x-project"] for request in vendor.asked} == {"canary-project"}
    assert vendor.keys == set()
    [cassette] = (tmp_path / "c").rglob("*.yaml")
    written = cassette.read_text(encoding="utf-8")
    assert "canary" not in written
    assert "1234567890" not in written
    assert "/v1/projects/REDACTED/keys/k1?scope=projects%2FREDACTED" in written
    recorded = read_recording(cassette, job(acme))
    assert [each.outcome for each in await judge(job(acme), recorded)] == ["present"]


def test_the_ledger_keeps_it_so_that_a_cleanup_finds_the_place(acme: Provider, sample: Claims, tmp_path: Path) -> None:
    vendor = Vendor()
    answer = vendor._answer
    vendor._answer = lambda request: httpx.Response(500) if request.method == "DELETE" else answer(request)  # type: ignore[method-assign]
    verify(acme, sample, tmp_path, vendor, ENVIRONMENT)
    [file] = (tmp_path / "ledger").glob("*.jsonl")
    assert "/v1/projects/canary-project/keys/{id}" in file.read_text(encoding="utf-8")
    assert "canary-credential" not in file.read_text(encoding="utf-8")


def test_one_that_is_not_set_is_named_and_nothing_is_sent(acme: Provider, sample: Claims, tmp_path: Path) -> None:
    vendor = Vendor()
    environment = {"ACME_ADMIN_KEY": "canary-credential"}
    assert verify(acme, sample, tmp_path, vendor, environment) == [("inconclusive", "setting_missing", "ACME_PROJECT is not set")]
    assert vendor.asked == []


def test_a_preview_shows_the_variable(acme: Provider) -> None:
    shown = preview.planned([job(acme)])
    assert shown[0]["url"] == "https://acme.test/v1/projects/ACME_PROJECT/keys"


def test_without_a_credential_no_name_leaves(acme: Provider) -> None:
    shown = preview.planned([replace(job(acme), tier=Tier.SURFACE)])
    assert "ACME_PROJECT" not in str(shown)
    assert OwnSettings().headers(acme.hosts["api"].headers) == {"x-fixed": "1"}


def test_doctor_names_what_is_missing(acme: Provider, sample: Claims) -> None:
    claims = sample.model_copy(update={"providers": {"acme": acme}})
    assert [each.also for each in examine(claims, Environment(ENVIRONMENT), ["acme"])] == [()]
    assert [each.also for each in examine(claims, Environment({}), ["acme"])] == [("ACME_PROJECT",)]


def test_the_collection_is_the_segment_before_it(acme: Provider) -> None:
    assert collections(acme) == {"projects": "project"}
    assert OwnSettings().accounts(acme) == {}
    assert OwnSettings.recorded(acme).accounts(acme) == {"projects": "REDACTED"}


def test_a_value_may_come_with_its_collection(acme: Provider) -> None:
    for value in ("canary-project", "projects/canary-project"):
        assert Environment({"ACME_PROJECT": value}).settings(acme).get("project") == "canary-project"


def test_a_value_stands_as_one_segment() -> None:
    settings = OwnSettings({"project": "P"}, {"project": "a/../b c"})
    assert settings.of(["project", "key"]) == {"project": "a%2F..%2Fb%20c"}
    with pytest.raises(SettingMissing, match="Q is not set"):
        OwnSettings({"account": "Q"}).filled("/v1/accounts/{account}")
