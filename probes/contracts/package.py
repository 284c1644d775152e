"""Official SDKs as contracts: a downloaded wheel or sdist, read statically by the reader that fits its generator."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from probes.contracts import azure, gapic, protobuf, qfrequest, speakeasy, stainless, tea, tencentcloud
from probes.contracts.archive import Archive
from probes.contracts.document import read_document
from probes.contracts.extract import Extract, Provenance
from probes.contracts.routes import Route, select
from probes.contracts.source import Package
from probes.errors import DocumentError

_READERS: dict[str, Callable[[Package], Iterable[Route]]] = {
    "stainless": stainless.routes,
    "speakeasy": speakeasy.routes,
    "azure": azure.routes,
    "tea": tea.routes,
    "tencentcloud": tencentcloud.routes,
    "qfrequest": qfrequest.routes,
    "protobuf": protobuf.routes,
    "gapic": gapic.routes,
}


def read_package(distribution: Path, reader: str, file: str | None, base: str, include: Sequence[str]) -> Extract:
    """The extract of a distribution; `file` names the document inside it for the reader `discovery` (its name is enough)."""
    archive = Archive(distribution)
    address = f"pkg:pypi/{archive.name}@{archive.version}"
    if reader == "discovery":
        name = _document(archive, file)
        return read_document(archive.read(name), "discovery", f"{address}#{name}", "package", "", base, include, sha256=archive.sha256)
    if reader not in _READERS:
        raise DocumentError(f"there is no reader '{reader}'", where=distribution.name, hint=f"one of {', '.join(['discovery', *_READERS])}")
    provenance = Provenance("sdk", address, archive.version, archive.date, archive.sha256, "package")
    try:
        return select(_READERS[reader](Package(archive)), provenance, base, include)
    except RecursionError as fault:
        raise DocumentError("the source is nested too deeply", where=distribution.name) from fault


def _document(archive: Archive, file: str | None) -> str:
    if file:
        for name in archive.names:
            if name == file or name.endswith(f"/{file}"):
                return name
    raise DocumentError(
        f"the distribution holds no {file or 'file'}", where=archive.path.name, hint="the contract's `file` names a document in it"
    )
