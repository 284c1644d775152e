"""Undoing what a run created: by its id, or found by its name when the answer that told the id was lost."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from probes.answer import Answer
from probes.errors import KeycapError
from probes.ledger import Entry, Ledger, Undo

Send = Callable[[str, str, Any], Awaitable[Answer]]
"""Sends METHOD, full address and JSON body (None for none) with the credential that created the thing."""

GONE = frozenset({404, 410})


async def undo(entry: Entry, ledger: Ledger, send: Send) -> str:
    """Undo one entry and note it in the ledger; returns what went wrong, empty when it is gone.

    Raises LedgerError when the ledger cannot be written. A provider that gives no answer is told in the return value.
    """
    try:
        wrong = await _by_id(entry, send) if entry.id is not None else await _by_name(entry, send)
    except KeycapError as error:
        wrong = error.what
    if wrong:
        ledger.failed(entry, wrong)
    else:
        ledger.undone(entry)
    return wrong


async def _by_id(entry: Entry, send: Send) -> str:
    request = entry.undoing()
    if request is None:
        return "its id cannot stand in an address"
    return await _send(request, send)


async def _send(request: Undo, send: Send) -> str:
    answer = await send(request["method"], request["host"] + request["path"], request.get("body"))
    return "" if answer.status < 300 or answer.status in GONE else f"{request['method']} answered {answer.status}"


async def _by_name(entry: Entry, send: Send) -> str:
    """Undo everything that bears exactly this entry's name, which no other run ever gives; a name that is the id needs no looking."""
    find = entry.undo.get("find")
    if find is None:
        request = entry.undoing()
        return "its id is not known, and nothing says how to find it by name" if request is None else await _send(request, send)
    answer = await send(find["method"], entry.undo["host"] + find["path"], None)
    listed = matching(answer.json, find["where"], find["id"], entry.name) if answer.status < 300 else None
    if listed is None:
        return f"looking for it by name answered {answer.status}, and no list"
    wrong = [await _by_id(replace(entry, id=identity), send) for identity in listed]
    return "; ".join(filter(None, wrong))


def matching(answer: Any, where: str, identity: str, name: str) -> list[str] | None:
    """Ids of the listed things with this name, None when there is no list: then nobody knows whether the thing is there.

    `where` and `identity` are paths like `data[].name` and `data[].id`, or `[].name` and `[].id`, over the same list.
    """
    listed, _, name_field = where.partition("[].")
    _, _, id_field = identity.partition("[].")
    items = answer
    for part in filter(None, listed.split(".")):
        items = items.get(part) if isinstance(items, dict) else None
    if not isinstance(items, list):
        return None
    return [
        str(item[id_field]) for item in items if isinstance(item, dict) and item.get(name_field) == name and item.get(id_field) is not None
    ]
