"""Answers of a simulated Model Studio as each of its parts words them."""

import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from probes.lab.signed import Refused

LONGEST_PAGE = 200


def page(request: Request, field: str, rows: list[dict[str, Any]], *, message: str = "message") -> Response:
    """One page of rows; the token of the next is opaque to the caller."""
    wanted, token = request.query_params.get("maxResults", "20"), request.query_params.get("nextToken", "")
    if not wanted.isdigit() or int(wanted) > LONGEST_PAGE or not (token or "0").isdigit():
        return invalid("maxResults")
    size, start = int(wanted), int(token or 0)
    following = str(start + size) if start + size < len(rows) else ""
    return done({field: rows[start : start + size], "maxResults": size, "nextToken": following, "totalCount": len(rows)}, message=message)


def done(fields: dict[str, Any], *, message: str = "message") -> Response:
    """Fields among those of every success; some actions call the message by another name."""
    return JSONResponse({**fields, "code": "Success", message: "", "httpStatusCode": 200, "requestId": identity(), "success": True})


def invalid(parameter: str, *, code: str = "InvalidParameter") -> Response:
    """A bad parameter."""
    return _wrong(400, code, f"The parameter {parameter} is not valid.")


def missing(what: str) -> Response:
    """A key or workspace that does not exist."""
    return _wrong(404, "NotFound", f"The {what} does not exist.")


def _wrong(status: int, code: str, message: str) -> Response:
    body = {"code": code, "message": message, "httpStatusCode": status, "requestId": identity(), "success": False}
    return JSONResponse(body, status)


def gateway(request: Request, refusal: Refused) -> Response:
    """A refusal before the product is reached."""
    body = {"Code": refusal.code, "Message": refusal.message, "RequestId": identity(), "HostId": request.url.hostname}
    return JSONResponse(body, refusal.status)


def identity() -> str:
    """An id of a request."""
    return secrets.token_hex(16).upper()


def compatible(status: int, code: str, message: str) -> Response:
    """A refusal as the OpenAI-compatible calls word it: type and code are the same."""
    error = {"message": message, "type": code, "param": None, "code": code}
    return JSONResponse({"error": error, "request_id": secrets.token_hex(16)}, status)


def native(status: int, code: str, message: str) -> Response:
    """A refusal of the vendor's own calls."""
    return JSONResponse({"code": code, "message": message, "request_id": secrets.token_hex(16)}, status)
