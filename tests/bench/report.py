"""How long the report takes and how large its page is, from the real record to 1,000 providers: `uv run python -m tests.bench.report`."""

import sys
import tempfile
import time
from pathlib import Path

import reports
from probes.processes import processors
from tests.bench.multiplied import multiplied


def main() -> None:
    """One line per number of providers. The first render of all also imports what it needs."""
    for count in [int(each) for each in sys.argv[1:]] or [54, 54, 150, 300, 600, 1000]:
        results = multiplied(count)
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            reports.render(results, Path(folder), processes=processors())
            seconds = time.perf_counter() - began
            size = (Path(folder) / "report.en.html").stat().st_size
        print(f"{count:5} providers: {seconds:6.2f} s, {1000 * seconds / count:5.1f} ms each; page {size / 1e6:.2f} MB", flush=True)


if __name__ == "__main__":
    main()
