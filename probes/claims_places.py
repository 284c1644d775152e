"""Where things stand in capabilities.yaml, and the problems that are found there."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

import yaml

from probes.errors import KeycapError

SCHEMA = "`keycap claims schema` prints the JSON Schema for your editor."

Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault of the file; `line` and `column` count from 1."""

    line: int
    column: int
    path: str
    what: str
    found: str = ""
    allowed: str = ""
    suggestion: str = ""

    def __str__(self) -> str:
        found = f", found {self.found}" if self.found else ""
        allowed = f"; allowed: {self.allowed}" if self.allowed else ""
        suggestion = f" — did you mean {self.suggestion}?" if self.suggestion else ""
        return f"{self.line}:{self.column}: {self.path or '(file)'}: {self.what}{found}{allowed}{suggestion}"


class ClaimsError(KeycapError):
    """capabilities.yaml is not valid; `problems` are all of them, in order of line."""

    def __init__(self, path: Path, problems: Iterable[Problem], *, hint: str = SCHEMA) -> None:
        self.problems = sorted(set(problems))
        count = len(self.problems)
        lines = "\n".join(f"  {path.name}:{problem}" for problem in self.problems)
        super().__init__(
            f"{count} problem{'s' * (count != 1)}\n{lines}",
            where=str(path),
            hint=hint,
        )


class Places:
    """Where each value of the file stands; found out only when there is something to tell."""

    def __init__(self, root: yaml.Node | None) -> None:
        self._root = root

    @cached_property
    def marks(self) -> dict[Path_, tuple[int, int]]:
        """Line and column by path, the key's where there is one."""
        found: dict[Path_, tuple[int, int]] = {(): (1, 1)}
        for path, node in _nodes(self._root, ()):
            found[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
        return found

    @property
    def duplicates(self) -> list[Problem]:
        """Keys that stand twice: YAML would silently take the last."""
        return [
            Problem(key.start_mark.line + 1, key.start_mark.column + 1, _dotted((*path, str(key.value))), "the key stands twice")
            for path, key in _repeated(self._root, ())
        ]

    def problem(self, path: Path_, what: str, found: object = None, *, allowed: Iterable[str] = (), near: str | None = None) -> Problem:
        """A problem at the nearest place that the file really has."""
        place = path
        while place not in self.marks:
            place = place[:-1]
        options = sorted(allowed)
        close = get_close_matches(near, options, 1) if near is not None else []
        shown = "" if found is None else repr(found)
        shown = shown if len(shown) <= 60 else shown[:57] + "…"
        return Problem(*self.marks[place], _dotted(path), what, shown, ", ".join(options), close[0] if close else "")


def _nodes(node: yaml.Node | None, path: Path_) -> Iterator[tuple[Path_, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*path, str(key.value)), key
            yield from _nodes(value, (*path, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield (*path, index), item
            yield from _nodes(item, (*path, index))


def _repeated(node: yaml.Node | None, path: Path_) -> Iterator[tuple[Path_, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield path, key
            seen.add(str(key.value))
            if not isinstance(value, yaml.ScalarNode):
                yield from _repeated(value, (*path, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            if not isinstance(item, yaml.ScalarNode):
                yield from _repeated(item, (*path, index))


def _dotted(path: Path_) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
