"""Where contracts come from: a folder of downloaded copies, the vendor's address, or a package had through the user's own pip or uv."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import yaml

from probes.claims import Contract
from probes.contracts.document import read_document
from probes.contracts.extract import Extract
from probes.contracts.fetch import Downloads, find_distribution
from probes.contracts.package import read_package
from probes.errors import DocumentError
from probes.yaml_loader import Loader

MEDIA_TYPE = "application/vnd.keycap.contract+json"


@dataclass(frozen=True, slots=True)
class Copies:
    """A folder of downloaded copies. Its `index.yaml`, if it has one, tells each file's date: `- {file: NAME, date: 2026-08-21}`."""

    folder: Path | None

    def read(self, file: str | None) -> tuple[bytes, str] | None:
        """The bytes and the ISO date of a copy, None when there is none; without an index the file's own time is its date."""
        path = self.folder / file if self.folder and file else None
        if path is None or not path.is_file():
            return None
        date = self._dates().get(path.name) or datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()
        return path.read_bytes(), date

    def _dates(self) -> dict[str, str]:
        index = self.folder / "index.yaml" if self.folder else None
        if index is None or not index.is_file():
            return {}
        try:
            entries = yaml.load(index.read_text(encoding="utf-8"), Loader)  # noqa: S506  (a safe one)
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise DocumentError(f"cannot be read: {error}", where=str(index)) from error
        return {
            str(entry["file"]): str(entry["date"])
            for entry in entries or []
            if isinstance(entry, dict) and {"file", "date"} <= entry.keys()
        }


class DocumentTransport(httpx.AsyncBaseTransport):
    """Answers a request for a contract's address with its extract, so that a contract is recorded and replayed like any exchange."""

    def __init__(
        self, contracts: Mapping[str, Contract], copies: Copies, network: httpx.AsyncBaseTransport, downloads: Downloads | None = None
    ) -> None:
        self._contracts, self._copies, self._network = contracts, copies, network
        self._downloads = downloads or Downloads()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises DocumentError when the contract cannot be had or read, RequestRefused when its host gives no answer."""
        contract = self._contracts[str(request.url)]
        if contract.package:
            extract = await asyncio.to_thread(self._from_package, contract, contract.package)
        else:
            extract = await self._from_document(contract, request)
        if contract.dated and not extract.provenance.date:
            extract = replace(extract, provenance=replace(extract.provenance, date=contract.dated.isoformat()))
        return httpx.Response(200, json=extract.to_json(), headers={"content-type": MEDIA_TYPE})

    async def aclose(self) -> None:
        await self._network.aclose()

    def _from_package(self, contract: Contract, requirement: str) -> Extract:
        folders = [self._copies.folder] if self._copies.folder else []
        distribution = find_distribution(requirement, folders, self._downloads)
        return read_package(distribution, contract.reader or "", contract.file, contract.base, contract.include)

    async def _from_document(self, contract: Contract, request: httpx.Request) -> Extract:
        copy = self._copies.read(contract.file)
        if copy is not None:
            data, date = copy
            retrieved = "copy"
        else:
            response = await self._network.handle_async_request(request)
            data, date, retrieved = await response.aread(), _date(response), "vendor"
            if response.status_code != 200:
                raise DocumentError(
                    f"the vendor answered {response.status_code}", where=str(request.url), hint="Give a copy with --documents DIR."
                )
        arguments: Any = (data, contract.kind, str(request.url), retrieved, date, contract.base, contract.include)
        return await asyncio.to_thread(read_document, *arguments)


def _date(response: httpx.Response) -> str:
    """The document's own date where the server tells it, else today."""
    stamp = response.headers.get("last-modified")
    try:
        moment = parsedate_to_datetime(stamp) if stamp else datetime.now(UTC)
    except ValueError:
        moment = datetime.now(UTC)
    return moment.astimezone(UTC).date().isoformat()
