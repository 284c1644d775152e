"""Files that one living process writes, the ledger and the journal of a run: a crash at any moment leaves what was written.

They are created, locked, appended to and removed. Functions here raise OSError; who calls them says what that means for the run. The lock
is `flock`, which belongs to the open file: `fcntl.lockf` is lost as soon as the process reads the same file and closes it, and does not
keep two runs of one process apart.
"""

import errno
import os
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from probes.errors import LedgerError
from probes.ledger_entries import whole

PATIENCE = 0.5
"""Seconds to wait for a lock: who only looks whether a run is alive holds it for an instant."""

_FLAGS = os.O_APPEND | getattr(os, "O_BINARY", 0)
_SUFFIX = ".jsonl"

if sys.platform == "win32":
    import msvcrt

    # Windows locks bytes, exclusively and against reading too: one far behind the end of the file stands for the whole.
    # Two that look at the same instant may each take the other for a living run: an entry is then offered for cleanup later, never twice.
    _FAR = 2**31 - 2

    def _try_lock(file: int, *, shared: bool) -> bool:  # noqa: ARG001  (there is no other kind)
        os.lseek(file, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

    def _sync_folder(folder: Path) -> None:
        """Windows cannot open a folder; NTFS journals its names."""
else:
    import fcntl

    def _try_lock(file: int, *, shared: bool) -> bool:
        try:
            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _sync_folder(folder: Path) -> None:
        file = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(file)
        except OSError as error:
            if error.errno not in {errno.EINVAL, errno.ENOTSUP}:  # some file systems sync names by themselves and say so like this
                raise
        finally:
            os.close(file)


def create(folder: Path) -> tuple[str, Path, int]:
    """A new run: its id (UTC time and a random tag), its file (0600, locked), and the open descriptor. `folder` is created (0700)."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in missing:
        _sync_folder(path.parent)
    for _ in range(5):
        run = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
        path = path_of(folder, run)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _FLAGS, 0o600)
        try:
            _own(path, file)
        except (BlockingIOError, FileNotFoundError):
            continue  # a cleanup came between, found it empty and without a lock, and removes it
        _sync_folder(folder)
        return run, path, file
    raise TimeoutError(None, "no lock for a new file")


def take(folder: Path, run: str) -> tuple[Path, int]:
    """The locked file of an earlier run. Raises BlockingIOError where some process is at work on it, FileNotFoundError where it is gone."""
    path = path_of(folder, run)
    file = os.open(path, os.O_RDWR | _FLAGS)
    _own(path, file)
    return path, file


def claim(path: Path) -> int:
    """The open and locked file at `path`, made where absent. Raises BlockingIOError while a living process holds it."""
    for _ in range(5):
        file = os.open(path, os.O_RDWR | os.O_CREAT | _FLAGS, 0o644)
        with suppress(FileNotFoundError):  # who held it has just removed it
            _own(path, file)
            return file
    raise TimeoutError(None, "no lock for the file")


def path_of(folder: Path, run: str) -> Path:
    """The file of a run; raises ValueError for what is no run's id."""
    if not run or Path(run).name != run:
        raise ValueError(f"not the id of a run: {run!r}")
    return folder / f"{run}{_SUFFIX}"


def all_in(folder: Path) -> list[Path]:
    """The files of all runs, the oldest first; none where the folder does not exist."""
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == _SUFFIX)
    except FileNotFoundError:
        return []


def look(path: Path) -> tuple[bool, bytes]:
    """Whether a process is at work on a run, and what its file holds. The lock is asked first: what a dead run wrote does not change."""
    file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
    try:
        alive = not _try_lock(file, shared=True)  # shared: two that look do not take each other for the run
        return alive, content(file)
    finally:
        os.close(file)


def content(file: int) -> bytes:
    """All that an open file holds."""
    os.lseek(file, 0, os.SEEK_SET)
    parts = []
    while part := os.read(file, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def append(file: int, line: bytes) -> None:
    """Add one line, in one write, and wait until it is on the disk."""
    if os.fstat(file).st_nlink == 0:
        raise FileNotFoundError(None, "the file was deleted during the run")
    if os.write(file, line) != len(line):
        raise OSError(None, "no room for a whole line")
    _sync(file)


def trim(file: int) -> None:
    """Cut off a last line that was not written to its end, so that the next one stands on its own."""
    data = content(file)
    if whole(data) < len(data):
        os.ftruncate(file, whole(data))


def remove(path: Path, file: int) -> None:
    """Delete a locked file and close it; its name is gone at once or not at all."""
    if sys.platform == "win32":  # an open file cannot be deleted there; what comes between finds a file with nothing open in it
        os.close(file)
        path.unlink()
        return
    try:
        path.unlink()
        _sync_folder(path.parent)
    finally:
        os.close(file)


@contextmanager
def told(where: Path, consequence: str, verb: str = "written") -> Iterator[None]:
    """Turn an OSError into a LedgerError that says what follows from it."""
    try:
        yield
    except OSError as error:
        raise LedgerError(f"the ledger cannot be {verb} ({error.strerror or error}); {consequence}", where=str(where)) from error


def release(file: int) -> None:
    """Close a file, which frees its lock."""
    os.close(file)


def _sync(file: int) -> None:
    if sys.platform == "darwin":  # fsync there stops at the drive's own cache
        try:
            fcntl.fcntl(file, fcntl.F_FULLFSYNC)
        except OSError:  # not every file system has it
            os.fsync(file)
    else:
        os.fsync(file)


def _own(path: Path, file: int) -> None:
    """Lock the file, or close it and raise."""
    try:
        until = time.monotonic() + PATIENCE
        while not _try_lock(file, shared=False):
            if time.monotonic() > until:
                raise BlockingIOError(None, "a living process is at work on this run")  # noqa: TRY301  (closed below)
            time.sleep(0.01)
        if not os.path.samestat(path.stat(), os.fstat(file)):
            raise FileNotFoundError(None, "another process has just cleaned up this run")  # noqa: TRY301
    except BaseException:
        os.close(file)
        raise
