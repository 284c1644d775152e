"""Earlier records: claims and cassettes as they stand in a commit, taken out into a temporary folder and judged by today's probes."""

import re
import tarfile
from datetime import date
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from probes.errors import KeycapError, UsageError
from probes.git import SHALLOW, Git, Revision

if TYPE_CHECKING:
    from probes.record import Record

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LATER = "Choose a later revision with --since."


class Revisions:
    """The commits of a record. Raises UsageError where claims and cassettes do not lie in one git repository."""

    def __init__(self, claims: Path, cassettes: Path) -> None:
        self._git = Git(claims.resolve().parent)
        self._claims, self._cassettes = self._git.path(claims), self._git.path(cassettes)

    def find(self, since: str | None) -> Revision:
        """HEAD, a revision, or for `YYYY-MM-DD` the last commit before that day (UTC). Raises UsageError where there is none."""
        if since is None:
            found, what = self._git.find("HEAD"), "there is no commit yet"
        elif _DAY.fullmatch(since):
            found, what = self._git.before(_day(since)), "no commit is older"
        else:
            found, what = self._git.find(since), "names neither a commit nor a day"
        if found is None:
            raise UsageError(
                what, where=f"--since {since}" if since else str(self._git.root), hint=f"Give YYYY-MM-DD or a revision. {SHALLOW}"
            )
        return found

    def all(self) -> list[Revision]:
        """The commits that changed the record, oldest first."""
        return self._git.changes([self._claims, self._cassettes])

    def current(self) -> Revision | None:
        """The commit that the files are of; None when they were changed since."""
        return self._git.clean([self._claims, self._cassettes])

    def read(self, revision: Revision) -> "Record":
        """The record of a commit. Raises KeycapError when it holds none, or one that today's keycap cannot read."""
        from probes.record import Record  # noqa: PLC0415 — vcrpy takes half a second, and who asks for the commit alone need not wait

        where = f"the record of {revision.short}"
        if self._git.attempt("cat-file", "-e", f"{revision.commit}:{self._claims}") is None:
            raise UsageError("there is no claims file in it", where=where, hint=_LATER)
        recorded = self._git.attempt("cat-file", "-e", f"{revision.commit}:{self._cassettes}") is not None
        packed = self._git.bytes("archive", "--format=tar", revision.commit, "--", self._claims, *([self._cassettes] if recorded else []))
        with TemporaryDirectory(prefix="keycap-") as folder:
            _unpack(packed, Path(folder))
            try:
                return Record.read(Path(folder) / self._claims, Path(folder) / self._cassettes, day=revision.day, revision=revision.short)
            except KeycapError as error:
                raise KeycapError(f"this keycap cannot read it: {error.what}", where=where, hint=_LATER) from error


def _unpack(packed: bytes, folder: Path) -> None:
    """Write the plain files of an archive; a link in a commit is none of a record's files."""
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isreg() else None
            if content is not None:
                path = folder / member.name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.read())


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError("is no day of the calendar", where=f"--since {text}") from error
