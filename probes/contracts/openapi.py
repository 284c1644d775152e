"""OpenAPI 3.0 and 3.1, Swagger 2.0 and ARM swagger: `paths` and `x-ms-paths` with parameters, bodies, 2xx answers.

Request fields are the query parameters and the JSON body (a form where there is no JSON), response fields those of every 2xx JSON answer.
The servers' base path is not added: documents of one vendor disagree about it.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from probes.contracts.jsonschema import Schemas, mapping, sequence, text
from probes.contracts.routes import Fields, Route
from probes.endpoint import METHODS


def routes(document: Any) -> Iterator[Route]:
    """The operations that a document declares."""
    root = mapping(document)
    schemas = Schemas(lambda reference: _at(root, reference))
    for section in ("paths", "x-ms-paths"):
        for path, declared in mapping(root.get(section)).items():
            item = schemas.target(declared)
            for method in METHODS:
                operation = item.get(method.lower())
                if isinstance(operation, dict) and isinstance(path, str):
                    reader = _Operation(schemas, item, operation)
                    yield Route(method, path, reader.fields, text(operation.get("operationId")))


def _at(root: dict[Any, Any], reference: str) -> Any:
    """What a local JSON pointer (`#/components/schemas/Key`) points at; other documents are never fetched."""
    if not reference.startswith("#/"):
        return None
    value: Any = root
    for part in reference[2:].split("/"):
        name = unquote(part).replace("~1", "/").replace("~0", "~")
        value = dict(zip(map(str, range(len(value))), value, strict=True)) if isinstance(value, list) else value
        value = mapping(value).get(name)
    return value


class _Operation:
    """One operation of one path item."""

    def __init__(self, schemas: Schemas, item: dict[Any, Any], operation: dict[Any, Any]) -> None:
        self._schemas, self._item, self._operation = schemas, item, operation

    def fields(self) -> tuple[Fields, Fields]:
        """Request and response fields."""
        return self._schemas.request(self._request()), self._schemas.response(self._response())

    def _request(self) -> Iterator[Any]:
        inline: dict[str, Any] = {}
        for declared in sequence(self._item.get("parameters")) + sequence(self._operation.get("parameters")):
            parameter = self._schemas.target(declared)
            place = parameter.get("in")
            if place == "body":
                yield parameter.get("schema")
            elif place in ("query", "formData"):
                # Swagger 2 writes the type into the parameter itself.
                schema = parameter.get("schema", _of_content(parameter.get("content")))
                inline[text(parameter.get("name"))] = parameter if schema is None else schema
        if inline:
            yield {"type": "object", "properties": inline}
        yield _of_content(self._schemas.target(self._operation.get("requestBody")).get("content"), forms=True)

    def _response(self) -> Iterator[Any]:
        for status, declared in mapping(self._operation.get("responses")).items():
            if str(status).startswith("2"):
                response = self._schemas.target(declared)
                yield response.get("schema")
                yield _of_content(response.get("content"))


def _of_content(content: Any, *, forms: bool = False) -> Any:
    """The schema of the JSON media type, else of a form if wanted."""
    by_type = {text(name).partition(";")[0].strip().lower(): mapping(media).get("schema") for name, media in mapping(content).items()}
    for name, schema in by_type.items():
        if name == "*/*" or name.endswith(("/json", "+json")):
            return schema
    return next((by_type[name] for name in ("multipart/form-data", "application/x-www-form-urlencoded") if forms and name in by_type), None)
