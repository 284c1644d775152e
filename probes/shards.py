"""Several machines share one run: each takes every Nth provider, and what they recorded is joined again.

A provider is never split: its tiers share one account, and what one of them changes another may be measuring.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from probes.claims import Claims
from probes.errors import CassetteError, UsageError
from probes.journal import at_work
from probes.judge import judge, read_recording, recordings
from probes.keeping import predecessor
from probes.money import Budget
from probes.plan import Job
from probes.sync import run_sync
from probes.wire import storage
from probes.wire.cassette import Loaded


@dataclass(frozen=True, slots=True)
class Shard:
    """The share `number` (from 1) of `of`."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """From `I/N`. Raises UsageError."""
        first, separator, second = text.partition("/")
        if separator and first.isdecimal() and second.isdecimal() and 1 <= int(first) <= int(second):
            return cls(int(first), int(second))
        raise UsageError("is not I/N with I from 1 to N", where=f"--shard {text}", hint="For example --shard 1/4.")

    def pick(self, providers: Sequence[str]) -> list[str]:
        """This share of the providers, the same on every machine that names the same. Raises UsageError where a share would be empty."""
        if self.of > len(providers):
            what = f"leaves a share empty: there {'is 1 provider' if len(providers) == 1 else f'are {len(providers)} providers'} to share"
            raise UsageError(what, where=f"--shard {self.number}/{self.of}")
        return list(providers[self.number - 1 :: self.of])

    def bounded(self, budget: Budget) -> Budget:
        """This share of what all of them together may spend."""
        return Budget(budget.limit / self.of)


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of one recording: where it is now, and why an older one stayed where it did."""

    name: str
    taken: bool
    kept: str = ""


def merge(folders: Sequence[Path], into: Path, claims: Claims) -> list[Merged]:
    """Join folders of recordings into one. Of several of the same, the newest is taken; the one in `into` stays if it knows more.

    Every recording is read before any is written. Raises CassetteError for one that cannot be trusted, or for two different ones of the
    same second; UsageError for a folder that is none; RecordInUse; NotWritten.
    """
    for folder in folders:
        if not folder.is_dir():
            raise UsageError("is no folder", where=str(folder), hint="Name the folders of recordings that the shards left.")
        if folder.resolve() == into.resolve():
            raise UsageError("is where the others are to be joined", where=str(folder), hint="Name only the shards' own folders.")
    return run_sync(_merge(folders, into, claims))


async def _merge(folders: Sequence[Path], into: Path, claims: Claims) -> list[Merged]:
    with at_work(into, "merge", fresh=True) as journal:
        found: dict[str, list[tuple[Job, Loaded]]] = defaultdict(list)
        for folder in folders:
            for job, path in recordings(claims, folder):
                found[path.relative_to(folder).as_posix()].append((job, read_recording(path, job)))
        newest = [(name, *_newest(each)) for name, each in found.items()]
        merged = [await _placed(name, job, loaded, into) for name, job, loaded in newest]
        journal.over()
    return merged


def _newest(found: Sequence[tuple[Job, Loaded]]) -> tuple[Job, Loaded]:
    job, latest = max(found, key=lambda each: each[1].metadata.recorded_at)
    for _, other in found:
        if other.metadata.recorded_at == latest.metadata.recorded_at and other.metadata.digest != latest.metadata.digest:
            what = f"differs from {latest.path}, which was recorded in the same second"
            raise CassetteError(what, where=str(other.path), hint="Leave one of the two folders out.")
    return job, latest


async def _placed(name: str, job: Job, found: Loaded, into: Path) -> Merged:
    there = await predecessor(job, into / name)
    if there is not None:
        metadata = there.loaded.metadata
        if metadata.digest == found.metadata.digest:
            return Merged(name, taken=False)
        if metadata.recorded_at > found.metadata.recorded_at:
            return Merged(name, taken=False, kept=f"what is there is newer ({metadata.recorded_at})")
        if lost := sorted(there.conclusive - {each.capability for each in await judge(job, found) if each.conclusive}):
            return Merged(name, taken=False, kept=f"what is there stays: it is conclusive on {', '.join(lost)}, the newer one is not")
    storage.write(into / name, storage.read(found.path))
    return Merged(name, taken=True)
