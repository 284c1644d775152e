"""`keycap cleanup`: removes what dead runs left behind, by the ledger and by name; what it cannot remove it tells."""

from pathlib import Path
from typing import Any

import httpx

from probes.addresses import addresses, as_sent, encoded, host_of
from probes.answer import Answer, answer_of
from probes.claims import Claims
from probes.credentials import Environment
from probes.errors import LedgerError, UsageError
from probes.ledger import Entry, Ledger, close, open_entries, runs
from probes.sync import run_sync
from probes.undo import IN_A_CLEANUP, Send, Undone, undo_all
from probes.wire.client import network
from probes.wire.extensions import SIGNED_FOR
from probes.wire.quiet import quiet
from probes.wire.redact import Redactor


def leftovers(folder: Path) -> list[Entry]:
    """What dead runs may have left behind, the oldest first. Raises LedgerError when the ledger cannot be read."""
    return [entry for entry in open_entries(folder) if not entry.alive]


def sweep(folder: Path, claims: Claims, environment: Environment) -> list[Undone]:
    """Undo every leftover; twice in a row is no error. Raises LedgerError when the ledger cannot be read or written."""
    with quiet():
        return run_sync(_sweep(folder, claims, environment))


async def _sweep(folder: Path, claims: Claims, environment: Environment) -> list[Undone]:
    swept: list[Undone] = []
    held = [each for provider in claims.providers.values() for each in environment.held(provider).values()]
    redactor = Redactor(value for each in held for value in each.values)
    async with network() as inner, httpx.AsyncClient(transport=inner) as client:
        for run in dict.fromkeys(entry.run for entry in leftovers(folder)):
            try:
                with Ledger(folder, redact=redactor.secrets, take_over=run) as ledger:
                    swept += await _undo(ledger, claims, environment, client)
            except LedgerError as error:
                if not isinstance(error.__cause__, BlockingIOError | FileNotFoundError):  # another cleanup is at it, or has done it
                    raise
    for run in runs(folder):
        close(folder, run)
    return swept


async def _undo(ledger: Ledger, claims: Claims, environment: Environment, client: httpx.AsyncClient) -> list[Undone]:
    """Undo what one run left, the newest first, as the run would have: it may stand on what was created before it."""
    swept = []
    for provider in dict.fromkeys(entry.provider for entry in ledger.entries):
        entries = [entry for entry in reversed(ledger.entries) if entry.provider == provider]
        try:
            send = _sender(provider, claims, environment, client)
        except UsageError as error:
            swept += [Undone(entry, error.what) for entry in entries]
        else:
            swept += await undo_all(entries, ledger, send, pauses=IN_A_CLEANUP)
    return swept


def _sender(name: str, claims: Claims, environment: Environment, client: httpx.AsyncClient) -> Send:
    """Sends with a provider's first credential. Raises UsageError where that is not to be had."""
    provider = claims.providers.get(name)
    if provider is None:
        raise UsageError(f"the claims know no provider {name}")
    held = environment.held(provider)
    credential = next(iter(provider.credentials), "")
    if credential not in held:
        raise UsageError(f"needs {', '.join(provider.credentials[credential].env) if credential else 'a credential'}")
    auth, settings = held[credential].auth, environment.settings(provider)
    own = addresses(provider, None)

    async def send(method: str, url: str, body: Any) -> Answer:
        bases = (
            own
            if any(url.startswith(base) for base in own.values() if base)
            else addresses(provider, str(httpx.URL(url).copy_with(raw_path=b"")))
        )
        host = host_of(provider, bases, url)
        url, headers = as_sent(host, url)
        request = client.build_request(method, url, headers=settings.headers(headers), **encoded(host, body))
        request.extensions[SIGNED_FOR] = host.signed_for or ""
        return answer_of(await client.send(request, auth=auth))

    return send
