"""Runs a command until standard input closes, then ends it and everything it started: `python leash.py [--database FOLDER] COMMAND…`.

Whoever starts a leash in a process group of its own holds the other end of the pipe and need do nothing more: the system closes the pipe
even when the holder is killed, which no `finally` survives. A PostgreSQL leaves every process group, so it is ended by the folder of its
data. POSIX only (process groups).
"""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

GRACE = 10.0
"""Seconds between asking the group to end and killing it; the slowest gateway needs 4. A database has as long."""


def main(arguments: list[str]) -> None:
    """Run the command; never returns: the last thing a leash does is to kill its own process group, itself included."""
    database, command = (Path(arguments[1]), arguments[2:]) if arguments[0] == "--database" else (None, arguments)
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    # After the child has started, or it would inherit the deafness: the request to end goes to the group, and this is a member.
    signal.signal(signal.SIGTERM, lambda *_: None)
    threading.Thread(target=_end_group_when_let_go, args=(database,), daemon=True).start()
    print(f"leash: ended with exit code {child.wait()}: {command[0]}", file=sys.stderr, flush=True)
    _end_group(database)


def end_database(folder: Path) -> None:
    """Shut down the PostgreSQL whose data is in `folder`, its clients or not; it may have ended already, or never have started."""
    written = folder / "postmaster.pid"
    for request in (signal.SIGINT, signal.SIGQUIT):
        deadline = time.monotonic() + GRACE
        try:
            os.kill(int(written.read_text(encoding="ascii").split()[0]), request)
        except (FileNotFoundError, ProcessLookupError, IndexError):
            return
        while written.exists() and time.monotonic() < deadline:
            time.sleep(0.05)


def _end_group_when_let_go(database: Path | None) -> None:
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGTERM)
    time.sleep(GRACE)
    _end_group(database)


def _end_group(database: Path | None) -> None:
    if database is not None:
        end_database(database)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1:])
