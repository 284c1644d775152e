"""OpenAPI, Swagger and ARM swagger."""

import json
from textwrap import dedent
from typing import Any

import pytest

from probes.contracts.document import parse, read_document
from probes.contracts.extract import Extract, Operation
from probes.errors import DocumentError
from tests.contracts.wheels import operations


def extract(document: str | dict[str, Any], *, kind: str = "openapi", base: str = "", include: tuple[str, ...] = ("/**",)) -> Extract:
    data = dedent(document).encode() if isinstance(document, str) else json.dumps(document).encode()
    return read_document(data, kind, "https://docs.example/openapi.yaml", "vendor", "2026-01-02", base, include)


def fields(schema: dict[str, Any], **schemas: Any) -> dict[str, str]:
    """The request fields of a body with this schema."""
    body = {"content": {"application/json": {"schema": schema}}}
    document = {"openapi": "3.1.0", "paths": {"/keys": {"post": {"requestBody": body}}}, "components": {"schemas": schemas}}
    return operations(extract(document))["POST /keys"].request


def test_an_operation_has_its_query_its_body_and_its_successful_answer() -> None:
    document = """
        openapi: 3.0.3
        info: {version: 1.2}
        paths:
          /keys/{hash}:
            parameters:
              - {name: hash, in: path, schema: {type: string}}
              - {name: verbose, in: query, schema: {type: boolean}}
            post:
              operationId: updateKey
              parameters:
                - {$ref: '#/components/parameters/Trace'}
                - {name: X-Org, in: header, schema: {type: string}}
              requestBody:
                content:
                  text/plain: {schema: {type: string}}
                  application/json; charset=utf-8:
                    schema: {$ref: '#/components/schemas/Change'}
              responses:
                200: {content: {application/json: {schema: {$ref: '#/components/schemas/Answer'}}}}
                '4XX': {content: {application/json: {schema: {type: object, properties: {error: {type: string}}}}}}
        components:
          parameters: {Trace: {name: trace, in: query, schema: {type: integer}}}
          schemas:
            Change:
              type: object
              properties:
                limit: {type: number, nullable: true}
                reset: {type: string, enum: [daily, weekly, on, null]}
                labels: {type: object, additionalProperties: {type: string}}
                id: {type: string, readOnly: true}
            Answer:
              type: object
              properties:
                data: {type: array, items: {type: object, properties: {hash: {type: string}, tags: {type: array, items: {type: string}}}}}
                secret: {type: string, writeOnly: true}
    """
    found = extract(document, base="/api/v1")
    assert found.provenance.version == "1.2"
    assert found.operations == (
        Operation(
            "POST",
            "/api/v1/keys/{hash}",
            {
                "verbose": "boolean",
                "trace": "number",
                "limit": "number|null",
                "reset": "daily|weekly|on|null",
                "labels": "object",
                "labels.*": "string",
            },
            {"data": "array", "data[].hash": "string", "data[].tags": "array", "data[].tags[]": "string"},
            "updateKey",
        ),
    )


def test_swagger_two_writes_types_into_parameters() -> None:
    document = {
        "swagger": "2.0",
        "x-ms-paths": {"/{scope}/budgets?mode=x": {"get": {"responses": {}}}},
        "paths": {
            "/{scope}/budgets": {
                "put": {
                    "parameters": [
                        {"name": "api-version", "in": "query", "type": "string"},
                        {"name": "parameters", "in": "body", "schema": {"$ref": "#/definitions/Budget"}},
                    ],
                    "responses": {
                        "201": {"schema": {"$ref": "#/definitions/Budget"}},
                        "default": {"schema": {"properties": {"error": {}}}},
                    },
                }
            }
        },
        "definitions": {
            "Budget": {
                "allOf": [{"$ref": "#/definitions/Resource"}],
                "properties": {"amount": {"type": "number"}, "spend": {"$ref": "#/definitions/Spend", "readOnly": True}},
            },
            "Resource": {"properties": {"id": {"type": "string", "readOnly": True}}},
            "Spend": {"properties": {"unit": {"type": "string"}}},
        },
    }
    found = operations(extract(document, kind="swagger"))
    assert set(found) == {"PUT /{scope}/budgets", "GET /{scope}/budgets?mode=x"}
    assert found["PUT /{scope}/budgets"].request == {"api-version": "string", "amount": "number"}
    assert found["PUT /{scope}/budgets"].response == {"id": "string", "amount": "number", "spend": "object", "spend.unit": "string"}


def test_alternatives_are_merged() -> None:
    schema = {
        "allOf": [{"properties": {"name": {"type": "string"}}}],
        "oneOf": [
            {"properties": {"limit": {"anyOf": [{"type": ["integer", "null"]}, {"enum": ["none"]}]}}},
            {"properties": {"kind": {"const": "key"}}},
        ],
    }
    assert fields(schema) == {"name": "string", "limit": "number|none|null", "kind": "key"}


def test_cycles_end_at_the_depth_limit() -> None:
    node = {"properties": {"name": {"type": "string"}, "next": {"$ref": "#/components/schemas/Node"}}}
    found = fields({"$ref": "#/components/schemas/Node"}, Node=node)
    assert found["next.next.next.next"] == "object"
    assert max(name.count(".") for name in found) == 3
    assert fields({"$ref": "#/components/schemas/A"}, A={"allOf": [{"$ref": "#/components/schemas/A"}]}) == {}
    endless = {"type": "array", "items": {"$ref": "#/components/schemas/List"}}
    assert list(fields({"properties": {"list": endless}}, List=endless))[-1].count("[]") <= 5


def test_other_documents_are_not_followed() -> None:
    assert fields({"properties": {"a": {"$ref": "other.yaml#/A"}, "b": {"$ref": "#/nowhere/9"}}}) == {"a": "any", "b": "any"}


def test_too_many_fields_are_refused_rather_than_cut() -> None:
    wide: dict[str, Any] = {"type": "string"}
    for _ in range(4):
        wide = {"properties": {f"f{number}": wide for number in range(30)}}
    with pytest.raises(DocumentError, match="more than"):
        fields(wide)


def test_only_included_operations_keep_their_fields() -> None:
    paths = {path: {"get": {"parameters": [{"name": "q", "in": "query"}]}, "trace": {}} for path in ("/keys", "/keys/{id}", "/chat")}
    found = extract({"paths": paths}, base="/v1", include=("/v1/keys/**",))
    assert [operation.name for operation in found.operations] == ["GET /v1/keys", "GET /v1/keys/{id}"]
    assert found.others == ("GET /v1/chat",)
    assert Extract.from_json(json.loads(json.dumps(found.to_json()))) == found


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"<html><title>Sign in</title>: :", "neither JSON nor YAML"),
        (b"a: [1,", "neither JSON nor YAML"),
        (b'{"openapi": "3.1.0"}', "no operation"),
        (b"", "no operation"),
        (b"\xff\xfe\x00\x01\x02", "neither JSON nor YAML"),
        (b"[" * 50_000, "too deeply"),
        (b'{"a":' * 50_000, "too deeply"),
        (b"- " * 50_000, "too deeply"),
        (b"a: *nothing", "alias of nothing"),
        (b"a: 1\n---\nb: 2", "more than one document"),
        (b"? [a]\n: b", "a key that is a list"),
        (b"a: !!python/object/apply:os.system [ls]", "neither JSON nor YAML"),
    ],
)
def test_what_is_no_document_is_said_so(data: bytes, says: str) -> None:
    with pytest.raises(DocumentError, match=says):
        read_document(data, "openapi", "https://docs.example/x", "vendor", "", "", ["/**"])


def test_a_bomb_of_aliases_stays_small() -> None:
    lines = ["a0: &a0 {properties: {x: {type: string, enum: [v]}}}"]
    lines += [f"a{n}: &a{n} {{allOf: [{', '.join([f'*a{n - 1}'] * 9)}], enum: [*a{n - 1}]}}" for n in range(1, 30)]
    lines += ["paths: {/k: {post: {requestBody: {content: {application/json: {schema: *a29}}}}}}"]
    found = operations(read_document("\n".join(lines).encode(), "openapi", "x", "copy", "", "", ["/**"]))
    assert "x" in found["POST /k"].request


def test_yaml_keeps_words_and_dates_as_strings() -> None:
    assert parse(b"[on, no, 2026-01-02, 12:30, 0755, 1, 1.5, true, null, <<]", "x") == [
        "on",
        "no",
        "2026-01-02",
        "12:30",
        "0755",
        1,
        1.5,
        True,
        None,
        "<<",
    ]


def test_an_anchor_may_be_defined_again_and_contain_itself() -> None:
    first, second, itself = parse(b"[[&a 1, *a], [&a 2, *a], &b {b: *b}]", "x")
    assert (first, second) == ([1, 1], [2, 2])
    assert itself["b"] is itself


def test_a_gigantic_document_is_refused() -> None:
    with pytest.raises(DocumentError, match="larger than 32 MiB"):
        parse(b" " * (32 * 1024 * 1024 + 1), "x")
