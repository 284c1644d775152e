"""Starts the gateways one after the other and records what keycap finds on each: `python -m tests.gateways.record [NAME…]`.

Run by hand when probes or versions changed; the recordings are committed. Tiers run one by one: a measurement has the gateway to itself.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from probes.probe import Tier

from .build import CHECKOUT, REQUIREMENTS, BuildError, build, is_available
from .operators import prepare
from .runs import command, environment
from .servers import ServerError, running

MAX_SPEND_USD = 5
"""Made-up money: the model behind the gateways costs nothing."""


def record(name: str, cassettes: Path) -> bool:
    """Record every tier of one gateway; whether all ended well, claims refuted or not. Raises BuildError and ServerError."""
    build(name)
    with TemporaryDirectory(prefix="keycap-record-") as state, running(name) as gateway:
        prepare(gateway)
        well = True
        for tier in Tier:
            allowed = {Tier.WRITE: ("--allow-write",), Tier.SPEND: ("--allow-spend", "--max-spend", str(MAX_SPEND_USD))}.get(tier, ())
            print(f"{name} {tier.word}", file=sys.stderr, flush=True)
            arguments = command(gateway, cassettes, "--tier", tier.word, *allowed)
            ended = subprocess.run(arguments, env=environment(gateway, Path(state)), cwd=CHECKOUT, check=False)
            well = well and ended.returncode in (0, 1)
        return well


def main(names: Sequence[str]) -> int:
    """Record the named gateways, or all that can be built; 0 when all ended well, 1 when not, 2 for a name that nobody has."""
    if unknown := [name for name in names if name not in REQUIREMENTS]:
        print(f"unknown gateway: {', '.join(unknown)}; there are: {', '.join(REQUIREMENTS)}", file=sys.stderr)
        return 2
    chosen = names or [name for name in REQUIREMENTS if is_available(name)]
    well = True
    for name in chosen:
        try:
            well = record(name, CHECKOUT / "cassettes") and well
        except (BuildError, ServerError) as error:
            print(f"{name}: {error}", file=sys.stderr)
            well = False
    return int(not well)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
