"""What a run has around it: credentials, addresses, models, a ledger and a way to the network — a person's own, or the lab's."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

import httpx

from probes.credentials import Environment
from probes.money import Model
from probes.wire.client import network

Network = Callable[[], AbstractAsyncContextManager[httpx.AsyncBaseTransport]]

SPACING = 30.0
"""Seconds between two attempts at a vendor: longer than most hiccups."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a run takes place."""

    environment: Environment
    """Credentials."""
    endpoints: Mapping[str, str]
    """Addresses by provider, where they are not the vendor's own."""
    models: Mapping[str, Model]
    """Models and prices by provider, where they are not the claims' own."""
    ledger: Path
    """The folder of the ledger."""
    network: Network = network
    spacing: float = SPACING
    """Seconds between two attempts where an outcome changed."""
