"""What a recorded exchange looks like in one line: method, address, status, and the beginning of the answer."""

from collections.abc import Iterable
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


def shown(loaded: "Loaded", evidence: Iterable[Evidence]) -> dict[str, Exchange]:
    """The exchanges of one recording that evidence on it names, by that name (`cassette-path#position`)."""
    found = {}
    for name in sorted({name for each in evidence for name in each.exchanges}):
        request, response = loaded.interactions[int(name.rpartition("#")[2])]
        found[name] = Exchange(request.method, request.uri, response["status"]["code"], _excerpt(response["body"]))
    return found


def _excerpt(body: dict[str, Any]) -> str:
    content = body.get("string") or ""
    # Four times the limit: indented JSON is half white space, and bodies can be megabytes.
    text = content[: 4 * LIMIT].decode("utf-8", "replace") if isinstance(content, bytes) else content[: 4 * LIMIT]
    line = " ".join(text.split())
    return line if len(line) <= LIMIT and len(content) <= 4 * LIMIT else f"{line[: LIMIT - 1]}…"
