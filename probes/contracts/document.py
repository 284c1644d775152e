"""Documents as bytes: OpenAPI, Swagger and discovery, in JSON or YAML."""

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

import yaml

from probes.contracts import discovery, openapi, yaml_values
from probes.contracts.extract import Extract, Provenance
from probes.contracts.jsonschema import mapping, text
from probes.contracts.routes import select
from probes.errors import DocumentError

DOCUMENT_MAX = 32 * 1024 * 1024


def read_document(  # noqa: PLR0917 # the caller's order: what, whence, which
    data: bytes, kind: str, address: str, retrieved: str, date: str, base: str, include: Sequence[str], *, sha256: str = ""
) -> Extract:
    """The extract of a document's bytes; `kind` is openapi, swagger or discovery, `sha256` that of the package it came in.

    The version is the document's own: `info.version`; for discovery `v2 revision 20260818`, whose day is the date when `date` is empty.
    """
    document = parse(data, address)
    declared = mapping(mapping(document).get("info")).get("version")
    # `version: 1.0` without quotes is a number.
    version = str(declared) if isinstance(declared, (str, int, float)) else ""
    if kind == "discovery":
        revision = text(mapping(document).get("revision"))
        version = f"{text(mapping(document).get('version'))} revision {revision}"
        if not date and re.fullmatch(r"\d{8}", revision, re.ASCII):
            date = f"{revision[:4]}-{revision[4:6]}-{revision[6:]}"
    provenance = Provenance(kind, address, version, date, sha256 or hashlib.sha256(data).hexdigest(), retrieved)
    return select(discovery.routes(document) if kind == "discovery" else openapi.routes(document), provenance, base, include)


def parse(data: bytes, where: str) -> Any:
    """JSON or YAML as plain values; DocumentError when it is neither, too large or nested without end."""
    if len(data) > DOCUMENT_MAX:
        raise DocumentError(f"the document is larger than {DOCUMENT_MAX >> 20} MiB", where=where)
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as fault:
        if data.lstrip().startswith((b"{", b"[")) and isinstance(fault, RecursionError):
            raise DocumentError("the document is nested too deeply", where=where) from fault
    try:
        return yaml_values.load(data)
    except (yaml.YAMLError, ValueError) as fault:
        detail = " ".join(str(fault).split())[:200]
        raise DocumentError(f"the document is neither JSON nor YAML: {detail}", where=where, hint="is it a page for people?") from fault
