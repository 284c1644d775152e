"""The requests that undo something, as plain data: how it is deleted or set back, found by its name, read back."""

from collections.abc import Callable, Mapping
from typing import Any, NotRequired, TypedDict
from urllib.parse import quote, urlsplit

ID = "{id}"
"""Stands in a description of undoing for the id that is not known yet: one segment of a path, or a string in a body."""


class Request(TypedDict):
    """One request."""

    method: str
    path: str
    body: NotRequired[Any]


class Pages(TypedDict):
    """How a list goes on: `parameter` asks for the next page.

    It carries what stands in the answer at the dotted path `cursor`, or counts from `first` (0) by `size`: by 1 where pages are numbered.
    """

    parameter: str
    cursor: NotRequired[str]
    size: NotRequired[int]
    first: NotRequired[int]


class Find(Request):
    """How to find by name what was created when the answer was lost: `where` and `id` are paths into the answer, like `[].name`.

    Both are over the same list; in a row they may be dotted. `pages` says how the list goes on: its parameter goes into the query, into the
    body where the request has one. `omits_empty` is for a provider that leaves the field of an empty list out.
    """

    where: str
    id: str
    omits_empty: NotRequired[bool]
    pages: NotRequired[Pages]


class Read(Request):
    """How to read a setting: `where` is the dotted path of its value in the answer."""

    where: str


class Undo(Request):
    """The request that undoes; `{id}` in its path or body stands for the id. `host` is where this and all the others go.

    `then` are further requests that belong to it (delete, then purge), `read` shows that a setting has its old value again.
    """

    host: NotRequired[str]
    find: NotRequired[Find]
    read: NotRequired[Read]
    then: NotRequired[list[Request]]


def steps(undo: Undo) -> list[Request]:
    """The requests that undo, in order."""
    first: Request = {"method": undo["method"], "path": undo["path"]}
    if "body" in undo:
        first["body"] = undo["body"]
    return [first, *undo.get("then", [])]


def filled(request: Request, identity: str) -> Request:
    """The request with the id in its place. It came from a provider: in a path it is one segment, whatever it contains.

    Of a name whose beginning the path has already (`projects/p/keys/k` in `/v2/projects/p/keys/{id}`) the last part stands.
    """
    before = request["path"].partition(ID)[0]
    head, _, last = identity.rpartition("/")
    text = last if head and before.endswith(f"/{head}/") and is_usable(last) else identity
    done: Request = {**request, "path": request["path"].replace(ID, quote(text, safe=""))}
    if "body" in request:
        done["body"] = in_strings(request["body"], lambda each: each.replace(ID, identity))
    return done


def is_usable(given: str) -> bool:
    """Whether an id names one thing: an empty one, `.` or `..` at the end of a path would name the folder of all."""
    return given.isprintable() and given.strip() not in {"", ".", ".."}


def needs_id(undo: Undo) -> bool:
    """Whether any of the requests that undo needs the id."""
    return any(mentions(_content(each), ID) for each in steps(undo))


def aims_at_one(undo: Undo, name: str) -> bool:
    """Whether each of the requests is about this entry only: it says the id or the name. `DELETE /keys` does not."""
    return all(any(mentions(_content(each), text) for text in (ID, name, quote(name, safe=""))) for each in steps(undo))


def is_about(url: str, body: Any, identity: str) -> bool:
    """Whether an address or a body names this id: as a whole segment, a whole value of the query, or a whole string of the body."""
    parts = urlsplit(url)
    return quote(identity, safe="") in {*parts.path.split("/"), *parts.query.replace("&", "=").split("=")} or _holds(body, identity)


def in_strings(value: Any, change: Callable[[str], str]) -> Any:
    """A copy of plain data with every string in it changed, names of fields too."""
    match value:
        case str():
            return change(value)
        case Mapping():
            return {change(str(key)): in_strings(inner, change) for key, inner in value.items()}
        case list() | tuple():
            return [in_strings(inner, change) for inner in value]
    return value


def mentions(value: Any, text: str) -> bool:
    """Whether any string of plain data has the text in it."""
    match value:
        case str():
            return text in value
        case Mapping():
            return any(mentions(inner, text) for inner in value.values())
        case list() | tuple():
            return any(mentions(inner, text) for inner in value)
    return False


def _holds(value: Any, text: str) -> bool:
    match value:
        case Mapping():
            return any(_holds(inner, text) for inner in value.values())
        case list() | tuple():
            return any(_holds(inner, text) for inner in value)
    return value is not None and str(value) == text


def _content(request: Request) -> dict[str, Any]:
    return {"path": request["path"], "body": request.get("body")}
