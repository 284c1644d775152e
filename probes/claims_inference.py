"""How capabilities.yaml describes a call for inference: what is sent, what it costs, and where its answer tells what it used."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from probes.claims_texts import STRICT, EndpointText, Identifier, Text


class _Model(BaseModel):
    model_config = STRICT


class Price(_Model):
    """USD per million tokens, and where that stands. A price in another currency is converted, rounded up."""

    input: Annotated[float, Field(ge=0)]
    output: Annotated[float, Field(ge=0)]
    source: Text


class MaxTokens(_Model):
    """The field of an inference request (dotted) that bounds its output, and the bound in tokens."""

    field: Text
    value: Annotated[int, Field(ge=1)]


class Usage(_Model):
    """Where an inference answer tells what it used (dotted paths): tokens, and USD where the vendor says it.

    `a + b` adds up what is counted apart, like thinking; all but the first may be absent from an answer.
    """

    input: Text
    output: Text
    cost: Text | None = None


class Inference(_Model):
    """The cheapest inference call: what the tier `spend` sends. Without a price it is sent only with one that the person names."""

    call: EndpointText
    credential: Identifier
    model: Text | None = Field(None, description="absent for gateways, whose models are the operator's")
    model_field: str = Field("model", description="dotted; empty when the model is in the path, as {model}")
    body: dict[str, Any]
    max_tokens: MaxTokens
    usage: Usage
    price: Price | None = None
