"""How Portkey refuses, who is asking, and what bodies and pages look like. A wrong value is refused with AB01."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from probes.answer import is_number
from probes.lab.portkey.state import Key, Organisation

if TYPE_CHECKING:
    from probes.lab.portkey import Portkey

Rule = Callable[[Any], bool]


class Refused(Exception):
    """Ends a request with a refusal."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


def refusal(status: int, code: str, message: str) -> Refused:
    """A refusal of the admin API; codes are those of the vendor's table."""
    return Refused(JSONResponse({"success": False, "data": {"message": message, "errorCode": code}}, status))


def gateway_refusal(status: int, message: str) -> Refused:
    """A refusal of the gateway, which stands before the models."""
    return Refused(JSONResponse({"message": f"Portkey Error: {message}"}, status))


def invalid(message: str = "Invalid request") -> Refused:
    return refusal(400, "AB01", message)


def missing(what: str) -> Refused:
    return refusal(404, "AB08", f"{what} not found")


def simulated(request: Request) -> "Portkey":
    found: Portkey = request.app.state.simulator
    return found


def bearer(request: Request) -> Key | None:
    """The key that a request is sent with, None where it is nobody's or no longer works."""
    secret = request.headers.get("x-portkey-api-key") or request.headers.get("authorization", "").removeprefix("Bearer ")
    return simulated(request).organisation.authenticated(secret)


def administrator(request: Request, *scopes: str) -> tuple[Organisation, Key]:
    """The organisation, and the key that asks, which needs one of these scopes. Raises Refused."""
    key = bearer(request)
    if key is None or not key.may(*scopes):
        raise refusal(401, "AB05", "Unauthorised request")
    return simulated(request).organisation, key


async def fields(request: Request, known: Mapping[str, Rule], *, required: Sequence[str] = ()) -> dict[str, Any]:
    """The known fields of a JSON body. Raises Refused."""
    try:
        body = await request.json()
    except ValueError:
        raise invalid("The body is not JSON") from None
    if not isinstance(body, dict):
        raise invalid("The body is no object")
    for name in required:
        if name not in body:
            raise invalid(f"{name} is required")
    given = {name: body[name] for name in known if name in body}
    for name, value in given.items():
        if not known[name](value):
            raise invalid(f"{name} is not valid")
    return given


def page(request: Request, listed: Sequence[dict[str, Any]]) -> Response:
    """A page of a list: `page_size` rows, the pages numbered from 0."""
    size, current = (request.query_params.get(name, str(default)) for name, default in (("page_size", 50), ("current_page", 0)))
    if not size.isdigit() or not current.isdigit():
        raise invalid("page_size and current_page are whole numbers")
    first = int(size) * int(current)
    return JSONResponse({"object": "list", "total": len(listed), "data": list(listed[first : first + int(size)])})


def text(value: Any) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= 255


def flag(value: Any) -> bool:
    return isinstance(value, bool)


def texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(text, value))


def whole(least: int) -> Rule:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= least


def one_of(*words: str | None) -> Rule:
    return lambda value: value in words


def amount(value: Any) -> bool:
    return is_number(value) and value >= 0


def moment(value: Any) -> bool:
    """A time with its zone, or null."""
    if value is None:
        return True
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        return False


def shaped(known: Mapping[str, Rule], *required: str) -> Rule:
    """An object whose known fields are right."""
    return lambda value: (
        isinstance(value, dict)
        and all(name in value for name in required)
        and all(known[name](inner) for name, inner in value.items() if name in known)
    )


def every(rule: Rule, *, least: int = 0) -> Rule:
    """A list of things that are right."""
    return lambda value: isinstance(value, list) and len(value) >= least and all(map(rule, value))


def usage_limit(value: Any) -> bool:
    """A cap of a key or a workspace: whole dollars or tokens, 1 at least; the threshold below the cap, one kind of reset."""
    return (
        _USAGE_LIMIT(value)
        and value.get("alert_threshold", 0) < value["credit_limit"]
        and not (value.get("periodic_reset") and value.get("periodic_reset_days"))
    )


_USAGE_LIMIT = shaped(
    {
        "type": one_of("cost", "tokens"),
        "credit_limit": whole(1),
        "alert_threshold": whole(1),
        "periodic_reset": one_of("monthly", "weekly", None),
        "periodic_reset_days": lambda value: value is None or (whole(1)(value) and value <= 365),
        "next_usage_reset_at": moment,
    },
    "credit_limit",
)


def rate_limits(*units: str) -> Rule:
    """A list of rates in these units."""
    return every(shaped({"type": one_of("requests", "tokens"), "unit": one_of(*units), "value": whole(0)}, "type", "unit", "value"))
