"""How much quicker an index is than vcrpy's own search. By hand: `uv run python -m tests.bench.replay [interactions]`."""

import asyncio
import logging
import sys
import tempfile
import time
from pathlib import Path

import httpx
import vcr  # type: ignore[import-untyped]
from vcr.request import Request  # type: ignore[import-untyped]

from probes.wire.cassette import CassetteTransport, Metadata, load
from probes.wire.record import save
from probes.wire.redact import Redactor

ADDRESS = "https://api.example.test/v1/keys?page={}"


def written(path: Path, count: int) -> Path:
    """A cassette of `count` different reads."""
    body = b'{\n  "data": [],\n  "limit": 0.01\n}'
    interactions = [
        (
            Request("GET", ADDRESS.format(page), None, {"accept": "application/json"}),
            {"status": {"code": 200, "message": "OK"}, "headers": {"content-type": ["application/json"]}, "body": {"string": body}},
        )
        for page in range(count)
    ]
    save(path, Metadata("live", "read", "acme", "a1b2c3d4", "0.1.0", "2026-11-24T08:22:00Z"), interactions)
    return path


def stock(path: Path, count: int) -> float:
    """Seconds that vcrpy takes to replay, without loading."""
    with vcr.use_cassette(str(path), record_mode="none"), httpx.Client() as client:
        start = time.perf_counter()
        for page in range(count):
            client.get(ADDRESS.format(page)).raise_for_status()
        return time.perf_counter() - start


async def indexed(path: Path, count: int) -> tuple[float, float]:
    """Seconds that the transport takes to load and to replay."""
    start = time.perf_counter()
    transport = CassetteTransport.replaying(load(path), Redactor())
    loading = time.perf_counter() - start
    async with httpx.AsyncClient(transport=transport) as client:
        start = time.perf_counter()
        for page in range(count):
            (await client.get(ADDRESS.format(page))).raise_for_status()
        return loading, time.perf_counter() - start


def main() -> None:
    """Print both, and their ratio."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder) / "many.yaml", count)
        loading, ours = asyncio.run(indexed(path, count))
        theirs = stock(path, count)
    print(
        f"{count} exchanges: loaded in {loading:.2f} s, replayed in {ours:.2f} s; vcrpy {theirs:.2f} s, {theirs / ours:.0f} times as long"
    )


if __name__ == "__main__":
    main()
