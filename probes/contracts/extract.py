"""What keycap keeps of a vendor's contract: its operations and their fields, with the document's provenance."""

from dataclasses import dataclass, field
from typing import Any, Self

FIELD_DEPTH = 4
"""How many levels of nested objects are flattened into dotted names; deeper ones are seldom limits and often cycles."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation; fields are flattened to dotted names (`limits[].value`) with a type or the allowed values (`daily|weekly|monthly`)."""

    method: str
    path: str
    request: dict[str, str] = field(default_factory=dict)
    response: dict[str, str] = field(default_factory=dict)
    action: str = ""
    """The name of the action where the vendor has one (`CreateApiKey`), else its operation id, else empty."""

    @property
    def name(self) -> str:
        """`METHOD /path`, as claims write it."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Which document was read: enough for a reader to fetch the same bytes."""

    kind: str
    """openapi, discovery, swagger or sdk."""
    address: str
    """The vendor's address of the document, or `pkg:pypi/NAME@VERSION`."""
    version: str
    date: str
    """ISO date of the document: of its publication where known, else of its newest part."""
    sha256: str
    """Of the bytes read: the document's, or the distribution's file."""
    retrieved: str
    """`vendor` when read from the vendor's address, `copy` when from a downloaded copy, `package` from a package index."""


@dataclass(frozen=True, slots=True)
class Extract:
    """A contract reduced to what claims are about.

    `operations` carry fields; `others` are the remaining `METHOD /path` of the same document, so that an absence can be judged again later.
    """

    provenance: Provenance
    operations: tuple[Operation, ...]
    others: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """A JSON document in stable order: one field a line when pretty-printed."""
        return {
            "keycap": "contract extract",
            "provenance": {name: getattr(self.provenance, name) for name in Provenance.__slots__},
            "operations": {
                operation.name: {
                    **({"action": operation.action} if operation.action else {}),
                    "request": dict(sorted(operation.request.items())),
                    "response": dict(sorted(operation.response.items())),
                }
                for operation in sorted(self.operations, key=lambda each: (each.path, each.method))
            },
            "others": sorted(self.others),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The inverse of `to_json`; raises KeyError or TypeError when `data` is no extract."""
        operations = []
        for name, declared in data["operations"].items():
            method, path = name.split(" ", 1)
            operations.append(Operation(method, path, declared["request"], declared["response"], declared.get("action", "")))
        return cls(Provenance(**data["provenance"]), tuple(operations), tuple(data["others"]))
