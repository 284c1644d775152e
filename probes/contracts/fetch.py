"""Distributions of official SDKs: from the user's folders, else by the user's own package installer and its configuration."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from platformdirs import user_cache_path

from probes.errors import DocumentError

_TIMEOUT = 120.0
_REQUIREMENT = re.compile(r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[A-Za-z0-9][A-Za-z0-9.!+_]*)$")


def find_distribution(requirement: str, folders: Sequence[Path]) -> Path:
    """The wheel or sdist of `NAME==VERSION`: in `folders`, in keycap's cache, else downloaded into that cache.

    Nothing is installed and no package's code is run: only wheels are downloaded, and no index is named here.
    """
    match = _REQUIREMENT.match(requirement)
    if match is None:
        raise DocumentError("a package is NAME==VERSION", where=requirement)
    cache = user_cache_path("keycap") / "packages"
    found = _in_folders(match["name"], match["version"], [*folders, cache])
    if found is None:
        _download(requirement, cache)
        found = _in_folders(match["name"], match["version"], [cache])
    if found is None:
        raise DocumentError("the installer downloaded no wheel", where=requirement, hint=_hint(requirement))
    return found


def _in_folders(name: str, version: str, folders: Sequence[Path]) -> Path | None:
    wanted = _normal(name), _normal(version)
    for folder in folders:
        for path in sorted(folder.iterdir(), reverse=True) if folder.is_dir() else ():
            # NAME-VERSION-PYTHON-ABI-PLATFORM.whl, NAME-VERSION.tar.gz
            stem = path.name.removesuffix(".tar.gz")
            parts = path.name.split("-")[:2] if path.suffix == ".whl" else [*stem.rpartition("-")[::2]]
            if path.name.endswith((".whl", ".tar.gz")) and tuple(map(_normal, parts)) == wanted:
                return path
    return None


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _download(requirement: str, cache: Path) -> None:
    # One retry, so that a run without a network ends in seconds; both otherwise wait longer and longer, several times.
    options = ["--quiet", "--disable-pip-version-check", "--retries=1", "--no-deps", "--only-binary=:all:"]
    arguments = ["download", *options, "-d", str(cache), requirement]
    uv = shutil.which("uv")
    if find_spec("pip") is not None:
        command = [sys.executable, "-m", "pip", *arguments]
    elif uv is not None:
        # uv has no `download`; it runs pip without touching the project.
        command = [uv, "run", "--quiet", "--no-project", "--with", "pip", "python", "-m", "pip", *arguments]
    else:
        raise DocumentError("neither pip nor uv is there to download it", where=requirement, hint=_hint(requirement))
    try:
        cache.mkdir(parents=True, exist_ok=True)
        environment = {"UV_HTTP_RETRIES": "1", **os.environ}
        subprocess.run(command, check=True, capture_output=True, text=True, errors="replace", timeout=_TIMEOUT, env=environment)  # noqa: S603 # a list, no shell
    except subprocess.TimeoutExpired as fault:
        raise DocumentError(f"the download took longer than {_TIMEOUT:.0f} s", where=requirement, hint=_hint(requirement)) from fault
    except subprocess.CalledProcessError as fault:
        last = next((line.strip() for line in reversed(fault.stderr.splitlines()) if line.strip()), "no message")
        raise DocumentError(f"the download failed: {last[:300]}", where=requirement, hint=_hint(requirement)) from fault
    except OSError as fault:
        raise DocumentError(f"the download could not be started: {fault.strerror}", where=requirement, hint=_hint(requirement)) from fault


def _hint(requirement: str) -> str:
    return f"offline? put the wheel of {requirement} into a folder and name it with --documents"
