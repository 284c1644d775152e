"""Looking through a provider's list for what bears a name, page by page."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

from probes.answer import Answer, dotted
from probes.ledger import Find

Send = Callable[[str, str, Any], Awaitable[Answer]]
"""Sends METHOD, full address and JSON body (None for none) with the credential that created the thing."""

MOST_PAGES = 200
"""Pages that are read: providers list 20 to 100 keys on each."""

GONE = frozenset({404, 410})


class NoList(Exception):
    """The answer was no list, or the list did not end: then nobody knows whether the thing is in it. `status` is the answer's."""

    def __init__(self, what: str, status: int) -> None:
        self.status = status
        super().__init__(what)


async def find(how: Find, host: str, name: str, send: Send) -> list[str]:
    """Ids of all things with exactly this name, over all pages. Raises NoList, and what sending raises."""
    found: dict[str, None] = {}
    known: set[str] = set()
    carried: dict[str, Any] = {}
    for page in range(1, MOST_PAGES + 1):
        answer = await send(how["method"], *_asked(how, host, carried))
        rows = listed(answer.json, how) if answer.status < 300 else None
        if rows is None:
            raise NoList(f"looking for it by name answered {answer.status}, and no list", answer.status)
        found |= dict.fromkeys(matching(rows, how, name))
        before, carried = carried, _next(how, answer, page)
        fresh = {str(row) for row in rows} - known
        counted = "cursor" not in how.get("pages", {})
        if not carried or (counted and not fresh):
            return list(found)
        if carried == before:
            raise NoList("its list has no end: a page names itself as the next", answer.status)
        known |= fresh
    raise NoList(f"its list has more than {MOST_PAGES} pages", answer.status)


def listed(answer: Any, how: Find) -> list[Any] | None:
    """The rows of a list, None when there is none."""
    path = how["where"].partition("[].")[0]
    if how.get("omits_empty") and isinstance(answer, dict) and path not in answer:
        return []
    rows = dotted(answer, path) if path else answer
    return rows if isinstance(rows, list) else None


def matching(rows: list[Any], how: Find, name: str) -> list[str]:
    """Ids of the rows with this very name."""
    name_path, id_path = how["where"].partition("[].")[2], how["id"].partition("[].")[2]
    return [str(dotted(row, id_path)) for row in rows if dotted(row, name_path) == name and dotted(row, id_path) is not None]


def _asked(how: Find, host: str, carried: dict[str, Any]) -> tuple[str, Any]:
    """Address and body of one page."""
    url, body = host + how["path"], how.get("body")
    if not carried or isinstance(body, dict):
        return url, {**body, **carried} if isinstance(body, dict) else body
    return f"{url}{'&' if '?' in url else '?'}{urlencode(carried)}", body


def _next(how: Find, answer: Answer, page: int) -> dict[str, Any]:
    """What the request for the next page carries, empty when there is none."""
    pages = how.get("pages")
    if pages is None:
        return {}
    if "cursor" in pages:
        cursor = dotted(answer.json, pages["cursor"])
        return {pages["parameter"]: cursor} if cursor not in (None, "", False) else {}
    return {pages["parameter"]: pages.get("first", 0) + page * pages.get("size", 1)}
