"""Whether a new recording replaces the one that is there: an outage erases no evidence, one flaky answer changes no verdict."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from probes.evidence import Cause, Evidence, Outcome
from probes.judge import judge, read_recording
from probes.plan import Job
from probes.probe import Tier
from probes.session import Finding
from probes.wire.cassette import CassetteTransport, Loaded, Metadata, load
from probes.wire.redact import Redactor

NOT_ASKED = frozenset({
    Cause.NOT_RECORDED, Cause.INTERRUPTED, Cause.CREDENTIAL_MISSING, Cause.SETTING_MISSING, Cause.BUDGET_SPENT, Cause.PRICE_UNKNOWN,
})  # fmt: skip
"""Causes for which a recording says nothing, because nothing was asked."""


@dataclass(frozen=True)
class Recorded:
    """A recording and what the probes conclude from it."""

    loaded: Loaded
    evidence: tuple[Evidence, ...]

    @property
    def conclusive(self) -> set[str]:
        """The capabilities that it settles."""
        return {each.capability for each in self.evidence if each.conclusive}


@dataclass(frozen=True)
class Attempt:
    """One run of a job: its recording, not yet in place, and what the run itself found."""

    transport: CassetteTransport
    metadata: Metadata
    recorded: Recorded
    live: Mapping[str, list[Finding]]
    redactor: Redactor
    """Knows every secret that this attempt came to see."""

    @classmethod
    async def judged(
        cls, job: Job, transport: CassetteTransport, metadata: Metadata, live: Mapping[str, list[Finding]], redactor: Redactor
    ) -> "Attempt":
        """Judge what was recorded, as anybody will from the file."""
        with TemporaryDirectory(prefix="keycap-") as folder:
            candidate = Path(folder) / "candidate.yaml"
            transport.save(candidate, metadata)
            loaded = load(candidate)
        return cls(transport, metadata, Recorded(loaded, tuple(await judge(job, loaded))), live, redactor)

    def evidence(self) -> Iterator[Evidence]:
        """What the run shows. A replay only knows that an exchange was not recorded; the run knows why, as when it was interrupted."""
        causes = {(name, finding.capability): finding for name, findings in self.live.items() for finding in findings}
        for each in self.recorded.evidence:
            finding = causes.get((each.probe, each.capability))
            if each.cause is Cause.NOT_RECORDED and finding is not None:
                yield replace(each, cause=finding.cause, detail=self.redactor.text(finding.detail))
            else:
                yield each


async def predecessor(job: Job, path: Path) -> Recorded | None:
    """The recording that is there, judged; None where there is none. Raises CassetteError when it cannot be trusted."""
    if not path.is_file():  # noqa: ASYNC240  (as quick as any await)
        return None
    loaded = read_recording(path, job)
    return Recorded(loaded, tuple(await judge(job, loaded)))


def not_worth_keeping(older: Recorded | None, attempt: Attempt) -> str:
    """Why a new recording is not kept, empty when it may be."""
    lost = sorted(older.conclusive - attempt.recorded.conclusive) if older else []
    if lost:
        return f"not tested: the older recording stays, it is conclusive on {', '.join(lost)}, this run was not"
    return "" if len(attempt.transport) else "nothing answered, so nothing was recorded"


def doubtful(job: Job, older: Recorded | None, attempt: Attempt) -> list[str]:
    """Capabilities on which a new recording concludes otherwise than the older one, so that it takes a second attempt to believe it.

    A contract is believed at once: a document is whole or refused, and says which edition it is.
    """
    if older is None or job.tier is Tier.CONTRACT:
        return []
    then, now = _outcomes(older.evidence), _outcomes(attempt.recorded.evidence)
    return sorted(capability for capability, outcomes in now.items() if outcomes and capability in then and then[capability] != outcomes)


def disagreement(capabilities: Iterable[str], first: Attempt, second: Attempt | None) -> str:
    """Why two attempts do not settle what changed, empty when they agree."""
    if second is None:
        return f"interrupted before a second attempt could confirm {', '.join(capabilities)}: the older recording stays"
    once, again = _outcomes(first.recorded.evidence), _outcomes(second.recorded.evidence)
    differ = [f"{each} ({_words(once[each])}, then {_words(again.get(each))})" for each in capabilities if once[each] != again.get(each)]
    return f"two attempts disagree on {', '.join(differ)}: the older recording stays" if differ else ""


def _outcomes(evidence: Iterable[Evidence]) -> dict[str, frozenset[Outcome]]:
    """Conclusive outcomes by capability that was asked about, empty where nothing was concluded."""
    found: dict[str, frozenset[Outcome]] = {}
    for each in evidence:
        if each.cause not in NOT_ASKED:
            found[each.capability] = found.get(each.capability, frozenset()) | ({each.outcome} if each.conclusive else set())
    return found


def _words(outcomes: frozenset[Outcome] | None) -> str:
    return " and ".join(sorted(outcomes)) if outcomes else "not tested"
