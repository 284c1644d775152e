"""Builds one environment per gateway under `.gateways/` in the checkout: `python tests/gateways/build.py [NAME…]`.

Gateways pin dependencies that exclude each other and ours, so each lives in a virtual environment of its own, built by uv. An environment
is built once; it is built anew when its pinned requirements here changed. Nothing here names a package index: uv's own settings do.
"""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

REQUIREMENTS: dict[str, tuple[str, ...]] = {
    "prompture_hub": ("prompture-hub==0.0.1", "prompture[openai]==1.15.1"),
    "mlflow_ai_gateway": ("mlflow[auth]==3.17.2",),
}
"""What each environment holds; the first requirement is the gateway itself, whose version the claims speak of."""

CHECKOUT = Path(__file__).resolve().parents[2]
BUILD_TIMEOUT = 1800
"""Seconds that one uv command may take; the larger environment (800 MB) needs about 100 on a good line."""


class BuildError(Exception):
    """An environment could not be built; the message says which step failed and what uv said."""


def environment(name: str) -> Path:
    """Folder of a gateway's virtual environment."""
    return CHECKOUT / ".gateways" / name


def executable(name: str, program: str) -> Path:
    """A program inside a gateway's environment."""
    folder, suffix = ("Scripts", ".exe") if sys.platform == "win32" else ("bin", "")
    return environment(name) / folder / f"{program}{suffix}"


def version(name: str) -> str:
    """Version of the gateway that the environment holds."""
    return REQUIREMENTS[name][0].partition("==")[2]


def is_built(name: str) -> bool:
    """Whether the environment was built to the end from the requirements of today."""
    stamp = _stamp(name)
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == _stamp_text(name)


def build_command(name: str) -> str:
    """What a person types, in the checkout, to build one environment."""
    return f"python {Path(__file__).resolve().relative_to(CHECKOUT).as_posix()} {name}"


def build(name: str) -> bool:
    """Build one environment unless it stands already; returns whether there was something to do. Raises BuildError."""
    if is_built(name):
        return False
    uv = shutil.which("uv")
    if uv is None:
        raise BuildError("uv is not on PATH; install it, then run this again")
    # The stamp goes first and comes back last, so that an interrupted build never passes for a finished one.
    _stamp(name).unlink(missing_ok=True)
    _run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(environment(name)))
    _run(uv, "pip", "install", "--quiet", "--python", str(executable(name, "python")), *REQUIREMENTS[name])
    _stamp(name).write_text(_stamp_text(name), encoding="utf-8")
    return True


def _stamp(name: str) -> Path:
    return environment(name) / "keycap-requirements.txt"


def _stamp_text(name: str) -> str:
    return "".join(f"{requirement}\n" for requirement in REQUIREMENTS[name])


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=BUILD_TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        raise BuildError(f"no end after {BUILD_TIMEOUT} s: {' '.join(command)}") from None
    if done.returncode:
        raise BuildError(f"exit {done.returncode}: {' '.join(command)}\n{done.stderr.strip()}")


def main(arguments: Sequence[str]) -> int:
    """Build the named environments, or all; returns the exit code: 0 built or already there, 1 a build failed, 2 no such gateway."""
    unknown = [name for name in arguments if name not in REQUIREMENTS]
    if unknown:
        print(f"unknown gateway: {', '.join(unknown)}; there are: {', '.join(REQUIREMENTS)}", file=sys.stderr)
        return 2
    failed = False
    for name in arguments or REQUIREMENTS:
        try:
            news = "built" if build(name) else "already built"
        except BuildError as error:
            print(f"{name}: not built: {error}", file=sys.stderr)
            failed = True
        else:
            print(f"{name}: {news}: {' '.join(REQUIREMENTS[name])}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
