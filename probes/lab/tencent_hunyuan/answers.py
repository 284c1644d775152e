"""Answers of a simulated TokenHub as each of its parts words them."""

import time
import uuid
from typing import Any

from starlette.responses import JSONResponse, Response

from probes.lab.tencent_hunyuan.state import ZONE


class ActionError(Exception):
    """An action that is refused: a code and a message, told with 200."""

    def __init__(self, code: str, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(message)


def done(fields: dict[str, Any]) -> Response:
    """A success."""
    return JSONResponse({"Response": {**fields, "RequestId": str(uuid.uuid4())}})


def failed(code: str, message: str) -> Response:
    """A refusal of the management or billing API."""
    return JSONResponse({"Response": {"Error": {"Code": code, "Message": message}, "RequestId": str(uuid.uuid4())}})


def refused(status: int, kind: str, code: str, message: str) -> Response:
    """A refusal of inference."""
    error = {"type": kind, "code": code, "message": message, "source": "gateway", "request_id": str(uuid.uuid4())}
    return JSONResponse({"error": error}, status)


def moment(at: float) -> str:
    """As the vendor writes a time."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at + ZONE))
