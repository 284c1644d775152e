"""Partial dates: what days they stand for."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis.strategies import dates
from pydantic import ValidationError

from probes.claims import Claim
from probes.periods import Period


@pytest.mark.parametrize(
    ("partial", "first", "last", "exact"),
    [
        ("2026", "2026-01-01", "2026-12-31", "year"),
        ("2024-02", "2024-02-01", "2024-02-29", "month"),
        ("2026-08-21", "2026-08-21", "2026-08-21", "day"),
        ("before 2025-05", None, "2025-05-01", "before"),
        ("before 2025", None, "2025-01-01", "before"),
    ],
)
def test_a_partial_date_stands_for_these_days(partial: str, first: str | None, last: str, exact: str) -> None:
    period = Period.parse(partial)
    assert (period.first and period.first.isoformat(), period.last.isoformat(), period.exact) == (first, last, exact)


@given(dates(min_value=date(1000, 1, 1), max_value=date(9998, 12, 31)))
def test_every_day_lies_in_its_month_and_its_year_and_they_end_where_the_next_begin(day: date) -> None:
    for length in (10, 7, 4):
        period = Period.parse(day.isoformat()[:length])
        assert period.first is not None
        assert period.first <= day <= period.last
        after = (period.last + timedelta(days=1)).isoformat()[:length]
        assert Period.parse(after).first == period.last + timedelta(days=1)


@pytest.mark.parametrize("partial", ["2026-13", "2026-00", "2026-02-30", "before 2026-13", "0000"])
def test_what_is_no_date_is_no_claim(partial: str) -> None:
    with pytest.raises(ValidationError, match="since"):
        Claim.model_validate({"status": "supported", "since": partial})
