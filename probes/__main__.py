"""The entry point: `keycap --help` answers from a file, so that it is there before anything is imported."""

import gc
import os
import sys


def main() -> None:
    """Run the command line; the help page is `help.txt`, which a test holds equal to what the command line would print."""
    if sys.argv[1:] in ([], ["--help"]):
        with open(os.path.join(os.path.dirname(__file__), "help.txt"), encoding="utf-8") as page:  # noqa: PTH118, PTH120, PTH123  (pathlib takes 4 ms)
            sys.stdout.write(page.read())
        return
    # One process, one job: a collector that looks through a young record's 100,000 objects at every 700th takes a fifth of the time.
    gc.set_threshold(200_000, 50, 100)
    from probes.cli import run  # noqa: PLC0415

    run()


if __name__ == "__main__":
    main()
