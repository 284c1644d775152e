"""A git repository for tests that need earlier records."""

import os
import subprocess
from pathlib import Path


def commit(folder: Path, day: str = "2026-11-20") -> str:
    """Commit everything in a folder, which becomes a repository if it is none; returns the commit's name."""
    git = ("git", "-c", "user.name=t", "-c", "user.email=t@t.example", "-c", "commit.gpgsign=false", "-c", "core.autocrlf=false")
    dates = dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), f"{day}T12:00:00Z")
    for arguments in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "a record", "--allow-empty")):
        subprocess.run([*git, *arguments], cwd=folder, check=True, capture_output=True, env={**os.environ, **dates})
    return subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()
