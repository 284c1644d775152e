"""The lab's network reaches the simulators and nothing else; a simulator can be made to answer otherwise."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from probes.errors import RequestRefused
from probes.lab.server import serving
from probes.lab.simulator import Behaviour, Meter, Simulator, Window
from probes.money import Model


async def _told(request: Request) -> Response:
    return JSONResponse({"host": request.headers["host"], "path": request.url.path})


class Echo(Simulator):
    """Tells what it was asked."""

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__(behaviour)
        self.hosts = {name: Starlette(routes=[Route("/{rest:path}", _told)]) for name in ("api", "data_plane")}
        self.environment = {}
        self.model = Model("m", 1, 3)

    def leftovers(self) -> list[str]:
        return []


async def test_each_host_has_its_own_address_and_its_true_paths() -> None:
    with serving({"acme_ai": Echo(Behaviour())}) as network:
        async with network() as transport, httpx.AsyncClient(transport=transport) as client:
            first = await client.get("http://api.acme-ai.lab.invalid/v1/keys?limit=2")
            second = await client.get("http://data-plane.acme-ai.lab.invalid/")
            none = await client.get("http://other.acme-ai.lab.invalid/")
    assert first.json() == {"host": "api.acme-ai.lab.invalid", "path": "/v1/keys"}
    assert second.json() == {"host": "data-plane.acme-ai.lab.invalid", "path": "/"}
    assert none.status_code == 421


@pytest.mark.parametrize("url", ["https://api.openai.com/v1/models", "http://127.0.0.1:1/", "http://lab.invalid.example.com/"])
async def test_a_run_in_the_lab_reaches_nothing_else(url: str) -> None:
    with serving({"acme_ai": Echo(Behaviour())}) as network:
        async with network() as transport, httpx.AsyncClient(transport=transport) as client:
            with pytest.raises(RequestRefused, match="reaches nothing else"):
                await client.get(url)


async def test_a_behaviour_may_deny_what_it_likes() -> None:
    behaviour = Behaviour(deny=lambda method, path: Response(status_code=503) if (method, path) == ("GET", "/down") else None)
    with serving({"acme_ai": Echo(behaviour)}) as network:
        async with network() as transport, httpx.AsyncClient(transport=transport) as client:
            answers = [(await client.get(f"http://api.acme-ai.lab.invalid/{path}")).status_code for path in ("up", "down")]
    assert answers == [200, 503]


def test_a_charge_counts_only_after_the_lag() -> None:
    now = [0.0]
    meter = Meter(lambda: now[0])
    meter.charge(0.02)
    assert (meter.counted(0.5), meter.total) == (0.0, 0.02)
    now[0] = 0.5
    assert meter.counted(0.5) == 0.02


def test_a_window_admits_so_many_and_tells_how_long_to_wait() -> None:
    now = [0.0]
    window = Window(lambda: now[0], 60)
    assert [window.admit(2), window.admit(2)] == [0.0, 0.0]
    now[0] = 10.0
    assert window.admit(2) == 50.0
    now[0] = 60.1
    assert window.admit(2) == 0.0
