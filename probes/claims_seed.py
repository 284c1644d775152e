"""How capabilities.yaml keeps what the survey of 2024 concluded, so that it can be held against today."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from probes.claims_texts import STRICT, Bilingual, CapabilityId
from probes.vocabulary import Status


class _Model(BaseModel):
    model_config = STRICT


class SeedClaim(_Model):
    """One conclusion of the 2024 survey, put as a claim so that it can be held against today's."""

    capability: CapabilityId
    status: Status
    says: Bilingual


class Seed(_Model):
    """The survey's own answer: its table row (keys, spend, rate), its stars, its conclusions."""

    row: dict[Literal["key", "spend", "rate"], Bilingual]
    stars: Annotated[int, Field(ge=1, le=5)]
    conclusions: list[SeedClaim]
