"""git, as keycap asks it: read only, by the user's own installation. Raises UsageError where there is none, or no repository."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from probes.errors import UsageError

SHALLOW = "A shallow clone holds no earlier commits: git fetch --unshallow."

_TIMEOUT = 120.0
_HINT = "Earlier records are commits: run keycap in a git checkout."
_COMMIT = "--format=%H %cI"


@dataclass(frozen=True, slots=True)
class Revision:
    """One commit: its full name, and the day (UTC) it was made."""

    commit: str
    day: date

    @property
    def short(self) -> str:
        """Enough of the name to find it, always as long, so that what quotes it stays the same."""
        return self.commit[:12]


class Git:
    """The repository that a folder lies in."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        self.root = Path(self.text("rev-parse", "--show-toplevel").strip()).resolve()

    def path(self, path: Path) -> str:
        """A path as git names it. Raises UsageError when it lies outside."""
        if not path.resolve().is_relative_to(self.root):
            raise UsageError("lies outside of the git repository", where=str(path), hint=f"The repository is {self.root}.")
        return path.resolve().relative_to(self.root).as_posix()

    def find(self, name: str) -> Revision | None:
        """A commit by any name that git knows, None where there is none."""
        commit = self.attempt("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        return _revision(self.text("show", "--no-patch", _COMMIT, commit)) if commit else None

    def before(self, day: date) -> Revision | None:
        """The last commit of the main line before a day (UTC)."""
        commit = self.attempt("rev-list", "-1", "--first-parent", f"--before={day}T00:00:00Z", "HEAD")
        return self.find(commit) if commit else None

    def changes(self, paths: Sequence[str]) -> list[Revision]:
        """The commits, oldest first, that changed some paths, along the main line of history."""
        return [_revision(line) for line in self.text("log", "--first-parent", "--reverse", _COMMIT, "--", *paths).splitlines()]

    def clean(self, paths: Sequence[str]) -> Revision | None:
        """The commit that last changed some paths; None when they were changed since, or were never committed."""
        last = self.attempt("log", "-1", "--first-parent", _COMMIT, "--", *paths)
        return _revision(last) if last and self.attempt("status", "--porcelain", "--", *paths) == "" else None

    def bytes(self, *arguments: str) -> bytes:
        """What git prints."""
        command = ["git", "-C", str(self.root), "--no-optional-locks", "-c", "core.quotePath=false", *arguments]
        try:
            return subprocess.run(command, check=True, capture_output=True, timeout=_TIMEOUT).stdout  # noqa: S603  (a list, no shell)
        except FileNotFoundError as error:
            raise UsageError("git is not installed", where="git", hint=_HINT) from error
        except subprocess.TimeoutExpired as error:
            raise UsageError(f"git took longer than {_TIMEOUT:.0f} s", where=str(self.root)) from error
        except subprocess.CalledProcessError as error:
            told = error.stderr.decode("utf-8", "replace").strip().splitlines()
            raise UsageError(told[-1].removeprefix("fatal: ") if told else "git failed", where=str(self.root), hint=_HINT) from error

    def text(self, *arguments: str) -> str:
        """What git prints, as text."""
        return self.bytes(*arguments).decode("utf-8", "replace")

    def attempt(self, *arguments: str) -> str | None:
        """The same without the white space around it; None when git ends with an error."""
        try:
            return self.text(*arguments).strip()
        except UsageError:
            return None


def _revision(line: str) -> Revision:
    commit, _, stamp = line.strip().partition(" ")
    return Revision(commit, datetime.fromisoformat(stamp).astimezone(UTC).date())
