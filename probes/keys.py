"""What a key is good for to whoever holds it: it opens, or it is refused, and a change of that takes a moment to be seen."""

from collections.abc import Awaitable, Callable

from probes.answer import Answer
from probes.api import Api

WITHIN = 10.0
"""Seconds in which a change is to be seen."""

REFUSED = frozenset({401, 403})


async def becomes(api: Api, use: Callable[[Api, str], Awaitable[Answer]], secret: str, *, works: bool) -> Answer:
    """The answer to a use of the key once it opens, or is refused; the last one where it does not come to that."""
    return await api.eventually(
        lambda: use(api, secret), lambda answer: answer.status < 300 if works else answer.status in REFUSED, within=WITHIN
    )
