"""JSON schemas as OpenAPI, Swagger and Google discovery documents write them.

The dialects differ in how a `$ref` is resolved and agree on the rest. Documents are untrusted: whatever is not of the expected type counts
as absent.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

from probes.contracts.flatten import Shape, flatten

_TYPES = {"integer": "number", "number": "number", "string": "string", "boolean": "boolean", "null": "null", "file": "string", "any": "any"}


class Schema:
    """A schema as a node: the same object of the document is the same node, wherever it is met."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = mapping(value)

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Schema) and self.value is other.value


def mapping(value: Any) -> dict[Any, Any]:
    """The value, if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """The value, if it is an array, else an empty one."""
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    """The value, if it is a string, else an empty one."""
    return value if isinstance(value, str) else ""


class Schemas:
    """The schemas of one document; `resolve` gives what a `$ref` points at, or None."""

    def __init__(self, resolve: Callable[[str], Any]) -> None:
        self._resolve = resolve

    def request(self, schemas: Iterable[Any]) -> dict[str, str]:
        """The fields that may be sent: those not read-only."""
        return flatten(map(Schema, schemas), lambda schema: self._expand(schema.value, "readOnly"))

    def response(self, schemas: Iterable[Any]) -> dict[str, str]:
        """The fields that are answered: those not write-only."""
        return flatten(map(Schema, schemas), lambda schema: self._expand(schema.value, "writeOnly"))

    def target(self, value: Any) -> dict[Any, Any]:
        """The object itself, or what its chain of `$ref` leads to."""
        for _ in range(20):
            reference = text(mapping(value).get("$ref"))
            if not reference:
                break
            value = self._resolve(reference)
        return mapping(value)

    def _expand(self, schema: dict[Any, Any], hidden: str) -> Shape[Schema]:
        parts = [part for key in ("allOf", "oneOf", "anyOf") for part in sequence(schema.get(key))]
        parts += [schema[key] for key in ("then", "else") if key in schema]
        if reference := text(schema.get("$ref")):
            parts.append(self._resolve(reference))
        for reference in mapping(mapping(schema.get("discriminator")).get("mapping")).values():
            parts.append(self._resolve(text(reference)))
        properties = {
            str(name): Schema(value)
            for name, value in mapping(schema.get("properties")).items()
            if not (mapping(value).get(hidden) is True or self.target(value).get(hidden) is True)
        }
        maps = [schema.get("additionalProperties"), *mapping(schema.get("patternProperties")).values()]
        arrays = [schema.get("items"), *sequence(schema.get("prefixItems"))]
        return Shape(
            _values(schema),
            properties,
            items=tuple(Schema(value) for value in arrays if value and isinstance(value, dict)),
            entries=tuple(Schema(value) for value in maps if value and isinstance(value, dict)),
            parts=tuple(Schema(part) for part in parts if isinstance(part, dict)),
        )


def _values(schema: dict[Any, Any]) -> tuple[str, ...]:
    """Allowed values where the schema lists them, else its types; null where it may be null."""
    # An alias in YAML can make a small document a huge value; a list or object among the allowed values is none.
    listed = [*sequence(schema.get("enum")), *([schema["const"]] if "const" in schema else [])]
    values = [value if isinstance(value, str) else json.dumps(value) for value in listed if not isinstance(value, (dict, list))]
    if not values:
        declared = schema.get("type")
        for name in map(text, declared if isinstance(declared, list) else [declared]):
            if name in ("object", "array"):
                values.append(name)
            elif name:
                values.append(_TYPES.get(name, "any"))
    if schema.get("nullable") is True or schema.get("x-nullable") is True:
        values.append("null")
    return tuple(values)
