"""What verify and report tell of change: the history they note it in, and what else a run may end with 1 for."""

import re
from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from probes import cli_options
from probes.cli_options import CHECKOUT, DEFAULT_CASSETTES, DEFAULT_CLAIMS
from probes.errors import UsageError

if TYPE_CHECKING:
    from probes.notify import Channel
    from probes.outcome import Outcome
    from probes.results import Results
    from reports.drifts import Drift
    from reports.history import Line
    from reports.text import Language

DEFAULT_HISTORY = CHECKOUT / "reports" / "history.jsonl"

MaxAge = Annotated[str, typer.Option("--max-age", metavar="DAYS", help="Evidence older than this is stale: 30d.")]
HistoryPath = Annotated[
    Path | None,
    typer.Option("--history", metavar="FILE", help="Where changed verdicts are noted.", show_default="the checkout's, for its own record"),
]
FailOn = Annotated[
    str | None, typer.Option("--fail-on", metavar="WHAT", help="End with 1 also for: drift, stale, unverified (with commas between).")
]
AgainAfter = Annotated[
    float | None,
    typer.Option(
        "--again-after", metavar="SECONDS", min=0, help="How long to wait before a changed answer is asked for again.", show_default="30"
    ),
]

Notify = Annotated[
    list[str] | None,
    typer.Option(
        "--notify",
        metavar="URL|VARIABLE",
        help="Tell this channel when anything changed: an apprise address, or the variable that holds some (repeatable).",
    ),
]
NotifyLanguage = Annotated[
    str | None, typer.Option("--notify-language", metavar="en|zh", help="The channels' language.", show_default="by the service")
]


class Fail(StrEnum):
    """What else `verify` may end with 1 for."""

    DRIFT = "drift"
    STALE = "stale"
    UNVERIFIED = "unverified"


def after_run(outcome: "Outcome", results: "Results", *, history: Path | None, commit: str = "") -> "Drift":
    """What a run changed, and its note in the history, where it has one. `history` is None where none is kept."""
    from probes.record import Record  # noqa: PLC0415
    from reports import drift as compare  # noqa: PLC0415
    from reports.history import update  # noqa: PLC0415

    today = cli_options.today()
    if history is not None:
        update(history, results, today, commit)
    return compare(*Record.around(outcome, results, today))


def history_of(given: Path | None, claims: Path, cassettes: Path, *, settled: bool = True) -> Path | None:
    """The history to note changes in: the one given, the checkout's for its own record, else none; never what simulators showed there."""
    own = settled and (claims, cassettes) == (DEFAULT_CLAIMS, DEFAULT_CASSETTES)
    return given or (DEFAULT_HISTORY if own else None)


def note(results: "Results", claims: Path, cassettes: Path) -> "list[Line]":
    """Note in the checkout's history what changed in its record, with the commit where the record is committed."""
    from probes.revisions import Revisions  # noqa: PLC0415
    from reports.history import update  # noqa: PLC0415

    try:
        current = Revisions(claims, cassettes).current()
    except UsageError:
        current = None  # not a git checkout: the day is all that is known
    day = current.day if current else cli_options.today()
    return update(DEFAULT_HISTORY, results, day, current.short if current else "")


def renew_feed(results: "Results", out: Path) -> Path:
    """Write the feed of what the checkout's history tells; returns its path. Raises NotWritten."""
    from probes.files import write  # noqa: PLC0415
    from reports.feed import feed  # noqa: PLC0415
    from reports.history import read  # noqa: PLC0415

    return write(out / "feed.xml", feed(read(DEFAULT_HISTORY), results).encode("utf-8"))


def channels(given: list[str] | None, language: str | None) -> "list[Channel]":
    """The channels of --notify. Raises UsageError."""
    from probes.notify import channels as named  # noqa: PLC0415

    return named(given, cli_options.environment().variables, cli_options.language(language, "--notify-language")) if given else []


def tell(found: "Drift", to: "list[Channel]") -> int:
    """Tell the channels what changed; 1 where one could not be told, which nobody would learn otherwise."""
    from probes.notify import tell as told  # noqa: PLC0415

    failed = list(told(found, to)) if to else []
    for failure in failed:
        typer.echo(failure, err=True)
    return int(bool(failed))


def failing(named: str | None) -> frozenset[Fail]:
    """What --fail-on names. Raises UsageError on anything else."""
    words = [word.strip() for word in (named or "").split(",") if word.strip()]
    unknown = [word for word in words if word not in set(Fail)]
    if unknown:
        raise UsageError("is nothing to end with 1 for", where=f"--fail-on {unknown[0]}", hint=f"Known: {', '.join(Fail)}.")
    return frozenset(map(Fail, words))


def fails(wanted: frozenset[Fail], max_age: timedelta, found: "Drift", results: "Results", providers: Iterable[str]) -> int:
    """1 when any of what --fail-on names is so, else 0."""
    from probes.evidence import VerdictStatus  # noqa: PLC0415

    chosen, oldest = set(providers), (cli_options.today() - max_age).isoformat()
    verdicts = [verdict for (name, _), verdict in results.verdicts.items() if name in chosen]
    return int(
        (Fail.DRIFT in wanted and bool(found))
        or (Fail.STALE in wanted and any(each.as_of and each.as_of < oldest for each in verdicts))
        or (Fail.UNVERIFIED in wanted and any(each.status is VerdictStatus.UNVERIFIED for each in verdicts))
    )


def days(text: str) -> timedelta:
    """`30d` or `30`. Raises UsageError."""
    match = re.fullmatch(r"(\d{1,5})d?", text)
    if match is None:
        raise UsageError("is no number of days", where=f"--max-age {text}", hint="For example --max-age 30d.")
    return timedelta(days=int(match[1]))


def show(found: "Drift", language: "Language" = "en") -> None:
    """Drift as lines on stdout, harmless for a terminal; nothing where nothing changed in a run."""
    from probes.console import printable  # noqa: PLC0415
    from reports.drift_forms import to_text  # noqa: PLC0415

    for line in to_text(found, language):
        typer.echo(printable(line))


def in_json(found: "Drift") -> dict[str, Any]:
    """Drift as a part of a JSON document."""
    from reports.drift_forms import to_json  # noqa: PLC0415

    return to_json(found)
