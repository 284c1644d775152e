"""A YAML file as keycap keeps it: read with bounds, written whole or not at all, several lines in a block."""

from pathlib import Path
from typing import Any

import yaml
from vcr.serializers import yamlserializer  # type: ignore[import-untyped]

from probes import files
from probes.errors import CassetteError
from probes.yaml_loader import Loader

MAX_FILE = 64 * 1024 * 1024
"""Bytes that a cassette may have."""

AGAIN = "Record this provider again, or restore the file from git."

_END = "\n..."  # YAML's end-of-document mark: a file without it was cut short


class _Loader(Loader):
    """Plain YAML only: vcrpy's own loader also builds tuples and buffers, which keycap never writes."""

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Do not merge `<<`: repeated merges grow without bound. The key is then refused like any unknown tag."""


class _Dumper(yamlserializer._CassetteDumper):  # type: ignore[misc]
    """Several lines stand in a block, so that a changed field is one changed line."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _string(dumper: Any, text: str) -> yaml.ScalarNode:
    node: yaml.ScalarNode = dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)
    return node


_Dumper.add_representer(str, _string)


def read(path: Path) -> str:
    """The text of a file. Raises CassetteError when it is missing, unreadable, larger than `MAX_FILE` or not UTF-8."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except FileNotFoundError as error:
        raise CassetteError("there is no such recording", where=str(path), hint="Record this provider first.") from error
    except OSError as error:
        raise CassetteError(f"cannot be read: {error.strerror or error}", where=str(path)) from error
    if len(data) > MAX_FILE:
        raise CassetteError(f"larger than the {MAX_FILE} bytes a cassette may have", where=str(path), hint=AGAIN)
    try:
        return data.decode("utf-8").replace("\r\n", "\n")  # a checkout may have changed the line ends
    except UnicodeDecodeError as error:
        raise CassetteError(f"not UTF-8 (byte {error.start})", where=str(path), hint=AGAIN) from error


def is_whole(text: str) -> bool:
    """Whether the end mark that `dump` writes is still there."""
    return text.rstrip("\n").endswith(_END)


def parse(text: str, where: str) -> Any:
    """The file as plain data, nothing in it larger than the file itself. Raises CassetteError."""
    if line := files.conflict(text):
        hint = "Take one side whole: git checkout --ours FILE, or --theirs; then git add FILE."
        raise CassetteError(f"git left a conflict in it (line {line})", where=where, hint=hint)
    try:
        data = yaml.load(text, Loader=_Loader)  # noqa: S506  (derived from the safe loader)
        _measure(data, len(text))
    except yaml.constructor.ConstructorError as error:
        raise CassetteError(f"has a YAML tag that no recording needs ({error.problem})", where=where, hint=AGAIN) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = "not YAML" if is_whole(text) or not text.startswith("version:") else "cut short"
        raise CassetteError(f"{what} (line {mark.line + 1})" if mark else what, where=where, hint=AGAIN) from error
    except (RecursionError, ValueError) as error:
        raise CassetteError("nested or repeated beyond what any recording needs", where=where, hint=AGAIN) from error
    return data


def dump(document: Any) -> str:
    """A document as YAML, its keys in the order given, with an end mark."""
    text: str = yaml.dump(document, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1 << 20, explicit_end=True)
    return text


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all. Raises CassetteError for more than a cassette may have, NotWritten."""
    data = text.encode("utf-8")
    if len(data) > MAX_FILE:
        raise CassetteError(f"not written: {len(data)} bytes are more than the {MAX_FILE} a cassette may have", where=str(path))
    files.write(path, data)


def _measure(value: Any, budget: int) -> int:
    """What is left of `budget` characters; raises ValueError when aliases make the content larger than its file."""
    match value:
        case str() | bytes():
            budget -= len(value)
        case dict():
            for name, inner in value.items():
                budget = _measure(inner, _measure(name, budget))
        case list():
            for inner in value:
                budget = _measure(inner, budget)
    if budget < 0:
        raise ValueError("larger than the file it stands in")
    return budget
