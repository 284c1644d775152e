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
