"""Google discovery documents: methods nested in resources, schemas by name.

A method has `httpMethod`, `flatPath` (`v2/projects/{projectsId}/locations/{locationsId}/keys`; `path` in older ones), `parameters`, and
`request` and `response` as `{"$ref": "NAME"}`. The parameters of the document itself (`alt`, `key`, …) say nothing about a claim.
"""

from collections.abc import Iterator
from typing import Any

from probes.contracts.jsonschema import Schemas, mapping, text
from probes.contracts.routes import Fields, Route

_NESTING = 20


def routes(document: Any) -> Iterator[Route]:
    """The methods that a document declares."""
    root = mapping(document)
    schemas = Schemas(mapping(root.get("schemas")).get)
    for method in _methods(root):
        path = text(method.get("flatPath")) or text(method.get("path")).replace("{+", "{")
        if path:
            prefix = text(root.get("servicePath"))
            yield Route(text(method.get("httpMethod")), prefix + path, _Fields(schemas, method), text(method.get("id")))


def _methods(resource: dict[Any, Any], depth: int = 0) -> Iterator[dict[Any, Any]]:
    yield from map(mapping, mapping(resource.get("methods")).values())
    if depth < _NESTING:
        for nested in mapping(resource.get("resources")).values():
            yield from _methods(mapping(nested), depth + 1)


class _Fields:
    """The fields of one method, read when called."""

    def __init__(self, schemas: Schemas, method: dict[Any, Any]) -> None:
        self._schemas, self._method = schemas, method

    def __call__(self) -> tuple[Fields, Fields]:
        query = {
            name: {"type": "array", "items": parameter} if mapping(parameter).get("repeated") is True else parameter
            for name, parameter in mapping(self._method.get("parameters")).items()
            if mapping(parameter).get("location") == "query"
        }
        request = self._schemas.request([{"type": "object", "properties": query}, self._method.get("request")])
        return request, self._schemas.response([self._method.get("response")])
