"""keycap against a running gateway, as its operator runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from .servers import Gateway


def environment(gateway: Gateway, state: Path) -> dict[str, str]:
    """The caller's own with the gateway's credentials, and a ledger of its own in `state`."""
    return {**os.environ, **gateway.credentials, "XDG_STATE_HOME": str(state)}


def command(gateway: Gateway, cassettes: Path, *options: str) -> list[str]:
    """`keycap verify` of this gateway, its version and a model named."""
    named = ["--endpoint", f"{gateway.name}={gateway.url}#{gateway.version}", "--model", f"{gateway.name}={gateway.model}"]
    return [sys.executable, "-m", "probes", "verify", gateway.name, *named, "--cassettes", str(cassettes), *options]


def verify(gateway: Gateway, folder: Path, *options: str) -> Any:
    """Run it in `folder`, where it leaves `cassettes` and `state`; the JSON document of a run that ends well."""
    arguments = command(gateway, folder / "cassettes", *options, "--json")
    ended = subprocess.run(arguments, capture_output=True, text=True, check=False, env=environment(gateway, folder / "state"), cwd=folder)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)
