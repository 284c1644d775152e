"""What becomes of a recording: it takes the place of the one before unless that one knows more. An outage never erases evidence."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from probes.claims import Claims
from probes.evidence import Evidence
from probes.journal import Journal
from probes.judge import judge, read_recording
from probes.plan import Job, all_probes
from probes.wire.cassette import CassetteTransport, Metadata, cassette_path, load


async def keep(job: Job, claims: Claims, transport: CassetteTransport, metadata: Metadata, cassettes: Path) -> tuple[list[Evidence], str]:
    """Judge what was recorded, and put it in its place unless what is there knows more.

    Returns the evidence and, when the recording was not kept, why. Raises CassetteError or NotWritten.
    """
    path = cassette_path(cassettes, job.origin, job.name, job.tier.word)
    with TemporaryDirectory(prefix="keycap-") as folder:
        candidate = Path(folder) / path.name
        transport.save(candidate, metadata)
        judged = await judge(job, load(candidate))
    if path.is_file() and (lost := await losing(job, claims, path, judged)):
        return judged, f"the older recording stays: it is conclusive on {', '.join(lost)}, this run was not"
    if not len(transport):
        return judged, "nothing answered, so nothing was recorded"
    transport.save(path, metadata)
    return judged, ""


async def losing(job: Job, claims: Claims, path: Path, now: Collection[Evidence]) -> list[str]:
    """Capabilities on which the recording at `path` is conclusive and the new evidence is not.

    All that the recording holds counts, also what this run was not asked to look at. Raises CassetteError.
    """
    whole = replace(job, probes=tuple(all_probes(job.name, job.provider, claims, job.tier)))
    before = {each.capability for each in await judge(whole, read_recording(path, whole)) if each.conclusive}
    return sorted(before - {each.capability for each in now if each.conclusive})


def still_there(journal: Journal, name: str, job: Job, cassettes: Path) -> Metadata | None:
    """The recording of a job that the same run made before it was cut short, None where there is none. Raises CassetteError."""
    noted = journal.earlier.get(name)
    if noted is None:
        return None
    path = cassette_path(cassettes, noted.origin, job.name, job.tier.word)
    recorded = load(path).metadata if path.is_file() else None
    return recorded if recorded and recorded.tag == noted.tag else None
