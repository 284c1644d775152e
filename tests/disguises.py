"""The encodings in which a secret may turn up, written independently of what finds them."""

import base64
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

ENCODINGS: dict[str, Callable[[str], str]] = {
    "raw": str,
    "url": lambda value: quote(value, safe=""),
    "url, lenient": quote,
    "url, form": quote_plus,
    "url, every octet": lambda value: "".join(f"%{octet:02x}" for octet in value.encode()),
    "url, twice": lambda value: quote(quote(value, safe=""), safe=""),
    "json": lambda value: json.dumps(value)[1:-1],
    "json, not ascii": lambda value: json.dumps(value, ensure_ascii=False)[1:-1],
    "json, every character": lambda value: "".join(f"\\u{unit:04X}" for unit in utf16(value)),
    "json in json": lambda value: json.dumps(json.dumps(value))[3:-3],
    "hex": lambda value: value.encode().hex(),
    "HEX": lambda value: value.encode().hex().upper(),
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "base64, offset 1": lambda value: base64.b64encode(b"u" + value.encode()).decode(),
    "base64, offset 2": lambda value: base64.b64encode(b"u:" + value.encode()).decode(),
    "base64, urlsafe": lambda value: base64.urlsafe_b64encode(value.encode()).decode(),
    "base64, urlsafe, offset 1": lambda value: base64.urlsafe_b64encode(b"u" + value.encode()).decode(),
    "base64, urlsafe, offset 2": lambda value: base64.urlsafe_b64encode(b"u:" + value.encode()).decode(),
    "base64, more behind": lambda value: base64.b64encode(b"u:" + value.encode() + b":more").decode(),
    "base64, no padding": lambda value: base64.b64encode(value.encode()).decode().rstrip("="),
}


def utf16(value: str) -> list[int]:
    data = value.encode("utf-16-be")
    return [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]


def kernel(written: str, encoding: str) -> str:
    """What must be gone: of base64 the outermost characters also encode the neighbours."""
    return written.rstrip("=")[4:-3] if encoding.startswith("base64") else written
