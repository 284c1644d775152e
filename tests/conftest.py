"""Shared fixtures: claims files, and real servers on loopback that stop by themselves."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import hypothesis
import pytest

from probes.claims import Claims
from probes.claims_file import load_claims
from tests.keycap import Keycap, running
from tests.samples import CLAIMS

hypothesis.settings.register_profile("keycap", deadline=None)  # how long an example takes says nothing but how busy the machine is
hypothesis.settings.load_profile("keycap")

CHECKOUT = Path(__file__).resolve().parent.parent

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Serve = Callable[[Handler], AbstractAsyncContextManager[str]]


@pytest.fixture
def checkout() -> Path:
    return CHECKOUT


@pytest.fixture
def sample_path(tmp_path: Path) -> Path:
    path = tmp_path / "capabilities.yaml"
    path.write_text(CLAIMS, encoding="utf-8")
    return path


@pytest.fixture
def sample(sample_path: Path) -> Claims:
    return load_claims(sample_path)


@pytest.fixture(scope="session")
def real_claims() -> Claims:
    return load_claims(CHECKOUT / "capabilities.yaml")


@asynccontextmanager
async def _serve(handler: Handler) -> AsyncIterator[str]:
    open_writers: set[asyncio.StreamWriter] = set()

    async def handled(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_writers.add(writer)
        try:
            await handler(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            open_writers.discard(writer)
            writer.close()

    server = await asyncio.start_server(handled, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for writer in list(open_writers):
            writer.close()


@pytest.fixture
def serve() -> Serve:
    """`async with serve(handler) as url`: a raw loopback server; the handler reads requests and writes bytes as it likes."""
    return _serve


async def request_line(reader: asyncio.StreamReader) -> tuple[str, str]:
    """Read one HTTP request with its body; returns method and target."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    method, target, _ = head.split(" ", 2)
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            await reader.readexactly(int(value))
    return method, target


def http_answer(status: int, body: str, *, content_type: str = "application/json", extra: str = "") -> bytes:
    """An HTTP/1.1 answer that closes the connection."""
    data = body.encode()
    head = f"HTTP/1.1 {status} X\r\ncontent-type: {content_type}\r\ncontent-length: {len(data)}\r\nconnection: close\r\n{extra}\r\n"
    return head.encode("latin-1") + data


def routes_server(answer: Callable[[str, str], bytes]) -> Handler:
    """A handler from a function of (method, target)."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        method, target = await request_line(reader)
        writer.write(answer(method, target))
        await writer.drain()

    return handle


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of research material beside the checkout; tests that need it skip visibly where it is absent."""
    path = CHECKOUT.parent / "shared"
    if not path.is_dir():
        pytest.skip("../shared is absent")
    return path


@pytest.fixture
def keycap(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Keycap:
    """Run the command line in this process."""
    return running(monkeypatch, capsys)
