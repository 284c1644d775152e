"""The command line run in this process."""

import json
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from probes import cli


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Keycap = Callable[..., Ended]


def running(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Keycap:
    """A function that runs the command line in this process."""

    def run(*arguments: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["keycap", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "200")
        with pytest.raises(SystemExit) as ended:
            cli.run()
        out, err = capsys.readouterr()
        return Ended(int(ended.value.code or 0), out, err)

    return run
