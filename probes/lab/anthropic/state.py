"""What exists in a simulated organisation: keys, workspaces, and the vendor's way to refuse."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from probes.lab.simulator import Meter

STATUSES = ("active", "inactive", "archived")
PER_MINUTE = "requests_per_minute"
ORGANISATION_LIMITS = {PER_MINUTE: 4000, "input_tokens_per_minute_cache_aware": 2_000_000, "output_tokens_per_minute": 400_000}


class Refused(HTTPException):
    """A refusal in the vendor's envelope; `code` is its details.error_code."""

    def __init__(self, status: int, kind: str, message: str, code: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(status, message, headers)
        self.kind, self.code = kind, code


def invalid(message: str) -> Refused:
    """400 for a request that cannot be carried out as it is."""
    return Refused(400, "invalid_request_error", message)


def missing(what: str) -> Refused:
    """404 for a thing that is not there."""
    return Refused(404, "not_found_error", f"{what} not found")


def refusal(_request: Request, error: Exception) -> Response:
    """The vendor's error body, also for routes that do not exist and methods that they lack."""
    if not isinstance(error, HTTPException):
        raise error
    kind = "not_found_error" if error.status_code == 404 else "invalid_request_error"
    told: dict[str, Any] = {"type": getattr(error, "kind", kind), "message": error.detail}
    if code := getattr(error, "code", ""):
        told["details"] = {"error_code": code}
    body = {"type": "error", "error": told, "request_id": tagged("req")}
    return JSONResponse(body, error.status_code, headers=error.headers)


def tagged(kind: str) -> str:
    """A new id of the vendor's shape."""
    return f"{kind}_01{secrets.token_hex(11)}"


def now() -> datetime:
    """The time, UTC."""
    return datetime.now(UTC)


def stamp(at: datetime) -> str:
    """A time as the vendor writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


async def body(request: Request) -> dict[str, Any]:
    """The JSON object that was sent."""
    try:
        given = await request.json()
    except ValueError as error:
        raise invalid("The request body is not valid JSON") from error
    if not isinstance(given, dict):
        raise invalid("Input should be an object")
    return given


def page(rows: list[dict[str, Any]], request: Request) -> Response:
    """A page by `limit` (1 to 1,000, 20 by default) and `after_id`."""
    size, after = request.query_params.get("limit", "20"), request.query_params.get("after_id")
    if not size.isdigit() or not 1 <= int(size) <= 1000:
        raise invalid("limit: Input should be between 1 and 1000")
    ids = [row["id"] for row in rows]
    if after is not None and after not in ids:
        raise invalid("after_id: no such object")
    start = 0 if after is None else ids.index(after) + 1
    shown = rows[start : start + int(size)]
    first, last = (shown[0]["id"], shown[-1]["id"]) if shown else (None, None)
    return JSONResponse({"data": shown, "has_more": start + len(shown) < len(rows), "first_id": first, "last_id": last})


@dataclass
class Key:
    """A key that a person made in the Console."""

    name: str
    workspace: str
    cents: float = 0.0
    """What it cost before the simulation began."""
    secret: str = field(default_factory=lambda: f"sk-ant-api03-{secrets.token_urlsafe(64)}AA")
    id: str = field(default_factory=lambda: tagged("apikey"))
    status: str = "active"
    created: str = field(default_factory=lambda: stamp(now()))
    ended: float = 0.0
    """When it stopped being active, on the simulator's clock."""

    @property
    def shown(self) -> dict[str, Any]:
        """The key as it is told; never its secret."""
        return {
            "type": "api_key", "id": self.id, "name": self.name, "status": self.status, "created_at": self.created, "expires_at": None,
            "created_by": {"type": "user", "id": "user_01EXAMPLE"}, "partial_key_hint": f"{self.secret[:16]}...{self.secret[-4:]}",
            "principal": None, "scope": {"type": "workspace", "workspace_id": self.workspace},
        }  # fmt: skip


@dataclass
class Workspace:
    """A workspace, its rate-limit overrides by type, what was spent in it, and its bucket of requests."""

    name: str
    clock: Callable[[], float]
    id: str = field(default_factory=lambda: tagged("wrkspc"))
    created: datetime = field(default_factory=now)
    archived: str | None = None
    overrides: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.meter, self.born, self.filled, self.bucket = Meter(self.clock), self.clock(), self.clock(), 0.0

    @property
    def per_minute(self) -> int:
        """Requests a minute: the lower of the override and the organisation's."""
        return min(self.overrides.get(PER_MINUTE, ORGANISATION_LIMITS[PER_MINUTE]), ORGANISATION_LIMITS[PER_MINUTE])

    def admit(self) -> float:
        """Take a request from the bucket, or tell in how many seconds there is one. It holds a tenth of a minute's, and fills evenly."""
        rate, at, size = self.per_minute / 60, self.clock(), max(1.0, self.per_minute / 10)
        self.bucket, self.filled = min(size, self.bucket + (at - self.filled) * rate), at
        if self.bucket < 1:
            return (1 - self.bucket) / rate if rate else 3600.0
        self.bucket -= 1
        return 0.0

    @property
    def shown(self) -> dict[str, Any]:
        """The workspace as it is told."""
        residency = {"workspace_geo": "us", "allowed_inference_geos": "unrestricted", "default_inference_geo": "global"}
        return {
            "type": "workspace", "id": self.id, "name": self.name, "created_at": stamp(self.created), "archived_at": self.archived,
            "compartment_id": f"cmpt_{self.id[-12:]}", "data_residency": residency, "display_color": "#6C5BB9", "external_key_id": None,
            "tags": {}, "user_profile_id": None,
        }  # fmt: skip
