"""Azure management SDKs (azure-mgmt-*): request builders in `operations/`, models in `models/`.

`build_X_request` sets `_url` (a literal with parameters), `_params["NAME"]` and `HttpRequest(method=…)`. The method of an operations class
that calls it takes the body (`resource: Union[_models.Budget, IO[bytes]]`) and is annotated with the answer (`_models.Budget`,
`ItemPaged["_models.Budget"]`, `LROPoller[…]`; a `begin_X` calls `self._X_initial`, which calls the builder). Models declare
`x: T = rest_field(name="…", visibility=["read"])`, older ones `_attribute_map = {"x": {"key": "properties.x", "type": "[Rule]"}}`.
"""

import ast
import re
from collections.abc import Iterator

from probes.contracts.annotations import Types
from probes.contracts.nodes import Dialect, Field, Type, array, plain, record
from probes.contracts.routes import Fields, Route
from probes.contracts.source import Module, Package, called, calls, functions, keyword, last_name, string, template

_QUERY_TYPES = {"int": "number", "float": "number", "bool": "boolean"}


def routes(package: Package) -> Iterator[Route]:
    """The operations of all operation groups."""
    types = Types(package, Dialect(_fields, optional_is_null=False))
    for dotted in package.names():
        module = package.module(dotted) if ".operations." in dotted and ".aio." not in dotted else None
        if module:
            users = dict(_users(module))
            for builder in functions(module.tree):
                method = next((string(keyword(call, "method")) for call in calls(builder, "HttpRequest")), "")
                if builder.name.startswith("build_") and method:
                    action = builder.name.removeprefix("build_").removesuffix("_request")
                    yield Route(method, _url(builder), _Operation(types, module, builder, users.get(builder.name, [])), action)


def _users(module: Module) -> Iterator[tuple[str, list[ast.FunctionDef]]]:
    """Which methods call which builder, themselves or through the first call of a long-running operation."""
    found: dict[str, list[ast.FunctionDef]] = {}
    for group in module.tree.body:
        if isinstance(group, ast.ClassDef):
            called_by = [
                (function, {called(each) for each in ast.walk(function) if isinstance(each, ast.Call)}) for function in functions(group)
            ]
            for function, names in called_by:
                for builder in (name for name in names if name.startswith("build_")):
                    starters = [starter for starter, starts in called_by if function.name.endswith("_initial") and function.name in starts]
                    found.setdefault(builder, []).extend([function, *starters])
    yield from found.items()


def _url(builder: ast.FunctionDef) -> str:
    for node in ast.walk(builder):
        match node:
            case ast.Assign(targets=[ast.Name(id="_url")], value=value) if template(value):
                return template(value)
            case ast.Assign(targets=[ast.Name(id="_url")], value=ast.Call(args=[_, ast.Constant(value=str() as url)])):
                # `_url = kwargs.pop("template_url", "/subscriptions/…")` of older generators
                return url
    return ""


class _Operation:
    """One operation; its fields are read when called."""

    def __init__(self, types: Types, module: Module, builder: ast.FunctionDef, users: list[ast.FunctionDef]) -> None:
        self._types, self._module, self._builder, self._users = types, module, builder, users

    def __call__(self) -> tuple[Fields, Fields]:
        query = record(dict(self._query()))
        return self._types.request([query, *self._bodies()]), self._types.response(self._answers())

    def _query(self) -> Iterator[tuple[str, Type]]:
        for node in ast.walk(self._builder):
            match node:
                case ast.Assign(targets=[ast.Subscript(value=ast.Name(id="_params"), slice=key)], value=ast.Call(args=[_, _, kind])):
                    yield string(key), plain(_QUERY_TYPES.get(string(kind), "string"))

    def _bodies(self) -> Iterator[Type]:
        for user in self._users:
            arguments = (*user.args.args, *user.args.kwonlyargs)
            for argument in arguments:
                if argument.annotation and any(called(each) == "dumps" or called(each) == "body" for each in _given(user, argument.arg)):
                    yield Type(self._module, argument.annotation)

    def _answers(self) -> Iterator[Type]:
        for user in self._users:
            match user.returns:
                case ast.Subscript(value=value, slice=item) if last_name(value) == "ItemPaged":
                    yield record({"value": array(Type(self._module, item)), "nextLink": plain("string")})
                case ast.expr() as annotation if "Iterator" not in ast.dump(annotation):
                    yield Type(self._module, annotation)


def _given(function: ast.FunctionDef, argument: str) -> Iterator[ast.Call]:
    """The calls that are given an argument by name: `json.dumps(resource, …)`, `self._serialize.body(resource, "Budget")`."""
    for node in ast.walk(function):
        match node:
            case ast.Call(args=[ast.Name(id=name), *_]) if name == argument:
                yield node


def _fields(node: ast.ClassDef) -> Iterator[Field]:
    for statement in node.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=ast.Call() as call):
                if called(call) in ("rest_field", "rest_discriminator"):
                    visibility = keyword(call, "visibility")
                    only_read = isinstance(visibility, ast.List) and [string(each) for each in visibility.elts] == ["read"]
                    yield Field(name, string(keyword(call, "name")) or name, annotation, sent=not only_read)
            case ast.Assign(targets=[ast.Name(id="_attribute_map")], value=ast.Dict() as mapped):
                yield from _mapped(node, mapped)


def _mapped(node: ast.ClassDef, mapped: ast.Dict) -> Iterator[Field]:
    readonly = _readonly(node)
    for key, value in zip(mapped.keys, mapped.values, strict=True):
        if isinstance(value, ast.Dict):
            entry = {string(name): string(each) for name, each in zip(value.keys, value.values, strict=True)}
            # A dot in a key is a level of JSON unless it is escaped.
            wire = entry.get("key", "").replace("\\.", "\\").replace("\\", ".")
            yield Field(string(key), wire, _legacy(entry.get("type", "")), sent=string(key) not in readonly)


def _readonly(node: ast.ClassDef) -> set[str]:
    """The attributes that `_validation = {"id": {"readonly": True}}` keeps out of requests."""
    found = set()
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="_validation")], value=ast.Dict(keys=keys, values=values)):
                found |= {string(key) for key, value in zip(keys, values, strict=True) if "readonly" in ast.dump(value)}
    return found


def _legacy(kind: str) -> ast.expr:
    """msrest's type names (`[Rule]`, `{str}`, `iso-8601`, `long`) as annotations."""
    if kind.startswith("["):
        return ast.Subscript(ast.Name("list"), _legacy(kind[1:-1]))
    if kind.startswith("{"):
        return ast.Subscript(ast.Name("dict"), ast.Tuple([ast.Name("str"), _legacy(kind[1:-1])]))
    scalars = {"long": "int", "duration": "str", "iso-8601": "str", "rfc-1123": "str", "base64": "str", "object": "Any"}
    return ast.Name(scalars.get(kind, re.sub(r"\W", "", kind) or "Any"))
