"""A Starlette application on a loopback server in a thread of its own, and shorthands for recordings."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from probes.wire.cassette import CassetteTransport, Metadata
from probes.wire.extensions import ORDER
from probes.wire.redact import Redactor
from tests.wire.servers import direct


class App:
    """Echoes what was asked after a short, varying delay, with the number of the request."""

    def __init__(self) -> None:
        self.served = 0

    async def echo(self, request: Request) -> JSONResponse:
        self.served += 1
        number = self.served
        await asyncio.sleep(0.002 * (1 + number % 7))
        body = await request.body()
        answer = {"path": request.url.path, "query": dict(request.query_params), "body": body.decode(), "served": number}
        return JSONResponse(answer, headers={"x-request-id": str(number), "set-cookie": "session=abc", "x-kept": "yes"})


@contextmanager
def running(app: Starlette) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[App, str]]:
    app = App()
    with running(Starlette(routes=[Route("/{rest:path}", app.echo, methods=["GET", "POST", "DELETE", "HEAD"])])) as address:
        yield app, address


@pytest.fixture
def app(served: tuple[App, str]) -> App:
    served[0].served = 0
    return served[0]


@pytest.fixture
def url(served: tuple[App, str], app: App) -> str:
    return served[1]


@pytest.fixture
def metadata() -> Metadata:
    return Metadata("live", "surface", "acme", "a1b2c3d4", "0.1.0", "2026-11-24T08:22:00Z")


async def recorded(base: str, targets: list[str], redactor: Redactor | None = None) -> CassetteTransport:
    """A recording of `METHOD /path` or `METHOD /path body`, one after the other."""
    async with direct() as inner:
        transport = CassetteTransport.recording(inner, redactor or Redactor())
        async with httpx.AsyncClient(transport=transport) as client:
            for number, target in enumerate(targets):
                method, path, *body = target.split(" ", 2)
                await client.request(method, base + path, content="".join(body), extensions={ORDER: (0, number)})
    return transport


@pytest.fixture
async def cassette(url: str, metadata: Metadata, tmp_path: Path) -> Path:
    """A cassette of three exchanges."""
    path = tmp_path / "live" / "acme" / "surface.yaml"
    (await recorded(url, ["GET /v1/keys?page=1", 'POST /v1/keys {"name": "中文"}', "GET /v1/keys?page=1"])).save(path, metadata)
    return path


@pytest.fixture
async def other(url: str, cassette: Path) -> CassetteTransport:
    """Another recording, not saved; the cassette is there already."""
    return await recorded(url, ["GET /other"])
