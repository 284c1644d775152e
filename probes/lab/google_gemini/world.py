"""What exists in the simulated cloud: projects, a billing account, keys, budgets, operations. Times are seconds of a monotonic clock."""

import math
import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from probes.lab.simulator import Behaviour, Meter, Window

from .rpc import Refused, info

GEMINI = "generativelanguage.googleapis.com"
MODEL = "gemini-3.8-flash"
PREFIX = "keycap-probe-"


def stamp(ahead: float = 0.0) -> str:
    """The time as Google writes it."""
    return (datetime.now(UTC) + timedelta(seconds=ahead)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def etag() -> str:
    """A new one."""
    return f'W/"{secrets.token_urlsafe(12)}=="'


@dataclass
class Key:
    """An API key. `shown` is the resource without the secret."""

    shown: dict[str, Any]
    secret: str
    since: float
    """When it was created."""
    deleted: float | None = None


@dataclass
class Project:
    """A project with what belongs to it."""

    project_id: str
    number: str
    parent: str
    state: str = "ACTIVE"
    billing: str = ""
    services: set[str] = field(default_factory=set)
    keys: dict[str, Key] = field(default_factory=dict)
    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Service accounts by their unique id."""
    overrides: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Of quotas, by id."""
    preferences: dict[str, dict[str, Any]] = field(default_factory=dict)
    usage: list[tuple[datetime, str, int, int]] = field(default_factory=list)
    """When, model, input and output tokens of each served call."""
    spent: Meter = field(default_factory=lambda: Meter(time.monotonic))
    window: Window = field(default_factory=lambda: Window(time.monotonic))

    @property
    def name(self) -> str:
        return f"projects/{self.number}"


class World:
    """One person's part of the cloud: a project that is in use, a billing account with a budget, and an access token."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.token = f"ya29.{secrets.token_urlsafe(60)}"
        self.billing = "-".join(secrets.token_hex(3).upper() for _ in range(3))
        self.parent = f"organizations/{secrets.randbelow(9 * 10**11) + 10**11}"
        self.projects: dict[str, Project] = {}
        self.budgets: dict[str, dict[str, Any]] = {}
        self._operations: dict[str, tuple[float, Callable[[], dict[str, Any]] | None, dict[str, Any]]] = {}
        self.served = 0
        own = self.add_project(f"lab-project-{secrets.token_hex(3)}", self.parent)
        own.billing, own.services = self.billing, {GEMINI, "apikeys.googleapis.com"}
        own.usage.append((datetime.now(UTC) - timedelta(hours=2), MODEL, 1200, 800))
        self.own = own.project_id
        key = self.add_key(own, str(uuid.uuid4()), {"displayName": "in use", "restrictions": {"apiTargets": [{"service": GEMINI}]}})
        key.since = -math.inf
        self.own_secret = key.secret

    def add_project(self, project_id: str, parent: str) -> Project:
        made = Project(project_id, str(secrets.randbelow(9 * 10**11) + 10**11), parent)
        self.projects[project_id] = made
        return made

    def add_key(self, project: Project, key_id: str, given: dict[str, Any]) -> Key:
        """A key bound to a service account begins with AQ., any other with AIza."""
        now = stamp()
        name = f"{project.name}/locations/global/keys/{key_id}"
        shown = {"name": name, "uid": str(uuid.uuid4()), **given, "createTime": now, "updateTime": now, "etag": etag()}
        secret = f"AQ.Ab{secrets.token_urlsafe(32)}" if "serviceAccountEmail" in given else f"AIza{secrets.token_urlsafe(26)}"
        project.keys[key_id] = Key(shown, secret, time.monotonic())
        return project.keys[key_id]

    def project(self, name: str, service: str) -> Project:
        """By id or number. Raises Refused: one that is not there and one that is not the caller's are not told apart."""
        self.settle()
        found = next((each for each in self.projects.values() if name in (each.project_id, each.number)), None)
        if found is None or found.state != "ACTIVE":
            detail = info("CONSUMER_INVALID", consumer=f"projects/{name}", containerInfo=name, service=service)
            raise Refused("PERMISSION_DENIED", f"Permission denied on resource project {name}.", [detail])
        return found

    def appeared(self, since: float) -> bool:
        return time.monotonic() >= since + self.behaviour.appears_after

    def operation(self, service: str, then: Callable[[], dict[str, Any]] | None = None, **at_once: Any) -> dict[str, Any]:
        """A long-running operation; `then` does it, when it is due, and makes its response."""
        number = self.projects[self.own].number
        prefix = {"api": f"akmf.p7-{number}-", "projects": "cp.", "service_usage": f"acat.p2-{number}-"}[service]
        name = f"operations/{prefix}{uuid.uuid4()}"
        self._operations[name] = (time.monotonic() + self.behaviour.appears_after, then, at_once)
        return {"name": name}

    def finished(self, name: str) -> dict[str, Any]:
        """An operation as it is now. Raises Refused."""
        if name not in self._operations:
            raise Refused("NOT_FOUND", f'operation "{name}" not found')
        self.settle()
        _, then, response = self._operations[name]
        return {"name": name} if then is not None else {"name": name, "done": True, "response": response}

    def settle(self) -> None:
        """Do what is due."""
        for name, (ready, then, _) in list(self._operations.items()):
            if then is not None and time.monotonic() >= ready:
                self._operations[name] = (ready, None, then())

    def cap_of(self, project: Project) -> dict[str, Any] | None:
        """The spend cap budget of a project's Gemini API."""
        for budget in self.budgets.values():
            if "spendCap" in budget and budget["budgetFilter"]["projects"] == [project.name]:
                return budget
        return None

    def leftovers(self) -> list[str]:
        """Names of living things that a run made, and of what is not as it was."""
        self.settle()
        found = []
        for project in self.projects.values():
            if project.state != "ACTIVE":
                continue
            found += [project.project_id] if project.project_id.startswith(PREFIX) else []
            found += [name for name, key in project.keys.items() if name.startswith(PREFIX) and key.deleted is None]
            found += [each["email"] for each in project.accounts.values() if each["email"].startswith(PREFIX)]
            found += [f"quota of {project.project_id}" for _ in [*project.overrides, *project.preferences]]
        found += [each["displayName"] for each in self.budgets.values() if each["displayName"].startswith(PREFIX)]
        own = self.projects[self.own]
        in_use = [key for name, key in own.keys.items() if not name.startswith(PREFIX) and key.deleted is None]
        return found + ([] if len(in_use) == 1 and own.state == "ACTIVE" else ["the key in use"])
