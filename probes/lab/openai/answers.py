"""How the simulated vendor refuses, checks a body and cuts a list into pages.

Bodies of errors are `{error: {message, type, param, code}}`, on administration routes with a wrong key `{error: "text"}`.
"""

from collections.abc import Sequence
from json import JSONDecodeError
from typing import Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from starlette.requests import Request
from starlette.responses import JSONResponse

INVALID = "invalid_request_error"
LONGEST = 31_536_000
"""Seconds that a key may be given: 365 days."""


class Refused(Exception):
    """A refusal, as it is answered."""

    def __init__(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        self.response = JSONResponse(body, status, headers)


def refused(
    status: int,
    message: str,
    *,
    kind: str = INVALID,
    param: str | None = None,
    code: str | None = None,
    headers: dict[str, str] | None = None,
) -> Refused:
    """A refusal with the usual error object."""
    return Refused(status, {"error": {"message": message, "type": kind, "param": param, "code": code}}, headers)


def lacks_scope(scope: str) -> str:
    """What is said to a key without a scope."""
    return (
        f"You have insufficient permissions for this operation. Missing scopes: {scope}. Check that you have the correct role in your "
        "organization and project, and if you're using a restricted API key, that it has the necessary scopes."
    )


class Body(BaseModel):
    """A request body; a field that is not known is refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class NewProject(Body):
    """Of `POST …/projects`."""

    name: str
    external_key_id: str | None = None
    residency: str | None = None


class NewAccount(Body):
    """Of `POST …/service_accounts`."""

    name: str
    create_service_account_only: bool | None = None
    expires_in_seconds: int | None = Field(None, ge=1, le=LONGEST)


class NewKey(Body):
    """Of `POST …/service_accounts/{id}/api_keys`."""

    name: str = "Secret Key"
    scopes: list[str] = []
    expires_in_seconds: int | None = Field(None, ge=1, le=LONGEST)


class ChangedKey(Body):
    """At least one of the two; neither may be null."""

    scopes: list[str] = []
    expires_in_seconds: int = Field(0, ge=1, le=LONGEST)

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("Provide at least one of 'scopes' or 'expires_in_seconds'.")
        return self


class SpendLimit(Body):
    """Of `POST …/spend_limit`; cents."""

    threshold_amount: int = Field(ge=1)
    currency: Literal["USD"]
    interval: Literal["month"]


class Channel(Body):
    """How an alert is sent."""

    type: Literal["email"]
    recipients: list[str]
    subject_prefix: str | None = None


class SpendAlert(Body):
    """Of `POST …/spend_alerts`; cents."""

    threshold_amount: int = Field(ge=0)
    currency: Literal["USD"]
    interval: Literal["month"]
    notification_channel: Channel


class RateLimit(Body):
    """Of `POST …/rate_limits/{id}`: what is not named stays as it is."""

    max_requests_per_1_minute: int | None = Field(None, ge=0)
    max_tokens_per_1_minute: int | None = Field(None, ge=0)
    max_images_per_1_minute: int | None = Field(None, ge=0)
    max_audio_megabytes_per_1_minute: int | None = Field(None, ge=0)
    max_requests_per_1_day: int | None = Field(None, ge=0)
    batch_1_day_max_input_tokens: int | None = Field(None, ge=0)


class ModelPermissions(Body):
    """Of `POST …/model_permissions`."""

    mode: Literal["allow_list", "deny_list"]
    model_ids: list[str]


class NewResponse(Body):
    """The fields of an inference call that matter here; all others are taken and ignored."""

    model_config = ConfigDict(extra="ignore", strict=True)
    model: str
    input: str | list[Any]
    max_output_tokens: int | None = Field(None, ge=16)


Kind = TypeVar("Kind", bound=Body)

_CODES = {
    "missing": "missing_required_parameter",
    "extra_forbidden": "unknown_parameter",
    "greater_than_equal": "integer_below_min_value",
    "less_than_equal": "integer_above_max_value",
    "literal_error": "invalid_value",
}


async def body(request: Request, kind: type[Kind]) -> Kind:
    """The request's body. Raises Refused, 400, for what does not fit."""
    try:
        given = await request.json()
    except (JSONDecodeError, UnicodeDecodeError):
        raise refused(400, "We could not parse the JSON body of your request.") from None
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
    param = ".".join(str(part) for part in first["loc"]) or None
    raise refused(
        400, f"Invalid '{param}': {first['msg']}." if param else first["msg"], param=param, code=_CODES.get(first["type"], "invalid_type")
    )


def page(request: Request, rows: Sequence[dict[str, Any]], *, default: int = 20, order: Sequence[str] = ()) -> JSONResponse:
    """One page of a list, after the row whose id is the cursor. Raises Refused for a limit that is none, 1..100.

    `order` has all ids, where the cursor may be one that is no longer shown.
    """
    asked = request.query_params.get("limit", str(default))
    if not asked.isdecimal() or not 1 <= int(asked) <= 100:
        raise refused(400, f"Invalid 'limit': expected an integer from 1 to 100, but got {asked[:20]!r} instead.", param="limit")
    places = {identity: place for place, identity in enumerate(order or [row["id"] for row in rows])}
    after = request.query_params.get("after")
    if after is not None and after not in places:
        raise refused(400, f"Invalid 'after': no object with id '{after[:60]}'.", param="after")
    left = [row for row in rows if after is None or places[row["id"]] > places[after]]
    shown = left[: int(asked)]
    ends = {"first_id": shown[0]["id"] if shown else None, "last_id": shown[-1]["id"] if shown else None}
    return JSONResponse({"object": "list", "data": shown, **ends, "has_more": len(shown) < len(left)})
