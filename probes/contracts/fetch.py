"""Distributions of official SDKs: from the user's folders, else by the user's own package installer and its configuration."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path
from threading import Lock

from platformdirs import user_cache_path

from probes.errors import DocumentError

_TIMEOUT = 120.0
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_NO_NETWORK = re.compile(r"resol(?:ve|ution)|lookup|connect|unreachable|timed out", re.IGNORECASE)
_REQUIREMENT = re.compile(r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[A-Za-z0-9][A-Za-z0-9.!+_]*)$")


class Downloads:
    """The downloads of one run, safe from several threads: where the first one finds no network, the others do not look for it again."""

    def __init__(self) -> None:
        self._first, self._works, self._offline = Lock(), False, ""

    def __call__(self, requirement: str, cache: Path) -> None:
        """Download a package into `cache`. Raises DocumentError."""
        with nullcontext() if self._works else self._first:
            if self._offline:
                raise DocumentError(self._offline, where=requirement, hint=_hint(requirement))
            try:
                _download(requirement, cache)
            except DocumentError as fault:
                self._offline = fault.what if _NO_NETWORK.search(fault.what) else ""
                raise
            self._works = True


def find_distribution(requirement: str, folders: Sequence[Path], download: Callable[[str, Path], None] | None = None) -> Path:
    """The wheel or sdist of `NAME==VERSION`: in `folders`, in keycap's cache, else downloaded into that cache.

    Nothing is installed and no package's code is run: only wheels are downloaded, and no index is named here.
    """
    match = _REQUIREMENT.match(requirement)
    if match is None:
        raise DocumentError("a package is NAME==VERSION", where=requirement)
    cache = user_cache_path("keycap") / "packages"
    found = _in_folders(match["name"], match["version"], [*folders, cache])
    if found is None:
        (download or _download)(requirement, cache)
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


def versions(name: str) -> list[str]:
    """The versions that the user's installer knows of a package, the oldest first, without pre-releases. Raises DocumentError."""
    if not _NAME.fullmatch(name):
        raise DocumentError("is no name of a package", where=name)
    listed = _pip(["index", "versions", "--disable-pip-version-check", name], name, "the list of versions")
    found = re.search(r"^Available versions: (.+)$", listed, re.MULTILINE)
    if found is None:
        raise DocumentError("the installer lists no versions", where=name, hint=_hint(name))
    return [version.strip() for version in reversed(found[1].split(","))]


def _download(requirement: str, cache: Path) -> None:
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise DocumentError(f"the download could not be started: {fault.strerror}", where=requirement, hint=_hint(requirement)) from fault
    # One retry, so that a run without a network ends in seconds; both otherwise wait longer and longer, several times.
    options = ["--quiet", "--disable-pip-version-check", "--retries=1", "--no-deps", "--only-binary=:all:"]
    _pip(["download", *options, "-d", str(cache), requirement], requirement, "the download")


def _pip(arguments: Sequence[str], wanted: str, what: str) -> str:
    """What the user's pip prints."""
    uv = shutil.which("uv")
    if find_spec("pip") is not None:
        command = [sys.executable, "-m", "pip", *arguments]
    elif uv is not None:
        # uv has no `download`; it runs pip without touching the project.
        command = [uv, "run", "--quiet", "--no-project", "--with", "pip", "python", "-m", "pip", *arguments]
    else:
        raise DocumentError("neither pip nor uv is there to download it", where=wanted, hint=_hint(wanted))
    try:
        environment = {"UV_HTTP_RETRIES": "1", **os.environ}
        ran = subprocess.run(command, check=True, capture_output=True, text=True, errors="replace", timeout=_TIMEOUT, env=environment)  # noqa: S603 # a list, no shell
    except subprocess.TimeoutExpired as fault:
        raise DocumentError(f"{what} took longer than {_TIMEOUT:.0f} s", where=wanted, hint=_hint(wanted)) from fault
    except subprocess.CalledProcessError as fault:
        last = next((line.strip() for line in reversed(fault.stderr.splitlines()) if line.strip()), "no message")
        raise DocumentError(f"{what} failed: {last[:300]}", where=wanted, hint=_hint(wanted)) from fault
    except OSError as fault:
        raise DocumentError(f"{what} could not be started: {fault.strerror}", where=wanted, hint=_hint(wanted)) from fault
    return str(ran.stdout) if ran else ""


def _hint(requirement: str) -> str:
    return f"offline? put the wheel of {requirement} into a folder and name it with --documents"
