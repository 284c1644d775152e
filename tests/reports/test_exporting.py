"""The matrix in other tools' formats: every cell arrives."""

import json
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from probes.errors import KeycapError, UsageError
from probes.results import Results
from reports.exporting import export
from reports.frames import COLUMNS, matrix


def test_csv_and_json_hold_every_cell_as_text(invented: Results) -> None:
    rows = json.loads(export(invented, "json", None))
    assert list(rows[0]) == list(COLUMNS)
    assert len(rows) == len(invented.verdicts)
    table = pd.read_csv(StringIO(export(invented, "csv", None)), keep_default_na=False)
    assert table["verdict"].tolist() == [row["verdict"] for row in rows]


@pytest.mark.parametrize("form", ["xlsx", "parquet"])
def test_a_table_of_another_tool_reads_back(invented: Results, form: str, tmp_path: Path) -> None:
    out = tmp_path / f"matrix.{form}"
    assert export(invented, form, out) == f"{out}\n"
    read = pd.read_excel(out, keep_default_na=False) if form == "xlsx" else pd.read_parquet(out)
    assert list(read.columns) == list(COLUMNS)
    assert read["status"].tolist() == matrix(invented)["status"].tolist()


def test_what_is_no_text_needs_a_file(invented: Results) -> None:
    with pytest.raises(UsageError, match="is no text"):
        export(invented, "xlsx", None)


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
def test_a_file_where_a_folder_is_wanted_is_told(invented: Results, form: str, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    with pytest.raises(KeycapError, match="written"):
        export(invented, form, tmp_path / "taken" / f"matrix.{form}")
