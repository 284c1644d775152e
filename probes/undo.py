"""Undoing what a run created or changed: by its id, or found by its name when the answer that told the id was lost.

That something is not there proves nothing while it is young: the provider may still be creating it, or not show it yet. So it is looked for
again, spaced over time, and its entry stays open until it is older than `YOUNG`: a later `keycap cleanup` looks once more.
"""

import asyncio
import math
import time
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from probes.answer import Answer, dotted
from probes.errors import AnswerTooSlow, ConnectionDropped, KeycapError, LedgerError
from probes.ledger import Entry, Find, Ledger, Request, State
from probes.ledger_requests import Read, is_about, steps
from probes.listing import GONE, NoList, Send, find
from probes.refusals import classify, envelope, says_error
from probes.vocabulary import Means

__all__ = ["IN_A_CLEANUP", "IN_A_RUN", "YOUNG", "Send", "Undone", "undo_all"]

YOUNG = timedelta(minutes=15)
"""The age below which nobody can say that what is not there will not come."""

IN_A_RUN = (0.5, 1.0, 2.0)
"""Seconds between the looks at the end of a run."""

IN_A_CLEANUP = (1.0,)
"""Seconds between the looks of a cleanup: what it looks for has had its time, or is told to be too young."""

PATIENCE = 20.0
"""Seconds after which no further look begins, however slow the provider is."""

_TRANSIENT = frozenset({408, 409, 423, 425, 429})


@dataclass(frozen=True, slots=True)
class Undone:
    """What became of an entry: gone where neither says anything."""

    entry: Entry
    wrong: str = ""
    """Why it may still be there."""
    minutes: int = 0
    """It is not there, but may still come: how long to wait before looking again."""

    @property
    def gone(self) -> bool:
        return not self.wrong and not self.minutes

    def __str__(self) -> str:
        """For a person, without the name of the thing."""
        if self.minutes:
            return f"not there so far, but it may still appear: run keycap cleanup again in {self.minutes} min"
        if self.wrong:
            return f"{'may not be as it was' if self.entry.state is State.CHANGED else 'may still be there'}: {self.wrong}"
        return "gone"


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What one attempt found: undone, or `absent` (it was not there, which may be too early to say), or `wrong`."""

    wrong: str = ""
    absent: bool = False
    again: bool = False
    """Whether another attempt may go better."""
    done: int = 0
    """How many of its steps took effect."""


async def undo_all(
    entries: Iterable[Entry], ledger: Ledger, send: Send, *, pauses: Sequence[float], seen: Container[int] = ()
) -> list[Undone]:
    """Undo entries in this order and note it in the ledger; what cannot be undone keeps none of the others from it.

    `pauses` are the seconds before each further attempt on what is not undone yet. `seen` are the numbers of entries of which the provider
    has shown that they were there: if they are not, they are gone.
    """
    began = time.monotonic()
    left, results, looks, done = list(entries), dict[int, Undone](), Counter[int](), Counter[int]()
    for pause in (0.0, *pauses):
        if not left or time.monotonic() - began > PATIENCE:
            break
        await asyncio.sleep(pause)
        again = []
        for entry in left:
            attempt = await _attempt(entry, ledger, send, first=pause == 0.0, done=done[entry.number])
            done[entry.number] = max(attempt.done, done[entry.number])
            looks[entry.number] += attempt.absent
            sure = entry.number in seen or _stood_in_what_is_gone(entry, ledger) or (looks[entry.number] > 1 and abs(entry.age()) > YOUNG)
            results[entry.number] = _noted(entry, attempt, ledger, sure=sure)
            if attempt.again and not results[entry.number].gone:
                again.append(entry)
        left = again
    return [_kept(result, ledger) if result.wrong else result for result in results.values()]


def _noted(entry: Entry, attempt: _Attempt, ledger: Ledger, *, sure: bool) -> Undone:
    if attempt.wrong:
        return Undone(entry, attempt.wrong)
    if attempt.absent and not sure:
        return Undone(entry, minutes=max(1, math.ceil((YOUNG - entry.age()) / timedelta(minutes=1))))
    try:
        (ledger.restored if entry.state is State.CHANGED else ledger.undone)(entry)
    except LedgerError as error:
        return Undone(entry, error.what)
    return Undone(entry)


def _kept(result: Undone, ledger: Ledger) -> Undone:
    """The result, its reason written down and, since it may quote an answer, redacted."""
    try:
        return replace(result, wrong=ledger.failed(result.entry, result.wrong).notes[-1])
    except LedgerError as error:
        return replace(result, wrong=error.what)


def _stood_in_what_is_gone(entry: Entry, ledger: Ledger) -> bool:
    """Whether its addresses name something that this run created and has undone: a key goes with its project."""
    asked: list[Request] = [*steps(entry.undo), *([entry.undo["find"]] if "find" in entry.undo else [])]
    return any(is_about(each["path"], each.get("body"), gone) for each in asked for gone in ledger.undone_ids)


async def _attempt(entry: Entry, ledger: Ledger, send: Send, *, first: bool, done: int) -> _Attempt:
    try:
        if entry.state is State.CHANGED:
            return await _restore(entry, send, first=first)
        if entry.id is not None or "find" not in entry.undo:
            return await _by_id(entry, send, done=done)
        return await _by_name(entry, entry.undo["find"], ledger, send)
    except KeycapError as error:
        return _Attempt(error.what, again=isinstance(error, ConnectionDropped | AnswerTooSlow))
    except Exception as error:  # noqa: BLE001  (told, and the others are undone all the same)
        return _Attempt(f"undoing it failed ({type(error).__name__})")


async def _by_id(entry: Entry, send: Send, *, done: int = 0) -> _Attempt:
    """`done` steps took effect in an earlier attempt: asked once more, a vendor would be at work on them again and refuse the next."""
    requests = entry.undoing()
    if requests is None:
        return _Attempt("its id is not known, or cannot stand in an address, and nothing says how to find it by name")
    absences: list[bool] = []
    for position, request in enumerate(requests[done:], done):
        answer = await _sent(request, entry, send)
        if not _is_done(answer) and not _is_gone(answer):
            refused = _refused(f"{request['method']} answered {answer.status}{' and an error' if answer.status < 300 else ''}", answer)
            return replace(refused, done=position if not all(absences) else 0)
        absences.append(_is_gone(answer))
    absent = all(absences) and not done
    return _Attempt(absent=absent, again=absent)


async def _by_name(entry: Entry, how: Find, ledger: Ledger, send: Send) -> _Attempt:
    """Undo everything that bears exactly this entry's name, which no other run ever gives."""
    try:
        found = await find(how, entry.undo.get("host", ""), entry.name, send)
    except NoList as error:
        if error.status in GONE and _stood_in_what_is_gone(entry, ledger):
            return _Attempt(absent=True)
        return _Attempt(str(error), again=_is_transient(error.status))
    attempts = [await _by_id(replace(entry, id=identity), send) for identity in found]
    wrong = "; ".join(each.wrong for each in attempts if each.wrong)
    return _Attempt(wrong, absent=not found, again=not found or any(each.again for each in attempts))


def _is_gone(answer: Answer) -> bool:
    """A 404 may also say that the access key or the call itself is not known: that tells nothing of the thing.

    Some clouds say that there is no such thing with 200, in the body.
    """
    unknown_call = any(code.startswith("InvalidAction") for code in envelope(answer.body).codes)
    refused = answer.status in GONE or (answer.status < 300 and says_error(answer.body))
    return refused and classify(answer.status, answer.body) is Means.NOT_FOUND and not unknown_call


def _is_done(answer: Answer) -> bool:
    """Some vendors refuse with 200 and say so in the body."""
    return answer.status < 300 and not says_error(answer.body)


async def _restore(entry: Entry, send: Send, *, first: bool) -> _Attempt:
    """Set it back and read it back. Later attempts read first: the vendor may still be at it, and asking again would set it back anew."""
    read = entry.undo.get("read")
    if not first and read is not None and (await _read_back(entry, read, send)).wrong == "":
        return _Attempt()
    for request in steps(entry.undo):
        answer = await _sent(request, entry, send)
        if not _is_done(answer):
            return _refused(f"{request['method']} answered {answer.status}{' and an error' if answer.status < 300 else ''}", answer)
    return _Attempt() if read is None else await _read_back(entry, read, send)


async def _read_back(entry: Entry, read: Read, send: Send) -> _Attempt:
    answer = await _sent(read, entry, send)
    if answer.status >= 300:
        return _refused(f"reading it back answered {answer.status}", answer)
    value = dotted(answer.json, read["where"])
    return _Attempt() if value == entry.old else _Attempt(f"it was set back to {entry.old!r}, but reads {value!r}", again=True)


async def _sent(request: Request, entry: Entry, send: Send) -> Answer:
    return await send(request["method"], entry.undo.get("host", "") + request["path"], request.get("body"))


def _refused(wrong: str, answer: Answer) -> _Attempt:
    return _Attempt(wrong, again=_is_transient(answer.status))


def _is_transient(status: int) -> bool:
    return status >= 500 or status in _TRANSIENT
