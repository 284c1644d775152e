"""Alibaba Cloud SDKs (alibabacloud-*): one client, one model a file.

`X_with_options(self, request: main_models.CreateApiKeyRequest, …) -> main_models.CreateApiKeyResponse` builds `Params(action=…,
version=…, pathname=f'/modelstudio/apikeys', method='POST', style='ROA')`. A model's `__init__` has the types, its `to_map` the names on
the wire (`if self.workspace_id is not None: result['workspaceId'] = …`). A response model has headers, statusCode and body. RPC-style
products have one path and name the action in the query: their operations are `POST /?Action=QueryAccountBalance`.
"""

import ast
import re
from collections.abc import Iterator

from probes.contracts.annotations import Types
from probes.contracts.nodes import Dialect, Field, Type
from probes.contracts.routes import Fields, Route
from probes.contracts.source import Module, Package, calls, functions, keyword, string, template


def routes(package: Package) -> Iterator[Route]:
    """The operations of the client; each is declared again for asyncio and without options."""
    types = Types(package, Dialect(_fields, optional_is_null=False))
    for dotted in package.names():
        module = package.module(dotted) if dotted.count(".") == 1 and dotted.endswith(".client") else None
        for client in module.tree.body if module else ():
            if isinstance(client, ast.ClassDef) and module:
                for function in functions(client):
                    for params in calls(function, "Params"):
                        action = string(keyword(params, "action"))
                        path = re.sub(r"\{(\w+)\}", lambda found: f"{{{_camel(found[1])}}}", template(keyword(params, "pathname")))
                        path = f"/?Action={action}" if path == "/" else path
                        yield Route(string(keyword(params, "method")), path, _Method(types, module, function), action)


class _Method:
    """One method; its fields are read when called."""

    def __init__(self, types: Types, module: Module, function: ast.FunctionDef) -> None:
        self._types, self._module, self._function = types, module, function

    def __call__(self) -> tuple[Fields, Fields]:
        # `tmp_req` is the request before its lists are written as one string.
        requests = [
            Type(self._module, argument.annotation)
            for argument in self._function.args.args
            if argument.arg in ("request", "tmp_req") and argument.annotation
        ]
        response = self._types.attributes(Type(self._module, self._function.returns)) if self._function.returns else {}
        return self._types.request(requests), self._types.response(kind for _, kind in response.get("body", []))


def _fields(node: ast.ClassDef) -> Iterator[Field]:
    methods = {function.name: function for function in functions(node)}
    if "__init__" in methods and "to_map" in methods:
        wires = dict(_wires(methods["to_map"]))
        for argument in methods["__init__"].args.args:
            if argument.annotation and argument.arg in wires:
                yield Field(argument.arg, wires[argument.arg], argument.annotation)


def _wires(to_map: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    for statement in to_map.body:
        match statement:
            case ast.If(test=ast.Compare(left=ast.Attribute(value=ast.Name(id="self"), attr=attribute))):
                for node in ast.walk(statement):
                    match node:
                        case ast.Subscript(value=ast.Name(id="result"), slice=ast.Constant(value=str() as wire)):
                            yield attribute, wire


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(map(str.capitalize, rest))
