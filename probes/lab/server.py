"""Simulators behind one loopback socket, and the only way to them: a run over it reaches nothing else."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager

import httpx
import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from probes.errors import RequestRefused, UsageError
from probes.lab.simulator import Simulator
from probes.plan import LAB
from probes.surroundings import Network
from probes.wire.guard import Guard
from probes.wire.pace import Pace

IN_FLIGHT, PER_SECOND = 8, 100.0
"""How fast simulators are asked: nobody has to be spared on loopback."""

STARTS_WITHIN = 10.0
"""Seconds that a server on loopback may take to answer."""


@contextmanager
def serving(simulators: Mapping[str, Simulator]) -> Iterator[Network]:
    """Serve the simulators on loopback until the end of the block; gives the network of a run that reaches them and nothing else."""
    listener = socket.create_server(("127.0.0.1", 0))
    port: int = listener.getsockname()[1]
    config = uvicorn.Config(
        _ByHost(simulators), log_config=None, access_log=False, lifespan="off", server_header=False, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), name="keycap-lab", daemon=True)
    thread.start()
    try:
        _wait_until_started(server, thread)
        yield lambda: _network(port)
    finally:
        server.should_exit = True
        thread.join(STARTS_WITHIN)
        listener.close()


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    pause = threading.Event()
    waited = 0.0
    while not server.started:
        if not thread.is_alive() or waited > STARTS_WITHIN:
            raise UsageError("the simulators could not be started on loopback", where="--lab")
        pause.wait(0.01)
        waited += 0.01


@asynccontextmanager
async def _network(port: int) -> AsyncIterator[httpx.AsyncBaseTransport]:
    inner = httpx.AsyncHTTPTransport(trust_env=False)
    try:
        yield Pace(Guard(_ToLab(port, inner)), in_flight=IN_FLIGHT, per_second=PER_SECOND)
    finally:
        await inner.aclose()


class _ToLab(httpx.AsyncBaseTransport):
    """Connects every simulated host to one port of loopback and refuses every other."""

    def __init__(self, port: int, inner: httpx.AsyncBaseTransport) -> None:
        self._port, self._inner = port, inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not request.url.host.endswith(LAB):
            raise RequestRefused("is no simulator: a run in the lab reaches nothing else", where=request.url.host)
        headers = httpx.Headers(request.headers)
        headers["host"] = request.url.host
        target = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        return await self._inner.handle_async_request(
            httpx.Request(request.method, target, headers=headers, stream=request.stream, extensions=request.extensions)
        )


class _ByHost:
    """Hands a request to the app of its host: `http://{host}.{provider}.lab.invalid`."""

    def __init__(self, simulators: Mapping[str, Simulator]) -> None:
        self._simulators = simulators
        self._apps: dict[str, ASGIApp] = {
            f"{host}.{provider}{LAB}".replace("_", "-"): app
            for provider, simulator in simulators.items()
            for host, app in simulator.hosts.items()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = next((value.decode("latin-1") for name, value in scope.get("headers", ()) if name == b"host"), "")
        app = self._apps.get(host, PlainTextResponse("no such simulator", status_code=421))
        simulator = self._simulators.get(host.removesuffix(LAB).rpartition(".")[2].replace("-", "_"))
        if simulator is not None and (denied := simulator.behaviour.deny(scope["method"], scope["path"])) is not None:
            app = denied
        await app(scope, receive, send)
