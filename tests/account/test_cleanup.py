"""A cleanup in this process: what it sends, and what it says of what it cannot do."""

from pathlib import Path

import pytest

from probes.claims import Claims
from probes.cleanup import sweep
from probes.credentials import Environment
from probes.ledger import Ledger, Undo, runs
from tests.account.hub import TOKEN
from tests.servers import Reply, http_server

UNDO: Undo = {"method": "DELETE", "path": "/admin/keys/{id}"}
ENVIRONMENT = Environment({"HUB_ADMIN_TOKEN": TOKEN})


def with_headers(claims: Claims, provider: str, headers: dict[str, str]) -> Claims:
    """The claims, with a host that wants headers of its own."""
    changed = claims.providers[provider]
    hosts = {name: host.model_copy(update={"headers": headers}) for name, host in changed.hosts.items()}
    return claims.model_copy(update={"providers": {provider: changed.model_copy(update={"hosts": hosts})}})


def test_undoing_sends_the_credential_and_the_headers_that_the_host_wants(tmp_path: Path, real_claims: Claims) -> None:
    sent: list[dict[str, str]] = []

    def answer(method: str, target: str, headers: dict[str, str], body: bytes) -> Reply:
        sent.append({"call": f"{method} {target}", **headers})
        return Reply(204, b"")

    with http_server(answer) as served:
        with Ledger(tmp_path, redact=str) as ledger:
            ledger.created(ledger.intend("prompture_hub", "key", "keycap-probe-1", {**UNDO, "host": served.url}), "7")
        (swept,) = sweep(tmp_path, with_headers(real_claims, "prompture_hub", {"x-version": "2026-01-01"}), ENVIRONMENT)
    assert (swept.gone, runs(tmp_path)) == (True, [])
    (request,) = sent
    assert (request["call"], request["authorization"], request["x-version"]) == ("DELETE /admin/keys/7", f"Bearer {TOKEN}", "2026-01-01")


@pytest.mark.parametrize(
    ("provider", "environment", "wrong"),
    [
        ("nobody", ENVIRONMENT, "the claims know no provider nobody"),
        ("prompture_hub", Environment({}), "needs HUB_ADMIN_TOKEN"),
        ("prompture_hub", Environment({"HUB_ADMIN_TOKEN": "two words"}), "has a value that cannot stand in a header"),
    ],
)
def test_what_a_cleanup_lacks_is_said(tmp_path: Path, real_claims: Claims, provider: str, environment: Environment, wrong: str) -> None:
    with Ledger(tmp_path, redact=str) as ledger:
        ledger.created(ledger.intend(provider, "key", "keycap-probe-1", UNDO), "7")
    (swept,) = sweep(tmp_path, real_claims, environment)
    assert swept.wrong == wrong
    assert len(runs(tmp_path)) == 1
