"""Small hand-written distributions for the readers: no vendor's text, only the manner of each generator."""

import io
import tarfile
import zipfile
from pathlib import Path
from textwrap import dedent

from probes.contracts.extract import Extract, Operation
from probes.contracts.package import read_package


def wheel(
    folder: Path, files: dict[str, str], *, name: str = "acme-sdk", version: str = "1.2.3", day: tuple[int, int, int] = (2026, 3, 4)
) -> Path:
    """A wheel whose files were last changed on `day`."""
    path = folder / f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    metadata = {
        f"{name.replace('-', '_')}-{version}.dist-info/METADATA": f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n\nAbout it.\n"
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for inner, text in {**files, **metadata}.items():
            packed.writestr(zipfile.ZipInfo(inner, (*day, 12, 0, 0)), dedent(text))
    return path


def sdist(folder: Path, files: dict[str, str]) -> Path:
    """An sdist in the `src` layout."""
    path = folder / "acme_sdk-1.2.3.tar.gz"
    with tarfile.open(path, "w:gz") as packed:
        for inner, text in {
            **{f"src/{inner}": text for inner, text in files.items()},
            "PKG-INFO": "Name: acme-sdk\nVersion: 1.2.3\n",
        }.items():
            member, data = tarfile.TarInfo(f"acme_sdk-1.2.3/{inner}"), dedent(text).encode()
            member.size, member.mtime = len(data), 1_772_582_400
            packed.addfile(member, io.BytesIO(data))
    return path


def read(folder: Path, reader: str, files: dict[str, str], *, base: str = "") -> dict[str, Operation]:
    """The operations that a reader finds in a wheel of these files, by name."""
    return operations(read_package(wheel(folder, files), reader, None, base, ["/**"]))


def operations(extract: Extract) -> dict[str, Operation]:
    """An extract's operations by `METHOD /path`."""
    return {operation.name: operation for operation in extract.operations}
