"""Finding a distribution: the user's folders first, then the user's own installer."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from probes.contracts import fetch
from probes.contracts.fetch import find_distribution
from probes.errors import DocumentError


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(fetch, "user_cache_path", lambda _: tmp_path / "cache")
    return tmp_path / "cache" / "packages"


def run_as(monkeypatch: pytest.MonkeyPatch, run: Any) -> None:
    monkeypatch.setattr(subprocess, "run", run)


def refuse(*_: Any, **__: Any) -> None:
    raise AssertionError("nothing may be run")


@pytest.mark.parametrize("name", ["Acme_SDK-1.2.3-py3-none-any.whl", "acme-sdk-1.2.3.tar.gz"])
def test_a_folder_of_the_user_is_enough(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    run_as(monkeypatch, refuse)
    (tmp_path / "acme_sdk-1.2.30-py3-none-any.whl").touch()
    (tmp_path / name).touch()
    assert find_distribution("acme.sdk==1.2.3", [tmp_path / "absent", tmp_path]) == tmp_path / name


@pytest.mark.parametrize("requirement", ["acme", "acme>=1", "--index-url=x==1", "acme==1 --pre", "../acme==1"])
def test_only_an_exact_requirement_is_asked_for(cache: Path, monkeypatch: pytest.MonkeyPatch, requirement: str) -> None:
    run_as(monkeypatch, refuse)
    with pytest.raises(DocumentError, match="NAME==VERSION"):
        find_distribution(requirement, [])


@pytest.mark.parametrize("has_pip", [True, False])
def test_the_users_installer_downloads_a_wheel_without_installing_it(cache: Path, monkeypatch: pytest.MonkeyPatch, has_pip: bool) -> None:
    def run(command: list[str], **options: Any) -> None:
        assert command[0] == (sys.executable if has_pip else "/bin/uv")
        assert {"download", "--no-deps", "--only-binary=:all:", "acme==1"} <= set(command)
        assert not any("index" in argument for argument in command)
        assert options["timeout"] == 120
        assert "shell" not in options
        (cache / "acme-1-py3-none-any.whl").touch()

    run_as(monkeypatch, run)
    monkeypatch.setattr(fetch, "find_spec", lambda _: object() if has_pip else None)
    monkeypatch.setattr("shutil.which", lambda _: "/bin/uv")
    assert find_distribution("acme==1", []) == cache / "acme-1-py3-none-any.whl"
    run_as(monkeypatch, refuse)
    assert find_distribution("acme==1", []) == cache / "acme-1-py3-none-any.whl"


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (subprocess.TimeoutExpired("pip", 120), "longer than 120 s"),
        (subprocess.CalledProcessError(1, "pip", stderr="WARNING: x\nERROR: no such version\n\n"), "ERROR: no such version"),
        (FileNotFoundError(2, "No such file"), "could not be started"),
    ],
)
def test_what_fails_is_said_with_a_way_out(cache: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception, says: str) -> None:
    def run(*_: Any, **__: Any) -> None:
        raise fault

    run_as(monkeypatch, run)
    with pytest.raises(DocumentError, match=says) as caught:
        find_distribution("acme==1", [])
    assert caught.value.where == "acme==1"
    assert "--documents" in caught.value.hint


def test_without_an_installer_or_a_wheel_it_says_so(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_as(monkeypatch, lambda *_, **__: None)
    with pytest.raises(DocumentError, match="no wheel"):
        find_distribution("acme==1", [])
    monkeypatch.setattr(fetch, "find_spec", lambda _: None)
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(DocumentError, match="neither pip nor uv"):
        find_distribution("acme==1", [])


def test_a_run_that_finds_no_network_once_does_not_look_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked = []

    def offline(requirement: str, _cache: Path) -> None:
        asked.append(requirement)
        raise DocumentError("the download failed: Temporary failure in name resolution", where=requirement)

    monkeypatch.setattr(fetch, "_download", offline)
    downloads = fetch.Downloads()
    for name in ("one==1.0", "other==2.0"):
        with pytest.raises(DocumentError, match="name resolution") as refused:
            downloads(name, tmp_path)
        assert refused.value.where == name
    assert asked == ["one==1.0"]


def test_a_package_that_is_not_there_does_not_keep_others_from_being_had(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked = []

    def missing(requirement: str, _cache: Path) -> None:
        asked.append(requirement)
        raise DocumentError(f"the download failed: No matching distribution found for {requirement}", where=requirement)

    monkeypatch.setattr(fetch, "_download", missing)
    downloads = fetch.Downloads()
    for name in ("one==1.0", "other==2.0"):
        with pytest.raises(DocumentError, match="No matching"):
            downloads(name, tmp_path)
    assert asked == ["one==1.0", "other==2.0"]
