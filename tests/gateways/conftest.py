"""Real gateways as fixtures, one process a session.

The first test that asks for one waits for it to start, so tests that use these carry a longer `@pytest.mark.timeout` beside
`@pytest.mark.gateway`. Those that take long run in CI only (`in_ci`).
"""

import os
from collections.abc import Callable, Iterator

import pytest

from .build import SCRIPTS, build_command, is_available, is_built
from .operators import prepare
from .servers import Gateway, running


@pytest.fixture(scope="session")
def built() -> Callable[[str], None]:
    """Skips the test when a gateway's environment is not built; fails it where gateways are required (KEYCAP_REQUIRE_GATEWAYS=1).

    One that a script beside the checkout installs is skipped where there is none.
    """

    def check(name: str) -> None:
        if is_built(name):
            return
        if not is_available(name):
            pytest.skip(f"{name}: {SCRIPTS[name]} is not beside the checkout")
        message = f"{name} is not built: run `{build_command(name)}`"
        if os.environ.get("KEYCAP_REQUIRE_GATEWAYS") == "1":
            pytest.fail(message, pytrace=False)
        pytest.skip(message)

    return check


@pytest.fixture(scope="session")
def prompture_hub(built: Callable[[str], None]) -> Iterator[Gateway]:
    """prompture-hub: money cap and request rate on each key; starts in 2 seconds."""
    yield from prepared("prompture_hub", built)


@pytest.fixture(scope="session")
def any_llm_gateway(built: Callable[[str], None]) -> Iterator[Gateway]:
    """any-llm gateway: budgets of users; starts in 8 seconds."""
    yield from prepared("any_llm_gateway", built)


@pytest.fixture(scope="session")
def mlflow_ai_gateway(built: Callable[[str], None]) -> Iterator[Gateway]:
    """MLflow AI Gateway: budget policies of users, endpoints and workspaces; starts in 10 to 30 seconds."""
    yield from prepared("mlflow_ai_gateway", built)


@pytest.fixture(scope="session")
def litellm(built: Callable[[str], None]) -> Iterator[Gateway]:
    """LiteLLM: caps and rates of keys and teams; starts in a minute or two."""
    yield from prepared("litellm", built)


def prepared(name: str, built: Callable[[str], None]) -> Iterator[Gateway]:
    """A running gateway that its operator has set up."""
    built(name)
    with running(name) as gateway:
        prepare(gateway)
        yield gateway
