"""Answers of a simulated Qianfan as each of its parts words them."""

import secrets
from typing import Any

from starlette.responses import JSONResponse, Response


def done(result: Any) -> Response:
    """Of the platform: the result under one name."""
    return JSONResponse({"requestId": secrets.token_hex(16), "result": result})


def refused(status: int, code: str, message: str) -> Response:
    """Of every signed service."""
    return JSONResponse({"requestId": secrets.token_hex(16), "code": code, "message": message}, status)


def compatible(status: int, code: str, message: str, kind: str) -> Response:
    """Of inference: an error as OpenAI words it."""
    return JSONResponse({"error": {"code": code, "message": message, "type": kind}, "id": f"as-{secrets.token_hex(5)}"}, status)
