"""Work on several processors: the command line judges recordings and renders languages in processes of their own."""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from probes.errors import KeycapError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

P = TypeVar("P")
R = TypeVar("R")


def processors() -> int:
    """How many processes may work at once: one for each processor that this process may use, one where processes cannot be forked.

    Elsewhere than on Linux a process begins with importing everything anew, or may not be forked beside the system's frameworks.
    """
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


def at_once(work: Callable[[P], R], parts: Sequence[P], processes: int = 1, *, meanwhile: Callable[[], object] | None = None) -> list[R]:
    """What `work` makes of each part, in order; all at once where there are as many processes as parts, else one after the other.

    The first part is done here, each other in a forked process that has all that this one has; with something else to do `meanwhile`,
    that is done here and all parts elsewhere. Results are pickled. Only for a process with one thread. Raises what `work` raises,
    KeycapError when a process ended without a word.
    """
    if len(parts) < 2 or processes < len(parts):
        if meanwhile:
            meanwhile()
        return [work(part) for part in parts]
    from multiprocessing import get_context  # noqa: PLC0415

    context = get_context("fork")
    here, elsewhere = ([], parts) if meanwhile else (parts[:1], parts[1:])
    started = []
    try:
        for part in elsewhere:
            receiver, sender = context.Pipe(duplex=False)
            process = context.Process(target=_tell, args=(sender, work, part), daemon=True)
            process.start()
            sender.close()
            started.append((process, receiver))
        if meanwhile:
            meanwhile()
        return [*(work(part) for part in here), *(_told(receiver) for _, receiver in started)]
    finally:
        for process, receiver in started:
            process.terminate()
            process.join()
            receiver.close()


def _tell(sender: "Connection", work: Callable[[P], R], part: P) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it reaches every process of a terminal; only the first one tells of it
    try:
        sender.send((work(part), None))
    except Exception as fault:  # noqa: BLE001  (raised where the work was asked for)
        sender.send((None, fault))


def _told(receiver: "Connection") -> R:  # type: ignore[type-var]
    try:
        result, fault = receiver.recv()
    except EOFError as error:
        what = "a process that shared the work ended without a result; the system may be short of memory"
        raise KeycapError(what, hint="Run it again, or give it one processor: taskset --cpu-list 0 keycap …") from error
    if fault is not None:
        raise fault
    return result  # type: ignore[no-any-return]
