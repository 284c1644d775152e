"""Starts real gateways on loopback and ends them without a trace: `with running("prompture_hub") as gateway: …`.

Each gateway runs in a folder of its own that is also its home, with made-up secrets and none of the caller's environment, in front of an
upstream of its own (`upstream.py`). Both are on a leash (`leash.py`), so nothing is left when the tests are killed.
"""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from . import leash
from .build import executable, version

STARTUP_TIMEOUT = 60.0
"""Seconds a gateway may take until it answers; measured 2 (prompture_hub) and 9 (mlflow_ai_gateway), on slow machines 30."""
STOP_TIMEOUT = leash.GRACE + 5
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


@dataclass(frozen=True, slots=True)
class _Launch:
    """How to start one gateway: its command and environment, the route that answers once it is up, and its credentials."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    ready: str
    credentials: Mapping[str, str]


def _prompture_hub(folder: Path, port: int, upstream: str) -> _Launch:
    credentials = {"HUB_ADMIN_TOKEN": secrets.token_urlsafe(24)}
    environment = {
        **credentials,
        "HUB_DB_PATH": str(folder / "hub.db"),
        "HUB_HOST": "127.0.0.1",
        "HUB_PORT": str(port),
        "OPENAI_API_KEY": secrets.token_urlsafe(24),
        "OPENAI_BASE_URL": f"{upstream}/v1",
    }
    return _Launch((str(executable("prompture_hub", "prompture-hub")),), environment, "/health", credentials)


def _mlflow_ai_gateway(folder: Path, port: int, upstream: str) -> _Launch:
    """The upstream is not part of the start: it is named when a secret is created (`auth_config.api_base`)."""
    credentials = {"MLFLOW_TRACKING_USERNAME": "admin", "MLFLOW_TRACKING_PASSWORD": secrets.token_urlsafe(24)}
    settings = folder / "auth.ini"
    settings.write_text(
        "[mlflow]\n"
        "default_permission = NO_PERMISSIONS\n"
        f"database_uri = sqlite:///{folder / 'auth.db'}\n"
        "admin_username = admin\n"
        "authorization_function = mlflow.server.auth:authenticate_request_basic_auth\n",
        encoding="utf-8",
    )
    environment = {
        "DO_NOT_TRACK": "true",
        "MLFLOW_AUTH_ADMIN_PASSWORD": credentials["MLFLOW_TRACKING_PASSWORD"],
        "MLFLOW_AUTH_CONFIG_PATH": str(settings),
        "MLFLOW_CRYPTO_KEK_PASSPHRASE": secrets.token_urlsafe(24),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_FLASK_SERVER_SECRET_KEY": secrets.token_urlsafe(24),
        # The upstream is plain HTTP on loopback, which MLflow refuses otherwise.
        "MLFLOW_GATEWAY_API_BASE_ALLOWED_SCHEMES": "http,https",
        "MLFLOW_GATEWAY_API_BASE_ALLOW_PRIVATE_IPS": "true",
    }
    store = f"sqlite:///{folder / 'mlflow.db'}"
    options = ("--app-name", "basic-auth", "--backend-store-uri", store, "--host", "127.0.0.1", "--port", str(port), "--workers", "1")
    command = (str(executable("mlflow_ai_gateway", "mlflow")), "server", *options)
    return _Launch(command, environment, "/health", credentials)


_LAUNCHES: dict[str, Callable[[Path, int, str], _Launch]] = {"prompture_hub": _prompture_hub, "mlflow_ai_gateway": _mlflow_ai_gateway}


@contextmanager
def running(name: str) -> Iterator[Gateway]:
    """A real gateway, started and answering; gone, with all its children, when the block is left, also when it did not start."""
    with TemporaryDirectory(prefix=f"keycap-{name}-", ignore_cleanup_errors=True) as temporary, _upstream(Path(temporary)) as upstream:
        folder = Path(temporary)
        port = _free_port()
        launch = _LAUNCHES[name](folder, port, upstream)
        url, log = f"http://127.0.0.1:{port}", folder / "gateway.log"
        with _leashed(launch.command, {**_bare_environment(folder, launch.command[0]), **launch.environment}, folder, log) as process:
            _wait(lambda: _answers(url + launch.ready), process, log)
            yield Gateway(name, url, version(name), process.pid, log, upstream, launch.credentials)


@contextmanager
def _upstream(folder: Path) -> Iterator[str]:
    """The model behind a gateway; yields its address."""
    log = folder / "upstream.log"
    command = (sys.executable, str(Path(__file__).with_name("upstream.py")))
    with _leashed(command, _bare_environment(folder, command[0]), folder, log) as process:
        _wait(lambda: log.read_bytes().endswith(b"\n"), process, log)
        yield f"http://127.0.0.1:{int(log.read_text(encoding='utf-8').splitlines()[0])}"


@contextmanager
def _leashed(command: tuple[str, ...], environment: Mapping[str, str], folder: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process group that runs `command` in `folder` and writes to `log`, for as long as the block lasts."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            (sys.executable, "-I", leash.__file__, *command),
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
        "NO_PROXY": "127.0.0.1",
    }


def _wait(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Return once the server is ready; raises ServerError when it ended before, or is not in STARTUP_TIMEOUT seconds."""
    deadline = time.monotonic() + STARTUP_TIMEOUT
    while not ready():
        if process.poll() is not None:
            raise ServerError(f"ended while it was starting; its log ends:\n{_tail(log)}")
        if time.monotonic() > deadline:
            raise ServerError(f"no answer within {STARTUP_TIMEOUT:g} s; its log ends:\n{_tail(log)}")
        time.sleep(POLL)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def _tail(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-LOG_TAIL:]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
