"""A distribution (wheel or sdist) read in place: nothing is unpacked, imported or run, and every size is bounded."""

import gzip
import hashlib
import io
import tarfile
import zipfile
import zlib
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from pathlib import Path

from probes.errors import DocumentError

COMPRESSED_MAX = 64 * 1024 * 1024
TOTAL_MAX = 512 * 1024 * 1024
_MEMBERS_MAX = 100_000
_READ = (".py", ".pyi", ".json", ".yaml", ".yml")
"""What a reader may ask for; the rest of an sdist is not kept in memory."""

_UNDATED = frozenset({"1980-01-01", "2016-01-01", "2020-02-02"})
"""The days that zip, Poetry and Hatch write when a build is reproducible: no date at all."""


class Archive:
    """The files of one distribution by their path inside it; of an sdist without its top folder and `src/`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        data = _bytes(path)
        self.sha256 = hashlib.sha256(data).hexdigest()
        self.names: tuple[str, ...] = ()
        self.date = ""
        """ISO date of the newest file; empty when the build wrote a placeholder."""
        self._metadata = b""
        self._wheel: zipfile.ZipFile | None = None
        self._sources: dict[str, bytes] = {}
        try:
            if path.name.endswith(".whl"):
                self._open_wheel(data)
            else:
                self._open_sdist(data)
        except (
            zipfile.BadZipFile,
            tarfile.TarError,
            zlib.error,
            OSError,
            EOFError,
            ValueError,
            NotImplementedError,
            RuntimeError,
        ) as fault:
            raise self._fault("is no readable wheel or sdist; fetch it again") from fault
        header = BytesHeaderParser().parsebytes(self._metadata)
        self.name, self.version = str(header.get("Name", "")).strip(), str(header.get("Version", "")).strip()
        if not self.name or not self.version:
            raise self._fault("has no metadata with a name and a version")
        if self.date in _UNDATED:
            self.date = ""

    def read(self, name: str) -> bytes:
        """A file's bytes; DocumentError when it is absent or damaged."""
        try:
            return self._sources[name] if self._wheel is None else self._wheel.read(name)
        except (KeyError, zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError) as fault:
            raise self._fault(f"has no readable {name}") from fault

    def _open_wheel(self, data: bytes) -> None:
        self._wheel = zipfile.ZipFile(io.BytesIO(data))
        members = self._wheel.infolist()
        self._check(len(members), sum(member.file_size for member in members))
        self.names = tuple(member.filename for member in members if not member.is_dir())
        year, month, day = max((member.date_time[:3] for member in members), default=(1980, 1, 1))
        self.date = f"{year:04}-{month:02}-{day:02}"
        self._metadata = next((self._wheel.read(name) for name in self.names if name.endswith(".dist-info/METADATA")), b"")

    def _open_sdist(self, data: bytes) -> None:
        newest, members, total = 0.0, 0, 0
        with gzip.open(io.BytesIO(data)) as unzipped, tarfile.open(mode="r|", fileobj=_Bounded(unzipped)) as tar:
            for member in tar:
                members, total, newest = members + 1, total + member.size, max(newest, member.mtime)
                self._check(members, total)
                name = member.name.partition("/")[2].removeprefix("src/")
                kept = tar.extractfile(member) if member.isfile() and (name == "PKG-INFO" or name.endswith(_READ)) else None
                if kept is not None:
                    self._sources[name] = kept.read()
        self.names = tuple(self._sources)
        self._metadata = self._sources.get("PKG-INFO", b"")
        self.date = datetime.fromtimestamp(newest, UTC).date().isoformat()

    def _check(self, members: int, total: int) -> None:
        if members > _MEMBERS_MAX or total > TOTAL_MAX:
            raise self._fault(f"unpacks to more than {_MEMBERS_MAX} files or {TOTAL_MAX >> 20} MiB")

    def _fault(self, what: str) -> DocumentError:
        return DocumentError(f"the distribution {what}", where=self.path.name)


class _Bounded(io.BufferedIOBase):
    """A stream that ends a decompression bomb: what it gives is bounded whatever the archive's headers say."""

    def __init__(self, stream: gzip.GzipFile) -> None:
        self._stream, self._left = stream, TOTAL_MAX

    def read(self, size: int | None = -1, /) -> bytes:
        most = self._left + 1
        data = self._stream.read(most if size is None or size < 0 else min(size, most))
        self._left -= len(data)
        if self._left < 0:
            raise tarfile.ReadError("too large")
        return data


def _bytes(path: Path) -> bytes:
    if not path.name.endswith((".whl", ".tar.gz")):
        raise DocumentError("a distribution is a .whl or a .tar.gz", where=path.name)
    try:
        if path.stat().st_size > COMPRESSED_MAX:
            raise DocumentError(f"the distribution is larger than {COMPRESSED_MAX >> 20} MiB", where=path.name)
        return path.read_bytes()
    except OSError as fault:
        raise DocumentError(f"the distribution cannot be read: {fault.strerror}", where=path.name) from fault
