"""A vcrpy cassette as an httpx transport: it records what passes to an inner transport, or replays and lets nothing pass.

vcrpy's `use_cassette` patches httpx for the whole process, so concurrent tasks write into each other's files. Here each provider and tier
has a transport of its own and nothing is patched. Import this module where it is used: vcrpy takes a third of a second.
"""

import hashlib
import re
import time
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import vcr.cassette  # type: ignore[import-untyped]
import vcr.record_mode  # type: ignore[import-untyped]
import vcr.request  # type: ignore[import-untyped]

from probes import errors
from probes.errors import KeycapError, NotRecorded
from probes.wire.extensions import AT, EXCHANGE, ONCE, ORDER, PROBE, TIMED
from probes.wire.record import Failure, Interaction, Loaded, Metadata, cassette_path, check_hosts, load, save, utc_now
from probes.wire.redact import Redactor

__all__ = ["CassetteTransport", "Failure", "Interaction", "Loaded", "Metadata", "cassette_path", "check_hosts", "load", "save", "utc_now"]

ENCODING = frozenset({"content-encoding", "content-length", "transfer-encoding"})
"""Headers, in lower case, that describe the body as it was on the wire; bodies are kept and handed on decoded."""

DROPPED_FROM_ANSWERS = frozenset({
    *ENCODING, "set-cookie", "connection", "keep-alive", "age", "expires", "etag", "nel", "report-to", "reporting-endpoints",
    "alt-svc", "via", "server-timing", "content-security-policy", "content-security-policy-report-only", "x-request-id", "request-id",
    "x-requestid", "x-amzn-requestid", "x-amz-request-id", "x-amz-id-2", "x-amz-cf-id", "x-amz-cf-pop", "x-cache", "x-ms-request-id",
    "x-ms-correlation-request-id", "x-ms-routing-request-id", "x-ms-client-request-id", "apim-request-id", "cf-ray",
    "cf-cache-status", "x-served-by", "x-timer", "x-envoy-upstream-service-time", "openai-processing-ms", "x-vercel-id",
    "fly-request-id", "x-cloud-trace-context", "traceparent", "tracestate", "eagleeye-traceid", "x-trace-id", "x-log-id",
    "x-tt-logid", "x-acs-request-id", "x-acs-trace-id", "x-bce-request-id", "x-tc-requestid", "x-runtime", "x-generation-id",
    "x-response-time", "x-process-time",
})  # fmt: skip
"""Headers, in lower case, that differ with every answer and show nothing."""

DROPPED_FROM_REQUESTS = frozenset({
    "host", "connection", "accept-encoding", "content-length", "user-agent", "traceparent", "x-amz-date", "x-amz-content-sha256",
    "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256", "x-tc-timestamp", "x-bce-date",
})  # fmt: skip
"""Headers, in lower case, that the client or a signer adds and that differ with every request or release."""

_NUMBERED = re.compile(r"REDACTED\d+")
_CHARSET = re.compile(r"charset=[\"']?[\w.:-]+[\"']?", re.IGNORECASE)
_ERRORS = {kind.__name__: kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, KeycapError)}

Order = tuple[int, ...]


class CassetteTransport(httpx.AsyncBaseTransport):
    """Records over an inner transport, or replays a loaded cassette. Make one with `recording` or `replaying`.

    What is kept is redacted at once; the answer that a recording hands on is the live one. The inner transport is shared and stays open.
    """

    def __init__(
        self, redactor: Redactor, *, inner: httpx.AsyncBaseTransport | None = None, loaded: Loaded | None = None, repeat: bool = True
    ) -> None:
        self._redactor, self._inner = redactor, inner
        self._path = str(loaded.path) if loaded else ""
        self._began = time.monotonic()
        mode = vcr.record_mode.RecordMode.ALL if inner else vcr.record_mode.RecordMode.NONE
        self._cassette = vcr.cassette.Cassette(self._path, record_mode=mode)
        self._orders: list[Order] = []
        self._failures: list[tuple[Order, Failure]] = []
        for request, response in loaded.interactions if loaded else ():
            self._cassette.append(request, response)
        probes = [response.get("probe", "") for _, response in loaded.interactions] if loaded else []
        self._index = _Index(self._cassette.requests, probes, loaded.failures if loaded else (), repeat=repeat)

    @classmethod
    def recording(cls, inner: httpx.AsyncBaseTransport, redactor: Redactor) -> "CassetteTransport":
        """A transport that hands requests to `inner` and records the answers; `save` writes them."""
        return cls(redactor, inner=inner)

    @classmethod
    def replaying(cls, loaded: Loaded, redactor: Redactor, *, repeat: bool = True) -> "CassetteTransport":
        """A transport that answers from a cassette and reaches no network.

        Equal requests get their answers in the order of the file; with `repeat` the last one stays. The redactor must know the credentials
        that probes are given on replay, where any of them stands in an address or a body.
        """
        return cls(redactor, loaded=loaded, repeat=repeat)

    def __len__(self) -> int:
        """How many answers were recorded, or are there to replay."""
        return len(self._cassette)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Recording raises what the inner transport raises, and remembers a KeycapError; replay raises it again.

        Replay raises NotRecorded for what the cassette does not hold.
        """
        body = await request.aread()
        if self._inner is None:
            once, probe = bool(request.extensions.get(ONCE)), request.extensions.get(PROBE, "")
            return self._replay(self._kept_request(request, body), once=once, probe=probe)
        order: Order = request.extensions.get(ORDER, (0, len(self._orders) + len(self._failures)))
        try:
            response = await self._inner.handle_async_request(request)
            try:
                content = await response.aread()
            finally:
                await response.aclose()
        except KeycapError as error:
            self._failures.append((order, replace(self._kept_failure(request, body, error), probe=request.extensions.get(PROBE, ""))))
            raise
        at = round(time.monotonic() - self._began, 3)
        told = ({"at": at} if request.extensions.get(TIMED) else {}) | (
            {"probe": request.extensions[PROBE]} if PROBE in request.extensions else {}
        )
        self._cassette.append(self._kept_request(request, body), self._kept_response(response, content) | told)
        self._orders.append(order)
        headers = [(name, value) for name, value in response.headers.multi_items() if name not in ENCODING]
        extensions = {name: value for name, value in response.extensions.items() if name != "network_stream"} | {AT: at}
        return httpx.Response(response.status_code, headers=headers, stream=httpx.ByteStream(content), extensions=extensions)

    def save(self, path: Path, metadata: Metadata) -> Metadata:
        """Write what was recorded so far, in the order that the requests tell; returns the metadata as written. Raises CassetteError.

        All is redacted once more: what an early exchange showed may have turned out to be a secret in a later one.
        """
        arrivals = sorted(range(len(self._orders)), key=self._orders.__getitem__)
        failures = [
            replace(failure, uri=self._redactor.url(failure.uri), before=sum(other < order for other in self._orders))
            for order, failure in sorted(self._failures, key=lambda failed: failed[0])
        ]
        return save(path, metadata, [self._once_more(*self._cassette.data[arrival]) for arrival in arrivals], failures)

    async def aclose(self) -> None:
        """Closes nothing: the inner transport belongs to whoever opened it."""

    def _replay(self, request: vcr.request.Request, *, once: bool, probe: str) -> httpx.Response:
        found = self._index.take(request, once=once, probe=probe)
        if found is None:
            raise NotRecorded(f"no answer to {request.method} {request.uri}", where=self._path, hint="Record this provider again.")
        if isinstance(found, Failure):
            raise _ERRORS.get(found.error, errors.RequestRefused)(found.what, where=found.where, hint=found.hint)
        response = self._cassette.responses[found]
        headers = [(name, value) for name, values in response["headers"].items() for value in values]
        reason = (response["status"]["message"] or "").encode("ascii", "replace")
        extensions = {"http_version": b"HTTP/1.1", "reason_phrase": reason, EXCHANGE: found, AT: response.get("at", 0.0)}
        stream = httpx.ByteStream(response["body"]["string"])
        return httpx.Response(response["status"]["code"], headers=headers, stream=stream, extensions=extensions)

    def _kept_request(self, request: httpx.Request, body: bytes) -> vcr.request.Request:
        headers = {name: _as_kept(name, value) for name, value in request.headers.items() if name not in DROPPED_FROM_REQUESTS}
        text = self._redactor.body(body, request.headers.get("content-type", "")) if body else None
        return vcr.request.Request(request.method, self._redactor.url(str(request.url)), text, self._redactor.headers(headers))

    def _kept_response(self, response: httpx.Response, content: bytes) -> dict[str, Any]:
        kind = response.headers.get("content-type", "")
        headers = defaultdict(list)
        for name, value in response.headers.multi_items():
            if name not in DROPPED_FROM_ANSWERS:
                headers[name].append(self._redactor.headers({name: _as_kept(name, value)})[name])
        return {
            "status": {"code": response.status_code, "message": self._redactor.text(response.reason_phrase)},
            "headers": dict(headers),
            "body": {"string": self._redactor.body(content, kind).encode("utf-8")},
        }

    def _once_more(self, request: vcr.request.Request, response: dict[str, Any]) -> Interaction:
        headers = self._redactor.headers(dict(request.headers))
        body = self._redactor.body(request.body, headers.get("content-type", "")) if request.body else None
        answered = {name: [self._redactor.headers({name: value})[name] for value in values] for name, values in response["headers"].items()}
        text = self._redactor.body(response["body"]["string"], (answered.get("content-type") or [""])[0])
        status = {"code": response["status"]["code"], "message": self._redactor.text(response["status"]["message"])}
        return (
            vcr.request.Request(request.method, self._redactor.url(request.uri), body, headers),
            {**response, "status": status, "headers": answered, "body": {"string": text.encode("utf-8")}},
        )

    def _kept_failure(self, request: httpx.Request, body: bytes, error: KeycapError) -> Failure:
        kept = self._kept_request(request, body)
        known = next(kind.__name__ for kind in type(error).__mro__ if kind.__name__ in _ERRORS)
        what, where, hint = (self._redactor.text(part) for part in (error.what, error.where, error.hint))
        return Failure(kept.method, kept.uri, _body_digest(kept), known, what, where, hint)


def _as_kept(name: str, value: str) -> str:
    """A header as it is kept: bodies are kept in UTF-8, whatever they came in."""
    return _CHARSET.sub("charset=utf-8", value) if name == "content-type" else value


Key = tuple[str, str, str, str]


class _Index:
    """Positions of interactions, and failures, by what was asked: first by the very request, then by one that differs in placeholders only.

    A probe may send what a replay redacts to another number: an address it makes up is numbered in the order of that run.
    """

    def __init__(
        self, requests: Sequence[vcr.request.Request], probes: Sequence[str], failures: Sequence[Failure], *, repeat: bool
    ) -> None:
        self._repeat = repeat
        self._found: list[int | Failure] = []
        self._waiting: dict[Key, deque[int]] = defaultdict(deque)
        self._last: dict[Key, int] = {}
        self._taken: set[int] = set()
        pending = deque(sorted(failures, key=lambda failure: failure.before))
        for position, (request, probe) in enumerate(zip(requests, probes, strict=True)):
            while pending and pending[0].before <= position:
                self._add_failure(pending.popleft())
            self._add(position, *_keys(request, probe))
        for failure in pending:
            self._add_failure(failure)

    def take(self, request: vcr.request.Request, *, once: bool, probe: str) -> int | Failure | None:
        """The next position or failure for a request, the last one again when it is to stay, None when there is none."""
        keys = dict.fromkeys([*_keys(request, probe), *_keys(request, "")])
        for waiting in (self._waiting[key] for key in keys if key in self._waiting):
            while waiting:
                entry = waiting.popleft()
                if entry not in self._taken:
                    self._taken.add(entry)
                    return self._found[entry]
        last = next((self._last[key] for key in keys if key in self._last), None)
        return self._found[last] if last is not None and self._repeat and not once else None

    def _add_failure(self, failure: Failure) -> None:
        self._add(failure, (failure.probe, failure.method, _NUMBERED.sub("REDACTED", failure.uri), failure.body))

    def _add(self, found: int | Failure, *keys: Key) -> None:
        entry = len(self._found)
        self._found.append(found)
        for key in dict.fromkeys(keys):
            self._waiting[key].append(entry)
            self._last[key] = entry


def _keys(request: vcr.request.Request, probe: str) -> tuple[Key, Key]:
    exact = (probe, request.method, request.uri, "sha256:" + hashlib.sha256(request.body or b"").hexdigest())
    return exact, (probe, request.method, _NUMBERED.sub("REDACTED", request.uri), _body_digest(request))


def _body_digest(request: vcr.request.Request) -> str:
    return "sha256:" + hashlib.sha256(_NUMBERED.sub("REDACTED", (request.body or b"").decode("utf-8")).encode("utf-8")).hexdigest()
