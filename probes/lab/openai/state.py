"""What the simulated organisation holds: projects, their service accounts, keys, caps and rates. Times are Unix seconds, money is USD."""

import secrets
import string
import time
from dataclasses import dataclass, field
from typing import Any

from probes.lab.simulator import Behaviour, Meter
from probes.money import Model

TOKENS = 500
"""Input tokens of every call, and the most that it answers."""

_LETTERS = string.ascii_letters + string.digits


def random_text(length: int) -> str:
    """Letters and digits, as ids and secrets have them."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


@dataclass
class Account:
    """A service account of a project, or the person whom the first key belongs to."""

    id: str
    name: str
    created_at: float
    role: str = "member"
    is_person: bool = False


@dataclass
class Key:
    """A project's key. It works until `ended_at`, and as long afterwards as revoking takes to spread."""

    id: str
    name: str
    secret: str
    owner: Account
    created_at: float
    scopes: list[str] = field(default_factory=list)
    expires_at: int | None = None
    last_used_at: int | None = None
    ended_at: float | None = None

    @property
    def shortened(self) -> str:
        return f"{self.secret[:8]}...{self.secret[-4:]}"


@dataclass
class Cap:
    """A spend limit in cents; what was set, and when: a change takes as long to spread as a charge."""

    changes: list[tuple[float, int | None]] = field(default_factory=list)

    @property
    def amount(self) -> int | None:
        return self.changes[-1][1] if self.changes else None

    def known(self, now: float, lag: float) -> int | None:
        """The amount that inference goes by."""
        return next((amount for at, amount in reversed(self.changes) if at <= now - lag), None)


@dataclass
class Bucket:
    """Requests a minute, refilled evenly: a limit of 60 gives one back each second."""

    left: float
    at: float

    def take(self, limit: int, now: float) -> float:
        """Take one request and return 0.0, or return the seconds until there is one."""
        self.left = min(float(limit), self.left + (now - self.at) * limit / 60)
        self.at = now
        if self.left < 1:
            return (1 - self.left) * 60 / limit if limit else 60.0
        self.left -= 1
        return 0.0


@dataclass
class Project:
    """A project; it can be archived, never deleted."""

    id: str
    name: str
    created_at: float
    meter: Meter
    rates: dict[str, dict[str, Any]]
    """By id, `rl-` and the model."""
    archived_at: int | None = None
    accounts: dict[str, Account] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    """By id; ended ones stay."""
    cap: Cap = field(default_factory=Cap)
    alerts: dict[str, dict[str, Any]] = field(default_factory=dict)
    models: dict[str, Any] | None = None
    buckets: dict[str, Bucket] = field(default_factory=dict)


@dataclass(frozen=True)
class Served:
    """One inference call that was billed."""

    at: float
    project: str
    key: str
    input: int
    output: int
    usd: float


class Organisation:
    """The whole of it: at first one project with a person's key, and some spending of the day before."""

    def __init__(self, behaviour: Behaviour, model: Model) -> None:
        self.behaviour, self.model = behaviour, model
        self.admin_secret = f"sk-admin-{random_text(40)}"
        self.admin_id = f"key_{random_text(16)}"
        self.started_at = self.now()
        self.projects: dict[str, Project] = {}
        self.cap = Cap()
        self.served: list[Served] = []
        project = self.add_project("Default project", self.started_at - 90 * 86400)
        person = Account(f"user-{random_text(24)}", "Ada Example", project.created_at, "owner", is_person=True)
        self.person_secret = self.add_key(project, person, "My API Key", project.created_at).secret
        account = self.add_account(project, "Production App", project.created_at)
        key = self.add_key(project, account, "Secret Key", project.created_at)
        self.served.append(Served(self.started_at - 86400, project.id, key.id, 400_000, 250_000, 1.15))

    def now(self) -> float:
        """Unix seconds."""
        return time.time()

    def seen(self, created_at: float) -> bool:
        """Whether what was created then can be found by now."""
        return self.now() - created_at >= self.behaviour.appears_after

    def add_project(self, name: str, created_at: float | None = None) -> Project:
        rows: list[dict[str, Any]] = [
            {
                "object": "project.rate_limit",
                "id": f"rl-{model}",
                "model": model,
                "max_requests_per_1_minute": 500,
                "max_tokens_per_1_minute": 200_000,
                "batch_1_day_max_input_tokens": 2_000_000,
            }
            for model in (self.model.name, "gpt-4.1")
        ]
        identity = f"proj_{random_text(24)}"
        at = self.now() if created_at is None else created_at
        project = Project(identity, name, at, Meter(self.now), {row["id"]: row for row in rows})
        self.projects[identity] = project
        return project

    def add_account(self, project: Project, name: str, created_at: float | None = None) -> Account:
        account = Account(f"svc_acct_{random_text(24)}", name, self.now() if created_at is None else created_at)
        project.accounts[account.id] = account
        return account

    def add_key(self, project: Project, owner: Account, name: str, created_at: float | None = None) -> Key:
        prefix = "sk-proj" if owner.is_person else "sk-svcacct"
        at = self.now() if created_at is None else created_at
        key = Key(f"key_{random_text(16)}", name, f"{prefix}-{random_text(64)}", owner, at)
        project.keys[key.id] = key
        return key

    def end_key(self, key: Key) -> None:
        key.ended_at = self.now() if key.ended_at is None else key.ended_at

    def holder(self, secret: str) -> tuple[Project, Key] | None:
        """The key with this secret and its project, None when it is unknown, or no longer works."""
        now, lag = self.now(), self.behaviour.revoke_lag
        for project in self.projects.values():
            for key in project.keys.values():
                ends = [at for at in (key.ended_at, key.expires_at) if at is not None]
                if key.secret == secret and self.seen(key.created_at) and all(now < at + lag for at in ends):
                    return project, key
        return None
