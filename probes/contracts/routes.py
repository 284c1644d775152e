"""Routes as a reader finds them, and the extract made of them."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from probes.contracts.extract import Extract, Operation, Provenance
from probes.contracts.words import telling
from probes.endpoint import METHODS, path_matches
from probes.errors import DocumentError

Fields = dict[str, str]


@dataclass(frozen=True, slots=True)
class Route:
    """One declared operation. `fields` gives request and response fields; it is only called for operations that are kept."""

    method: str
    path: str
    fields: Callable[[], tuple[Fields, Fields]]
    action: str = ""


def select(routes: Iterable[Route], provenance: Provenance, base: str, include: Sequence[str]) -> Extract:
    """Keep the fields of the operations whose path, `base` included, fits one of the globs; of the rest only `METHOD /path`.

    Also kept are those that are about keys, limits or spend by their path or action: no claim may mention them yet.
    """
    kept: dict[str, Operation] = {}
    others: set[str] = set()
    for route in routes:
        path = f"{base}/{route.path.lstrip('/')}"
        method = route.method.upper()
        # Space separates method and path in an extract.
        if method not in METHODS or any(character.isspace() for character in path):
            continue
        if any(path_matches(glob, path) for glob in include) or telling(path, route.action):
            request, response = route.fields()
            operation = Operation(method, path, request, response, route.action)
            kept[operation.name] = _joined(kept[operation.name], operation) if operation.name in kept else operation
        else:
            others.add(f"{method} {path}")
    if not kept and not others:
        raise DocumentError(
            "no operation could be read", where=provenance.address, hint="is it the kind of contract that `kind` and `reader` say?"
        )
    operations = tuple(sorted(kept.values(), key=lambda each: (each.path, each.method)))
    extract = Extract(provenance, operations, tuple(sorted(others - kept.keys())))
    try:
        json.dumps(extract.to_json(), ensure_ascii=False).encode()
    except UnicodeEncodeError as fault:
        # JSON and Python can escape half a surrogate pair; no cassette could hold it.
        raise DocumentError("a name in it is not valid Unicode", where=provenance.address) from fault
    return extract


def _joined(first: Operation, second: Operation) -> Operation:
    """One operation of two that share method and path: an SDK has several methods for some routes."""
    request, response = _together(first.request, second.request), _together(first.response, second.response)
    return Operation(first.method, first.path, request, response, first.action or second.action)


def _together(first: Fields, second: Fields) -> Fields:
    joined = dict(first)
    for name, kind in second.items():
        joined[name] = "|".join(dict.fromkeys([*joined.get(name, kind).split("|"), *kind.split("|")]))
    return joined
