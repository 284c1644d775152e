"""A provider that gives each created thing a host of its own: it is asked there, and its recording is accepted as the provider's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from probes import runner
from probes.addresses import of_created
from probes.api import Api
from probes.claims import Claims, Host, Provider
from probes.credentials import Environment
from probes.errors import CassetteError
from probes.evidence import Cause, Origin
from probes.judge import read_recording
from probes.plan import Job
from probes.probe import Probe, Tier


async def asks_its_own(api: Api) -> None:
    """Two hosts: the provider's, and that of the thing which bears the probe's name."""
    await api.get("/v1/things")
    answer = await api.get("own:/v1/models", secret="made-up-key")
    api.found("key.read", answer.text == f"{api.name}.acme.example", Cause.DONE)


@pytest.fixture
def acme(sample: Claims) -> Provider:
    hosts = {"api": Host(url="https://api.acme.example"), "own": Host(url="https://{thing}.acme.example")}
    return sample.providers["acme"].model_copy(update={"hosts": hosts})


@asynccontextmanager
async def network() -> AsyncIterator[httpx.AsyncBaseTransport]:
    yield httpx.MockTransport(lambda request: httpx.Response(200, text=request.url.host))


def test_it_is_asked_there_and_its_recording_is_the_providers(acme: Provider, sample: Claims, tmp_path: Path) -> None:
    probe = Probe("acme", "asks_its_own", ("key.read",), Tier.WRITE, asks_its_own)
    job = Job("acme", acme, Tier.WRITE, Origin.LIVE, None, (probe,))
    claims = sample.model_copy(update={"providers": {"acme": acme}})
    environment = Environment({"ACME_ADMIN_KEY": "canary-credential"})
    settings = runner.Settings(tmp_path / "cassettes", environment=environment, ledger=tmp_path / "ledger", network=network)
    [found] = [each for each in runner.verify([job], claims, settings).evidence if each.capability == "key.read"]
    assert str(found.outcome) == "present"
    [cassette] = (tmp_path / "cassettes").rglob("*.yaml")
    assert read_recording(cassette, job).metadata.provider == "acme"
    other = acme.model_copy(update={"hosts": {"api": acme.hosts["api"]}})
    with pytest.raises(CassetteError):
        read_recording(cassette, Job("acme", other, Tier.WRITE, Origin.LIVE, None, (probe,)))


def test_an_address_without_a_parameter_stays() -> None:
    assert of_created("https://{account}.acme.example", "keycap-probe-0-1") == "https://keycap-probe-0-1.acme.example"
    assert of_created("https://api.acme.example/v1", "x") == "https://api.acme.example/v1"
