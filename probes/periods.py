"""Partial dates as claims write them (`2026`, `2026-08`, `before 2025-05`), and the days that they stand for."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Literal

Exactness = Literal["day", "month", "year", "before"]


@dataclass(frozen=True, slots=True)
class Period:
    """From `first` to `last`; of what is only known to be no later than a date, `first` is None."""

    first: date | None
    last: date
    exact: Exactness

    @classmethod
    def parse(cls, partial: str) -> "Period":
        """Read `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, each perhaps after `before `. Raises ValueError on any other text, and on no date."""
        text = partial.removeprefix("before ")
        parts = [int(part) for part in text.split("-")]
        first = date(*[*parts, 1, 1][:3])
        if text != partial:
            return cls(None, date(*[*parts, 1, 1][:3]), "before")
        if len(parts) == 3:
            return cls(first, first, "day")
        month = parts[1] if len(parts) == 2 else 12
        return cls(first, date(first.year, month, monthrange(first.year, month)[1]), "month" if len(parts) == 2 else "year")
