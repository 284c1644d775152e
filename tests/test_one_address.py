"""One address of a person's own may stand for every host of a provider: each call is still sent as its own host wants it."""

import httpx

from probes.claims import Claims, Host
from probes.endpoint import Endpoint
from probes.probe import Probe, Tier
from probes.requests import Requests
from probes.session import Session
from probes.wire.extensions import SIGNED_FOR


async def nothing(_api: object) -> None:
    """What the probe would do is done by the test."""


async def test_each_call_keeps_the_form_headers_and_service_of_its_host(sample: Claims) -> None:
    hosts = {"keys": Host(headers={"x-version": "1"}, signed_for="keys/one"), "rates": Host(form=True, signed_for="rates/two")}
    provider = sample.providers["acme"].model_copy(update={"hosts": hosts})
    probe = Probe("acme", "nothing", (), Tier.READ, nothing)
    sent: list[httpx.Request] = []

    def note(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200)

    async with httpx.AsyncClient(transport=httpx.MockTransport(note)) as client:
        session = Session("acme", provider, dict.fromkeys(hosts, "http://127.0.0.1:5000"), "00000000", client)
        requests = Requests(session, probe, 0)
        answers = [
            await requests.ask(Endpoint.parse("GET rates:/v1/rates")),
            await requests.call("POST keys:/v1/keys", json={"a": 1}, secret="made-up-key"),
            await requests.call("POST rates:/v1/rates", json={"a": 1}, secret="made-up-key"),
        ]
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert [request.extensions[SIGNED_FOR] for request in sent] == ["rates/two", "keys/one", "rates/two"]
    assert [request.headers.get("x-version") for request in sent] == [None, "1", None]
    assert [request.content for request in sent] == [b"", b'{"a":1}', b"a=1"]
