"""Drift as CI systems show it: a title, annotations beside the claims, a document that fits."""

from collections.abc import Iterable, Iterator, Mapping

from probes.claims import Claims
from reports.cells import in_words
from reports.drift_forms import LIMIT, to_markdown
from reports.drifts import Changed, Drift
from reports.states import Became, Cell
from reports.text import LANGUAGES, Language, texts

SHOWN = 10
"""Annotations that GitHub shows of one kind and step; further ones are dropped without a word."""

WORST = (
    Became.REFUTED, Became.VANISHED, Became.LOST, Became.APPEARED, Became.STALE, Became.CLAIMED, Became.LEVEL, Became.CONFIRMED,
    Became.SETTLED,
)  # fmt: skip
"""What became of a verdict, the worst first."""

ERRORS = frozenset({Became.REFUTED, Became.VANISHED})


def title(drift: Drift) -> str:
    """One line in both languages: the subject of a pull request."""
    words = (texts(language) for language in LANGUAGES)
    return " / ".join(t("drift.title_count", count=len(drift)) if drift else t("drift.title_nothing") for t in words)


def annotations(drift: Drift, file: str, lines: Mapping[Cell, int]) -> Iterator[str]:
    """GitHub's workflow commands: the worst ten changed verdicts at their line of the claims, and a notice that points to the summary."""
    if not drift:
        return
    t = texts("en")
    ranked = sorted(drift.verdicts, key=lambda each: WORST.index(each.kind))
    for each in ranked[:SHOWN]:
        level = "error" if each.kind in ERRORS else "warning"
        where = _properties(file=file, line=lines.get((each.provider, each.capability), 1), title=f"{each.provider} {each.capability}")
        yield f"::{level} {where}::{_escaped(_told(each))}"
    yield f"::notice title=keycap::{_escaped(t('drift.see_summary', count=len(drift)))}"


def fitting(drift: Drift, claims: Claims, languages: Iterable[Language], room: int) -> str:
    """`to_markdown` with as many rows of each table as there are bytes for, half as many each time; it says how many are left out."""
    rows = LIMIT
    while len((text := to_markdown(drift, claims, *languages, rows=rows)).encode("utf-8")) > room and rows:
        rows //= 2
    return text


def _told(each: Changed) -> str:
    t = texts("en")
    return f"{t.word('drift.kind', each.kind)}: {in_words(each.before, t)} → {in_words(each.after, t)}"


def _properties(**values: object) -> str:
    return ",".join(f"{name}={_escaped(str(value)).replace(':', '%3A').replace(',', '%2C')}" for name, value in values.items())


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
