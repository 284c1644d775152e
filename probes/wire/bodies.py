"""Bodies as text, and JSON as it is written into a recording."""

import json
import re
from typing import Any

_NOT_IN_YAML_BLOCKS = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\U00010000-\U0010ffff]")


def indented(value: Any) -> str:
    """JSON over several lines, in characters that YAML can hold in a block: the others are escaped."""
    return _NOT_IN_YAML_BLOCKS.sub(_escaped, json.dumps(value, indent=2, ensure_ascii=False))


def _escaped(found: re.Match[str]) -> str:
    return "\\u007f" if found[0] == "\x7f" else json.dumps(found[0])[1:-1]


def decoded(body: bytes, content_type: str) -> str:
    """Bytes that are not of the stated charset, or of UTF-8 where none is known, become U+FFFD."""
    charset = re.search(r"charset=[\"']?([\w.:-]+)", content_type, re.IGNORECASE)
    try:
        text = body.decode(charset[1] if charset else "utf-8-sig", "replace")
    except (LookupError, UnicodeError):  # a server may name anything, also codecs that are none for text
        text = body.decode("utf-8-sig", "replace")
    return text.encode("utf-8", "replace").decode("utf-8").removeprefix("\ufeff")
