"""What stands between a run and a simulated host: it keeps what passes, and may change what is asked."""

from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(frozen=True)
class Exchange:
    """One request and its response."""

    request: Request
    asked: bytes
    status: int
    answered: bytes


@dataclass
class Tap:
    """Passes everything on to an app, and keeps it. `change` is given each request and its body, and returns the body that arrives."""

    app: ASGIApp
    change: Callable[[Request, bytes], bytes] = lambda _, body: body
    exchanges: list[Exchange] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        asked, status, answered = await request.body(), 0, b""

        async def again() -> Message:
            return {"type": "http.request", "body": self.change(request, asked), "more_body": False}

        async def keep(message: Message) -> None:
            nonlocal status, answered
            status, answered = message.get("status", status), answered + message.get("body", b"")
            await send(message)

        await self.app(scope, again, keep)
        self.exchanges.append(Exchange(request, asked, status, answered))
