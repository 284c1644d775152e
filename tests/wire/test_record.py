"""A recording is written whole or not at all, and refused when it is not what was written."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from probes.errors import CassetteError, NotWritten
from probes.wire import storage
from probes.wire.cassette import CassetteTransport, Metadata, check_hosts, load

BROKEN: dict[str, tuple[Callable[[str], str], str]] = {
    "empty": (lambda _: "", "has no metadata"),
    "not YAML": (lambda _: "{[}", "not YAML"),
    "another document": (lambda _: "- 1\n- 2\n", "has no metadata"),
    "stock vcrpy's own": (lambda _: "version: 1\ninteractions: []\n...\n", "has no metadata"),
    "cut in the metadata": (lambda text: text[:60], "not that of format 1|cut short"),
    "cut in the first word": (lambda text: text[:20], "cut short"),
    "cut in half": (lambda text: text[: len(text) // 2], "cut short"),
    "cut between interactions": (lambda text: text[: text.rindex("\n- request:") + 1], "cut short: 2 of 3"),
    "cut in the last line": (lambda text: text[: text.rindex("\n...")][:-20], "cut short"),
    "an interaction taken out": (lambda text: text[: text.rindex("\n- request:") + 1] + "...\n", "cut short: 2 of 3"),
    "edited": (lambda text: text.replace('"served": 1', '"served": 9'), "edited"),
    "edited status": (lambda text: text.replace("code: 200", "code: 404", 1), "edited"),
    "edited origin": (lambda text: text.replace("origin: live", "origin: lab"), "edited"),
    "of the future": (lambda text: text.replace("format: 1", "format: 2"), "is of format 2"),
    "of no format": (lambda text: text.replace("format: 1", "format: one"), "another type: format"),
    "metadata with a part missing": (lambda text: text.replace("  tag: a1b2c3d4\n", ""), "missing 1 required positional argument: 'tag'"),
    "metadata with a part too many": (lambda text: text.replace("  tag:", "  more: x\n  tag:"), "unexpected keyword argument 'more'"),
    "a Python object": (lambda text: text.replace("version: 1", "version: !!python/object/apply:os.getcwd []"), "YAML tag"),
    "a tuple": (lambda text: text.replace("version: 1", "version: !!python/tuple [1]"), "YAML tag"),
    "merged keys": (lambda _: "a: &a {b: c}\nd: {<<: *a}\n", "YAML tag"),
    "aliases that grow": (lambda _: "a: &a [" + "x" * 99 + "]\nb: [*a, *a, *a, *a, *a, *a, *a, *a]\n", "repeated"),
    "nested without end": (lambda _: "[" * 5000, "not YAML|nested"),
}  # fmt: skip


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_cassette_is_refused_with_its_own_message(cassette: Path, fault: str) -> None:
    breaking, message = BROKEN[fault]
    text = breaking(cassette.read_text(encoding="utf-8"))
    assert text != cassette.read_text(encoding="utf-8")
    cassette.write_text(text, encoding="utf-8")
    with pytest.raises(CassetteError, match=message) as caught:
        load(cassette)
    assert caught.value.where == str(cassette)
    assert caught.value.hint


def test_every_cut_is_noticed(cassette: Path) -> None:
    """Stock vcrpy loads half a file without a word."""
    data = cassette.read_bytes()
    for length in range(0, len(data) - 1, 37):
        cassette.write_bytes(data[:length])
        with pytest.raises(CassetteError):
            load(cassette)


def test_another_line_end_is_no_edit(cassette: Path) -> None:
    cassette.write_bytes(cassette.read_bytes().replace(b"\n", b"\r\n"))
    assert len(load(cassette).interactions) == 3


def test_only_the_providers_own_hosts(cassette: Path, url: str) -> None:
    port = url.rpartition(":")[2]
    loaded = load(cassette)
    check_hosts(loaded, ["127.0.0.1"])
    check_hosts(loaded, {f"127.0.0.1:{port}", "api.example.test"})
    for hosts in (["api.example.test"], [], ["127.0.0.1:1"]):
        with pytest.raises(CassetteError, match=r"exchange with 127\.0\.0\.1, which is not"):
            check_hosts(loaded, hosts)


def test_a_missing_a_binary_and_a_huge_file(tmp_path: Path) -> None:
    with pytest.raises(CassetteError, match="no such recording"):
        load(tmp_path / "none.yaml")
    (tmp_path / "b.yaml").write_bytes(b"version: \xff\xfe")
    with pytest.raises(CassetteError, match="not UTF-8"):
        load(tmp_path / "b.yaml")
    with (tmp_path / "huge.yaml").open("wb") as file:
        file.truncate(storage.MAX_FILE + 1)
    with pytest.raises(CassetteError, match="larger than"):
        load(tmp_path / "huge.yaml")


@pytest.mark.parametrize("call", ["replace", "fsync"])
def test_a_crash_while_saving_leaves_the_old_file(
    cassette: Path, other: CassetteTransport, metadata: Metadata, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    before = cassette.read_bytes()

    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, call, fails)
        with pytest.raises(NotWritten, match=r"what was there is unchanged: No space left"):
            other.save(cassette, metadata)
    assert cassette.read_bytes() == before
    assert [path.name for path in cassette.parent.iterdir()] == [cassette.name]
    other.save(cassette, metadata)
    assert len(load(cassette).interactions) == 1


def test_an_interrupt_while_saving_leaves_the_old_file(
    cassette: Path, other: CassetteTransport, metadata: Metadata, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = cassette.read_bytes()

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(os, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            other.save(cassette, metadata)
    assert cassette.read_bytes() == before
    assert [path.name for path in cassette.parent.iterdir()] == [cassette.name]
