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
    """One row for each series of calls against a limit, None without any."""
    rows = measured(results, providers)
    if not rows:
        return None
    table = Table(title="what got past the limit", title_justify="left", pad_edge=False)
    table.add_column("provider", no_wrap=True)
    table.add_column("capability", no_wrap=True)
    for heading in ("limit", "in flight", "served", "past it", "USD past", "blocked after", "open again after"):
        table.add_column(heading, justify="right")
    table.add_column("refusal")
    for evidence, each in rows:
        in_flight = f"{each.in_flight}, max_tokens understated" if each.understated else str(each.in_flight)
        table.add_row(
            evidence.provider,
            evidence.capability,
            f"{each.limit:g} USD" if each.limited is Limited.SPEND else f"{each.limit:g}/min",
            in_flight,
            str(each.calls),
            str(each.calls_past),
            f"{each.usd_past:g}" if each.limited is Limited.SPEND else "—",
            _seconds(each.seconds_to_block),
            _seconds(each.seconds_to_reopen),
            plain(f"{each.status} {each.code}".strip()) if each.status is not None else "none",
        )
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


def _seconds(value: float | None) -> str:
    return "—" if value is None else f"{value:.1f} s"
