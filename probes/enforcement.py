"""Calling against a limit until it bites: what got past it, in sequence or with many calls in flight, and how long it took.

All figures come from the answers and the times at which they came, both of which are recorded: a replay measures the same.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from probes.answer import Answer
from probes.api import Api
from probes.errors import BudgetSpent, NotRecorded
from probes.figures import Figures, Limited
from probes.inference import Inference
from probes.refusals import envelope, says_error
from probes.vocabulary import Means

RETRIED_EVERY = 1.0
"""Seconds between the calls that find out whether a limit is open again."""

EXACT = 1e-9
"""USD by which sums of floating-point costs may miss the cap they add up to."""

LONGEST_RETRY_AFTER = 90.0
"""Seconds; a refusal that asks for more is not waited for."""


def room(inference: Inference, calls: int) -> float:
    """A cap in USD that so many calls may just use up, to two digits."""
    return float(f"{calls * inference.bound:.2g}")


async def cap(
    api: Api,
    *,
    secret: str | None,
    cap_usd: float,
    in_flight: int = 1,
    calls: int = 40,
    inference: Inference | None = None,
    booked: Callable[[], Awaitable[float]] | None = None,
) -> Figures:
    """Call with a key that has a cap of `cap_usd`, `in_flight` calls at a time, until one is refused or `calls` were made.

    Where answers do not tell their cost, `booked` is asked afterwards what all of them cost together, in USD: each had an equal share.
    Raises BudgetSpent when not even the first call may be made, and PriceUnknown.
    """
    chosen = inference or api.inference
    answers = await _until_refused(api, chosen, secret, in_flight, calls)
    served = sorted((answer for answer in answers if _is_served(answer)), key=lambda answer: answer.at)
    costs = [chosen.cost(answer) or 0.0 for answer in served]
    if booked is not None and served:
        costs = [await booked() / len(served)] * len(served)
    before = [sum(costs[:position]) for position in range(len(costs))]
    figures = Figures(
        limited=Limited.SPEND,
        limit=cap_usd,
        in_flight=in_flight,
        understated=chosen.is_understated,
        calls=len(served),
        calls_past=sum(spent >= cap_usd - EXACT for spent in before),
        usd=round(sum(costs), 6),
        usd_past=round(max(0.0, sum(costs) - cap_usd), 6),
    )
    reached = next((answer.at for answer, spent, cost in zip(served, before, costs, strict=True) if spent + cost >= cap_usd - EXACT), None)
    return _refusal(api, figures, answers, reached)


async def quota(
    api: Api, *, secret: str | None, tokens: int, in_flight: int = 1, calls: int = 40, inference: Inference | None = None
) -> Figures:
    """The same with a key that has a quota of `tokens`: input and output of every call count, as its answer tells them."""
    chosen = inference or api.inference
    answers = await _until_refused(api, chosen, secret, in_flight, calls)
    served = sorted((answer for answer in answers if _is_served(answer)), key=lambda answer: answer.at)
    used = [chosen.tokens(answer) or 0 for answer in served]
    before = [sum(used[:position]) for position in range(len(used))]
    figures = Figures(
        limited=Limited.TOKENS,
        limit=float(tokens),
        in_flight=in_flight,
        understated=chosen.is_understated,
        calls=len(served),
        calls_past=sum(spent >= tokens for spent in before),
        usd=round(sum(chosen.cost(answer) or 0.0 for answer in served), 6),
        usd_past=0.0,
        tokens_past=max(0, sum(used) - tokens),
    )
    reached = next((answer.at for answer, spent, each in zip(served, before, used, strict=True) if spent + each >= tokens), None)
    return _refusal(api, figures, answers, reached)


async def rate(
    api: Api,
    *,
    secret: str | None,
    per_minute: int | None,
    calls: int,
    in_flight: int = 1,
    inference: Inference | None = None,
    wait: bool = True,
) -> Figures:
    """Call until a call is refused for its rate, or `calls` were made; then, with `wait`, as long as the refusal asks, and once more.

    `per_minute` is the limit, None where nobody knows it: then nothing can be said of what got past it.

    Raises BudgetSpent when not even the first call may be made, and PriceUnknown.
    """
    chosen = inference or api.inference
    answers = await _until_refused(api, chosen, secret, in_flight, calls)
    served = sorted((answer for answer in answers if _is_served(answer)), key=lambda answer: answer.at)
    costs = [chosen.cost(answer) or 0.0 for answer in served]
    figures = Figures(
        limited=Limited.RATE,
        limit=None if per_minute is None else float(per_minute),
        in_flight=in_flight,
        understated=chosen.is_understated,
        calls=len(served),
        calls_past=0 if per_minute is None else max(0, len(served) - per_minute),
        usd=round(sum(costs), 6),
        usd_past=0.0,
    )
    reached = served[per_minute - 1].at if per_minute is not None and len(served) >= per_minute else None
    figures = _refusal(api, figures, answers, reached)
    if not (wait and figures.refused and figures.retry_after is not None and figures.retry_after <= LONGEST_RETRY_AFTER):
        return figures
    await api.wait(figures.retry_after)
    refused_at = min(answer.at for answer in answers if not _is_served(answer))
    again = await api.spend(chosen, secret=secret)
    opened = round(again.at - refused_at, 3) if _is_served(again) else None
    return replace(figures, waiting_sufficed=_is_served(again), seconds_to_reopen=opened)


async def reopened(
    api: Api, figures: Figures, *, secret: str | None, since: Answer, within: float = 60.0, inference: Inference | None = None
) -> Figures:
    """The figures with the seconds from `since`, the answer that confirmed a raised cap, to the first call that is served again."""
    chosen = inference or api.inference
    answer = await api.eventually(lambda: api.spend(chosen, secret=secret), _is_served, within=within, every=RETRIED_EVERY)
    return replace(figures, seconds_to_reopen=round(answer.at - since.at, 3)) if _is_served(answer) else figures


async def _until_refused(api: Api, inference: Inference, secret: str | None, in_flight: int, calls: int) -> list[Answer]:
    """Answers in the order of sending. What the budget does not allow is not sent; raises BudgetSpent where that leaves none."""
    answers: dict[int, Answer] = {}
    sent = 0
    stopped: BudgetSpent | NotRecorded | None = None

    async def worker() -> None:
        nonlocal sent, stopped
        while sent < calls and stopped is None:
            mine, sent = sent, sent + 1
            try:
                answers[mine] = await api.spend(inference, secret=secret)
            except (BudgetSpent, NotRecorded) as error:  # a replay asks where the run had no money left
                stopped = error
                return
            if not _is_served(answers[mine]):
                return

    async with asyncio.TaskGroup() as group:
        for _ in range(in_flight):
            group.create_task(worker())
    if stopped is not None and not any(not _is_served(answer) for answer in answers.values()):
        raise stopped
    return [answers[position] for position in sorted(answers)]


def _refusal(api: Api, figures: Figures, answers: Sequence[Answer], reached: float | None) -> Figures:
    """The figures with what the first refusal says, and how long after the limit was used up it came."""
    refusals = sorted((answer for answer in answers if not _is_served(answer)), key=lambda answer: answer.at)
    if not refusals:
        return figures
    means = [api.means(answer) for answer in refusals]
    expected = {Limited.SPEND: (Means.SPEND,), Limited.TOKENS: (Means.SPEND,), Limited.RATE: (Means.RATE,)}[figures.limited]
    first = next((each for each, meant in zip(refusals, means, strict=True) if meant in expected), refusals[0])
    codes = [code for code in envelope(first.body).codes if code != str(first.status)]
    return replace(
        figures,
        status=first.status,
        code=next((code for code in codes if not code.isdigit()), codes[0] if codes else ""),
        means=api.means(first),
        seconds_to_block=round(first.at - reached, 3) if reached is not None and first.at >= reached else None,
        retry_after=_seconds(first.headers.get("retry-after", "")),
        headers=limit_headers(first),
    )


def limit_headers(answer: Answer) -> tuple[str, ...]:
    """Names of an answer's headers that speak of limits."""
    return tuple(name for name in answer.headers if _speaks_of_limits(name))


def _is_served(answer: Answer) -> bool:
    """Some vendors refuse with 200 and say so in the body."""
    return answer.status < 400 and not says_error(answer.body)


def _seconds(text: str) -> float | None:
    try:
        return max(0.0, float(text))
    except ValueError:
        return None


def _speaks_of_limits(name: str) -> bool:
    return "ratelimit" in name.replace("-", "") or name.lower() == "retry-after"
