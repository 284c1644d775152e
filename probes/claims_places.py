"""Where things stand in capabilities.yaml, and the problems that are found there."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
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
    """Where each value of the file stands."""

    def __init__(self, root: yaml.Node | None) -> None:
        self.marks: dict[Path_, tuple[int, int]] = {(): (1, 1)}
        self.duplicates: list[Problem] = []
        if root is not None:
            self._visit(root, ())

    def _visit(self, node: yaml.Node, path: Path_) -> None:
        self.marks.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                name = str(key.value)
                here = (key.start_mark.line + 1, key.start_mark.column + 1)
                if name in seen:
                    self.duplicates.append(Problem(*here, _dotted((*path, name)), "the key stands twice"))
                seen.add(name)
                self.marks[(*path, name)] = here
                self._visit(value, (*path, name))
        elif isinstance(node, yaml.SequenceNode):
            for index, item in enumerate(node.value):
                self._visit(item, (*path, index))

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


def _dotted(path: Path_) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
