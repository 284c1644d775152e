"""The model behind the gateways: an OpenAI-compatible server on loopback that costs the same on every call and counts its calls.

`python tests/gateways/upstream.py [PORT]` prints the port it listens on (0, the default: any free one) as its first line. The count is the
only honest measure of how many calls got past a cap: a gateway that refuses after it has asked the model has spent the money all the same.
"""

import asyncio
import json
import socket
import sys
from collections.abc import Iterator
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

USAGE = {"prompt_tokens": 1000, "completion_tokens": 1000, "total_tokens": 2000}
"""Tokens that every completion reports."""
LATENCY = 1.0
"""Seconds that each completion takes: calls sent at once are under way at once, as they are with a real model."""


def app() -> Starlette:
    """A fresh upstream whose count is zero; completions are served with and without the `/v1` that some clients put before them."""
    served = 0

    async def completions(request: Request) -> Response:
        nonlocal served
        asked = await request.json()
        served += 1
        number = served
        await asyncio.sleep(LATENCY)
        answer = {"id": f"chatcmpl-{number}", "created": 0, "model": asked["model"]}
        if asked.get("stream"):
            return StreamingResponse(_events({**answer, "object": "chat.completion.chunk"}), media_type="text/event-stream")
        return JSONResponse({**answer, "object": "chat.completion", "choices": [_choice("message", "stop")], "usage": USAGE})

    async def how_many(_: Request) -> Response:
        return JSONResponse({"count": served})

    routes = [Route(f"{prefix}/chat/completions", completions, methods=["POST"]) for prefix in ("", "/v1")]
    return Starlette(routes=[*routes, Route("/count", how_many)])


def _choice(part: str, finish: str | None) -> dict[str, Any]:
    return {"index": 0, part: {"role": "assistant", "content": "ok"}, "finish_reason": finish}


def _events(chunk: dict[str, Any]) -> Iterator[str]:
    """One word, its end, the usage and the end of the stream. Usage is sent unasked: gateways that forget to ask would count nothing."""
    for rest in (
        {"choices": [_choice("delta", None)]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {"choices": [], "usage": USAGE},
    ):
        yield f"data: {json.dumps({**chunk, **rest})}\n\n"
    yield "data: [DONE]\n\n"


def main(port: int) -> None:
    """Serve on loopback until killed."""
    with socket.create_server(("127.0.0.1", port), backlog=128) as listening:
        print(listening.getsockname()[1], flush=True)
        uvicorn.Server(uvicorn.Config(app(), log_level="warning")).run(sockets=[listening])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
