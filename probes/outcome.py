"""What a run left behind: its evidence, what became of its recordings, and what a person should know of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from probes import __version__
from probes.evidence import Cause, Evidence
from probes.plan import Job

if TYPE_CHECKING:
    from probes.keeping import Recorded


@dataclass(frozen=True)
class JobOutcome:
    """What one job left: its evidence, and what became of its recording."""

    job: Job
    evidence: tuple[Evidence, ...]
    kept: str = ""
    """Why the older recording was kept, empty when the new one was saved or there was nothing to save."""
    saved: bool = False
    requests: int = 0
    replaced: "tuple[Recorded, Recorded] | None" = None
    """The older recording and the new one that took its place."""
    recorded_before: str = ""
    """UTC time of the recording, where the same run made it before it was cut short, and did not repeat it."""

    @property
    def not_run(self) -> list[str]:
        """Capabilities whose probes were interrupted."""
        return sorted({each.capability for each in self.evidence if each.cause is Cause.INTERRUPTED})

    def told(self, cause: Cause) -> str:
        """What the first evidence with this cause says, empty without any."""
        return next((f"{cause.replace('_', ' ')}: {each.detail}" for each in self.evidence if each.cause is cause), "")


@dataclass(frozen=True)
class Outcome:
    """What a run left: the record's evidence, joined by what this run found out without being able to record it."""

    evidence: tuple[Evidence, ...]
    jobs: tuple[JobOutcome, ...]
    started_at: str
    interrupted: bool = False

    @property
    def earlier(self) -> Iterator[Evidence]:
        """The evidence as it was before this run replaced recordings; what was recorded for the first time replaced none."""
        gone = {(each.job.name, each.job.tier.word, each.job.origin) for each in self.jobs if each.replaced}
        yield from (each for each in self.evidence if (each.provider, each.tier, each.origin) not in gone)
        for outcome in self.jobs:
            if outcome.replaced:
                yield from outcome.replaced[0].evidence

    @property
    def tested(self) -> bool:
        """Whether any probe of this run came to a conclusion."""
        return any(each.conclusive for outcome in self.jobs for each in outcome.evidence)

    def summary(self) -> dict[str, Any]:
        """The `run` of the JSON document."""
        return {
            "keycap": __version__,
            "started_at": self.started_at,
            "interrupted": self.interrupted,
            "tested": self.tested,
            "jobs": [
                {
                    "provider": each.job.name,
                    "tier": each.job.tier.word,
                    "origin": each.job.origin,
                    "endpoint": each.job.endpoint,
                    "requests": each.requests,
                    "recorded": each.saved,
                    "kept": each.kept,
                    "recorded_before": each.recorded_before,
                    "not_run": each.not_run,
                }
                for each in self.jobs
            ],
        }

    def messages(self) -> Iterator[str]:
        """What a person should know of the run itself."""
        for each in self.jobs:
            name = f"{each.job.name} ({each.job.tier.word})"
            known = dict.fromkeys(each.told(cause) for cause in (Cause.UNREACHABLE, Cause.DOCUMENT_UNAVAILABLE, Cause.PROBE_FAILED))
            told = [text for text in known if text] or ([each.kept] if each.kept else [])
            if each.recorded_before:
                told.append(f"recorded at {each.recorded_before}, before the run was cut short; not repeated")
            if each.not_run:
                told.append(f"not run: {', '.join(each.not_run)}")
            yield from (f"{name}: {text}" for text in told)


def joined(record: Sequence[Evidence], outcomes: Iterable[JobOutcome]) -> Iterator[Evidence]:
    """The record, and this run's evidence on what the record says nothing of."""
    known = {
        (each.provider, each.capability, each.tier, each.probe, each.origin) for each in record if each.cause is not Cause.NOT_RECORDED
    }
    fresh = [each for outcome in outcomes for each in outcome.evidence]
    told = {(each.provider, each.capability, each.tier, each.probe, each.origin) for each in fresh}
    for each in record:
        key = (each.provider, each.capability, each.tier, each.probe, each.origin)
        if key in known or key not in told:
            yield each
    for each in fresh:
        if (each.provider, each.capability, each.tier, each.probe, each.origin) not in known:
            yield each
