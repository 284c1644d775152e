"""What the terminal shows: tables, explanations and progress. Words and numbers only, no decisions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from probes.doctor import Finding
from probes.evidence import Evidence, Verdict, VerdictStatus
from probes.excerpt import Exchange
from probes.results import Results
from probes.vocabulary import Status

STATUS = {Status.SUPPORTED: ("●", "green"), Status.PARTIAL: ("◐", "yellow"), Status.UNSUPPORTED: ("○", "red"), Status.UNKNOWN: ("?", "dim")}
VERDICT = {
    VerdictStatus.CONFIRMED: ("✓", "green"),
    VerdictStatus.REFUTED: ("✗", "bold red"),
    VerdictStatus.CONFLICT: ("≠", "bold magenta"),
    VerdictStatus.UNVERIFIED: ("·", "dim"),
}


def plain(text: object) -> str:
    """Text from claims, documents or answers, made harmless for a terminal: no control characters, no markup."""
    return escape(printable(text))


def printable(text: object) -> str:
    """The same for what is printed without markup."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "�" for letter in str(text))


def matrix(results: Results, providers: Iterable[str]) -> Table:
    """Provider × capability, one group of columns after another; each cell a status and how well it is proven."""
    claims = results.claims
    table = Table(title="what is claimed, and how well it is proven", title_justify="left", pad_edge=False, show_lines=False)
    table.add_column("capability", no_wrap=True)
    chosen = list(providers)
    for provider in chosen:
        table.add_column(provider, overflow="fold", min_width=8)
    table.add_row("[bold]capped key by API[/]", *(_headline(results, provider) for provider in chosen), end_section=True)
    group = ""
    for capability, question in claims.capabilities.items():
        if group and question.group != group:
            table.add_section()
        group = question.group
        cells = (_cell(claims.providers[name].claims[capability].status, results.verdicts[name, capability]) for name in chosen)
        table.add_row(capability, *cells)
    return table


def legend() -> Text:
    """What the symbols of the matrix mean."""
    statuses = "  ".join(f"{symbol} {status}" for status, (symbol, _) in STATUS.items())
    verdicts = "  ".join(f"{symbol} {verdict}" for verdict, (symbol, _) in VERDICT.items())
    return Text(f"{statuses}   |   {verdicts} (with the level of the evidence)", style="dim")


def _headline(results: Results, provider: str) -> Text:
    answer = results.headlines[provider]
    return Text(f"{answer.answer.replace('_', ' ')} ({results.headline_level(provider).word})", style="bold")


def _cell(status: Status, verdict: Verdict) -> Text:
    symbol, colour = STATUS[status]
    mark, style = VERDICT[verdict.status]
    proven = mark if verdict.status is VerdictStatus.UNVERIFIED else f"{mark} {verdict.level.word}"
    return Text.assemble((symbol, colour), " ", (proven, style))


def explanation(results: Results, provider: str, capability: str) -> RenderableType:
    """The claim, its sources, each piece of evidence with its exchanges, and why the verdict follows."""
    claimed = results.claims.providers[provider]
    claim, question = claimed.claims[capability], results.claims.capabilities[capability]
    verdict = results.verdicts[provider, capability]
    lines: list[RenderableType] = [
        Text.from_markup(f"[bold]{plain(claimed.name.en)} · {capability}[/] — {plain(question.question.en)}"),
        Text.from_markup(f"claimed: [bold]{claim.status}[/] by {claim.mechanism}, scope {', '.join(claim.scope) or '—'}"),
    ]
    if claim.endpoint:
        lines.append(Text.from_markup(f"endpoint: {plain(claim.endpoint)}" + (f" (action {plain(claim.action)})" if claim.action else "")))
    if claim.fields or claim.returns:
        lines.append(Text.from_markup(f"needs fields: {plain(', '.join((*claim.fields, *claim.returns)))}"))
    if claim.refuted_by:
        lines.append(Text.from_markup(f"refuted by: {plain(', '.join(claim.refuted_by))}"))
    if claim.note:
        lines.append(Text.from_markup(f"note: {plain(claim.note.en)}"))
    for source in claim.sources:
        known = claimed.sources[source]
        dated = f", dated {known.dated}" if known.dated else ""
        lines.append(Text.from_markup(f"source {source}: {plain(known.url)} (read {known.read}{dated})"))
    evidence = results.by_claim.get((provider, capability), ())
    lines.append(Text.from_markup(f"\n[bold]evidence[/] ({len(evidence)})"))
    for each in evidence:
        lines += _evidence(each, results.exchanges)
    lines.append(Text.from_markup(f"\n[bold]verdict: {verdict.status}[/] — {why(verdict)}"))
    return Group(*lines)


def _evidence(each: Evidence, exchanges: Mapping[str, Exchange]) -> Iterable[RenderableType]:
    when = f", as of {each.as_of}" if each.as_of else ""
    head = f"  {each.outcome} at level {each.level.word}, origin {each.origin}{when}: {each.cause.replace('_', ' ')}"
    yield Text.from_markup(plain(head))
    if each.detail:
        yield Text.from_markup(f"    {plain(each.detail)}")
    for name in each.exchanges:
        shown = exchanges.get(name)
        answer = f"{shown.method} {shown.address} → {shown.status}" if shown else ""
        yield Text.from_markup(f"    {plain(name)}  {plain(answer)}")


def why(verdict: Verdict) -> str:
    """One sentence: from the deciding evidence to the verdict."""
    if verdict.status is VerdictStatus.UNVERIFIED:
        return f"nothing conclusive of an origin that may settle it; missing: {str(verdict.missing).replace('_', ' ')}"
    kinds = " and ".join(sorted({f"{each.outcome} ({each.cause.replace('_', ' ')})" for each in verdict.decided_by}))
    ends = {
        VerdictStatus.CONFIRMED: "which is what is claimed",
        VerdictStatus.REFUTED: "which contradicts the claim",
        VerdictStatus.CONFLICT: "which contradict each other",
    }
    return f"the strongest evidence, level {verdict.level.word}, says {kinds}, {ends[verdict.status]}"


def summary(results: Results, providers: Sequence[str]) -> Table:
    """Counts of verdicts by provider."""
    table = Table(pad_edge=False)
    table.add_column("provider", no_wrap=True)
    for status, (symbol, colour) in VERDICT.items():
        table.add_column(f"{symbol} {status}", justify="right", style=colour)
    for provider in providers:
        verdicts = [results.verdicts[provider, capability].status for capability in results.claims.capabilities]
        table.add_row(provider, *(str(verdicts.count(status)) for status in VERDICT))
    return table


def contradictions(results: Results, providers: Sequence[str]) -> Iterable[Text]:
    """One line for every refuted or conflicting claim."""
    for (provider, capability), verdict in results.contradicted.items():
        if provider in providers:
            claimed = results.claims.providers[provider].claims[capability].status
            details = "; ".join(plain(each.detail) for each in verdict.decided_by)
            mark, style = VERDICT[verdict.status]
            yield Text.from_markup(f"[{style}]{mark} {verdict.status}[/] {provider} {capability}: claimed {claimed} — {details}")


def for_terminal(*, stderr: bool = False) -> Console:
    """A console that honours NO_COLOR, FORCE_COLOR and the width, and never wraps inside a word."""
    return Console(stderr=stderr, highlight=False, soft_wrap=False)


def side_by_side(providers: Sequence[str], width: int) -> Iterable[Sequence[str]]:
    """Providers in groups that fit beside each other in `width` cells."""
    fits = max(1, (width - 24) // 17)
    for start in range(0, len(providers), fits):
        yield providers[start : start + fits]


def requests(planned: Sequence[dict[str, Any]], max_spend: float) -> RenderableType:
    """What would be sent: one line a request, ids and URLs unwrapped, and the bound on cost: `max_spend` (USD) is never passed."""
    lines: list[RenderableType] = []
    for provider in dict.fromkeys(each["provider"] for each in planned):
        lines.append(Text(provider, style="bold"))
        for each in planned:
            if each["provider"] == provider:
                credential = each["credential"] or "no credential"
                lines.append(Text.from_markup(plain(f"  {each['tier']:<8} {each['method']:<6} {each['url']}  ({credential})")))
    lines.append(
        Text(f"{len(planned)} requests, cost at most {min(sum(each['cost_usd'] for each in planned), max_spend):g} USD", style="bold")
    )
    return Group(*lines)


def credentials(found: Iterable[Finding]) -> RenderableType:
    """Present or missing, by variable; what a missing one would unlock and where to get it."""
    lines: list[RenderableType] = []
    provider = ""
    for each in found:
        if each.provider != provider:
            provider = each.provider
            lines.append(Text(provider, style="bold"))
        mark, style = ("✓", "green") if each.present and not each.problem else ("✗", "red") if each.problem else ("·", "dim")
        state = each.problem or ("present" if each.present else f"set {', '.join(each.missing)}")
        tiers = f"  → {', '.join(each.tiers)}" if each.tiers else ""
        lines.append(Text.assemble("  ", (mark, style), f" {each.credential}: {plain(state)}{tiers}"))
        if not each.present:
            lines.append(Text(f"      {each.get['en']}", style="dim"))
        if each.also:
            lines.append(Text(f"      its probes also need {', '.join(each.also)}", style="dim"))
    return Group(*lines)


class Progress:
    """Progress of a run on stderr: a bar on a terminal, plain lines in a pipe."""

    def __init__(self, console: Console, total: int) -> None:
        self._console, self._done, self._total = console, 0, total
        self._bar = _Bar(console, total) if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, name: str, tier: str, state: str) -> None:
        """Tell that a provider's tier has come to a state; all but `started` count as done."""
        self._done += state != "started"
        if self._bar is not None:
            self._bar.update(f"{name} · {tier}: {state}", self._done)
        elif state != "started":
            self._console.print(plain(f"[{self._done}/{self._total}] {name} {tier}: {state}"))


class _Bar:
    """rich's progress display, imported only where a terminal shows it."""

    def __init__(self, console: Console, total: int) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

        columns = (BarColumn(bar_width=24), MofNCompleteColumn(), TextColumn("{task.description}"))
        self._progress = Progress(*columns, console=console, transient=True)
        self._task = self._progress.add_task("starting", total=total)
        self.start, self.stop = self._progress.start, self._progress.stop

    def update(self, text: str, done: int) -> None:
        self._progress.update(self._task, description=plain(text), completed=done)
