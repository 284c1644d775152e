"""Nested types reduced to dotted field names, the same way for every dialect.

A reader describes a type as a `Shape` of its own nodes and says how a node expands; `flatten` walks the nodes. A field of an object is
`a.b`, an array's item `a[].b`, an entry of a map `a.*`; the value is the type or the allowed values (`daily|weekly|null`). Objects and
arrays are listed themselves too (`rules: array`, `rules[].limit: number`), so that a claim may name either.
"""

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from probes.contracts.extract import FIELD_DEPTH
from probes.errors import DocumentError

FIELDS_MAX = 10_000
"""Per operation and direction; the largest real one (an OpenAI response) has about 800."""

Node = TypeVar("Node", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Shape(Generic[Node]):
    """One level of a type; `parts` are merged into it (allOf, oneOf, anyOf, base classes, members of a union)."""

    values: tuple[str, ...] = ()
    """Names of types (`string`) or allowed values (`daily`)."""
    fields: Mapping[str, Node] = field(default_factory=dict)
    items: tuple[Node, ...] = ()
    entries: tuple[Node, ...] = ()
    """The types of a map's values."""
    parts: tuple[Node, ...] = ()


@dataclass(slots=True)
class Merged(Generic[Node]):
    """Everything that the parts of a type say about one level."""

    values: dict[str, None] = field(default_factory=dict)
    fields: dict[str, list[Node]] = field(default_factory=dict)
    items: list[Node] = field(default_factory=list)
    entries: list[Node] = field(default_factory=list)

    def kind(self) -> str:
        """`daily|weekly|null`; null comes last."""
        names = dict(self.values)
        if self.fields or self.entries:
            names["object"] = None
        if self.items:
            names["array"] = None
        if "null" in names:
            names["null"] = names.pop("null")
        return "|".join(names) or "any"


def merge(nodes: Iterable[Node], expand: Callable[[Node], Shape[Node]]) -> Merged[Node]:
    """One level of several nodes together; a node met twice counts once, so that cycles end."""
    merged: Merged[Node] = Merged()
    pending, seen = deque(nodes), set[Node]()
    while pending:
        node = pending.popleft()
        if node in seen:
            continue
        seen.add(node)
        shape = expand(node)
        merged.values.update(dict.fromkeys(shape.values))
        for name, child in shape.fields.items():
            merged.fields.setdefault(name, []).append(child)
        merged.items += shape.items
        merged.entries += shape.entries
        pending += shape.parts
    return merged


def flatten(roots: Iterable[Node], expand: Callable[[Node], Shape[Node]]) -> dict[str, str]:
    """The dotted fields of `roots` down to FIELD_DEPTH names; an array directly inside an array counts as a name."""
    found: dict[str, str] = {}
    pending = deque([_Level("", list(roots), 0)])
    while pending:
        level = pending.popleft()
        merged = merge(level.nodes, expand)
        children = list(_children(level, merged))
        pending += children
        if len(found) + len(pending) > FIELDS_MAX:
            raise DocumentError(
                f"an operation declares more than {FIELDS_MAX} fields",
                where=level.name,
                hint="leave it out of the contract's `include`",
            )
        # An item or entry that only leads to its fields says nothing that they do not.
        silent = level.unnamed and children and merged.kind() in ("object", "array")
        if level.name and not silent:
            found[level.name] = merged.kind()
    return found


@dataclass(slots=True)
class _Level(Generic[Node]):
    name: str
    nodes: list[Node]
    depth: int
    unnamed: bool = False
    """Whether it is an array's item or a map's entry; a field may be named `ids[]` too."""


def _children(level: _Level[Node], merged: Merged[Node]) -> Iterable[_Level[Node]]:
    nested = level.depth + level.unnamed
    if merged.items and nested <= FIELD_DEPTH:
        yield _Level(f"{level.name}[]", merged.items, nested, unnamed=True)
    if level.depth < FIELD_DEPTH:
        prefix = f"{level.name}." if level.name else ""
        for name, nodes in merged.fields.items():
            yield _Level(f"{prefix}{name}", nodes, level.depth + 1)
        if merged.entries:
            yield _Level(f"{prefix}*", merged.entries, level.depth + 1, unnamed=True)
