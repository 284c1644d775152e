"""Types as Python SDKs annotate them, expanded for `flatten`.

The SDKs differ in how a class declares a field's name on the wire (`Dialect.fields`) and agree on the rest of `typing`.
"""

import ast
import json
from collections.abc import Iterable

from probes.contracts.flatten import Shape, flatten, merge
from probes.contracts.nodes import Dialect, Type
from probes.contracts.source import Found, Package, last_name

_SCALARS = {
    **dict.fromkeys(
        ("str", "bytes", "datetime", "date", "time", "timedelta", "UUID", "FileTypes", "Base64FileInput", "StringValue"), "string"
    ),
    # Protobuf's own types, as JSON writes them
    **dict.fromkeys(("Timestamp", "Duration", "FieldMask", "Int64Value", "UInt64Value"), "string"),
    **dict.fromkeys(("int", "float", "Decimal", "Int32Value", "DoubleValue"), "number"),
    **dict.fromkeys(("bool", "BoolValue"), "boolean"),
    **dict.fromkeys(("dict", "Dict"), "object"),
    **dict.fromkeys(("list", "List"), "array"),
    "None": "null",
}
_LISTS = frozenset(
    {"List", "list", "Sequence", "Iterable", "SequenceNotStr", "MutableSequence", "Set", "set", "Tuple", "tuple", "ItemPaged"}
)
_MAPS = frozenset({"Dict", "dict", "Mapping", "MutableMapping"})
_WRAPPERS = frozenset({"Required", "NotRequired", "ReadOnly", "Annotated", "LROPoller", "Final", "Type"})
_NULLABLE = frozenset({"Nullable", "OptionalNullable"})
_IGNORED = frozenset({"Stream", "AsyncStream", "Omit", "NotGiven", "IO", "Generic", "Protocol"})
_GENERICS_MAX = 4


class Types:
    """The types of one package."""

    def __init__(self, package: Package, dialect: Dialect) -> None:
        self.package, self._dialect = package, dialect
        self._shapes: dict[tuple[Type, bool], Shape[Type]] = {}

    def request(self, roots: Iterable[Type]) -> dict[str, str]:
        """The fields that may be sent."""
        return flatten(roots, self.sent)

    def response(self, roots: Iterable[Type]) -> dict[str, str]:
        """The fields that are answered."""
        return flatten(roots, self.answered)

    def sent(self, of: Type) -> Shape[Type]:
        """A type expanded by one level, as a request carries it."""
        return self._cached(of, sent=True)

    def answered(self, of: Type) -> Shape[Type]:
        """A type expanded by one level, as an answer carries it."""
        return self._cached(of, sent=False)

    def attributes(self, of: Type) -> dict[str, list[tuple[str, Type]]]:
        """A class's attributes (bases and members of a union included) with their names on the wire."""
        attributes: dict[str, list[tuple[str, Type]]] = {}

        def expand(each: Type) -> Shape[Type]:
            shape = self.sent(each)
            if isinstance(each.node, ast.ClassDef):
                for field in self._dialect.fields(each.node):
                    child = Type(each.module, field.annotation, each.node, each.bound, each.depth)
                    attributes.setdefault(field.attribute, []).append((field.wire, child))
            return shape

        merge([of], expand)
        return attributes

    def resolve(self, of: Type, node: ast.expr) -> Found | None:
        """What a name stands for where the type was written: a class nested in the same class, else a name of the module."""
        if of.scope is not None and isinstance(node, ast.Name):
            for each in of.scope.body:
                if isinstance(each, ast.ClassDef) and each.name == node.id and of.module:
                    return of.module, each
        return self.package.find(of.module, node) if of.module else None

    def _cached(self, of: Type, *, sent: bool) -> Shape[Type]:
        key = (of, sent)
        if key not in self._shapes:
            self._shapes[key] = self._expand(of, sent=sent)
        return self._shapes[key]

    def _expand(self, of: Type, *, sent: bool) -> Shape[Type]:  # noqa: PLR0911 # one return a form
        match of.node:
            case None if of.made:
                return of.made.shape
            case ast.ClassDef() as node:
                return self._class(of, node, sent=sent)
            case ast.Constant(value=None):
                return Shape(("null",))
            case ast.Constant(value=str() as text) if of.module and (expression := of.module.expression(text)):
                return Shape(parts=(_like(of, expression),))
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return Shape(parts=(_like(of, left), _like(of, right)))
            case ast.Subscript() as node:
                return self._subscript(of, node)
            case ast.Name() | ast.Attribute() as node:
                return self._name(of, node)
            case ast.Call() as call:
                return self._alias(of, call)
        return Shape(("any",))

    def _name(self, of: Type, node: ast.Name | ast.Attribute) -> Shape[Type]:
        name = last_name(node)
        bound = dict(of.bound)
        if isinstance(node, ast.Name) and name in bound:
            return Shape(parts=(bound[name],))
        if name in _IGNORED:
            return Shape()
        match self.resolve(of, node):
            case (module, ast.ClassDef() as found):
                return Shape(parts=(Type(module, found, found),))
            case (module, ast.expr() as found):
                return Shape(parts=(Type(module, found),))
        return Shape((_SCALARS.get(name, "any"),))

    def _subscript(self, of: Type, node: ast.Subscript) -> Shape[Type]:  # noqa: PLR0911 # one return a form
        name = last_name(node.value)
        nodes = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        parts = tuple(_like(of, each) for each in nodes)
        if name in _IGNORED:
            return Shape()
        if name == "Literal":
            return Shape(tuple(self._literal(of, each) for each in nodes))
        if name in _LISTS:
            return Shape(items=parts[:1])
        if name in _MAPS:
            return Shape(("object",), entries=parts[1:2])
        if name in _WRAPPERS:
            return Shape(parts=parts[:1])
        if name == "Union":
            return Shape(parts=parts)
        if name == "Optional":
            return Shape(("null",) if self._dialect.optional_is_null else (), parts=parts)
        if name in _NULLABLE:
            return Shape(("null",), parts=parts)
        return self._generic(of, node.value, parts)

    def _generic(self, of: Type, node: ast.expr, arguments: tuple[Type, ...]) -> Shape[Type]:
        """A class of the package with type arguments, `SyncCursorPage[Key]`."""
        match self.resolve(of, node):
            case (module, ast.ClassDef() as found) if of.depth < _GENERICS_MAX:
                bound = tuple(zip(_variables(found), arguments, strict=False))
                return Shape(parts=(Type(module, found, found, bound, of.depth + 1),))
        return Shape(("any",))

    def _class(self, of: Type, node: ast.ClassDef, *, sent: bool) -> Shape[Type]:
        if any(last_name(base).endswith("Enum") for base in node.bases):
            return Shape(tuple(_members(node).values()))
        fields: dict[str, Type] = {}
        for field in self._dialect.fields(node):
            if field.sent or not sent:
                fields[field.wire] = Type(of.module, field.annotation, node, of.bound, of.depth)
        # A base from elsewhere (pydantic's, TypedDict) declares nothing about the vendor's API.
        bases = [base for base in node.bases if self._own(of, base)]
        return Shape(() if bases else ("object",), fields, parts=tuple(Type(of.module, base, None, of.bound, of.depth) for base in bases))

    def _own(self, of: Type, base: ast.expr) -> bool:
        name = base.value if isinstance(base, ast.Subscript) else base
        return last_name(name) in ("str", "int", "float", "bool") or (
            of.module is not None and self.package.find(of.module, name) is not None
        )

    def _alias(self, of: Type, call: ast.Call) -> Shape[Type]:
        """`TypeAliasType("Name", Union[…])`, `TypedDict("Name", {"in": str})`."""
        match last_name(call.func), call.args:
            case "TypeAliasType", [_, value, *_]:
                return Shape(parts=(_like(of, value),))
            case "TypedDict", [_, ast.Dict(keys=keys, values=values), *_]:
                pairs = zip(keys, values, strict=True)
                return Shape(
                    fields={
                        key.value: _like(of, each) for key, each in pairs if isinstance(key, ast.Constant) and isinstance(key.value, str)
                    }
                )
        return Shape(("any",))

    def _literal(self, of: Type, node: ast.expr) -> str:
        match node:
            case ast.Constant(value=str() as text):
                return text
            case ast.Constant(value=bool() | int() | None as value):
                return json.dumps(value)
            case ast.Attribute(value=owner, attr=member):
                match self.resolve(of, owner):
                    case (_, ast.ClassDef() as found):
                        return _members(found).get(member, member)
                return member
        return "any"


def _like(of: Type, node: ast.expr) -> Type:
    """Another expression of the same place."""
    return Type(of.module, node, of.scope, of.bound, of.depth)


def _members(enum: ast.ClassDef) -> dict[str, str]:
    """An enumeration's members and values; its names where the values are numbers, as protobuf writes them in JSON."""
    members = {}
    for statement in enum.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=value)) if not name.startswith("_"):
                members[name] = value if isinstance(value, str) else name
    return members


def _variables(node: ast.ClassDef) -> list[str]:
    """The type variables of a generic class, in order."""
    found: dict[str, None] = {}
    for base in node.bases:
        if isinstance(base, ast.Subscript):
            elements = base.slice.elts if isinstance(base.slice, ast.Tuple) else [base.slice]
            names = dict.fromkeys(each.id for each in elements if isinstance(each, ast.Name))
            if last_name(base.value) == "Generic":
                return list(names)
            found |= names
    return list(found)
