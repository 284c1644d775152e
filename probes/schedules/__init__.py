"""Schedules for a machine of one's own, their templates beside this file: a systemd service with its timer, a line of a crontab."""

import re
import shlex
import sys
from pathlib import Path
from string import Template

from probes.errors import UsageError

FILES = {"systemd": ("keycap-reverify.service", "keycap-reverify.timer"), "cron": ("crontab",)}

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def filled(kind: str, checkout: Path, state: Path, notify: str | None = None) -> dict[str, str]:
    """The files of a schedule by name, this Python and the folders filled in.

    `notify` names the variable that holds the channels to tell. Raises UsageError for what is none: an address is a secret.
    """
    if notify is not None and not _VARIABLE.fullmatch(notify):
        hint = "Put the addresses into .env and name their variable: others could read them in a schedule."
        raise UsageError("takes the name of a variable here", where="--notify", hint=hint)
    quote = _for_systemd if kind == "systemd" else _for_cron
    told = f" --notify {notify}" if notify else ""
    names = {"checkout": checkout, "python": sys.executable, "state": state}
    values = {name: quote(str(path)) for name, path in names.items()}
    values |= {"notify": told, "folder": str(checkout).replace("%", "%%")}  # systemd takes a folder as it stands, without quotes
    return {name: Template((Path(__file__).parent / name).read_text(encoding="utf-8")).substitute(values) for name in FILES[kind]}


def _for_systemd(text: str) -> str:
    """`%` begins a specifier there, `$` a variable, and a space would end the word."""
    escaped = text.replace("\\", "\\\\").replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if re.search(r"\s", escaped) else escaped


def _for_cron(text: str) -> str:
    """`%` ends the command of a crontab."""
    return shlex.quote(text).replace("%", "\\%")
