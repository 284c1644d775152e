"""The tidy matrix in the formats that other tools read."""

from pathlib import Path

import pandas as pd

from probes.errors import UsageError
from probes.files import write
from probes.results import Results
from reports.frames import matrix, to_csv

BINARY = frozenset({"xlsx", "parquet"})
NEEDS = {"xlsx": "openpyxl", "parquet": "pyarrow"}


def export(results: Results, form: str, out: Path | None) -> str:
    """Write the matrix to `out`, or return it as text where none is named. Raises UsageError for a binary format without a file.

    `csv` and `json` (a list of rows) are UTF-8 text; `xlsx` and `parquet` need the extra `export`.
    """
    if form in BINARY:
        if out is None:
            raise UsageError("is no text", where=f"--format {form}", hint="Name a file: --out FILE.")
        return _binary(matrix(results), form, out)
    frame = matrix(results)
    text = to_csv(frame) if form == "csv" else frame.to_json(None, orient="records", force_ascii=False, indent=1) + "\n"
    if out is None:
        return text
    write(out, text.encode("utf-8"))
    return f"{out}\n"


def _binary(frame: pd.DataFrame, form: str, out: Path) -> str:
    try:
        if form == "xlsx":
            frame.to_excel(out, index=False)
        else:
            frame.to_parquet(out, index=False)
    except ImportError as error:
        raise UsageError(f"needs {NEEDS[form]}", where=f"--format {form}", hint="uv run --extra export keycap …") from error
    except OSError as error:
        raise _cannot(out, error) from error
    return f"{out}\n"


def _cannot(out: Path, error: OSError) -> UsageError:
    return UsageError(f"cannot be written: {error.strerror or error}", where=str(out))
