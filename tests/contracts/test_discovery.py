"""Google discovery documents, alone and inside a package."""

import json
from pathlib import Path

import pytest

from probes.contracts.document import read_document
from probes.contracts.package import read_package
from probes.errors import DocumentError
from tests.contracts.wheels import operations, wheel

DOCUMENT = {
    "version": "v2",
    "revision": "20260818",
    "servicePath": "",
    "parameters": {"alt": {"location": "query", "type": "string"}},
    "resources": {
        "projects": {
            "resources": {
                "keys": {
                    "methods": {
                        "create": {
                            "id": "acme.projects.keys.create",
                            "httpMethod": "POST",
                            "flatPath": "v2/projects/{projectsId}/keys",
                            "path": "v2/{+parent}/keys",
                            "parameters": {
                                "parent": {"location": "path", "type": "string"},
                                "keyId": {"location": "query", "type": "string"},
                                "views": {"location": "query", "type": "string", "enum": ["FULL"], "repeated": True},
                            },
                            "request": {"$ref": "Key"},
                            "response": {"$ref": "Key"},
                        }
                    }
                }
            },
            "methods": {"get": {"httpMethod": "GET", "path": "v2/{+name}"}},
        }
    },
    "schemas": {
        "Key": {
            "type": "object",
            "properties": {
                "uid": {"type": "string", "readOnly": True},
                "cap": {"$ref": "Cap"},
                "labels": {"additionalProperties": {"type": "any"}},
            },
        },
        "Cap": {"type": "object", "properties": {"units": {"type": "string", "format": "int64"}}},
    },
}


def test_methods_are_found_in_nested_resources() -> None:
    extract = read_document(json.dumps(DOCUMENT).encode(), "discovery", "https://acme.example/$discovery", "vendor", "", "", ["/**"])
    assert (extract.provenance.version, extract.provenance.date) == ("v2 revision 20260818", "2026-08-18")
    found = operations(extract)
    assert set(found) == {"GET /v2/{name}", "POST /v2/projects/{projectsId}/keys"}
    create = found["POST /v2/projects/{projectsId}/keys"]
    assert create.action == "acme.projects.keys.create"
    assert create.request == {
        "keyId": "string",
        "views": "array",
        "views[]": "FULL",
        "cap": "object",
        "cap.units": "string",
        "labels": "object",
        "labels.*": "any",
    }
    assert create.response["uid"] == "string"


def test_a_document_inside_a_package_is_named_by_its_file(tmp_path: Path) -> None:
    path = wheel(tmp_path, {"acme/documents/keys.v2.json": json.dumps(DOCUMENT)})
    provenance = read_package(path, "discovery", "keys.v2.json", "", ["/**"]).provenance
    assert (provenance.kind, provenance.retrieved, provenance.version) == ("discovery", "package", "v2 revision 20260818")
    assert provenance.address == "pkg:pypi/acme-sdk@1.2.3#acme/documents/keys.v2.json"
    with pytest.raises(DocumentError, match=r"holds no other\.json"):
        read_package(path, "discovery", "other.json", "", ["/**"])
