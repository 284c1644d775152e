"""One inference call of a provider, with what it costs at most: the only kind of request that spends money."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from probes import claims_inference
from probes.answer import Answer, dotted, is_number
from probes.errors import PriceUnknown
from probes.money import OVERHEAD_TOKENS, Model


@dataclass(frozen=True)
class Inference:
    """A call as `Api.spend` sends it. `bound` is the most it can cost in USD."""

    call: str
    credential: str
    body: Mapping[str, Any]
    model: Model
    bound: float
    declared: claims_inference.Inference
    is_understated: bool = False
    """Whether it asks for fewer output tokens than it will get."""

    @classmethod
    def of(cls, declared: claims_inference.Inference, model: Model | None = None) -> "Inference":
        """From the claims and, where a person named one, their own model and price. Raises PriceUnknown without a price."""
        if model is None and declared.price is not None and declared.model is not None:
            model = Model(declared.model, declared.price.input, declared.price.output)
        if model is None:
            raise PriceUnknown(
                "nobody told what an inference call costs, so none is sent",
                where=declared.model or declared.call,
                hint="Name a model and its price in USD per million tokens: --model PROVIDER=NAME@INPUT,OUTPUT.",
            )
        body = deepcopy(declared.body)
        if declared.model_field:
            _put(body, declared.model_field, model.name)
        _put(body, declared.max_tokens.field, declared.max_tokens.value)
        size = len(str(body).encode("utf-8"))
        bound = model.bound(size, declared.max_tokens.value)
        return cls(declared.call.replace("{model}", model.name), declared.credential, body, model, bound, declared)

    def understated(self, *, really: int) -> "Inference":
        """The same call asking for one output token of a model that gives `really` many all the same: the bound counts these."""
        body = deepcopy(dict(self.body))
        _put(body, self.declared.max_tokens.field, 1)
        return replace(self, body=body, bound=self.model.bound(len(str(body).encode("utf-8")), really), is_understated=True)

    @property
    def most_tokens(self) -> int:
        """Tokens that one call takes at most, input and output together: no tokenizer makes more of a body than it has bytes."""
        return len(str(self.body).encode("utf-8")) + OVERHEAD_TOKENS + self.declared.max_tokens.value

    def tokens(self, answer: Answer) -> int | None:
        """Tokens of a served call, input and output together; None when it does not tell them."""
        given, taken = (_sum(answer, paths) for paths in (self.declared.usage.input, self.declared.usage.output))
        return None if given is None or taken is None else round(given + taken)

    def cost(self, answer: Answer) -> float | None:
        """USD of a served call: what the vendor says, else its tokens at the model's price; None when it tells neither."""
        usage = self.declared.usage
        if usage.cost is not None and is_number(said := dotted(answer.json, usage.cost)):
            return float(said)
        given, taken = (_sum(answer, paths) for paths in (usage.input, usage.output))
        return None if given is None or taken is None else self.model.cost(given, taken)


def _sum(answer: Answer, paths: str) -> float | None:
    """The counts at `a + b` together; what comes after the first may be absent, and is nothing then."""
    first, *others = (dotted(answer.json, path.strip()) for path in paths.split("+"))
    counts = [first, *(count for count in others if count is not None)]
    return sum(counts) if all(map(is_number, counts)) else None


def _put(body: dict[str, Any], path: str, value: Any) -> None:
    *folders, last = path.split(".")
    for folder in folders:
        body = body.setdefault(folder, {})
    body[last] = value
