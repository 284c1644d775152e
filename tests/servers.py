"""A loopback HTTP server in a thread, for tests that run the command line in this process."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from inspect import signature
from threading import Thread
from typing import Any


@dataclass(frozen=True)
class Reply:
    """What the server answers."""

    status: int
    body: bytes = b"{}"
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    reason: str | None = None


@dataclass
class Served:
    """A running server and what it was asked, as `METHOD /target`."""

    url: str
    asked: list[str] = field(default_factory=list)


Answer = Callable[[str, str], Reply] | Callable[[str, str, dict[str, str], bytes], Reply]
"""From method and target, or also from headers (lower case) and body, to a reply."""


@contextmanager
def http_server(answer: Answer) -> Iterator[Served]:
    """Serve `answer` on a free loopback port until the end of the block. A reply of status 0 drops the connection."""
    served = Served("")
    whole = len(signature(answer).parameters) > 2

    class Handler(BaseHTTPRequestHandler):
        def _reply(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            served.asked.append(f"{self.command} {self.path}")
            more: tuple[Any, ...] = ({name.lower(): value for name, value in self.headers.items()}, body) if whole else ()
            reply = answer(self.command, self.path, *more)
            if reply.status == 0:
                self.close_connection = True
                return
            self.send_response(reply.status, reply.reason)
            self.send_header("content-type", reply.content_type)
            self.send_header("content-length", str(len(reply.body)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            with suppress(ConnectionError):  # the client may have been interrupted
                self.end_headers()
                self.wfile.write(reply.body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _reply  # noqa: N815  (the names http.server looks for)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base's name)
            """Say nothing: the test's output is its own."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
