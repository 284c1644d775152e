"""Starts real gateways on loopback and ends them without a trace: `with running("prompture_hub") as gateway: …`.

Each gateway runs in a folder of its own that is also its home, with made-up secrets and none of the caller's environment, in front of an
upstream of its own (`upstream.py`). Both are on a leash (`leash.py`), so nothing is left when the tests are killed.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from probes.money import Model

from . import leash
from .build import free_port, version
from .launches import LAUNCHES

STARTUP_TIMEOUT = 60.0
"""Seconds that the model behind a gateway may take until it answers."""
STOP_TIMEOUT = 2 * leash.GRACE + 5
"""Seconds until what the leash should have ended is killed from here."""
POLL = 0.1
"""Seconds between two looks at a server that is starting."""
LOG_TAIL = 2000
"""Characters of a server's log that an error shows."""


class ServerError(Exception):
    """A server did not start; the message says why and ends with the end of its log."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """A running gateway. `credentials` are the environment variables, named as in capabilities.yaml, that let a probe manage it."""

    name: str
    url: str
    version: str
    process_id: int
    """Leader of the process group that holds the gateway and all it started."""
    log: Path
    upstream: str
    """Address of the model behind it, which tells at `/count` how many calls reached it."""
    credentials: Mapping[str, str]
    model: Model
    """What it serves and bills, as `--model` names it."""


@contextmanager
def running(name: str) -> Iterator[Gateway]:
    """A real gateway, started and answering; gone, with all its children, when the block is left, also when it did not start."""
    with TemporaryDirectory(prefix=f"keycap-{name}-", ignore_cleanup_errors=True) as temporary, _upstream(Path(temporary)) as upstream:
        folder = Path(temporary)
        port = free_port()
        launch = LAUNCHES[name](folder, port, upstream)
        url, log = f"http://127.0.0.1:{port}", folder / "gateway.log"
        environment = {**_bare_environment(folder, launch.command[0]), **launch.environment}
        with _leashed(launch.command, environment, folder, log, database=launch.database) as process:
            _wait(lambda: _answers(url + launch.ready), process, log, launch.startup)
            yield Gateway(name, url, version(name), process.pid, log, upstream, launch.credentials, launch.model)


@contextmanager
def _upstream(folder: Path) -> Iterator[str]:
    """The model behind a gateway; yields its address."""
    log = folder / "upstream.log"
    command = (sys.executable, str(Path(__file__).with_name("upstream.py")))
    with _leashed(command, _bare_environment(folder, command[0]), folder, log) as process:
        _wait(lambda: log.read_bytes().endswith(b"\n"), process, log, STARTUP_TIMEOUT)
        yield f"http://127.0.0.1:{int(log.read_text(encoding='utf-8').splitlines()[0])}"


@contextmanager
def _leashed(
    command: tuple[str, ...], environment: Mapping[str, str], folder: Path, log: Path, *, database: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A process group that runs `command` in `folder` and writes to `log`, for as long as the block lasts; a `database` ends with it."""
    also = ("--database", str(database)) if database is not None else ()
    with log.open("wb") as output:
        process = subprocess.Popen(
            (sys.executable, "-I", leash.__file__, *also, *command),
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    with process:
        try:
            yield process
        finally:
            _end(process)
            if database is not None:
                leash.end_database(database)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let the leash go; then kill what is left, should it not have ended in time or have been killed itself."""
    assert process.stdin is not None
    process.stdin.close()
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_TIMEOUT)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _bare_environment(folder: Path, program: str) -> dict[str, str]:
    """No credential or setting of the caller reaches a server, what it writes to its home goes into `folder`, and nothing leaves loopback.

    The proxy is a closed port: prompture-hub fetches its price list from the web where it can, and prices must be the same everywhere.
    """
    nowhere = "http://127.0.0.1:1"
    return {
        "PATH": f"{Path(program).parent}{os.pathsep}{os.defpath}",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "HTTP_PROXY": nowhere,
        "HTTPS_PROXY": nowhere,
        "NO_PROXY": "127.0.0.1,localhost",
    }


def _wait(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, seconds: float) -> None:
    """Return once the server is ready; raises ServerError when it ended before, or is not in so many seconds."""
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None:
            raise ServerError(f"ended while it was starting; its log ends:\n{_tail(log)}")
        if time.monotonic() > deadline:
            raise ServerError(f"no answer within {seconds:g} s; its log ends:\n{_tail(log)}")
        time.sleep(POLL)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def _tail(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-LOG_TAIL:]
