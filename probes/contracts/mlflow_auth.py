"""MLflow's user and role routes, which are Flask rules outside its protobuf services.

mlflow/server/auth/routes.py has `CREATE_USER = _get_rest_path("/mlflow/users/create")`, served under `/api/2.0` unless `version=` says
otherwise; mlflow/server/auth/__init__.py registers them with `add_url_rule(rule=…, view_func=create_user, methods=["POST"])`, in a loop
over the REST and the browser's path, or as `(create_role, "POST", CREATE_ROLE, AJAX_CREATE_ROLE)`. A view names what it reads with
`_get_request_param("username")`; types and answers are not declared.
"""

import ast
from collections.abc import Iterator

from probes.contracts.routes import Fields, Route
from probes.contracts.source import Module, Package, called, calls, keyword, last_name, string


def routes(package: Package) -> Iterator[Route]:
    """The rules of the auth app; the browser's copies (`/ajax-api/…`) are left out."""
    for dotted in package.names():
        module = package.module(dotted) if dotted.endswith(".server.auth") else None
        if module:
            for rules, view, method in _rules(module.tree):
                for rule in rules:
                    if path := _path(package, module, rule):
                        yield Route(method, path, _Fields(module, view), view)


def _rules(tree: ast.Module) -> Iterator[tuple[list[ast.expr], str, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.For(iter=ast.List(elts=rules)):
                for call in calls(node, "add_url_rule"):
                    yield rules, *_registered(call)
            case ast.Call() if called(node) == "add_url_rule":
                yield [rule] if (rule := keyword(node, "rule")) else [], *_registered(node)
            case ast.Tuple(elts=[ast.Name(id=view), ast.Constant(value=str() as method), *rules]):
                yield rules, view, method


def _registered(call: ast.Call) -> tuple[str, str]:
    view, methods = keyword(call, "view_func"), keyword(call, "methods")
    return last_name(view) if view else "", string(methods.elts[0]) if isinstance(methods, ast.List) and methods.elts else ""


def _path(package: Package, module: Module, rule: ast.expr) -> str:
    match package.find(module, rule):
        case (_, ast.Call(args=[path, *_]) as call) if called(call) == "_get_rest_path":
            version = keyword(call, "version")
            major = version.value if isinstance(version, ast.Constant) and isinstance(version.value, int) else 2
            return f"/api/{major}.0{string(path)}"
    return ""


class _Fields:
    """The parameters that a view reads, found when called."""

    def __init__(self, module: Module, view: str) -> None:
        self._view = module.definitions.get(view)

    def __call__(self) -> tuple[Fields, Fields]:
        read = calls(self._view, "_get_request_param") if self._view else iter(())
        return {name: "any" for call in read for name in map(string, call.args[:1]) if name}, {}
