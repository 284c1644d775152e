"""The tidy frame and matrix.csv."""

import csv
import io
from datetime import date
from typing import Any

from probes.results import Results
from reports.frames import COLUMNS, matrix, reference_date, to_csv
from tests.reports.invented import invented


def test_a_row_for_every_provider_and_capability(invented: Results) -> None:
    frame = matrix(invented)
    assert list(frame.columns) == list(COLUMNS)
    assert list(zip(frame["provider"], frame["capability"], strict=True)) == list(invented.verdicts)


def row(results: Results, provider: str, capability: str) -> dict[str, Any]:
    frame = matrix(results)
    found = frame[(frame["provider"] == provider) & (frame["capability"] == capability)].to_dict("records")
    return {str(name): value for name, value in found[0].items()}


def test_a_simulator_stands_aside_and_never_upgrades_a_cell(invented: Results) -> None:
    cell = row(invented, "acme", "rate.set")
    assert (cell["verdict"], cell["level"], cell["as_of"]) == ("unverified", "claimed", "")
    assert (cell["lab"], cell["lab_as_of"], cell["override"]) == ("present:behaviour", "2026-11-21", "absent:surface")


def test_the_deciding_evidence_gives_level_origin_and_age(invented: Results) -> None:
    cell = row(invented, "acme", "key.create")
    assert (cell["verdict"], cell["level"], cell["origins"]) == ("confirmed", "behaviour", "live")
    assert (cell["as_of"], cell["age_days"]) == ("2026-11-22", 2)


def test_the_csv_is_well_formed_and_has_unix_line_ends(invented: Results) -> None:
    text = to_csv(matrix(invented))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert "\r" not in text
    assert len(rows) == len(invented.verdicts)
    assert tuple(rows[0]) == COLUMNS


def test_the_reference_date_comes_from_the_record_not_from_a_clock(invented: Results) -> None:
    assert reference_date(invented) == date(2026, 11, 24)


def test_without_recordings_the_newest_reading_of_a_source_is_the_reference() -> None:
    assert reference_date(Results.of(invented(), [])) == date(2026, 11, 20)
