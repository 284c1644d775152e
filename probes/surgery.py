"""Changing a value of a YAML text where it stands: comments, order and layout of everything else stay as they are.

Works at the marks of PyYAML's nodes, on mappings in either style. What it cannot change without touching more than the entry itself, it
refuses.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from probes.errors import KeycapError
from probes.yaml_loader import Loader

Entry = tuple[yaml.Node, yaml.Node]


class NotEditable(KeycapError):
    """The text is laid out so that one entry cannot be changed alone."""


def changed(text: str, path: Sequence[str], changes: Mapping[str, Any], order: Sequence[str]) -> str:
    """The text with entries of the mapping at `path` set, or removed where the value is None; new ones stand in the given order of keys.

    Raises NotEditable, and KeyError when there is no such mapping.
    """
    for key, value in changes.items():
        node = _mapping(yaml.compose(text, Loader), path)
        entry = next((entry for entry in node.value if entry[0].value == key), None)
        if entry is None:
            text = text if value is None else _added(text, node, key, value, order)
        elif value is None:
            text = _removed(text, node, entry)
        else:
            text = _replaced(text, entry[1], _plain(value))
    return text


def _mapping(node: yaml.Node | None, path: Sequence[str]) -> yaml.MappingNode:
    for name in path:
        entries = node.value if isinstance(node, yaml.MappingNode) else []
        node = next((value for key, value in entries if key.value == name), None)
    if not isinstance(node, yaml.MappingNode):
        raise KeyError(".".join(path))
    return node


def _replaced(text: str, node: yaml.Node, new: str) -> str:
    if not _ends_where_it_says(node):
        raise NotEditable("its value is a block, which cannot be replaced alone", where=_where(node))
    return text[: node.start_mark.index] + new + text[node.end_mark.index :]


def _removed(text: str, node: yaml.MappingNode, entry: Entry) -> str:
    place = node.value.index(entry)
    start, end = entry[0].start_mark.index, entry[1].end_mark.index
    if len(node.value) == 1:
        raise NotEditable("it is the only entry", where=_where(entry[0]))
    if not node.flow_style:
        if not _ends_where_it_says(entry[1]) or place == 0:
            raise NotEditable("an entry in block style cannot be removed alone", where=_where(entry[0]))
        start = text.rindex("\n", 0, start)
    elif place:
        start = node.value[place - 1][1].end_mark.index
    else:
        end = node.value[1][0].start_mark.index
    if "#" in text[start : entry[0].start_mark.index] + text[entry[1].end_mark.index : end]:
        raise NotEditable("a comment stands at the entry", where=_where(entry[0]))
    return text[:start] + text[end:]


def _added(text: str, node: yaml.MappingNode, key: str, value: Any, order: Sequence[str]) -> str:
    """Insert after the last entry that comes before it in `order`, else in front."""
    before = [entry for entry in node.value if entry[0].value in order and order.index(entry[0].value) < order.index(key)]
    new = f"{key}: {_plain(value)}"
    if node.flow_style:
        if before:
            at = before[-1][1].end_mark.index
            return f"{text[:at]}, {new}{text[at:]}"
        at = node.value[0][0].start_mark.index
        return f"{text[:at]}{new}, {text[at:]}"
    simple = [entry for entry in before or node.value if _ends_where_it_says(entry[1])]
    if not simple:
        raise NotEditable("no entry stands on a line of its own to insert another after", where=_where(node))
    at = simple[-1][1].end_mark.index
    line_end = text.find("\n", at)
    line_end = len(text) if line_end < 0 else line_end - (text[line_end - 1] == "\r")
    newline = "\r\n" if "\r\n" in text else "\n"
    return f"{text[:line_end]}{newline}{' ' * simple[-1][0].start_mark.column}{new}{text[line_end:]}"


def _ends_where_it_says(node: yaml.Node) -> bool:
    """The end mark of a block collection or a block scalar stands at whatever comes next."""
    if isinstance(node, yaml.CollectionNode):
        return bool(node.flow_style)
    return not isinstance(node, yaml.ScalarNode) or node.style not in ("|", ">")


def _plain(value: Any) -> str:
    """A value as it may stand inside a flow mapping, on one line."""
    dumped: str = yaml.safe_dump([value], default_flow_style=True, allow_unicode=True, width=1 << 20, sort_keys=False)
    return dumped.strip()[1:-1]


def _where(node: yaml.Node) -> str:
    return f"line {node.start_mark.line + 1}"
