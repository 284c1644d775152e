"""The two languages of the report: every sentence that is not a fact comes from `locales/`, the facts from claims and evidence."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Literal, get_args

import yaml

from probes.claims_texts import Bilingual
from probes.evidence import Cause, Level, Missing, Origin, Outcome, VerdictStatus
from probes.headline import Answer
from probes.probe import Tier
from probes.vocabulary import Kind, Looked, Means, Mechanism, Region, Scope, Status, Unit
from probes.yaml_loader import Loader
from reports.states import Became

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
FOLDER = Path(__file__).parent / "locales"

_AROUND_FULL_WIDTH = re.compile(r"(?<=[，。；：、！？（）“”]) +| +(?=[，。；：、！？（）“”])")
_ENDS = "。！？.!?"

SHOWN: Mapping[str, type[Enum]] = {
    "status": Status,
    "verdict": VerdictStatus,
    "level": Level,
    "level_says": Level,
    "origin": Origin,
    "origin_says": Origin,
    "outcome": Outcome,
    "mechanism": Mechanism,
    "scope": Scope,
    "unit": Unit,
    "kind": Kind,
    "region": Region,
    "means": Means,
    "tier": Tier,
    "answer": Answer,
    "answer_says": Answer,
    "missing": Missing,
    "missing_says": Missing,
    "cause": Cause,
    "looked": Looked,
    "drift.kind": Became,
}
"""Sections of a locale that must have a text for every value of an enum."""


@dataclass(frozen=True)
class Texts:
    """One language's texts, by dotted key."""

    language: Language
    texts: Mapping[str, str]

    def __call__(self, key: str, /, **values: object) -> str:
        """The text of a key, its `{placeholders}` filled in; raises KeyError for a key or a placeholder that is not there."""
        text = self.texts[key]
        return text.format_map(values) if values else text

    def word(self, section: str, value: Enum | str) -> str:
        """The word for an enum value: `word("status", Status.PARTIAL)`."""
        return self.texts[f"{section}.{value_of(value)}"]

    def words(self, section: str, values: Iterable[Enum | str]) -> str:
        return self.join(self.word(section, value) for value in values)

    def pick(self, text: Bilingual | None) -> str:
        """This language's side of a bilingual text, empty for none."""
        picked: str = getattr(text, self.language) if text is not None else ""
        # Folded YAML puts a space at each line's end, where Chinese has none.
        return _AROUND_FULL_WIDTH.sub("", picked) if self.language == "zh" else picked

    def join(self, items: Iterable[str]) -> str:
        return self.texts["habit.list"].join(items)

    def sentences(self, items: Iterable[str]) -> str:
        """Texts one after the other, each ended as a sentence."""
        return self.texts["habit.sentences"].join(each if each[-1] in _ENDS else each + self.texts["habit.stop"] for each in items if each)

    def labelled(self, label: str, text: str) -> str:
        return self("habit.labelled", label=label, text=text)

    def aside(self, text: str, aside: str) -> str:
        """A text with a remark in this language's brackets."""
        return self("habit.aside", text=text, aside=aside)

    def since(self, partial: str | None) -> str:
        """A partial date as claims write it (`2026-08`, `before 2025`)."""
        if partial is None:
            return self("habit.no_date")
        return self("habit.before", date=partial.removeprefix("before ")) if partial.startswith("before ") else partial

    def age(self, then: str, now: date) -> str:
        """Days between an ISO date and the reference date, in words."""
        days = (now - date.fromisoformat(then)).days
        return self("habit.same_day") if days == 0 else self("habit.one_day") if days == 1 else self("habit.days", days=days)

    def section(self, prefix: str) -> list[str]:
        """The texts below a key, in the file's order."""
        return [text for key, text in self.texts.items() if key.startswith(f"{prefix}.")]


def value_of(value: Enum | str) -> str:
    """An enum value as locales and files spell it: levels and tiers are numbers with a word."""
    return value.word if isinstance(value, Level | Tier) else str(value)


def number(value: Decimal) -> str:
    """A decimal without trailing zeros: 1.20 → 1.2, 3.00 → 3."""
    return f"{value.normalize():f}"


@cache
def texts(language: Language) -> Texts:
    """Load a locale; raises ValueError naming every key that a locale lacks."""
    loaded: dict[str, dict[str, str]] = {each: _read(each) for each in LANGUAGES}
    needed = {f"{section}.{value_of(value)}" for section, enum in SHOWN.items() for value in enum}.union(*loaded.values())
    lacking = [f"{each}: {key}" for each in LANGUAGES for key in sorted(needed - loaded[each].keys())]
    if lacking:
        raise ValueError(f"locales lack {', '.join(lacking)}")
    return Texts(language, loaded[language])


@cache
def _read(language: Language) -> dict[str, str]:
    data = yaml.load((FOLDER / f"{language}.yaml").read_text(encoding="utf-8"), Loader)  # noqa: S506  (a safe one)
    return dict(_flatten(data, ""))


def _flatten(node: Mapping[str, object], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in node.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)
