"""A simulated prompture-hub on loopback, written from its claims: keys are created, listed and revoked with an admin token."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from threading import Timer

from tests.servers import Reply, http_server

TOKEN = "hub-admin-canary-7f3a9c51"
SETTINGS = {"rate_limit_per_min": 7, "daily_spend_cap_usd": 0.05, "spend_period": "week", "allowed_models": ["openai/gpt-5.4"]}


@dataclass
class Hub:
    """The simulated gateway: what exists, what it was asked to delete, and how it misbehaves."""

    url: str = ""
    keys: dict[int, str] = field(default_factory=lambda: {1: "production", 2: "keycap-probe-deadbeef-0"})
    """Live keys by id. The first is a person's, the second another run's: neither may be touched."""
    deleted: list[int] = field(default_factory=list)
    requests: int = 0
    """How many it was asked."""
    before: Callable[[str, str], Reply | None] = lambda _method, _target: None
    """Asked before each request; a reply of its own replaces the hub's."""
    after: Callable[[str, str], Reply | None] = lambda _method, _target: None
    """Asked after the hub has acted: for answers that are lost."""
    acts_after: float | None = None
    """Seconds: a creation gets no answer, and the hub acts on it only so much later."""
    shows_after: float = 0.0
    """Seconds for which a new key is neither listed nor found."""
    deletes_after: float | None = None
    """Seconds: a deletion is accepted (202), and done only so much later."""
    _numbers: Iterator[int] = field(default_factory=lambda: count(3))
    _since: dict[int, float] = field(default_factory=dict)
    _timers: list[Timer] = field(default_factory=list)

    @property
    def ours(self) -> list[str]:
        """Live keys that keycap made in this test."""
        return [name for identity, name in self.keys.items() if identity > 2]

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Reply:
        """One answer of the gateway."""
        self.requests += 1
        early = self.before(method, target)
        if early is not None:
            return early
        reply = self._act(method, target, headers.get("authorization", ""), body)
        return self.after(method, target) or reply

    def _act(self, method: str, target: str, authorization: str, body: bytes) -> Reply:
        if target == "/openapi.json":
            return _json(200, {"openapi": "3.1.0", "info": {"title": "hub", "version": "0.0.1"}, "paths": {}})
        if target == "/v1/models":
            known = authorization.removeprefix("Bearer ph_") in map(str, self.keys)
            return _json(200, {"data": []}) if known else _json(401, {"detail": "Invalid or revoked hub key."})
        return self._manage(method, target, body) if authorization == f"Bearer {TOKEN}" else _json(401, {"detail": "Invalid admin token."})

    def _manage(self, method: str, target: str, body: bytes) -> Reply:
        match method, target:
            case "POST", "/admin/keys" if self.acts_after is not None:
                self._later(self.acts_after, lambda: self._create(json.loads(body)["name"]))
                return Reply(0)
            case "POST", "/admin/keys":
                identity = self._create(json.loads(body)["name"])
                return _json(201, {**json.loads(body), "id": identity, "key": f"ph_{identity}"})
            case "GET", "/admin/keys":
                shown = {identity: name for identity, name in self.keys.items() if self._shown(identity)}
                return _json(200, [{"id": identity, "name": name, **SETTINGS} for identity, name in shown.items()])
            case "GET", "/admin/usage":
                return _json(200, [])
            case "DELETE", _ if target.startswith("/admin/keys/"):
                return self._delete(int(target.rpartition("/")[2]))
        return _json(404, {"detail": "Not Found"})

    def _create(self, name: str) -> int:
        identity = next(self._numbers)
        self.keys[identity], self._since[identity] = name, time.monotonic()
        return identity

    def _delete(self, identity: int) -> Reply:
        self.deleted.append(identity)
        if identity not in self.keys or not self._shown(identity):
            return _json(404, {"detail": "Not Found"})
        if self.deletes_after is None:
            del self.keys[identity]
            return Reply(204, b"")
        self._later(self.deletes_after, lambda: self.keys.pop(identity, None))
        return Reply(202)

    def _shown(self, identity: int) -> bool:
        return time.monotonic() - self._since.get(identity, -self.shows_after) >= self.shows_after

    def _later(self, seconds: float, act: Callable[[], object]) -> None:
        self._timers.append(Timer(seconds, act))
        self._timers[-1].start()

    def settle(self) -> None:
        """Wait until everything that is to happen later has happened."""
        for timer in self._timers:
            timer.join()


def _json(status: int, data: object) -> Reply:
    return Reply(status, json.dumps(data).encode())


@contextmanager
def running_hub() -> Iterator[Hub]:
    """A simulated gateway until the end of the block."""
    hub = Hub()
    with http_server(hub.answer) as served:
        hub.url = served.url
        try:
            yield hub
        finally:
            hub.settle()
