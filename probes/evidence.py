"""Evidence, and how it settles a claim.

A verdict is a pure function of a claim and the evidence on it: the strongest conclusive evidence whose origin may settle a claim decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from probes.claims import Claim
from probes.figures import Figures
from probes.vocabulary import Status


class Outcome(StrEnum):
    PRESENT = "present"
    ABSENT = "absent"
    INCONCLUSIVE = "inconclusive"


class Level(IntEnum):
    """How well something is proven; a higher level outweighs every lower one."""

    CLAIMED = 0
    CONTRACT = 1
    SURFACE = 2
    BEHAVIOUR = 3
    ENFORCEMENT = 4

    @property
    def word(self) -> str:
        return self.name.lower()


class Origin(StrEnum):
    LIVE = "live"
    LAB = "lab"
    OVERRIDE = "override"
    ATTESTED = "attested"


SETTLING = (Origin.LIVE, Origin.ATTESTED)
"""Origins that may settle a claim, the stronger first. A simulator or somebody's own endpoint never speaks for the vendor."""


class Cause(StrEnum):
    """Why a probe concluded what it did. The report has a sentence for each, in both languages."""

    DECLARED = "declared"
    NOT_DECLARED = "not_declared"
    FIELD_NOT_DECLARED = "field_not_declared"
    REFUTING_DECLARED = "refuting_declared"
    DONE = "done"
    NOT_DONE = "not_done"
    BODY_REFUSED = "body_refused"
    ENFORCED = "enforced"
    NOT_REFUSED = "not_refused"
    REFUSED_OTHERWISE = "refused_otherwise"
    BUDGET_SPENT = "budget_spent"
    PRICE_UNKNOWN = "price_unknown"
    NOTHING_TO_TRY = "nothing_to_try"
    CREDENTIAL_REFUSED = "credential_refused"
    CREDENTIAL_MISSING = "credential_missing"
    PERMISSION_MISSING = "permission_missing"
    SETTING_MISSING = "setting_missing"
    ROUTE_ANSWERS = "route_answers"
    ROUTE_MISSING = "route_missing"
    ROUTE_ONLY = "route_only"
    ALL_ALIKE = "all_alike"
    CONTROL_FAILED = "control_failed"
    OPEN = "open"
    NOT_AN_API = "not_an_api"
    SERVER_FAULT = "server_fault"
    RATE_LIMITED = "rate_limited"
    UNREACHABLE = "unreachable"
    REFUSED_BY_GUARD = "refused_by_guard"
    DOCUMENT_UNAVAILABLE = "document_unavailable"
    NOT_RECORDED = "not_recorded"
    INTERRUPTED = "interrupted"
    PROBE_FAILED = "probe_failed"


class Missing(StrEnum):
    """What an unverified claim lacks."""

    PROBE_INCONCLUSIVE = "probe_inconclusive"
    NEVER_RUN = "never_run"
    AUTHENTICATED_PROBE = "authenticated_probe"
    SOMETHING_TO_TEST = "something_to_test"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one probe found on one claim."""

    provider: str
    capability: str
    outcome: Outcome
    level: Level
    origin: Origin
    tier: str
    probe: str
    cause: Cause
    detail: str = ""
    """Untranslated data for the cause's sentence: a route, a field, a document."""
    recorded_at: str = ""
    """UTC, ISO 8601 with seconds and Z: when the exchanges were made."""
    as_of: str = ""
    """ISO date of what was looked at: a document's own date, else the day of `recorded_at`."""
    exchanges: tuple[str, ...] = ()
    """`cassette-path#position` of the exchanges that show it, the path relative to the cassettes folder."""
    figures: tuple[Figures, ...] = ()
    """What was measured, for evidence of enforcement."""

    @property
    def conclusive(self) -> bool:
        return self.outcome is not Outcome.INCONCLUSIVE


class VerdictStatus(StrEnum):
    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    UNVERIFIED = "unverified"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The settled state of a claim."""

    status: VerdictStatus
    level: Level
    as_of: str
    """ISO date of the newest evidence that decided; empty while unverified."""
    missing: Missing | None
    """What is missing, for an unverified claim."""
    decided_by: tuple[Evidence, ...]
    """For an unverified claim: the inconclusive evidence that comes nearest."""


def settle(
    claim: Claim,
    evidence: Sequence[Evidence],
    *,
    shown_by: str = "route",
    testable: bool = True,
    origins: Sequence[Origin] = SETTLING,
) -> Verdict:
    """The verdict on a claim.

    `shown_by` is the capability's: whether a route or only an inference answer can show it. `testable` tells whether any probe without a
    credential could settle the claim; both only name what an unverified claim lacks. `origins` other than the default tell what a
    simulator, or somebody's own endpoint, shows: never a verdict on the vendor.
    """
    for origin in origins:
        conclusive = [each for each in evidence if each.origin is origin and each.conclusive]
        if conclusive:
            return _decide(claim, conclusive)
    settling = [each for each in evidence if each.origin in origins]
    return Verdict(VerdictStatus.UNVERIFIED, Level.CLAIMED, "", _missing(settling, shown_by, testable), tuple(settling))


def _decide(claim: Claim, conclusive: Sequence[Evidence]) -> Verdict:
    level = max(each.level for each in conclusive)
    strongest = _without_superseded([each for each in conclusive if each.level is level])
    as_of = max(each.as_of for each in strongest)
    outcomes = {each.outcome for each in strongest}
    if len(outcomes) > 1:
        status = VerdictStatus.CONFLICT
    else:
        expected = {Status.SUPPORTED: Outcome.PRESENT, Status.PARTIAL: Outcome.PRESENT, Status.UNSUPPORTED: Outcome.ABSENT}.get(
            claim.status
        )
        status = VerdictStatus.CONFIRMED if outcomes == {expected} else VerdictStatus.REFUTED
    return Verdict(status, level, as_of, None, tuple(strongest))


def _without_superseded(strongest: list[Evidence]) -> list[Evidence]:
    """Drop contracts that lack what a newer contract of the same vendor declares: an older edition does not contradict a newer one.

    The reverse stays a conflict: absence is weaker than presence, and a newer document may simply cover less.
    """
    newest = max((each.as_of for each in strongest if each.outcome is Outcome.PRESENT), default="")
    return [each for each in strongest if not (each.level is Level.CONTRACT and each.outcome is Outcome.ABSENT and each.as_of < newest)]


def _missing(evidence: Sequence[Evidence], shown_by: str, testable: bool) -> Missing:
    if shown_by == "answer":
        return Missing.AUTHENTICATED_PROBE
    if any(each.cause not in (Cause.NOT_RECORDED, Cause.INTERRUPTED) for each in evidence):
        return Missing.PROBE_INCONCLUSIVE
    return Missing.NEVER_RUN if testable else Missing.SOMETHING_TO_TEST
