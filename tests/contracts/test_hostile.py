"""Whatever a document holds: an extract or a DocumentError, nothing else."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probes.contracts.document import read_document
from probes.contracts.extract import Extract
from probes.contracts.package import read_package
from probes.errors import DocumentError
from tests.contracts.wheels import wheel

KINDS = ("openapi", "swagger", "discovery")
WORDS = st.sampled_from(
    [
        "paths",
        "/k",
        "get",
        "post",
        "parameters",
        "in",
        "query",
        "body",
        "name",
        "schema",
        "$ref",
        "#/paths",
        "allOf",
        "properties",
        "items",
        "enum",
        "type",
        "object",
        "content",
        "application/json",
        "requestBody",
        "responses",
        "200",
        "resources",
        "methods",
        "schemas",
        "httpMethod",
        "GET",
        "flatPath",
        "request",
        "response",
        "additionalProperties",
        "components",
        "info",
        "version",
        "revision",
        "discriminator",
        "mapping",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(), inner, max_size=6),
    max_leaves=40,
)
READERS = ("stainless", "speakeasy", "azure", "tea", "tencentcloud", "qfrequest", "protobuf", "gapic")


def is_read_or_refused(data: bytes, kind: str) -> None:
    try:
        extract = read_document(data, kind, "x", "copy", "", "", ["/**"])
    except DocumentError:
        return
    json.dumps(extract.to_json(), ensure_ascii=False).encode()
    assert Extract.from_json(json.loads(json.dumps(extract.to_json()))).to_json() == extract.to_json()


@given(st.binary(), st.sampled_from(KINDS))
def test_bytes(data: bytes, kind: str) -> None:
    is_read_or_refused(data, kind)


@given(st.text(alphabet="{}[]:,-?&*!|>'\"%@ \n\tab01=<~.#"), st.sampled_from(KINDS))
def test_yaml(text: str, kind: str) -> None:
    is_read_or_refused(text.encode(), kind)


@given(VALUES, st.sampled_from(KINDS))
def test_json(value: Any, kind: str) -> None:
    is_read_or_refused(json.dumps(value).encode(), kind)
    is_read_or_refused(
        json.dumps({"paths": {"/k": {"get": value, "post": {"requestBody": value, "responses": value}}}, "schemas": value}).encode(), kind
    )
    is_read_or_refused(json.dumps({"methods": {"m": value}, "resources": {"r": value}, "schemas": {"S": value}}).encode(), kind)


@settings(max_examples=20, deadline=None)
@given(st.binary(max_size=400), st.sampled_from((".whl", ".tar.gz")))
def test_distributions(data: bytes, suffix: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"acme{suffix}"
        path.write_bytes(data)
        with pytest.raises(DocumentError):
            read_package(path, "stainless", None, "", ["/**"])


SOURCE = st.lists(
    st.sampled_from(
        [
            "class Keys(SyncAPIResource):",
            "    def a(self, request: Keys, x: Optional['Keys[Keys]']) -> Keys:",
            "        return self._post(x)",
            "        self._post(f'/{x}', body=maybe_transform({**x, 'a': x}, Keys))",
            "        _url = f'/{x!r}'",
            "    x: Keys = rest_field(name=x)",
            "        return HttpRequest(method='GET', url=_url)",
            "def build_x_request():",
            "    y: 'Union[Keys, list[Keys], \"' = Field(alias='y')",
            "        QfRequest(method='GET', url=Consts.a.b, query=x)",
            "Keys = Keys",
            "        x = prepare(x)",
            "    z: A.B = FieldInfo(alias='\\ud800')",
            "from .keys import *",
            "from . import Keys",
            "import acme as Keys",
            "        Params(action='A', pathname='/', method='POST')",
            "        req = self._build_request(method='GET', path='/a', request=x)",
            "Keys = TypedDict('Keys', {'a': Keys})",
            "class Keys(Keys[Keys], Generic[T]):",
            "    class Keys(Keys): z: T",
            "x = AddSerializedFile(b'\\n\\x03')",
            "_attribute_map = {'a': {'key': 'b', 'type': '[['}}",
        ]
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(SOURCE, st.sampled_from(READERS))
def test_sources(lines: list[str], reader: str) -> None:
    names = (
        "acme/resources/keys.py",
        "acme/operations/keys.py",
        "acme/client.py",
        "acme/keys.py",
        "acme/server/auth/__init__.py",
        "acme/x_pb2.py",
    )
    with TemporaryDirectory() as folder:
        path = wheel(Path(folder), dict.fromkeys(names, "\n".join(lines)))
        try:
            read_package(path, reader, None, "", ["/**"])
        except DocumentError:
            return
