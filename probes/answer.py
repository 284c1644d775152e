"""A response as probes see it: read, decoded, and with the time at which it came."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any, TypeGuard

import httpx

from probes.wire.extensions import AT, EXCHANGE


@dataclass(frozen=True)
class Answer:
    """A response, read and decoded. `exchange` is its position in the record, -1 while recording."""

    status: int
    headers: httpx.Headers
    text: str
    exchange: int
    at: float = 0.0
    """Seconds since the run began; 0 where it is not recorded."""

    @cached_property
    def json(self) -> Any:
        """The parsed body, None when it is not JSON."""
        try:
            return json.loads(self.text)
        except ValueError:
            return None

    @property
    def body(self) -> Any:
        """The parsed body where it is JSON, else the text."""
        return self.text if self.json is None else self.json

    @property
    def clock(self) -> datetime | None:
        """When it came by the server's own clock, which a replay has too; None where it does not tell the time."""
        try:
            moment = parsedate_to_datetime(self.headers.get("date", ""))
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (ValueError, OverflowError):
            return None

    @property
    def is_html(self) -> bool:
        return "html" in self.headers.get("content-type", "") or self.text.lstrip()[:15].lower().startswith(("<!doctype html", "<html"))


def answer_of(response: httpx.Response) -> Answer:
    """A response that was read, as probes see it."""
    extensions = response.extensions
    return Answer(response.status_code, response.headers, response.text, extensions.get(EXCHANGE, -1), extensions.get(AT, 0.0))


def dotted(value: Any, path: str) -> Any:
    """The value at a dotted path (`data.hash`, `choices.0.text`) of a JSON answer, None where it does not reach."""
    for part in path.split("."):
        if isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            value = value.get(part) if isinstance(value, dict) else None
    return value


def rows(answer: Answer, path: str) -> list[dict[str, Any]]:
    """The rows of the list at a dotted path, empty when there is none."""
    found = dotted(answer.json, path)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def lasting(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows that no run of keycap made: another tier, or another run, may remove its own between the list and a look at one row."""
    return [row for row in found if "keycap-probe-" not in str(row)]


def is_number(value: object) -> TypeGuard[float]:
    """Whether it is a number in JSON."""
    return isinstance(value, int | float) and not isinstance(value, bool)
