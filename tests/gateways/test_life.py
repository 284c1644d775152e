"""The whole life of keys on the any-llm gateway and on LiteLLM: created, used, changed, ended, and nothing left."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from probes.wire.disguise import forms

from .marks import HEAVY, LIGHT, in_ci
from .runs import verify
from .servers import Gateway

pytestmark = [pytest.mark.gateway, pytest.mark.timeout(420)]

ANY_LLM = {
    "key.create", "key.list", "key.read", "key.update", "key.revoke", "key.expiry", "spend.limit.key", "spend.limit.scope", "spend.reset",
    "spend.usage", "spend.balance",
}  # fmt: skip
LITELLM = {
    "key.create", "key.list", "key.read", "key.update", "key.revoke", "key.expiry", "key.restrict", "spend.limit.key", "spend.limit.scope",
    "spend.reset", "spend.alert", "spend.usage", "spend.balance", "rate.read", "rate.set",
}  # fmt: skip


def found(document: Any) -> list[tuple[str, ...]]:
    """What was found with the credential."""
    fields = ("capability", "tier", "probe", "outcome", "level", "cause", "detail")
    return [tuple(row[field] for field in fields) for row in document["evidence"] if row["tier"] in {"read", "dry", "write"}]


def lives(gateway: Gateway, folder: Path, names: Callable[[httpx.Client], list[str]], variable: str) -> dict[str, str]:
    """Verify up to tier write; the level of what is confirmed. Nothing may be left, and no secret written."""
    document = verify(gateway, folder, "--allow-write")
    secret = gateway.credentials[variable]
    with httpx.Client(base_url=gateway.url, trust_env=False, timeout=30, headers={"authorization": f"Bearer {secret}"}) as client:
        assert [name for name in names(client) if name.startswith("keycap-probe-")] == []
    assert list((folder / "state").rglob("*.jsonl")) == []
    assert found(verify(gateway, folder, "--allow-write", "--replay")) == found(document)
    written = "".join(path.read_text(encoding="utf-8") for path in (folder / "cassettes").rglob("*.yaml"))
    assert [form for form in forms(secret) if form in written] == []
    assert re.findall(r"\b(?:sk-|gw-)[A-Za-z0-9_-]{12,}", written) == []
    return {row["capability"]: row["level"] for row in document["verdicts"] if row["verdict"] == "confirmed"}


@LIGHT
def test_a_key_of_the_any_llm_gateway(any_llm_gateway: Gateway, tmp_path: Path) -> None:
    def names(client: httpx.Client) -> list[str]:
        keys = [str(row["key_name"]) for row in client.get("/v1/keys?limit=1000").json() if row["is_active"]]
        assert client.get("/v1/budgets").json() == []
        return keys + [str(row["user_id"]) for row in client.get("/v1/users?limit=1000").json()]

    confirmed = lives(any_llm_gateway, tmp_path, names, "GATEWAY_MASTER_KEY")
    assert {capability for capability in ANY_LLM if confirmed[capability] == "behaviour"} == ANY_LLM


@in_ci
@HEAVY
def test_a_key_of_litellm(litellm: Gateway, tmp_path: Path) -> None:
    def names(client: httpx.Client) -> list[str]:
        keys = client.get("/key/list?return_full_object=true&size=100").json()["keys"]
        teams, budgets = client.get("/team/list").json(), client.get("/budget/list").json()
        return [str(row.get("key_alias") or row.get("team_id") or row.get("budget_id")) for row in (*keys, *teams, *budgets)]

    confirmed = lives(litellm, tmp_path, names, "LITELLM_MASTER_KEY")
    assert {capability for capability in LITELLM if confirmed[capability] == "behaviour"} == LITELLM
    assert confirmed["key.rotate"] in {"contract", "surface"}  # it needs a licence
