"""What request bodies and queries must look like. Unknown fields are ignored; a known field with a wrong value is refused."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request

from probes.answer import is_number
from probes.lab.openrouter.refusals import invalid

Rule = Callable[[Any], bool]

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


async def fields(request: Request, known: Mapping[str, Rule], *, required: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The known fields of a JSON body. Raises Refused."""
    try:
        body = await request.json()
    except ValueError:
        raise invalid() from None
    if not isinstance(body, dict) or not required <= body.keys():
        raise invalid()
    given = {name: body[name] for name in known if name in body}
    if not all(known[name](value) for name, value in given.items()):
        raise invalid()
    return given


def number(request: Request, name: str, default: int, *, least: int = 0, most: int = 10**9) -> int:
    """A whole number of the query. Raises Refused."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not text.isdigit() or not least <= int(text) <= most:
        raise invalid()
    return int(text)


def flag(request: Request, name: str) -> bool:
    return request.query_params.get(name) == "true"


def text(value: Any, *, longest: int = 1000) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= longest


def boolean(value: Any) -> bool:
    return isinstance(value, bool)


def amount(value: Any) -> bool:
    """USD, or null for none."""
    return value is None or (is_number(value) and value >= 0)


def positive(value: Any) -> bool:
    return value is not None and amount(value) and value > 0


def interval(value: Any) -> bool:
    return value in ("daily", "weekly", "monthly", None)


def moment(value: Any) -> bool:
    """A time with seconds, or null; whether it is a real one is for the calendar to say."""
    if value is None:
        return True
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def names(value: Any) -> bool:
    """A list of names that is not empty, or null."""
    return value is None or (isinstance(value, list) and bool(value) and all(text(name) for name in value))
