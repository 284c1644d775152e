"""Azure's answers as the simulator gives them: ARM's error envelope, and the calls that it understood."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse, Response


@dataclass(frozen=True)
class Call:
    """One request to ARM, past every check that all of them go through. `at` has the parameters of its path."""

    method: str
    path: str
    at: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    """The parsed JSON body, None where there is none."""

    def field(self, path: str) -> Any:
        """The value at a dotted path of the body, None where it does not reach."""
        value = self.body
        for part in path.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        return value


class Refused(Exception):
    """A call that is answered with an error: ARM's status, code and message."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        self.status, self.code, self.message, self.headers = status, code, message, dict(headers or {})
        super().__init__(message)

    @property
    def response(self) -> Response:
        return JSONResponse({"error": {"code": self.code, "message": self.message}}, self.status, self.headers)


def bad_request(message: str) -> Refused:
    """400 as the resource provider says it."""
    return Refused(400, "BadRequest", message)


def not_found(path: str) -> Refused:
    """404 of a resource that is not there."""
    name = path.partition("/providers/")[2]
    return Refused(
        404, "ResourceNotFound", f"The Resource '{name}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"
    )


def conflict(path: str) -> Refused:
    """409 while an operation is at work on a resource."""
    why = "because the resource entity provisioning state is not terminal."
    return Refused(409, "RequestConflict", f"Cannot modify resource with id '{path}' {why}")


def json(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return JSONResponse(body, status, dict(headers or {}))
