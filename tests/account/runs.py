"""keycap run against a simulated gateway as a process of its own, so that it can be killed."""

import json
import os
import re
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

from tests.account.hub import TOKEN, Hub

CHECKOUT = Path(__file__).resolve().parents[2]
FOREIGN = {1: "production", 2: "keycap-probe-deadbeef-0"}


class Runs:
    """Runs keycap as a process of its own, with a state folder and a record of its own."""

    def __init__(self, hub: Hub, folder: Path) -> None:
        self.hub, self.folder = hub, folder
        self.started: list[subprocess.Popen[str]] = []
        own = {"HUB_ADMIN_TOKEN": TOKEN, "XDG_STATE_HOME": str(folder / "state"), "NO_COLOR": "1", "PYTHONPATH": str(CHECKOUT)}
        self.environment = {**os.environ, **own}

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "probes", *arguments]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.environment, cwd=self.folder.parent
        )
        self.started.append(process)
        return process

    def write(self, *more: str, record: str = "cassettes") -> "subprocess.Popen[str]":
        """Start a run of the tier `write`; `record` names its folder of recordings, which two runs at once may not share."""
        address = f"prompture_hub={self.hub.url}"
        where = ("--endpoint", address, "--cassettes", str(self.folder / record), "--json")
        return self.start("verify", "prompture_hub", "--tier", "write", "--allow-write", *where, *more)

    def cleanup(self) -> "subprocess.CompletedProcess[str]":
        process = self.start("cleanup")
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess([], process.returncode, out, err)

    def age(self, by: timedelta = timedelta(minutes=20)) -> None:
        """Make what dead runs left behind older than it is."""

        def earlier(found: re.Match[str]) -> str:
            return f'"at": "{(datetime.fromisoformat(found[1]) - by).isoformat(timespec="milliseconds")}"'

        for path in self.ledger:
            path.write_text(re.sub(r'"at": "([^"]+)"', earlier, path.read_text(encoding="utf-8")), encoding="utf-8")

    def end(self) -> None:
        """End what a failed test left running."""
        for process in self.started:
            with process:
                process.kill()

    @property
    def ledger(self) -> list[Path]:
        return sorted((self.folder / "state" / "keycap" / "ledger").glob("*.jsonl"))


class Gate:
    """Holds every use of the created key until it is opened, so that a run is at a known place however slow the machine is."""

    def __init__(self, hub: Hub) -> None:
        self._hub, self._open = hub, Event()
        hub.before = self._wait

    def _wait(self, _method: str, target: str) -> None:
        if target == "/v1/models":
            self._open.wait(30)

    def reached(self, runs: int = 1) -> bool:
        """Wait until so many runs have created their key; false when they never did."""
        deadline = time.monotonic() + 30
        while len(self._hub.ours) < runs and time.monotonic() < deadline:
            time.sleep(0.02)
        return len(self._hub.ours) == runs

    def open(self) -> None:
        """Let the run go on."""
        self._open.set()


def ended(process: "subprocess.Popen[str]") -> tuple[int, Any, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, json.loads(out) if out else None, err


def outcomes(document: Any) -> dict[str, tuple[str, str]]:
    return {row["capability"]: (row["outcome"], row["cause"]) for row in document["evidence"] if row["tier"] == "write"}
