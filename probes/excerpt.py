"""What a recorded exchange looks like in one line: method, address, status, and the beginning of the answer."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from probes.evidence import Evidence

if TYPE_CHECKING:
    from probes.wire.record import Loaded

LIMIT = 160
"""Characters of an answer that are kept; the recording has it whole."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One exchange, redacted as its recording is."""

    method: str
    url: str
    status: int
    excerpt: str
    """The answer's first `LIMIT` characters, white space collapsed, the cut shown by an ellipsis."""
    action: str = ""
    """What a cloud's header names in place of the path, such as `CreateApiKey`."""

    @property
    def address(self) -> str:
        """The URL and, where a header names the action, that action."""
        return f"{self.url} ({self.action})" if self.action else self.url


def shown(loaded: "Loaded", evidence: Iterable[Evidence], action_headers: Collection[str] = ()) -> dict[str, Exchange]:
    """The exchanges of one recording that evidence on it names, by that name (`cassette-path#position`).

    `action_headers` are those, in small letters, in which the provider's hosts want an action.
    """
    found = {}
    for name in sorted({name for each in evidence for name in each.exchanges}):
        request, response = loaded.interactions[int(name.rpartition("#")[2])]
        action = next((_text(value) for header, value in request.headers.items() if header.lower() in action_headers), "")
        found[name] = Exchange(request.method, request.uri, response["status"]["code"], _excerpt(response["body"]), action)
    return found


def _text(value: Any) -> str:
    return str(value[0] if isinstance(value, list) else value)


def _excerpt(body: dict[str, Any]) -> str:
    content = body.get("string") or ""
    # Four times the limit: indented JSON is half white space, and bodies can be megabytes.
    text = content[: 4 * LIMIT].decode("utf-8", "replace") if isinstance(content, bytes) else content[: 4 * LIMIT]
    line = " ".join(text.split())
    return line if len(line) <= LIMIT and len(content) <= 4 * LIMIT else f"{line[: LIMIT - 1]}…"
