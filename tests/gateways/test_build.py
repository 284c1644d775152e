"""Environments are built once, built anew when their requirements changed, and never pass for built when they are not."""

from pathlib import Path

import pytest

from . import build

FAKE_UV = """#!/bin/sh
echo "$*" >> "$(dirname "$0")/calls"
if [ "$1" = venv ]; then for folder; do :; done; mkdir -p "$folder"; fi
if [ "$1" = pip ] && [ -e "$(dirname "$0")/broken" ]; then echo "no such version" >&2; exit 2; fi
"""


@pytest.fixture
def uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that holds a uv which only writes down its calls; the checkout is a temporary one."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "uv").write_text(FAKE_UV, encoding="utf-8")
    (folder / "uv").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    monkeypatch.setattr(build, "CHECKOUT", tmp_path)
    monkeypatch.setattr(build, "REQUIREMENTS", {"some_gateway": ("some-gateway==1.0",)})
    return folder


def calls(uv: Path) -> list[str]:
    return [line.split()[0] for line in (uv / "calls").read_text(encoding="utf-8").splitlines()]


def test_a_second_build_does_nothing_until_the_requirements_change(uv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not build.is_built("some_gateway")
    assert [build.main([]), build.main(["some_gateway"])] == [0, 0]
    assert build.is_built("some_gateway")
    assert calls(uv) == ["venv", "pip"]
    monkeypatch.setitem(build.REQUIREMENTS, "some_gateway", ("some-gateway==1.1",))
    assert not build.is_built("some_gateway")
    assert build.main(["some_gateway"]) == 0
    assert calls(uv) == ["venv", "pip", "venv", "pip"]


def test_a_failed_build_says_why_and_is_no_build(uv: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (uv / "broken").touch()
    assert build.main([]) == 1
    assert "no such version" in capsys.readouterr().err
    assert not build.is_built("some_gateway")


def test_without_uv_the_message_says_so(uv: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", "")
    assert build.main([]) == 1
    assert "uv is not on PATH" in capsys.readouterr().err


def test_an_unknown_gateway_is_bad_usage(uv: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert build.main(["nobody"]) == 2
    assert "some_gateway" in capsys.readouterr().err


def test_environments_are_no_part_of_the_checkouts_own_project(uv: Path, tmp_path: Path) -> None:
    """uv obeys the nearest project: the versions that the checkout pins for itself exclude what gateways need."""
    build.main([])
    assert (tmp_path / ".gateways" / "pyproject.toml").is_file()


def test_a_gateway_whose_script_is_not_there_is_left_out(
    uv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build, "SCRIPTS", {"some_gateway": f"{tmp_path.name}/no-such-script"})
    assert not build.is_available("some_gateway")
    assert build.main([]) == 0
    assert "left out" in capsys.readouterr().err
    assert not build.is_built("some_gateway")


UP = """#!/bin/sh
cd "$1" && setsid sleep 600 & echo $! > "$1/pid"
[ ! -e "$(dirname "$0")/broken" ] || { echo "no database" >&2; exit 1; }
"""


def test_a_script_builds_and_what_it_started_is_gone(uv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    beside = tmp_path / "beside"
    beside.mkdir()
    (beside / "up").write_text(UP, encoding="utf-8")
    (beside / "up").chmod(0o755)
    monkeypatch.setenv("PATH", f"{uv}:/usr/bin:/bin")
    monkeypatch.setattr(build, "SCRIPTS", {"some_gateway": f"{tmp_path.name}/beside/up"})
    assert build.main([]) == 0
    assert build.is_built("some_gateway")
    started = Path("/proc") / (build.environment("some_gateway") / "pid").read_text(encoding="utf-8").strip() / "cmdline"
    assert not started.exists() or started.read_bytes() == b""
    (beside / "broken").touch()
    assert not build.is_built("some_gateway")
    assert build.main([]) == 1
    assert not build.is_built("some_gateway")
