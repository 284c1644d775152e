"""Google Cloud client libraries (google-cloud-*): HTTP rules in `rest_base.py`, types in `types/`.

`class _BaseCreateQuotaPreference` lists its rules (`{"method": "post", "uri": "/v1/{parent=projects/*/locations/*}/quotaPreferences",
"body": "quota_preference"}`), `class _CreateQuotaPreference` in `rest.py` has request and response as annotations of `__call__`. Messages
declare `quota_id: str = proto.Field(proto.STRING, number=2)`; JSON names are lowerCamelCase and 64-bit integers are strings. Which fields
only answers carry is told by the docstring alone ("Output only.").
"""

import ast
import re
from collections.abc import Iterator

from probes.contracts.annotations import Types
from probes.contracts.nodes import Dialect, Field, Type, record
from probes.contracts.routes import Fields, Route
from probes.contracts.source import Module, Package, called, functions, items, last_name, string

_STRINGS = frozenset({"INT64", "UINT64", "SINT64", "FIXED64", "SFIXED64", "BYTES"})
_OUTPUT_ONLY = re.compile(r"^ *(\w+) \([^\n]*\):\n *Output only\.", re.MULTILINE)
_STRING = ast.Name("str")


def routes(package: Package) -> Iterator[Route]:
    """The operations of all services and versions."""
    types = Types(package, Dialect(_fields, optional_is_null=False))
    for dotted in package.names():
        if dotted.endswith(".rest_base"):
            rules, calling = package.module(dotted), package.module(dotted.removesuffix("_base"))
            if rules and calling:
                signatures = {node.name: node for node in ast.walk(calling.tree) if isinstance(node, ast.ClassDef)}
                for node in ast.walk(rules.tree):
                    if isinstance(node, ast.ClassDef) and node.name.startswith("_Base"):
                        action = node.name.removeprefix("_Base")
                        signature = signatures.get(f"_{action}")
                        for rule in _rules(node):
                            path = re.sub(r"\{([^{}=]+)(?:=([^{}]*))?\}", _parameters, rule.get("uri", ""))
                            yield Route(rule.get("method", ""), path, _Method(types, calling, signature, rule), action)


def _rules(node: ast.ClassDef) -> Iterator[dict[str, str]]:
    for function in functions(node):
        if function.name == "_get_http_options":
            for each in ast.walk(function):
                if isinstance(each, ast.Dict):
                    yield {name: string(value) for name, value in items(each)}


def _parameters(found: re.Match[str]) -> str:
    """`{parent=projects/*/locations/*}` → `projects/{project}/locations/{location}`."""
    name, pattern = found[1].rpartition(".")[2], found[2]
    if not pattern or pattern.strip("*") == "":
        return f"{{{name}}}"
    segments = pattern.split("/")
    return "/".join(
        f"{{{before.removesuffix('s') or name}}}" if "*" in each else each for before, each in zip(["", *segments], segments, strict=False)
    )


class _Method:
    """One rule of one method; its fields are read when called."""

    def __init__(self, types: Types, module: Module, signature: ast.ClassDef | None, rule: dict[str, str]) -> None:
        self._types, self._module, self._signature, self._rule = types, module, signature, rule

    def __call__(self) -> tuple[Fields, Fields]:
        function = next((each for each in functions(self._signature) if each.name == "__call__"), None) if self._signature else None
        if function is None:
            return {}, {}
        annotation = next((each.annotation for each in function.args.args if each.arg == "request"), None)
        request = list(self._request(Type(self._module, annotation))) if annotation else []
        response = [Type(self._module, function.returns)] if function.returns else []
        return self._types.request(request), self._types.response(response)

    def _request(self, message: Type) -> Iterator[Type]:
        """The body's own fields, and what is left for the query."""
        body = self._rule.get("body", "")
        in_path = set(re.findall(r"\{(\w+)[=}]", self._rule.get("uri", "")))
        rest: dict[str, Type] = {}
        for attribute, fields in self._types.attributes(message).items():
            if attribute == body:
                yield from (kind for _, kind in fields)
            elif attribute not in in_path:
                rest |= dict(fields)
        yield record(rest)


def _fields(node: ast.ClassDef) -> Iterator[Field]:
    output_only = set(_OUTPUT_ONLY.findall(ast.get_docstring(node) or ""))
    for statement in node.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=ast.Call(args=[kind, *_]) as call):
                if called(call) in ("Field", "RepeatedField", "MapField"):
                    string_like = called(call) == "Field" and last_name(kind) in _STRINGS
                    yield Field(name, _camel(name), _STRING if string_like else annotation, sent=name not in output_only)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)
