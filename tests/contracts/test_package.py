"""Distributions: opened in place, bounded, with honest provenance."""

import gzip
import hashlib
import zipfile
from pathlib import Path

import pytest

from probes.contracts import archive
from probes.contracts.archive import Archive
from probes.contracts.package import read_package
from probes.errors import DocumentError
from tests.contracts.wheels import operations, sdist, wheel

RESOURCE = """
    class Keys(SyncAPIResource):
        def list(self):
            return self._get("/keys")
"""


def test_provenance_names_package_version_date_and_digest(tmp_path: Path) -> None:
    path = wheel(tmp_path, {"acme/resources/keys.py": RESOURCE})
    provenance = read_package(path, "stainless", None, "/v1", ["/**"]).provenance
    assert (provenance.kind, provenance.address, provenance.version) == ("sdk", "pkg:pypi/acme-sdk@1.2.3", "1.2.3")
    assert (provenance.date, provenance.retrieved) == ("2026-03-04", "package")
    assert provenance.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("day", [(1980, 1, 1), (2016, 1, 1), (2020, 2, 2)])
def test_the_placeholder_of_a_reproducible_build_is_no_date(tmp_path: Path, day: tuple[int, int, int]) -> None:
    assert Archive(wheel(tmp_path, {"acme.py": ""}, day=day)).date == ""


def test_an_sdist_is_read_like_a_wheel(tmp_path: Path) -> None:
    extract = read_package(sdist(tmp_path, {"acme/resources/keys.py": RESOURCE}), "stainless", None, "/v1", ["/**"])
    assert set(operations(extract)) == {"GET /v1/keys"}
    assert extract.provenance.date == "2026-03-04"


def test_nothing_is_written_or_run(tmp_path: Path) -> None:
    files = {"../../escaped.py": "raise SystemExit", "acme/__init__.py": "raise SystemExit", "acme/resources/keys.py": RESOURCE}
    path = wheel(tmp_path, files)
    assert set(operations(read_package(path, "stainless", None, "", ["/**"]))) == {"GET /keys"}
    assert list(tmp_path.iterdir()) == [path]


def test_a_damaged_distribution_is_said_so(tmp_path: Path) -> None:
    whole = wheel(tmp_path, {"acme.py": "x = 1\n" * 1000}).read_bytes()
    for name, data in {
        "cut.whl": whole[:-40],
        "empty.whl": b"",
        "text.tar.gz": b"no gzip",
        "cut.tar.gz": gzip.compress(b"\0" * 10_000, mtime=0)[:-9],
    }.items():
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(DocumentError, match="no readable wheel or sdist"):
            Archive(path)
    with pytest.raises(DocumentError, match="cannot be read"):
        Archive(tmp_path / "absent.whl")
    with pytest.raises(DocumentError, match=r"a \.whl or a"):
        Archive(tmp_path / "setup.exe")


def test_a_damaged_member_is_said_so(tmp_path: Path) -> None:
    path = wheel(tmp_path, {"acme/resources/keys.py": RESOURCE})
    data = bytearray(path.read_bytes())
    data[60] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(DocumentError, match=r"no readable acme/resources/keys\.py"):
        read_package(path, "stainless", None, "", ["/**"])


def test_sizes_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "TOTAL_MAX", 1000)
    files = {"acme/big.py": "x" * 5000}
    for path in (wheel(tmp_path, files), sdist(tmp_path, files)):
        with pytest.raises(DocumentError, match=r"unpacks to more|no readable wheel or sdist"):
            Archive(path)
    monkeypatch.setattr(archive, "COMPRESSED_MAX", 10)
    with pytest.raises(DocumentError, match="larger than"):
        Archive(wheel(tmp_path, files))


def test_source_that_does_not_parse_is_said_so(tmp_path: Path) -> None:
    for source in ("def (", "x = '\0'", "(" * 5000):
        with pytest.raises(DocumentError, match="not Python that can be read"):
            read_package(wheel(tmp_path, {"acme/resources/keys.py": source}), "stainless", None, "", ["/**"])


def test_metadata_and_reader_are_required(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bare.whl", "w") as packed:
        packed.writestr("acme.py", "")
    with pytest.raises(DocumentError, match="no metadata"):
        Archive(tmp_path / "bare.whl")
    with pytest.raises(DocumentError, match="no reader 'guess'"):
        read_package(wheel(tmp_path, {}), "guess", None, "", ["/**"])
    with pytest.raises(DocumentError, match="no operation could be read"):
        read_package(wheel(tmp_path, {}), "stainless", None, "", ["/**"])
