"""Text with variables in it, quoted for a shell and for Python: only the variables expand, everything else stays what it is."""

import json
import keyword
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

Part = tuple[bool, str]
"""A piece of a text: whether it is a variable, and the text or the variable's name (`$NAME` for one of the environment)."""

EVERY = 2
"""Seconds between two looks at what takes its time."""

LINE = 88
"""Characters of a body that stay on one line."""

TAKEN = frozenset({"os", "time", "httpx", "headers", "answer", "client", "print", "hash", "id", "type"})
"""Names that an example uses itself, or that are Python's own."""

quoted: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False).encode
"""JSON on one line; a string of it is one of Python too."""

_SPLIT = re.compile(r"\{([^{}]+)\}")
_FORM = {"True": "true", "False": "false", "None": ""}
_INDEX = re.compile(r"\[(\d*)\]")
_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+=,-]+")


def shell_name(name: str) -> str:
    """A variable of the shell for a parameter: `projectId` becomes PROJECT_ID."""
    cleaned = re.sub(r"\W+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name), flags=re.ASCII).strip("_").upper() or "VALUE"
    return f"P_{cleaned}" if cleaned[0].isdigit() else cleaned


def shell(parts: Sequence[Part]) -> str:
    """One shell word; only variables expand."""
    if all(not variable for variable, _ in parts):
        literal = "".join(piece for _, piece in parts)
        return literal if _PLAIN.fullmatch(literal) else "'" + literal.replace("'", "'\\''") + "'"
    quoted = [f"${{{_shell_variable(piece)}}}" if variable else _escaped(piece) for variable, piece in parts]
    return f'"{"".join(quoted)}"'


def _shell_variable(name: str) -> str:
    return name[1:] if name.startswith("$") else shell_name(name)


def _escaped(literal: str) -> str:
    return re.sub(r'([\\"$`])', r"\\\1", literal)


def shell_json(body: Any) -> str:
    """A JSON body in single quotes, left open around each variable."""
    pieces = [(variable, piece) for variable, piece in _parts_of_json(body)]
    inside = [f"'\"${{{_shell_variable(piece)}}}\"'" if variable else piece.replace("'", "'\\''") for variable, piece in pieces]
    return f"'{''.join(inside)}'"


def shell_fields(fields: Mapping[str, Any]) -> list[str]:
    """Form fields as curl's arguments, which encode the values; booleans and absent values as httpx sends them."""
    return [
        f"--data-urlencode {shell([(False, f'{quote(name)}='), *_named(_FORM.get(repr(value), str(value)))])}"
        for name, value in fields.items()
    ]


def placeholders(body: Any) -> list[Part]:
    """The variables that a JSON body uses."""
    return [] if body is None else [part for part in _parts_of_json(body) if part[0]]


def _parts_of_json(body: Any) -> list[Part]:
    """The JSON text split at strings' placeholders; only `{identifier}` inside a string is one, the braces of JSON itself are not."""
    encoded = quoted(body)
    return _named(encoded if len(encoded) <= LINE else json.dumps(body, ensure_ascii=False, indent=2))


def _named(text: str) -> list[Part]:
    """Split a text at `{identifier}`, what an earlier answer gave, and at `{$NAME}`, a variable of the environment."""
    pieces = re.split(r"\{([a-z][a-z0-9_]*|\$[A-Z][A-Z0-9_]*)\}", text)
    return [(index % 2 == 1, piece) for index, piece in enumerate(pieces) if piece]


def jq(path: str) -> str:
    """A path into an answer for jq: `data.items[].id` becomes `.data.items[0].id`."""
    steps = [f"[{part}]" if part.isdigit() else f'["{part}"]' if not re.fullmatch(r"\w+", part) else f".{part}" for part in _steps(path)]
    joined = "".join(steps)
    return (joined if joined.startswith(".") else f".{joined}").replace("'", "'\\''")


def python_name(name: str) -> str:
    """A variable of Python for a parameter, none that would hide what the example uses."""
    cleaned = shell_name(name).lower()
    return f"{cleaned}_" if keyword.iskeyword(cleaned) or cleaned in TAKEN else cleaned


def python_text(parts: Sequence[Part]) -> str:
    """A string literal, an f-string where there are variables."""
    if all(not variable for variable, _ in parts):
        return quoted("".join(piece for _, piece in parts))
    inside = [_python_variable(piece) if variable else _literal(piece) for variable, piece in parts]
    return f'f"{"".join(inside)}"'


def python_expression(parts: Sequence[Part]) -> str:
    """The same, a variable alone as what it is."""
    match parts:
        case [(True, name)]:
            return f'os.environ["{name[1:]}"]' if name.startswith("$") else python_name(name)
    return python_text(parts)


def _python_variable(name: str) -> str:
    return f"{{os.environ['{name[1:]}']}}" if name.startswith("$") else f"{{{python_name(name)}}}"


def _literal(piece: str) -> str:
    return quoted(piece)[1:-1].replace("{", "{{").replace("}", "}}")


def python_value(value: Any, indent: str = "    ") -> str:
    """A literal of JSON data, on one line where it fits; `indent` is that of its first line."""
    if isinstance(value, str):
        return python_expression(_named(value) or [(False, "")])
    if not isinstance(value, dict | list):
        return repr(value)
    inner = f"{indent}    "
    if isinstance(value, dict):
        items = [f"{quoted(str(key))}: {python_value(item, inner)}" for key, item in value.items()]
    else:
        items = [python_value(item, inner) for item in value]
    left, right = "{}" if isinstance(value, dict) else "[]"
    line = f"{left}{', '.join(items)}{right}"
    if len(line) <= LINE and "\n" not in line:
        return line
    return "\n".join([left, *(f"{inner}{item}," for item in items), f"{indent}{right}"])


def dig(start: str, path: str) -> str:
    """A path into an answer as Python subscripts."""
    return start + "".join(f"[{part}]" if part.isdigit() else f"[{quoted(part)}]" for part in _steps(path))


def same(start: str, path: str, value: str | bool) -> str:
    """A test in Python of what stands at a path of an answer, which may lack it."""
    *outer, last = _steps(path)
    inside = "".join(f".get({quoted(part)}, {{}})" for part in outer)
    compared = f"is {value}" if isinstance(value, bool) else f"== {quoted(value)}"
    return f"{start}{inside}.get({quoted(last)}) {compared}"


def repeated(call: Sequence[str], condition: str) -> list[str]:
    """Python that makes a call again and again until its answer meets a condition."""
    return ["while True:", *(f"    {line}" for line in call), f"    if {condition}:", "        break", f"    time.sleep({EVERY})"]


def with_settings(value: Any, settings: Mapping[str, str]) -> Any:
    """JSON data, or a text, in which `{setting}` became `{$VARIABLE}`, the variable that holds it."""
    if isinstance(value, str):
        return _SPLIT.sub(lambda found: f"{{${settings[found[1]]}}}" if found[1] in settings else found[0], value)
    if isinstance(value, dict):
        return {key: with_settings(item, settings) for key, item in value.items()}
    return [with_settings(item, settings) for item in value] if isinstance(value, list) else value


def _steps(path: str) -> list[str]:
    """`data.limits[].value` → data, limits, 0, value: the first element stands for a list's, `[2]` names the third."""
    return [part for part in _INDEX.sub(lambda found: f".{found[1] or 0}", path).split(".") if part]


def parts_of(text: str) -> list[Part]:
    """Split a text at its `{placeholders}`."""
    pieces = _SPLIT.split(text)
    return [(index % 2 == 1, piece) for index, piece in enumerate(pieces) if piece]
