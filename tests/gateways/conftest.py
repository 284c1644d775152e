"""Real gateways as fixtures, one process a session.

The first test that asks for one waits for it to start, so tests that use these carry `@pytest.mark.timeout(180)` beside
`@pytest.mark.gateway`.
"""

import os
from collections.abc import Callable, Iterator

import pytest

from .build import build_command, is_built
from .servers import Gateway, running


@pytest.fixture(scope="session")
def built() -> Callable[[str], None]:
    """Skips the test when a gateway's environment is not built; fails it where gateways are required (KEYCAP_REQUIRE_GATEWAYS=1)."""

    def check(name: str) -> None:
        if is_built(name):
            return
        message = f"{name} is not built: run `{build_command(name)}`"
        if os.environ.get("KEYCAP_REQUIRE_GATEWAYS") == "1":
            pytest.fail(message, pytrace=False)
        pytest.skip(message)

    return check


@pytest.fixture(scope="session")
def prompture_hub(built: Callable[[str], None]) -> Iterator[Gateway]:
    """prompture-hub: money cap and request rate on each key; starts in 2 seconds."""
    built("prompture_hub")
    with running("prompture_hub") as gateway:
        yield gateway


@pytest.fixture(scope="session")
def mlflow_ai_gateway(built: Callable[[str], None]) -> Iterator[Gateway]:
    """MLflow AI Gateway: budget policies of users, endpoints and workspaces; starts in 10 to 30 seconds."""
    built("mlflow_ai_gateway")
    with running("mlflow_ai_gateway") as gateway:
        yield gateway
