"""Baidu's qianfan SDK: console operations written by hand around `QfRequest`.

`req = QfRequest(method="POST", url=Consts.TpmCreditAPI)` with `req.query = {"Action": Consts.TpmCreditPurchaseQueryParam}` and
`req.json_body = {"model": model, …}`, later `req.json_body["count"] = …` or `.update({…})`. URLs and actions are constants of
`class Consts`; classes of the second generation give the URL by `cls.base_api_route()`. Answers are not declared.
"""

import ast
from collections.abc import Iterator

from probes.contracts.annotations import Types
from probes.contracts.nodes import Dialect, Type, passed, record
from probes.contracts.routes import Fields, Route
from probes.contracts.source import Module, Package, called, calls, functions, items, keyword, last_name, string


def routes(package: Package) -> Iterator[Route]:
    """The operations whose URL is a constant; the inference calls put theirs together at run time."""
    types = Types(package, Dialect(lambda _: (), optional_is_null=True))
    for dotted in package.names():
        module = package.module(dotted) if ".resources." in dotted else None
        for owner in ast.walk(module.tree) if module else ():
            if isinstance(owner, ast.ClassDef) and module:
                for function in functions(owner):
                    for request in calls(function, "QfRequest"):
                        yield from _Method(types, module, owner, function).routes(request)


class _Method:
    """One method that builds a request."""

    def __init__(self, types: Types, module: Module, owner: ast.ClassDef, function: ast.FunctionDef) -> None:
        self._types, self._module, self._owner, self._function = types, module, owner, function

    def routes(self, request: ast.Call) -> Iterator[Route]:
        path = self._constant(keyword(request, "url"))
        query, body = (
            dict(self._entries("query", keyword(request, "query"))),
            dict(self._entries("json_body", keyword(request, "json_body"))),
        )
        action = self._constant(query.pop("Action", None))
        if path:
            fields = {**query, **body}
            yield Route(
                string(keyword(request, "method")),
                f"{path}?Action={action}" if action else path,
                lambda: (self._fields(fields), {}),
                action,
            )

    def _fields(self, entries: dict[str, ast.expr]) -> Fields:
        return self._types.request([record({name: self._type(value) for name, value in entries.items()})])

    def _type(self, value: ast.expr) -> Type:
        return passed(self._module, self._function, value)

    def _entries(self, attribute: str, given: ast.expr | None) -> Iterator[tuple[str, ast.expr]]:
        """What a request's `query` or `json_body` is given: at first, by assignment, entry by entry, through a local dict."""
        names = {attribute}
        values = [given] if given else []
        for node in ast.walk(self._function):
            match node:
                case ast.Assign(targets=[ast.Attribute(attr=name)], value=value) if name == attribute:
                    values.append(value)
        names |= {value.id for value in values if isinstance(value, ast.Name)}
        for node in ast.walk(self._function):
            match node:
                case ast.Assign(targets=[ast.Subscript(value=target, slice=key)], value=value) if last_name(target) in names and string(
                    key
                ):
                    yield string(key), value
                case ast.Call(func=ast.Attribute(value=target, attr="update"), args=[value]) if last_name(target) in names:
                    values.append(value)
                case (
                    ast.Assign(targets=[ast.Name(id=name)], value=value)
                    | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
                ):
                    if name in names:
                        values.append(value)
        for value in values:
            match value:
                case ast.Dict() | ast.DictComp(generators=[ast.comprehension(iter=ast.Call(func=ast.Attribute(value=ast.Dict())))]):
                    # `{k: v for k, v in {…}.items() if v is not None}` sends what the inner dict names.
                    yield from items(next(each for each in ast.walk(value) if isinstance(each, ast.Dict)))
                case ast.Call(args=[action, *_]) if called(value) == "_get_console_v2_query":
                    yield "Action", action

    def _constant(self, node: ast.expr | None) -> str:
        """`Consts.TpmCreditAPI`, `cls.base_api_route()`, a literal; of a longer expression the constants in it, such as the path."""
        if node is None or string(node):
            return string(node)
        if called(node) == "base_api_route":
            route = next((each for each in functions(self._owner) if each.name == "base_api_route"), None)
            returned = next((each.value for each in ast.walk(route) if isinstance(each, ast.Return)), None) if route else None
            return self._constant(returned)
        return "".join(self._named(each) for each in ast.walk(node) if isinstance(each, ast.Attribute))

    def _named(self, node: ast.Attribute) -> str:
        match self._types.package.find(self._module, node.value):
            case (_, ast.ClassDef(name="Consts", body=body)):
                for statement in body:
                    match statement:
                        case ast.Assign(targets=[ast.Name(id=name)], value=value) | ast.AnnAssign(target=ast.Name(id=name), value=value):
                            if name == node.attr:
                                return string(value)
        return ""
