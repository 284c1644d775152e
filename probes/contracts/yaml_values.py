"""YAML as plain values, built from the parser's events.

PyYAML's own loader will not do for a vendor's document: libyaml's composer recurses on the C stack, so that a deeply nested document ends
the process; `<<` lets a small one grow without end; YAML 1.1 makes `on`, `no`, dates and `12:30` something else than strings; and anchors
may be defined again (OpenAI's document of July 2024 does), which it refuses. Events know none of this.
"""

import re
from typing import Any

import yaml

from probes.yaml_loader import Loader

NESTING_MAX = 500

_CONSTANTS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+)")
_TAG = "tag:yaml.org,2002:"
_PLAIN_TAGS = frozenset(f"{_TAG}{name}" for name in ("null", "bool", "int", "float"))
_TAGS = _PLAIN_TAGS | {f"{_TAG}{name}" for name in ("str", "seq", "map")}


def load(data: bytes) -> Any:
    """The values of the only document in `data`; yaml.YAMLError or ValueError when it is not YAML or has what JSON has not."""
    builder = _Builder()
    for event in yaml.parse(data, Loader):
        builder.take(event)
    return builder.value


_NONE = object()


class _Builder:
    """Puts values together while events come in."""

    def __init__(self) -> None:
        self.value: Any = None
        self._open: list[list[Any] | dict[Any, Any]] = []
        self._keys: list[Any] = []
        """For each open mapping the key that waits for its value, or `_NONE`."""
        self._anchors: dict[str, Any] = {}
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.ScalarEvent():
                self._add(_scalar(event), event.anchor)
            case yaml.AliasEvent():
                if event.anchor not in self._anchors:
                    raise ValueError(f"alias of nothing: {event.anchor}")
                self._add(self._anchors[event.anchor], None)
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                self._begin(event)
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._open.pop()
                self._keys.pop()
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise ValueError("more than one document")

    def _begin(self, event: yaml.SequenceStartEvent | yaml.MappingStartEvent) -> None:
        _check_tag(event.tag)
        container: list[Any] | dict[Any, Any] = [] if isinstance(event, yaml.SequenceStartEvent) else {}
        self._add(container, event.anchor)
        self._open.append(container)
        self._keys.append(_NONE)
        if len(self._open) > NESTING_MAX:
            raise ValueError("nested too deeply")

    def _add(self, value: Any, anchor: str | None) -> None:
        if anchor is not None:
            self._anchors[anchor] = value
        if not self._open:
            self.value = value
            return
        container = self._open[-1]
        if isinstance(container, list):
            container.append(value)
        elif self._keys[-1] is not _NONE:
            container[self._keys[-1]] = value
            self._keys[-1] = _NONE
        elif isinstance(value, (list, dict)):
            raise ValueError("a key that is a list or a mapping")
        else:
            self._keys[-1] = value


def _scalar(event: yaml.ScalarEvent) -> Any:
    _check_tag(event.tag)
    text: str = event.value
    if not event.implicit[0] and event.tag not in _PLAIN_TAGS:
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _check_tag(tag: str | None) -> None:
    # `!` alone only says that the scalar is not to be interpreted.
    if tag not in (None, "!") and tag not in _TAGS:
        raise ValueError(f"a value of its own kind: {tag}")
