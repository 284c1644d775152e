"""LiteLLM's routes, what a probe creates there, and how its answers are judged."""

from dataclasses import dataclass
from typing import Any

from probes.addresses import segment
from probes.answer import Answer, dotted
from probes.api import Api
from probes.ledger import Undo
from probes.probe import Provider

provider = Provider("litellm")

RATES = ("rpm_limit", "tpm_limit")


@dataclass(frozen=True, slots=True)
class Key:
    """A key that a probe created: `token` is its hash, by which it is managed."""

    secret: str
    token: str


async def create_key(api: Api, which: str, **settings: Any) -> tuple[Key | None, Answer]:
    """A key of the probe's own, None when it was not created, and the answer."""
    name = f"{api.name}-{which}"
    body = {"key_alias": name, **settings}
    answer = await api.create("POST /key/generate", json=body, kind="key", name=name, identity="key_alias", undo=undo_key(name))
    if dotted(answer.json, "key_alias") is None:
        return None, answer
    return Key(str(dotted(answer.json, "key") or ""), str(dotted(answer.json, "token_id") or name)), answer


async def create_team(api: Api, **settings: Any) -> Answer:
    """A team named like the probe, which is its id as well."""
    body = {"team_id": api.name, "team_alias": api.name, **settings}
    return await api.create("POST /team/new", json=body, kind="team", name=api.name, identity="team_id", undo=undo_team(api.name))


async def read_key(api: Api, key: Key) -> dict[str, Any]:
    """What the gateway keeps of a key, empty when it does not know it."""
    info = dotted((await api.get(f"/key/info?key={segment(key.token)}")).json, "info")
    return info if isinstance(info, dict) else {}


async def models(api: Api, secret: str) -> Answer:
    """What the key may call, asked with the key: free, and refused like any other use."""
    return await api.get("/v1/models", credential="inference", secret=secret)


async def itself(api: Api, secret: str) -> Answer:
    """The key reads itself, a route that a key restricted to others may not use."""
    return await api.get("/key/info", credential="inference", secret=secret)


def undo_key(name: str) -> Undo:
    """A name is given once, so it is enough."""
    return {"method": "POST", "path": "/key/delete", "body": {"key_aliases": [name]}}


def undo_team(name: str) -> Undo:
    """The name is the id."""
    return {"method": "POST", "path": "/team/delete", "body": {"team_ids": [name]}}


def undo_budget(name: str) -> Undo:
    """The name is the id; deleting what is not there answers 200 as well."""
    return {"method": "POST", "path": "/budget/delete", "body": {"id": name}}
