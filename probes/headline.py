"""The headline question, derived from claims: can an API hand me a key that cannot spend more than I say?"""

from dataclasses import dataclass
from enum import StrEnum

from probes.claims import Claim, Provider
from probes.vocabulary import MONEY, Mechanism, Scope, Status


class Answer(StrEnum):
    NATIVE = "native"
    """A money cap on the key itself, set by API."""
    COMPOSED = "composed"
    """A capped project, workspace, user or account of its own and a key in it, every step by API."""
    OTHER_UNIT = "other_unit"
    """A cap by API that counts tokens or requests, not money."""
    NO = "no"


@dataclass(frozen=True, slots=True)
class Headline:
    """The answer, and the capabilities whose claims it rests on: it is proven only as well as the weakest of them."""

    answer: Answer
    rests_on: tuple[str, ...]


def headline(provider: Provider) -> Headline:
    """Derive the answer from a provider's claims alone."""
    create, on_key, above = (provider.claims[name] for name in ("key.create", "spend.limit.key", "spend.limit.scope"))
    if not _by_api(create):
        return Headline(Answer.NO, ("key.create",))
    if _by_api(on_key) and _in_money(on_key) and Scope.KEY in on_key.scope:
        return Headline(Answer.NATIVE, ("key.create", "spend.limit.key"))
    for name, limit in (("spend.limit.scope", above), ("spend.limit.key", on_key)):
        if _by_api(limit) and _in_money(limit) and provider.recipe:
            return Headline(Answer.COMPOSED, ("key.create", name))
    for name, limit in (("spend.limit.key", on_key), ("spend.limit.scope", above)):
        if _by_api(limit) and not _in_money(limit):
            return Headline(Answer.OTHER_UNIT, ("key.create", name))
    return Headline(Answer.NO, ("spend.limit.key", "spend.limit.scope"))


def _by_api(claim: Claim) -> bool:
    return claim.status in (Status.SUPPORTED, Status.PARTIAL) and claim.mechanism is Mechanism.API


def _in_money(claim: Claim) -> bool:
    return claim.unit in MONEY
