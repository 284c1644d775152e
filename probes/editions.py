"""Successive editions of a vendor's contract: dated files in a folder, commits of a checkout, or releases of an official SDK.

An edition is read only when it is asked for, once.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from probes.claims import Contract
from probes.contracts.document import read_document
from probes.contracts.extract import Extract
from probes.contracts.fetch import find_distribution, versions
from probes.contracts.package import read_package
from probes.documents import Copies
from probes.errors import DocumentError, UsageError
from probes.git import SHALLOW, Git

_DATED = re.compile(r"^(?P<name>.+?)\.(?P<date>\d{4}-\d{2}-\d{2})\.(?P<rest>.+)$")


@dataclass
class Edition:
    """One edition: its name for people, its ISO date (of a release only known once it is read), and how it is read."""

    name: str
    date: str
    load: Callable[[], Extract]
    _extract: Extract | None = field(default=None, repr=False)

    @property
    def extract(self) -> Extract:
        """What it declares. Raises DocumentError."""
        if self._extract is None:
            self._extract = self.load()
            self.date = self.date or self._extract.provenance.date
        return self._extract

    @property
    def was_read(self) -> bool:
        """Whether anybody asked."""
        return self._extract is not None


def in_folder(contract: Contract, folder: Path) -> list[Edition]:
    """`NAME.DATE.REST` for a contract whose file is `NAME.REST`, oldest first, also in subfolders; the undated file too, by the index."""
    file = contract.file or ""
    found = {}
    for path in sorted([*folder.glob("*"), *folder.glob("*/*")]):
        match = _DATED.match(path.name)
        if match and f"{match['name']}.{match['rest']}" == file:
            found[match["date"]] = path
    copy = Copies(folder).read(file or None)
    if copy is not None:
        found.setdefault(copy[1], folder / file)
    return [Edition(path.name, day, _document(contract, path.read_bytes, day)) for day, path in sorted(found.items())]


def in_checkout(contract: Contract, checkout: Path, file: str) -> list[Edition]:
    """The commits of a git checkout that changed the contract's file, oldest first. Raises UsageError where there are none."""
    git = Git(checkout)
    name = git.path(checkout / file)
    commits = git.changes([name])
    if not commits:
        raise UsageError("no commit has that file", where=f"--file {file}", hint=SHALLOW)

    def shown(commit: str) -> Callable[[], bytes]:
        return lambda: git.bytes("show", f"{commit}:{name}")

    return [Edition(each.short, each.day.isoformat(), _document(contract, shown(each.commit), each.day.isoformat())) for each in commits]


def released(contract: Contract, folders: Sequence[Path]) -> list[Edition]:
    """The releases of an official SDK, oldest first, as the user's own installer lists them. Raises DocumentError."""
    name = (contract.package or "").partition("==")[0]

    def read(version: str) -> Callable[[], Extract]:
        def load() -> Extract:
            distribution = find_distribution(f"{name}=={version}", folders)
            return read_package(distribution, contract.reader or "", contract.file, contract.base, contract.include)

        return load

    return [Edition(f"{name} {version}", "", read(version)) for version in versions(name)]


def _document(contract: Contract, data: Callable[[], bytes], day: str) -> Callable[[], Extract]:
    def load() -> Extract:
        try:
            content = data()
        except OSError as error:
            raise DocumentError(f"cannot be read: {error.strerror or error}", where=contract.file or "") from error
        return read_document(content, contract.kind, contract.url or contract.file or "", "copy", day, contract.base, contract.include)

    return load
