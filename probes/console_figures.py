"""What the terminal shows of measurements: what got past a limit, and how much of what is claimed the lab settles."""

from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

from probes.console import plain
from probes.evidence import Evidence, Level
from probes.figures import Figures, Limited
from probes.results import Results
from probes.vocabulary import Mechanism, Status


def measured(results: Results, providers: Sequence[str]) -> list[tuple[Evidence, Figures]]:
    """All figures of the origins that decide, in the claims' order."""
    return [
        (each, figures)
        for each in results.evidence
        if each.provider in providers and each.origin in results.origins
        for figures in each.figures
    ]


def overshoot(results: Results, providers: Sequence[str]) -> Table | None:
    """One row for each series of calls against a limit, with its refusal below the name; None without any."""
    capabilities: dict[tuple[str, Figures], list[str]] = {}
    for evidence, each in measured(results, providers):
        capabilities.setdefault((evidence.provider, each), []).append(evidence.capability)
    if not capabilities:
        return None
    table = Table(title="what got past the limit", title_justify="left", box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("limit of", overflow="fold")
    for heading in ("limit", "×", "served", "past", "$ past", "block s", "open s"):
        table.add_column(heading, justify="right", no_wrap=True, min_width=max(6, len(heading)))
    for (provider, each), names in capabilities.items():
        refusal = (
            f"{each.status} {each.code if each.code != str(each.status) else ''}".strip() if each.status is not None else "not refused"
        )
        table.add_row(
            Text(f"{provider} {', '.join(dict.fromkeys(names))}").append(f"\n  {plain(refusal)}", style="dim"),
            _limit(each),
            f"{each.in_flight}*" if each.understated else str(each.in_flight),
            str(each.calls),
            str(each.calls_past),
            f"{each.usd_past:.4f}" if each.limited is Limited.SPEND else "—",
            _seconds(each.seconds_to_block),
            _seconds(each.seconds_to_reopen),
        )
    table.caption = "×: calls in flight (*: max_tokens understated); past: served after the limit was used up"
    return table


def coverage(results: Results, providers: Iterable[str]) -> Text:
    """How many of the claims that an API call can show are settled by behaviour or enforcement."""
    claimed = [
        (provider, capability)
        for provider in providers
        for capability, claim in results.claims.providers[provider].claims.items()
        if claim.status in (Status.SUPPORTED, Status.PARTIAL) and claim.mechanism is Mechanism.API
    ]
    settled = [cell for cell in claimed if results.verdicts[cell].level >= Level.BEHAVIOUR]
    missing = [f"{provider} {capability}" for provider, capability in claimed if (provider, capability) not in settled]
    share = f"{len(settled)} of {len(claimed)} claims that are supported or partial by API are settled at behaviour or enforcement"
    return Text(f"{share}; not: {', '.join(missing)}" if missing else share)


def _limit(figures: Figures) -> str:
    if figures.limit is None:
        return "?"
    return {Limited.SPEND: f"${figures.limit:.3f}", Limited.RATE: f"{figures.limit:g}/min", Limited.TOKENS: f"{figures.limit:g} tok"}[
        figures.limited
    ]


def _seconds(value: float | None) -> str:
    return "—" if value is None else f"{value:.1f}"
