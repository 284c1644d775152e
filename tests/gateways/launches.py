"""How to start each gateway: its command, its settings in a folder of its own, made-up secrets. `servers.py` starts it."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from probes.money import Model

from .build import environment, executable, script, started_by

REQUESTS_PER_MINUTE = 20
"""Rate limit of the gateway that has one for every user, and no route to set it: above what a test of a cap needs."""
UNTIL_IT_ENDS = '"$0" "$@"; while kill -0 "$(cat litellm.pid)" 2>/dev/null; do sleep 0.5; done'
"""The script ends once the gateway answers; the leash would end everything with it."""


@dataclass(frozen=True, slots=True)
class Launch:
    """How to start one gateway: its command and environment, the route that answers once it is up, its credentials, what it serves."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    ready: str
    credentials: Mapping[str, str]
    model: Model
    """A model that it serves, and what it bills: USD per million tokens."""
    startup: float = 60.0
    """Seconds it may take until it answers; measured 2 to 9, on slow machines 30."""
    database: Path | None = None
    """Data of a PostgreSQL that starts with it."""


def prompture_hub(folder: Path, port: int, upstream: str) -> Launch:
    """prompture-hub on SQLite. Its prices are those that come with the package: others cannot be set, and most models have none."""
    credentials = {"HUB_ADMIN_TOKEN": secrets.token_urlsafe(24)}
    settings = {
        **credentials,
        "HUB_DB_PATH": str(folder / "hub.db"),
        "HUB_HOST": "127.0.0.1",
        "HUB_PORT": str(port),
        "OPENAI_API_KEY": secrets.token_urlsafe(24),
        "OPENAI_BASE_URL": f"{upstream}/v1",
    }
    command = (str(executable("prompture_hub", "prompture-hub")),)
    return Launch(command, settings, "/health", credentials, Model("openai/gpt-5.4", 2.5, 15))


def any_llm_gateway(folder: Path, port: int, upstream: str) -> Launch:
    """any-llm gateway on SQLite, its default."""
    credentials = {"GATEWAY_MASTER_KEY": secrets.token_urlsafe(24)}
    settings = folder / "gateway.yml"
    settings.write_text(
        f"database_url: sqlite:///{folder / 'gateway.db'}\n"
        f"host: 127.0.0.1\nport: {port}\n"
        f"rate_limit_rpm: {REQUESTS_PER_MINUTE}\n"
        f"providers:\n  openai: {{api_key: {secrets.token_urlsafe(24)}, api_base: {upstream}/v1}}\n"
        'pricing:\n  "openai:fake-1": {input_price_per_million: 5.0, output_price_per_million: 15.0}\n',
        encoding="utf-8",
    )
    command = (str(executable("any_llm_gateway", "any-llm-gateway")), "serve", "-c", str(settings))
    return Launch(command, credentials, "/health", credentials, Model("openai:fake-1", 5, 15))


def mlflow_ai_gateway(folder: Path, port: int, _upstream: str) -> Launch:
    """MLflow with its auth app on SQLite. The upstream is not part of the start: it is named when a secret is created.

    Prices come with the package, by the name of the model that an endpoint stands for. `operators.py` makes the endpoint.
    """
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
    variables = {
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
    return Launch(command, variables, "/health", credentials, Model("team-a", 2.5, 10))


def litellm(folder: Path, port: int, upstream: str) -> Launch:
    """LiteLLM by the script that installed it, in a folder where all is in place but a copy of its fresh database.

    The key is the script's own. Raises CalledProcessError when the database cannot be copied.
    """
    built, path = environment("litellm"), script("litellm")
    assert path is not None
    for name in ("venv", "node_modules", "query-engine", "installed", "generated"):
        (folder / name).symlink_to(built / name)
    subprocess.run(("cp", "-a", str(built / "pgdata"), str(folder)), check=True)  # with its owner: PostgreSQL refuses another's data
    node = shutil.which("node") or "node"
    programs = os.pathsep.join((str(built / "bin"), str(Path(node).parent), os.defpath))
    command = ("sh", "-ec", UNTIL_IT_ENDS, *started_by(path, folder, port, upstream))
    credentials = {"LITELLM_MASTER_KEY": "sk-master-lab-0001"}
    model = Model("fake-1", 5, 15)
    return Launch(command, {"PATH": programs}, "/health/liveliness", credentials, model, startup=180, database=folder / "pgdata")


LAUNCHES: dict[str, Callable[[Path, int, str], Launch]] = {
    launch.__name__: launch for launch in (prompture_hub, any_llm_gateway, mlflow_ai_gateway, litellm)
}
