"""Tencent Cloud SDKs (tencentcloud-sdk-python-*): one client and one module of models a version, types in docstrings.

A method names the action in `self.call("CreateApiKey", params, headers=headers)`, its request in `:type request: :class:`….models.X`` and
its answer in `model = models.Y()`, which reads what stands under a key: `model._deserialize(response["Response"])`. A model's fields are
the `self._ApiKeyId = None` of its `__init__`, their types `:type ApiKeyId: str` in that method's docstring. Everything is `POST /`.
"""

import ast
import re
from collections.abc import Iterator

from probes.contracts.annotations import Types
from probes.contracts.nodes import Dialect, Field, Type, record
from probes.contracts.routes import Fields, Route
from probes.contracts.source import Module, Package, called, calls, functions, string

_REQUEST = re.compile(r"^\s*:type request: :class:`[\w.]*\.(models\.\w+)`", re.MULTILINE)
_TYPE = re.compile(r"^\s*:type (?P<name>\w+): (?::class:`[\w.]*?(?P<model>\w+)`|list of (?P<item>\w+)|(?P<plain>\w+))", re.MULTILINE)


def routes(package: Package) -> Iterator[Route]:
    """The operations of every client; the twin for asyncio, which declares them again, has none that is synchronous."""
    types = Types(package, Dialect(_fields, optional_is_null=True))
    for dotted in package.names():
        module = package.module(dotted) if dotted.endswith("_client") else None
        for client in module.tree.body if module else ():
            if isinstance(client, ast.ClassDef) and module:
                for function in functions(client):
                    for call in calls(function, "call"):
                        if call.args and (action := string(call.args[0])):
                            yield Route("POST", f"/?Action={action}", _Method(types, module, function), action)


class _Method:
    """One method; its fields are read when called."""

    def __init__(self, types: Types, module: Module, function: ast.FunctionDef) -> None:
        self._types, self._module, self._function = types, module, function

    def __call__(self) -> tuple[Fields, Fields]:
        named = _REQUEST.findall(ast.get_docstring(self._function) or "")
        requests = [Type(self._module, expression) for name in named if (expression := self._module.expression(name))]
        return self._types.request(requests), self._types.response(self._answers())

    def _answers(self) -> Iterator[Type]:
        """What the answer's models read, each under its key in the body."""
        models: dict[str, Type] = {}
        for node in ast.walk(self._function):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Attribute(value=ast.Name(id="models")) as model)):
                    models[name] = Type(self._module, model)
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name)), args=[ast.Subscript(slice=key)]) if name in models:
                    if called(node) == "_deserialize" and string(key):
                        yield record({string(key): models[name]})


def _fields(node: ast.ClassDef) -> Iterator[Field]:
    for made in functions(node):
        if made.name == "__init__":
            written = {found["name"]: found for found in _TYPE.finditer(ast.get_docstring(made) or "")}
            for statement in made.body:
                match statement:
                    case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=attribute)]) if attribute.startswith("_"):
                        name = attribute[1:]
                        yield Field(attribute, name, _annotation(written.get(name)))


def _annotation(found: re.Match[str] | None) -> ast.expr:
    """What a docstring says of a type as an annotation: `list of int non-negative` is `List[int]`; one that says nothing is `Any`."""
    if found is None:
        return ast.Name("Any")
    if found["item"]:
        return ast.Subscript(ast.Name("List"), ast.Name(found["item"]))
    return ast.Name(found["model"] or found["plain"])
