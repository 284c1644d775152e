"""Runs a command until standard input closes, then ends it and everything it started: `python leash.py COMMAND…`.

Whoever starts a leash in a process group of its own holds the other end of the pipe and need do nothing more: the system closes the pipe
even when the holder is killed, which no `finally` survives. POSIX only (process groups).
"""

import os
import signal
import subprocess
import sys
import threading
import time

GRACE = 10.0
"""Seconds between asking the group to end and killing it; the slowest gateway needs 4."""


def main(command: list[str]) -> None:
    """Run `command`; never returns: the last thing a leash does is to kill its own process group, itself included."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    # After the child has started, or it would inherit the deafness: the request to end goes to the group, and this is a member.
    signal.signal(signal.SIGTERM, lambda *_: None)
    threading.Thread(target=_end_group_when_let_go, daemon=True).start()
    print(f"leash: ended with exit code {child.wait()}: {command[0]}", file=sys.stderr, flush=True)
    os.killpg(0, signal.SIGKILL)


def _end_group_when_let_go() -> None:
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGTERM)
    time.sleep(GRACE)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1:])
