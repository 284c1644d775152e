"""Builds one environment per gateway under `.gateways/` in the checkout: `python tests/gateways/build.py [NAME…]`.

Gateways pin dependencies that exclude each other and ours, so each lives in a virtual environment of its own, built by uv. An environment
is built once; it is built anew when its pinned requirements here changed. Nothing here names a package index: uv's own settings do.

LiteLLM needs a database as well. A script beside the checkout (`../shared`) installs both and starts them; it runs once under a leash, and
what it leaves is what later starts are made from. Without the script that gateway is left out.
"""

import hashlib
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

REQUIREMENTS: dict[str, tuple[str, ...]] = {
    "prompture_hub": ("prompture-hub==0.0.1", "prompture[openai]==1.15.1"),
    "any_llm_gateway": ("any-llm-sdk[gateway]==1.14.0",),
    "mlflow_ai_gateway": ("mlflow[auth]==3.17.2",),
    "litellm": ("litellm[proxy]==1.106.2",),
}
"""What each environment holds; the first requirement is the gateway itself, whose version the claims speak of."""
SCRIPTS = {"litellm": "shared/tools/gateways/litellm/up"}
"""Gateways that a script beside the checkout installs and starts: `SCRIPT FOLDER PORT UPSTREAM`."""

CHECKOUT = Path(__file__).resolve().parents[2]
BUILD_TIMEOUT = 1800
"""Seconds that one command may take; the largest environments (800 MB) need about 100 on a good line."""


class BuildError(Exception):
    """An environment could not be built; the message says which step failed and what was said."""


def environment(name: str) -> Path:
    """Folder of a gateway's environment."""
    return CHECKOUT / ".gateways" / name


def executable(name: str, program: str) -> Path:
    """A program inside a gateway's environment."""
    folder, suffix = ("Scripts", ".exe") if sys.platform == "win32" else ("bin", "")
    return environment(name) / folder / f"{program}{suffix}"


def version(name: str) -> str:
    """Version of the gateway that the environment holds."""
    return REQUIREMENTS[name][0].partition("==")[2]


def script(name: str) -> Path | None:
    """The script that installs and starts a gateway, None where uv alone does."""
    return CHECKOUT.parent / SCRIPTS[name] if name in SCRIPTS else None


def is_available(name: str) -> bool:
    """Whether there is all that building needs; only a script beside the checkout may be lacking."""
    path = script(name)
    return path is None or path.is_file()


def is_built(name: str) -> bool:
    """Whether the environment was built to the end from the requirements of today."""
    stamp = _stamp(name)
    return is_available(name) and stamp.is_file() and stamp.read_text(encoding="utf-8") == _stamp_text(name)


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
    _shield(environment(name).parent)
    if (path := script(name)) is not None:
        _build_by_script(path, environment(name))
    else:
        _run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(environment(name)))
        _run(uv, "pip", "install", "--quiet", "--python", str(executable(name, "python")), *REQUIREMENTS[name])
    _stamp(name).write_text(_stamp_text(name), encoding="utf-8")
    return True


def started_by(path: Path, folder: Path, port: int, upstream: str) -> tuple[str, ...]:
    """The command of a script that installs and starts."""
    return (str(path), str(folder), str(port), upstream)


def free_port() -> int:
    """A port on loopback that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _build_by_script(path: Path, folder: Path) -> None:
    """Let the script install and start everything; the leash ends it as soon as it says that it is ready."""
    shutil.rmtree(folder, ignore_errors=True)
    programs = folder / "bin"
    programs.mkdir(parents=True)
    # The script detaches the gateway with `setsid`; this one keeps it in the group that the leash ends.
    (programs / "setsid").write_text('#!/bin/sh\nexec "$@"\n', encoding="utf-8")
    (programs / "setsid").chmod(0o755)
    command = started_by(path, folder, free_port(), "http://127.0.0.1:1")
    leash = (sys.executable, "-I", str(Path(__file__).with_name("leash.py")), "--database", str(folder / "pgdata"))
    ready = ("sh", "-ec", '"$@" && touch ready', "sh")
    held, hold = os.pipe()
    try:
        done = subprocess.run(
            (*leash, *ready, *command),
            cwd=folder,
            env={**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}"},
            stdin=held,
            capture_output=True,
            text=True,
            timeout=BUILD_TIMEOUT,
            start_new_session=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BuildError(f"no end after {BUILD_TIMEOUT} s: {' '.join(command)}") from None
    finally:
        os.close(hold)
        os.close(held)
    if not (folder / "ready").is_file():
        raise BuildError(f"not ready: {' '.join(command)}\n{done.stdout.strip()}\n{done.stderr.strip()}")


def _shield(folder: Path) -> None:
    """Make `folder` a project of its own for uv, which else obeys the versions that the checkout above pins for itself."""
    folder.mkdir(exist_ok=True)
    (folder / "pyproject.toml").write_text("[tool.uv]\n", encoding="utf-8")


def _stamp(name: str) -> Path:
    return environment(name) / "keycap-requirements.txt"


def _stamp_text(name: str) -> str:
    text = "".join(f"{requirement}\n" for requirement in REQUIREMENTS[name])
    path = script(name)
    for file in sorted(path.parent.iterdir()) if path is not None else ():
        text += f"{file.name} sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}\n"
    return text


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, cwd=CHECKOUT / ".gateways", capture_output=True, text=True, timeout=BUILD_TIMEOUT, check=False)
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
        if not is_available(name):
            print(f"{name}: left out: {SCRIPTS[name]} is not beside the checkout", file=sys.stderr)
            continue
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
