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
    """Set `stop` on SIGINT and SIGTERM where the loop runs in the main thread; elsewhere (a notebook) leave signals alone.

    A second signal cancels the task that is in the block: whoever sends it does not want to wait for things to be undone.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    handled = []

    def handle() -> None:
        if stop.is_set() and task is not None:
            task.cancel()
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, handle)
        except (NotImplementedError, RuntimeError, ValueError):
            continue
        handled.append(number)
    try:
        yield
    finally:
        for number in handled:
            loop.remove_signal_handler(number)


async def outlasting_one_cancel(work: Coroutine[Any, Any, None]) -> None:
    """Do what must not be left half done: the task may be cancelled once, before or meanwhile, and the work goes on; not a second time."""
    task = asyncio.current_task()
    working = asyncio.ensure_future(work)
    if task is None or task.cancelling():
        await working
        return
    try:
        await asyncio.shield(working)
    except asyncio.CancelledError:
        await working
        raise


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
