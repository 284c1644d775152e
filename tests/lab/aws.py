"""Amazon API Gateway as moto simulates it in server mode, behind a door that checks signatures: moto itself takes anything."""

import hashlib
import hmac
import secrets
import time
from calendar import timegm
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from moto.server import ThreadedMotoServer
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from probes.lab.simulator import Behaviour, Simulator
from probes.money import Model

SCOPE = "us-east-1/apigateway/aws4_request"
WINDOW = 300.0
"""Seconds that a request's time may be off."""


class Moto(Simulator):
    """An account of moto's, with one access key. It enforces nothing and knows no usage."""

    def __init__(self, url: str) -> None:
        super().__init__(Behaviour())
        self.model = Model("none", 0.0, 0.0)
        self.url, self.key_id, self.secret = url, f"AKIA{secrets.token_hex(8).upper()}", secrets.token_hex(20)
        self.environment = {"AWS_ACCESS_KEY_ID": self.key_id, "AWS_SECRET_ACCESS_KEY": self.secret}
        self.hosts: dict[str, ASGIApp] = {"api": self._door}
        self.seen: list[str] = []
        """Headers by which requests told the access key and what they were signed for."""

    def leftovers(self) -> list[str]:
        """Keys and plans that are still there."""
        headers = {"authorization": f"AWS4-HMAC-SHA256 Credential={self.key_id}/20261124/{SCOPE}, SignedHeaders=host, Signature=0"}
        lists = [httpx.get(f"{self.url}/{name}", headers=headers, trust_env=False).json() for name in ("apikeys", "usageplans")]
        return [each["name"] for listed in lists for each in listed["item"]]

    async def _door(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        self.seen.append(request.headers.get("authorization", ""))
        answer = self._refused(request, body)
        if answer is None:
            async with httpx.AsyncClient(trust_env=False) as client:
                path = scope["raw_path"].decode() + ("?" + scope["query_string"].decode() if scope["query_string"] else "")
                given = {name: request.headers[name] for name in ("authorization", "content-type", "x-amz-date") if name in request.headers}
                told = await client.request(request.method, f"{self.url}{path}", content=body, headers=given)
            kept = {name: told.headers[name] for name in ("content-type", "date") if name in told.headers}
            answer = Response(told.content, told.status_code, kept)
        await answer(scope, receive, send)

    def _refused(self, request: Request, body: bytes) -> Response | None:
        """The vendor's refusals; the signature is computed anew from the vendor's description."""
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        parts = dict(part.strip().partition("=")[::2] for part in given.split(","))
        if scheme != "AWS4-HMAC-SHA256":
            return _says("MissingAuthenticationTokenException", "Missing Authentication Token")
        key_id, day, scoped = parts["Credential"].split("/", 2)
        when = request.headers["x-amz-date"]
        if key_id != self.key_id:
            return _says("UnrecognizedClientException", "The security token included in the request is invalid.")
        if abs(time.time() - timegm(time.strptime(when, "%Y%m%dT%H%M%SZ"))) > WINDOW or scoped != SCOPE or day != when[:8]:
            return _says("InvalidSignatureException", "Signature expired or not for this service")
        names = parts["SignedHeaders"].split(";")
        query = "&".join(sorted(request.scope["query_string"].decode().split("&")))
        canonical = "\n".join([
            request.method, request.scope["raw_path"].decode().replace("%", "%25"), query,
            *(f"{name}:{request.headers[name]}" for name in names), "", ";".join(names), hashlib.sha256(body).hexdigest(),
        ])  # fmt: skip
        key = f"AWS4{self.secret}".encode()
        text = "\n".join([scheme, when, f"{day}/{scoped}", hashlib.sha256(canonical.encode()).hexdigest()])
        for part in (day, *scoped.split("/"), text):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        if key.hex() != parts["Signature"]:
            return _says("InvalidSignatureException", "The request signature we calculated does not match the signature you provided.")
        return None


def _says(code: str, message: str) -> Response:
    return JSONResponse({"message": message}, 403, {"x-amzn-errortype": code})


@contextmanager
def moto() -> Iterator[Moto]:
    """A fresh account; moto keeps its accounts for a whole process."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        url = f"http://{host}:{port}"
        httpx.post(f"{url}/moto-api/reset", trust_env=False).raise_for_status()
        yield Moto(url)
    finally:
        server.stop()
