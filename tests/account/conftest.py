"""A simulated gateway, and keycap run against it as a process of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.account.hub import Hub, running_hub
from tests.account.runs import Runs


@pytest.fixture
def hub() -> Iterator[Hub]:
    with running_hub() as running:
        yield running


@pytest.fixture
def runs(hub: Hub, tmp_path: Path) -> Iterator[Runs]:
    folder = tmp_path / "run"
    folder.mkdir()
    running = Runs(hub, folder)
    yield running
    running.end()
