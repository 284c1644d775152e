"""MLflow: services as serialized protobuf descriptors with Databricks' route options.

Each `*_pb2.py` holds a FileDescriptorProto as a bytes literal (`AddSerializedFile(b'…')`), decoded here as far as it matters (numbers as in
descriptor.proto). Every method has the option `databricks.rpc` (number 51310): endpoints with method, path and `since`. The server puts
`/api/MAJOR.0` before the path, MAJOR being that of `since`, and serves the services that `get_endpoints` in mlflow/server/handlers.py hands
to `get_service_endpoints`. JSON has the names of the .proto file and numbers for 64-bit integers.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from probes.contracts import mlflow_auth
from probes.contracts.flatten import Shape, flatten
from probes.contracts.routes import Fields, Route
from probes.contracts.source import Package, calls, last_name
from probes.errors import DocumentError

_RPC = 51310
_REPEATED = 3
_TYPES = {8: "boolean", 9: "string", 12: "string"}
_GROUP, _MESSAGE, _ENUM = 10, 11, 14

Node = tuple[str, str]
"""`message` or `enum` with its full name, `list` or `map` with that of its field, `value` with a type."""
Wire = list[tuple[int, int | bytes]]


@dataclass(slots=True)
class _Descriptors:
    """Everything that the package's descriptors declare, by full name (`.mlflow.GetExperiment.Response`)."""

    messages: dict[str, dict[str, Node]] = field(default_factory=dict)
    enums: dict[str, tuple[str, ...]] = field(default_factory=dict)
    inner: dict[str, Node] = field(default_factory=dict)
    maps: set[str] = field(default_factory=set)
    methods: list[tuple[str, Wire]] = field(default_factory=list)

    def expand(self, node: Node) -> Shape[Node]:
        kind, name = node
        if kind == "message" and name in self.messages:
            return Shape(() if self.messages[name] else ("object",), self.messages[name])
        if kind == "enum":
            return Shape(self.enums.get(name, ("string",)))
        if kind == "list":
            inner = self.inner[name]
            return Shape(entries=(self.messages[inner[1]]["value"],)) if inner[1] in self.maps else Shape(items=(inner,))
        return Shape((name,) if kind == "value" else ("any",))


def routes(package: Package) -> Iterator[Route]:
    """The endpoints of the services that the server registers; of all services when it names none."""
    descriptors = _Descriptors()
    served: set[str] = set()
    for dotted in package.names():
        module = package.module(dotted) if dotted.endswith(("_pb2", ".server.handlers")) else None
        for call in calls(module.tree, "get_service_endpoints") if module else ():
            served |= {last_name(each) for each in call.args[:1]}
        # The file is serialized once for each generation of the protobuf runtime; the first is enough.
        literals = (each.args for each in calls(module.tree, "AddSerializedFile")) if module else iter(())
        match next(literals, []):
            case [ast.Constant(value=bytes() as data)]:
                try:
                    _file(_decode(data), descriptors)
                except (ValueError, IndexError, TypeError, KeyError, UnicodeDecodeError, RecursionError) as fault:
                    raise DocumentError(f"{dotted} has no readable descriptor", where=package.archive.path.name) from fault
    for service, method in descriptors.methods:
        if service in served or not served:
            yield from _routes(method, descriptors)
    yield from mlflow_auth.routes(package)


def _routes(method: Wire, descriptors: _Descriptors) -> Iterator[Route]:
    types = [("message", _text(method, number)) for number in (2, 3)]
    for options in _each(method, 4):
        for rpc in _each(_decode(options), _RPC):
            for endpoint in map(_decode, _each(_decode(rpc), 1)):
                major = next((int(value) for since in _each(endpoint, 3) for number, value in _decode(since) if number == 1), 2)
                # `<path:artifact_path>` is Flask's way of writing a parameter that may hold slashes.
                path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", f"/api/{major}.0{_text(endpoint, 2)}")
                yield Route(_text(endpoint, 1), path, _Fields(descriptors, *types), _text(method, 1))


class _Fields:
    """The fields of one method, read when called."""

    def __init__(self, descriptors: _Descriptors, request: Node, response: Node) -> None:
        self._descriptors, self._request, self._response = descriptors, request, response

    def __call__(self) -> tuple[Fields, Fields]:
        return flatten([self._request], self._descriptors.expand), flatten([self._response], self._descriptors.expand)


def _file(file: Wire, into: _Descriptors) -> None:
    package = f".{_text(file, 2)}"
    _types(map(_decode, _each(file, 4)), map(_decode, _each(file, 5)), package, into)
    for service in map(_decode, _each(file, 6)):
        into.methods += [(_text(service, 1), _decode(method)) for method in _each(service, 2)]


def _types(messages: Iterable[Wire], enums: Iterable[Wire], scope: str, into: _Descriptors) -> None:
    for enum in enums:
        into.enums[f"{scope}.{_text(enum, 1)}"] = tuple(_text(_decode(value), 1) for value in _each(enum, 2))
    for message in messages:
        name = f"{scope}.{_text(message, 1)}"
        into.messages[name] = {_text(each, 1): _node(each, f"{name}.{_text(each, 1)}", into) for each in map(_decode, _each(message, 2))}
        if any((7, 1) in _decode(options) for options in _each(message, 7)):
            into.maps.add(name)
        _types(map(_decode, _each(message, 3)), map(_decode, _each(message, 4)), name, into)


def _node(declared: Wire, name: str, into: _Descriptors) -> Node:
    numbers = {number: value for number, value in declared if isinstance(value, int)}
    kind = numbers.get(5, 0)
    node = ("value", _TYPES.get(kind, "number"))
    if kind in (_GROUP, _MESSAGE):
        node = ("message", _text(declared, 6))
    elif kind == _ENUM:
        node = ("enum", _text(declared, 6))
    if numbers.get(4) == _REPEATED:
        into.inner[name] = node
        return "list", name
    return node


def _each(message: Wire, number: int) -> list[bytes]:
    return [value for each, value in message if each == number and isinstance(value, bytes)]


def _text(message: Wire, number: int) -> str:
    return next(iter(_each(message, number)), b"").decode()


def _decode(data: bytes) -> Wire:
    """Numbers and values of a message: integers for varints, bytes for everything else."""
    fields: Wire = []
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        value: int | bytes
        match key & 7:
            case 0:
                value, at = _varint(data, at)
            case 1 | 2 | 5 as kind:
                length, at = _varint(data, at) if kind == 2 else (8 if kind == 1 else 4, at)
                value, at = data[at : at + length], at + length
            case kind:
                raise ValueError(f"wire type {kind}")
        if at > len(data):
            raise ValueError("cut short")
        fields.append((key >> 3, value))
    return fields


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
