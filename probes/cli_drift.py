"""Commands about change: drift, history, since, claims accept."""

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from probes import cli_change, cli_options
from probes.cli_change import DEFAULT_HISTORY, MaxAge, Notify, NotifyLanguage
from probes.cli_options import DEFAULT_CASSETTES, DEFAULT_CLAIMS, AsJson, CassettesPath, ClaimsPath, Documents

if TYPE_CHECKING:
    from probes.results import Results
    from probes.since import Appearance
    from reports.drifts import Drift
    from reports.history import Line


class Format(StrEnum):
    """Formats of `drift`."""

    TEXT = "text"
    MD = "md"
    JSON = "json"


def add_to(app: typer.Typer, claims_app: typer.Typer) -> None:
    """Register the commands."""
    for command in (drift, history, since):
        app.command()(command)
    claims_app.command("accept")(accept)


def drift(
    *,
    since: Annotated[
        str | None,
        typer.Option(
            "--since", metavar="DATE|REV", help="Compare with the last commit before a day (UTC), or with a revision.", show_default="HEAD"
        ),
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="text, md or json.")] = Format.TEXT,
    language: Annotated[str | None, typer.Option("--language", metavar="en|zh", help="Of md only this language, of text this one.")] = None,
    max_age: MaxAge = "30d",
    every: Annotated[bool, typer.Option("--all", help="Also list what contracts declared before and no claim mentions.")] = False,
    lab: Annotated[bool, typer.Option("--lab", help="Compare what the simulators showed, which settles nothing.")] = False,
    notify: Notify = None,
    notify_language: NotifyLanguage = None,
    claims: ClaimsPath = DEFAULT_CLAIMS,
    cassettes: CassettesPath = DEFAULT_CASSETTES,
) -> None:
    """Tell what changed since an earlier record.

    Claims and recordings as they are against those of a commit, both judged by today's probes: verdicts, what refusals and headers look
    like, and operations that are new in a vendor's contract and that no claim mentions. Ends with 1 when anything changed.
    """
    from probes.evidence import Origin  # noqa: PLC0415
    from probes.record import Record  # noqa: PLC0415
    from probes.revisions import Revisions  # noqa: PLC0415
    from reports import drift as compare  # noqa: PLC0415

    age, channels = cli_change.days(max_age), cli_change.channels(notify, notify_language)
    revisions = Revisions(claims, cassettes)
    now = Record.read(claims, cassettes, day=cli_options.today())
    before = revisions.read(revisions.find(since))
    before, now = (record.decided_by(Origin.LAB) if lab else record for record in (before, now))
    found = compare(before, now, max_age=age, every=every)
    _print(found, now.results, form, language)
    raise typer.Exit(cli_change.tell(found, channels) or (1 if found else 0))


def history(
    provider: Annotated[str | None, typer.Argument(help="A provider; all when none is named.", show_default=False)] = None,
    capability: Annotated[str | None, typer.Argument(help="A capability.", show_default=False)] = None,
    *,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Make the file anew from the commits of the record.")] = False,
    as_json: AsJson = False,
    file: Annotated[Path, typer.Option("--history", metavar="FILE", help="The history.", show_default="the checkout's")] = DEFAULT_HISTORY,
    claims: ClaimsPath = DEFAULT_CLAIMS,
    cassettes: CassettesPath = DEFAULT_CASSETTES,
) -> None:
    """Tell when verdicts changed.

    Of a provider, or of one of its claims: the day, and from what to what. The file can be made anew from git at any time.
    """
    from probes.claims_file import load_claims  # noqa: PLC0415
    from probes.plan import plan as make_plan  # noqa: PLC0415
    from reports import history as noted  # noqa: PLC0415

    if rebuild:
        _rebuild(file, claims, cassettes)
    make_plan(load_claims(claims), providers=[provider] if provider else [], capabilities=[capability] if capability else [])
    lines = list(noted.of(noted.read(file), provider, capability))
    if as_json:
        cli_options.print_json({"schema": 1, "history": [line.to_json() for line in lines]})
        return
    for line in lines:
        typer.echo(_told(line))
    if not lines:
        typer.echo(f"{file}: nothing is noted; keycap history --rebuild makes it from git", err=True)


def since(
    provider: Annotated[str, typer.Argument(help="A provider.")],
    *,
    documents: Documents = None,
    checkout: Annotated[
        Path | None, typer.Option("--checkout", metavar="DIR", help="A git checkout of the contract; needs --file.")
    ] = None,
    file: Annotated[str | None, typer.Option("--file", metavar="PATH", help="The contract's file inside that checkout.")] = None,
    contract: Annotated[
        str | None,
        typer.Option("--contract", metavar="NAME", help="Which of the provider's contracts.", show_default="the first that fits"),
    ] = None,
    as_json: AsJson = False,
    claims: ClaimsPath = DEFAULT_CLAIMS,
) -> None:
    """Find since when a contract has what is claimed.

    By bisection over its editions: dated copies in a folder (NAME.DATE.REST), the commits of a checkout, else the releases of the official
    SDK, had by your own package installer. Each edition is read at most once.
    """
    from probes.claims_file import load_claims  # noqa: PLC0415
    from probes.plan import plan as make_plan  # noqa: PLC0415
    from probes.since import appearances, editions_of  # noqa: PLC0415

    loaded = load_claims(claims)
    make_plan(loaded, providers=[provider])
    described = loaded.providers[provider]
    key, editions = editions_of(described, contract, documents=documents, checkout=checkout, file=file)
    found, broken = appearances(described, loaded.capabilities, key, editions)
    read = sum(each.was_read for each in editions)
    for name, why in broken.items():
        typer.echo(f"{name}: passed over, {why}", err=True)
    if as_json:
        rows = [asdict(each) for each in found]
        cli_options.print_json({"schema": 1, "provider": provider, "contract": key, "editions": len(editions), "read": read, "since": rows})
        return
    for each in found:
        typer.echo(f"{each.capability}: {each.since or 'not declared'}   (claimed: {each.claimed or 'no date'})")
        typer.echo(f"  {each.what}")
        typer.echo(f"  {_bracket(each)}")
    typer.echo(f"{read} of {len(editions)} editions read", err=True)


def accept(
    named: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PROVIDER[.CAPABILITY]]...", help="What to accept; lists what could be when nothing is named.", show_default=False
        ),
    ] = None,
    claims: ClaimsPath = DEFAULT_CLAIMS,
    cassettes: CassettesPath = DEFAULT_CASSETTES,
) -> None:
    """Write what the evidence says into the claims it contradicts.

    Where each claim stands, with the recording and its date; comments, order and layout stay. Only what is named is accepted, and only
    where the evidence says enough.
    """
    from probes import accept as accepting  # noqa: PLC0415
    from probes.plan import plan as make_plan  # noqa: PLC0415
    from probes.record import Record  # noqa: PLC0415

    record = Record.read(claims, cassettes, day=cli_options.today())
    proposals = []
    cells = [name.partition(".")[::2] for name in named or []]
    make_plan(record.results.claims, providers=[name for name, _ in cells], capabilities=[name for _, name in cells if name])
    for provider, capability in cells:
        if capability:
            proposals.append(accepting.propose(record, provider, capability))
    whole = [name for name, capability in cells if not capability]
    for each in accepting.acceptable(record, whole if named else None):
        if isinstance(each, accepting.NotEnough):
            typer.echo(f"not accepted: {each}", err=True)
        elif named:
            proposals.append(each)
        else:
            typer.echo(f"keycap claims accept {each.provider}.{each.capability}   # {_entries(each.entries)}")
    if not named:
        return
    unique = {(each.provider, each.capability): each for each in proposals}
    accepting.accept(claims, unique.values())
    for each in unique.values():
        typer.echo(f"{each.provider}.{each.capability}: {_entries(each.entries)}")
        if each.has_note:
            typer.echo("  its note may no longer be true", err=True)
    if not unique:
        typer.echo("nothing to accept")


def _print(found: "Drift", results: "Results", form: Format, language: str | None) -> None:
    from reports.drift_forms import to_markdown  # noqa: PLC0415
    from reports.text import LANGUAGES  # noqa: PLC0415

    named = cli_options.language(language, "--language")
    chosen = [named] if named else list(LANGUAGES)
    match form:
        case Format.JSON:
            run = {"since": found.since, "before": found.before, "day": found.day}
            cli_options.print_json({"schema": 1, "run": run, "drift": cli_change.in_json(found)})
        case Format.MD:
            typer.echo(to_markdown(found, results.claims, *chosen), nl=False)
        case Format.TEXT:
            cli_change.show(found, chosen[0])


def _rebuild(file: Path, claims: Path, cassettes: Path) -> None:
    from probes.errors import KeycapError  # noqa: PLC0415
    from probes.files import write  # noqa: PLC0415
    from probes.revisions import Revisions  # noqa: PLC0415
    from reports.history import rebuilt  # noqa: PLC0415

    revisions = Revisions(claims, cassettes)
    records = []
    for revision in revisions.all():
        try:
            record = revisions.read(revision)
        except KeycapError as error:
            typer.echo(f"passed over: {str(error).splitlines()[0]}", err=True)
            continue
        records.append((record.results, revision.day, revision.short))
    write(file, rebuilt(records).encode("utf-8"))


def _told(line: "Line") -> str:
    before = " ".join(line.before.to_json().values()).strip() if line.before else "—"
    origin = f" ({line.origin})" if line.origin else ""
    after = " ".join(line.after.to_json().values()).strip()
    return f"{line.date} {line.commit or '—':<12} {line.provider} {line.capability}{origin}: {before} → {after}"


def _entries(entries: dict[str, Any]) -> str:
    return ", ".join(f"{key} {'removed' if value is None else value}" for key, value in entries.items() if key != "accepted")


def _bracket(each: "Appearance") -> str:
    if not each.declaring:
        return "in no edition that was read"
    return f"not in {each.lacking}, in {each.declaring}" if each.lacking else f"already in {each.declaring}"
