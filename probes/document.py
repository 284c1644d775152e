"""The one JSON document of keycap, on stdout and in the report, and its JSON Schema: both from the models here and nothing else.

Rows are flat and have the words of the design. A field that goes, or changes its meaning, makes a new version.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from probes.evidence import Cause, Level, Missing, Origin, Outcome, VerdictStatus
from probes.figures import Figures
from probes.headline import Answer
from probes.probe import Tier
from probes.results import Results
from probes.vocabulary import Status

SCHEMA = 1
"""Version of the document."""

Day = Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$", description="an ISO date; empty where there is none")]
Time = Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2}T[0-9:.]+Z)?$", description="UTC, ISO 8601; empty where there is none")]
LevelWord = Annotated[str, Field(json_schema_extra={"enum": [level.word for level in Level]})]
TierWord = Annotated[str, Field(json_schema_extra={"enum": [tier.word for tier in Tier]})]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EvidenceRow(_Row):
    """What one probe found on one claim."""

    provider: str
    capability: str
    outcome: Outcome
    level: LevelWord
    origin: Origin
    tier: TierWord
    probe: str
    cause: Cause
    detail: str
    recorded_at: Time
    as_of: Day
    exchanges: list[str] = Field(description="`recording#position`, below the folder of recordings")
    figures: list[Figures]


class VerdictRow(_Row):
    """What is claimed, and what the evidence made of it."""

    provider: str
    capability: str
    status: Status
    verdict: VerdictStatus
    level: LevelWord
    as_of: Day
    age_days: int | None = Field(description="from `as_of` to the run's date")
    missing: Missing | None = Field(description="what an unverified claim lacks")


class HeadlineRow(_Row):
    """Whether an API hands out a key that cannot spend more than one says, and how well that is proven."""

    answer: Answer
    rests_on: list[str] = Field(description="capabilities")
    level: LevelWord


class Document(_Row):
    """Evidence and verdicts of every provider."""

    version: Literal[1] = Field(alias="schema")
    run: dict[str, Any] = Field(description="when and by what it was made; varies with the command")
    evidence: list[EvidenceRow]
    verdicts: list[VerdictRow]
    headline: dict[str, HeadlineRow] = Field(description="by provider")


def document(results: Results, run: Mapping[str, Any], *, today: date) -> dict[str, Any]:
    """The document as plain data; `age_days` counts to `today`, never below 0: a clock may have been set back."""
    rows, verdicts = _evidence(results), _verdicts(results, today)
    made = Document(schema=SCHEMA, run=dict(run), evidence=rows, verdicts=verdicts, headline=_headline(results))
    return made.model_dump(mode="json", by_alias=True)


def schema() -> dict[str, Any]:
    """JSON Schema of the document."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:keycap:evidence:{SCHEMA}",
        **Document.model_json_schema(by_alias=True, mode="serialization"),
    }


def _evidence(results: Results) -> list[EvidenceRow]:
    return [
        EvidenceRow(
            provider=each.provider,
            capability=each.capability,
            outcome=each.outcome,
            level=each.level.word,
            origin=each.origin,
            tier=each.tier,
            probe=each.probe,
            cause=each.cause,
            detail=each.detail,
            recorded_at=each.recorded_at,
            as_of=each.as_of,
            exchanges=list(each.exchanges),
            figures=list(each.figures),
        )
        for each in results.evidence
    ]


def _verdicts(results: Results, today: date) -> list[VerdictRow]:
    return [
        VerdictRow(
            provider=provider,
            capability=capability,
            status=results.claims.providers[provider].claims[capability].status,
            verdict=verdict.status,
            level=verdict.level.word,
            as_of=verdict.as_of,
            age_days=max(0, (today - date.fromisoformat(verdict.as_of)).days) if verdict.as_of else None,
            missing=verdict.missing,
        )
        for (provider, capability), verdict in results.verdicts.items()
    ]


def _headline(results: Results) -> dict[str, HeadlineRow]:
    return {
        provider: HeadlineRow(answer=each.answer, rests_on=list(each.rests_on), level=results.headline_level(provider).word)
        for provider, each in results.headlines.items()
    }
