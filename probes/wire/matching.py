"""Which recorded answer belongs to a question that a replay asks."""

import hashlib
import re
from collections import defaultdict, deque
from collections.abc import Sequence

import vcr.request  # type: ignore[import-untyped]

from probes.wire.record import Failure

_NUMBERED = re.compile(r"REDACTED\d+")
Key = tuple[str, str, str]
ANY = "*"
"""Stands for every probe."""


class Index:
    """Positions of interactions, and failures, by what was asked: first by the very request, then by one that differs in placeholders only.

    A probe may send what a replay redacts to another number: an address it makes up is numbered in the order of that run. What a probe of
    that name was answered is for it alone; a probe that the recording does not know may have anything.
    """

    def __init__(
        self, requests: Sequence[vcr.request.Request], probes: Sequence[str], failures: Sequence[Failure], *, repeat: bool
    ) -> None:
        self._repeat = repeat
        self._found: list[int | Failure] = []
        self._waiting: dict[tuple[str, Key], deque[int]] = defaultdict(deque)
        self._last: dict[tuple[str, Key], int] = {}
        self._taken: set[int] = set()
        self._probes = set(probes)
        pending = deque(sorted(failures, key=lambda failure: failure.before))
        for position, (request, probe) in enumerate(zip(requests, probes, strict=True)):
            while pending and pending[0].before <= position:
                self._add_failure(pending.popleft())
            self._add(position, probe, *_keys(request))
        for failure in pending:
            self._add_failure(failure)

    def take(self, request: vcr.request.Request, *, once: bool, probe: str) -> int | Failure | None:
        """The next position or failure for a request, the last one again when it is to stay, None when there is none."""
        asking = ("", probe) if probe in self._probes else (ANY,)
        keys = [[(each, key) for each in asking] for key in _keys(request)]
        for alike in keys:
            heads = [waiting for key in alike if (waiting := self._not_taken(key))]
            if heads:
                entry = min(heads, key=lambda waiting: waiting[0]).popleft()
                self._taken.add(entry)
                return self._found[entry]
        last = next((self._last[key] for alike in keys for key in alike if key in self._last), None)
        return self._found[last] if last is not None and self._repeat and not once else None

    def _not_taken(self, key: tuple[str, Key]) -> deque[int] | None:
        waiting = self._waiting.get(key)
        while waiting and waiting[0] in self._taken:
            waiting.popleft()
        return waiting or None

    def _add_failure(self, failure: Failure) -> None:
        self._add(failure, "", (failure.method, _NUMBERED.sub("REDACTED", failure.uri), failure.body))

    def _add(self, found: int | Failure, probe: str, *keys: Key) -> None:
        entry = len(self._found)
        self._found.append(found)
        for key in dict.fromkeys((asking, key) for key in keys for asking in (probe, ANY)):
            self._waiting[key].append(entry)
            self._last[key] = entry


def _keys(request: vcr.request.Request) -> tuple[Key, Key]:
    exact = (request.method, request.uri, hashlib.sha256(request.body or b"").hexdigest())
    return exact, (request.method, _NUMBERED.sub("REDACTED", request.uri), body_digest(request))


def body_digest(request: vcr.request.Request) -> str:
    return hashlib.sha256(_NUMBERED.sub("REDACTED", (request.body or b"").decode("utf-8")).encode("utf-8")).hexdigest()
