"""`keycap cleanup`: removes what dead runs left behind, by the ledger and by name; what it cannot remove it tells."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from probes.answer import Answer, answer_of
from probes.claims import Claims
from probes.credentials import Environment
from probes.errors import UsageError
from probes.ledger import Entry, Ledger, close, open_entries, runs
from probes.sync import run_sync
from probes.undo import undo
from probes.wire.auth import header_auth
from probes.wire.client import network
from probes.wire.redact import Redactor


@dataclass(frozen=True, slots=True)
class Swept:
    """What became of one leftover: `wrong` is empty when it is gone."""

    entry: Entry
    wrong: str


def leftovers(folder: Path) -> list[Entry]:
    """What dead runs may have left behind, the oldest first. Raises LedgerError when the ledger cannot be read."""
    return [entry for entry in open_entries(folder) if not entry.alive]


def sweep(folder: Path, claims: Claims, environment: Environment) -> list[Swept]:
    """Undo every leftover; twice in a row is no error. Raises LedgerError when the ledger cannot be read or written."""
    return run_sync(_sweep(folder, claims, environment))


async def _sweep(folder: Path, claims: Claims, environment: Environment) -> list[Swept]:
    swept: list[Swept] = []
    for run in dict.fromkeys(entry.run for entry in leftovers(folder)):
        with _taken_over(folder, run) as ledger:
            async with network() as inner, httpx.AsyncClient(transport=inner) as client:
                # the newest first, as the run would have: it may stand on what was created before it
                swept += [Swept(entry, await _undo(entry, ledger, claims, environment, client)) for entry in reversed(ledger.entries)]
    for run in runs(folder):
        close(folder, run)
    return swept


@contextmanager
def _taken_over(folder: Path, run: str) -> Iterator[Ledger]:
    with Ledger(folder, redact=Redactor().text, take_over=run) as ledger:
        yield ledger


async def _undo(entry: Entry, ledger: Ledger, claims: Claims, environment: Environment, client: httpx.AsyncClient) -> str:
    provider = claims.providers.get(entry.provider)
    if provider is None:
        return f"the claims know no provider {entry.provider}"
    held = environment.held(provider)
    credential = next(iter(provider.credentials), "")
    if credential not in held:
        needed = ", ".join(provider.credentials[credential].env) if credential else "a credential"
        return f"needs {needed}"
    try:
        auth = header_auth(held[credential].send, held[credential].values)
    except UsageError as error:
        return str(error)

    async def send(method: str, url: str, body: Any) -> Answer:
        return answer_of(await client.send(client.build_request(method, url, json=body), auth=auth))

    return await undo(entry, ledger, send)
