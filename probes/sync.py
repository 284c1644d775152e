"""Asynchronous work from synchronous callers: the command line, and notebooks that already run an event loop."""

import asyncio
import signal
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")


@contextmanager
def stopped_by_signal(stop: asyncio.Event) -> Iterator[None]:
    """Set `stop` on SIGINT and SIGTERM where the loop runs in the main thread; elsewhere (a notebook) leave signals alone."""
    loop = asyncio.get_running_loop()
    handled = []
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop.set)
        except (NotImplementedError, RuntimeError, ValueError):
            continue
        handled.append(number)
    try:
        yield
    finally:
        for number in handled:
            loop.remove_signal_handler(number)


def run_sync(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, in a thread of its own when this thread already runs an event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    box: list[T] = []
    faults: list[BaseException] = []

    def target() -> None:
        try:
            box.append(asyncio.run(work))
        except BaseException as fault:  # noqa: BLE001  (carried over to the caller's thread)
            faults.append(fault)

    thread = Thread(target=target)
    thread.start()
    thread.join()
    if faults:
        raise faults[0]
    return box[0]
