"""Files in a checkout: written whole or not at all, and told apart from those that git left in conflict."""

import os
import re
import secrets
from contextlib import suppress
from pathlib import Path

from probes.errors import NotWritten

PARTIAL = ".*.part"
"""Pattern of the names under which files are written before they take their own; a killed process may leave one."""

_CONFLICT = re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE)


def write(path: Path, data: bytes) -> Path:
    """Write a file whole or not at all and return its path; what is there stays until the new file is complete on disk.

    Missing folders are made. Raises NotWritten.
    """
    try:
        _write(path, data)
    except OSError as error:
        what = f"not written, what was there is unchanged: {error.strerror or error}"
        raise NotWritten(what, where=str(path), hint="Check the folder's permissions and the free space.") from error
    return path


def conflict(text: str) -> int:
    """The line, from 1, at which git marked a conflict; 0 where there is none."""
    found = _CONFLICT.search(text)
    return text.count("\n", 0, found.start()) + 1 if found else 0


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with partial.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)  # noqa: PTH105  (the call that makes it atomic, by its name)
    except BaseException:
        with suppress(OSError):
            partial.unlink()
        raise
    if hasattr(os, "O_DIRECTORY"):  # where a folder can be opened, its entry is made durable too
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
