"""What the terminal shows of advice: a ranking with the arithmetic of each score."""

from collections.abc import Sequence

from rich.table import Table

from probes.console import plain
from probes.results import Results
from reports.advice import Advice, Term
from reports.text import number


def table(results: Results, found: Sequence[Advice]) -> Table:
    """The providers with a score, best first; those without are counted in the caption."""
    scored = [each for each in found if each.score]
    shown = Table(title=f"out of {found[0].out_of}" if found else None, title_justify="left", pad_edge=False, show_lines=False)
    shown.caption = f"{len(found) - len(scored)} more providers have no score"
    for heading, justify in (("", "right"), ("provider", "left"), ("score", "right")):
        shown.add_column(heading, justify="right" if justify == "right" else "left", no_wrap=True)
    shown.add_column("status × confidence × fit × weight (proven at)", overflow="fold")
    for position, each in enumerate(scored, 1):
        terms = [term for term in each.terms if term.value]
        shown.add_row(
            str(position),
            plain(each.provider),
            number(each.score),
            plain("\n".join(f"{term.capability}: {term.arithmetic} ({_level(results, each, term)})" for term in terms)),
        )
    return shown


def _level(results: Results, advice: Advice, term: Term) -> str:
    return results.verdicts[advice.provider, term.capability].level.word
