"""What people want of a provider: needs made of weighted wishes, each answered by one capability or another."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from probes.claims import Claims
from probes.errors import UsageError
from probes.vocabulary import Kind, Region, Scope

Narrowed = TypeVar("Narrowed", Kind, Region)

STAND_IN = Decimal("0.75")
"""Fit of a cap above the key where the need is a cap on the key: one project for each key."""

SHARED = frozenset({Scope.PROJECT, Scope.WORKSPACE, Scope.TEAM, Scope.ORG, Scope.ACCOUNT, Scope.SUBSCRIPTION, Scope.USER})
CONTAINED = frozenset({Scope.PROJECT, Scope.WORKSPACE, Scope.TEAM, Scope.USER, Scope.ACCOUNT, Scope.KEY})
NARROW = frozenset({Scope.KEY, Scope.PROJECT, Scope.WORKSPACE, Scope.TEAM, Scope.USER, Scope.DEPLOYMENT, Scope.ENDPOINT})
SELF_HOSTED = frozenset({Kind.GATEWAY, Kind.API_GATEWAY})


@dataclass(frozen=True, slots=True)
class Option:
    """One capability that answers a wish; without `scopes` any scope will do."""

    capability: str
    scopes: frozenset[Scope] = frozenset()
    money: bool = False
    fit: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Wish:
    """Part of a need: its weight, and the capabilities that answer it, of which the best counts."""

    weight: int
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """What somebody wants; `kinds` and `regions` narrow the providers that come into question, empty for all."""

    id: str
    wishes: tuple[Wish, ...]
    kinds: frozenset[Kind] = frozenset()
    regions: frozenset[Region] = frozenset()

    @property
    def out_of(self) -> int:
        """The score of a provider that has everything, proven by enforcement."""
        return sum(wish.weight for wish in self.wishes)


def _one(weight: int, capability: str, scopes: frozenset[Scope] = frozenset()) -> Wish:
    return Wish(weight, (Option(capability, scopes),))


_CAP = (Option("spend.limit.key", frozenset({Scope.KEY}), money=True), Option("spend.limit.scope", CONTAINED, money=True, fit=STAND_IN))
_CAPPED_KEYS = (
    _one(3, "key.create"),
    Wish(4, _CAP),
    _one(1, "spend.reset"),
    _one(1, "key.revoke"),
    Wish(1, (Option("spend.usage", NARROW),)),
)

NEEDS: tuple[Need, ...] = (
    Need("customer_keys", _CAPPED_KEYS),
    Need(
        "team_budgets",
        (
            Wish(4, (Option("spend.limit.scope", SHARED, money=True),)),
            _one(2, "spend.reset"),
            _one(1, "spend.alert"),
            _one(2, "spend.usage", SHARED),
            _one(1, "key.create"),
        ),
    ),
    Need("reset", (_one(4, "spend.reset"), Wish(2, _CAP), _one(1, "spend.usage"))),
    Need("alerts", (_one(4, "spend.alert"), _one(1, "spend.usage"), _one(1, "spend.balance"))),
    Need("rate_limits", (_one(4, "rate.set", NARROW), _one(2, "rate.read"), _one(1, "rate.headers"), _one(1, "rate.error"))),
    Need("usage_by_key", (_one(4, "spend.usage", frozenset({Scope.KEY})), _one(1, "key.list"), _one(1, "key.read"))),
    Need(
        "key_lifecycle",
        (
            _one(2, "key.create"),
            _one(1, "key.list"),
            _one(1, "key.read"),
            _one(1, "key.update"),
            _one(2, "key.revoke"),
            _one(1, "key.rotate"),
            _one(1, "key.expiry"),
            _one(1, "key.restrict"),
        ),
    ),
    Need("mainland_china", _CAPPED_KEYS, regions=frozenset({Region.CN, Region.BOTH})),
    Need("self_hosted", _CAPPED_KEYS, kinds=SELF_HOSTED),
)


def of_capability(capability: str) -> Need:
    """The wish for one capability alone: a cap is wanted in money, and one on a key at the scope of keys."""
    scopes = frozenset({Scope.KEY}) if capability.endswith(".key") else frozenset()
    return Need(capability, (Wish(1, (Option(capability, scopes, money=capability.startswith("spend.limit")),)),))


def weighted(weights: Mapping[str, int], claims: Claims) -> Need:
    """A need of one's own, by capability. Raises UsageError on one that nobody has, on a weight below 1, and without any."""
    for capability, weight in weights.items():
        if capability not in claims.capabilities:
            raise UsageError("is no capability", where=capability, hint=f"Capabilities: {', '.join(claims.capabilities)}.")
        if not isinstance(weight, int) or weight < 1:
            raise UsageError(f"has the weight {weight}", where=capability, hint="Weights are whole numbers from 1.")
    if not weights:
        raise UsageError("has no weights", where="a need of one's own", hint='For example {"key.create": 2, "spend.limit.key": 3}.')
    return Need("own", tuple(Wish(weight, of_capability(capability).wishes[0].options) for capability, weight in weights.items()))


def named(names: Iterable[str], claims: Claims) -> list[Need]:
    """Needs by id, or for a capability's id the wish for it alone. Raises UsageError on a name that is neither."""
    by_id = {each.id: each for each in NEEDS}
    found = []
    for name in names:
        if name not in by_id and name not in claims.capabilities:
            raise UsageError("is no need", where=name, hint=f"Needs: {', '.join(by_id)}; or a capability, such as spend.limit.key.")
        found.append(by_id.get(name) or of_capability(name))
    return found


def together(needs: Sequence[Need]) -> Need:
    """One need of several: weights of the same wish add up, and a provider must come into question for each."""
    if len(needs) == 1:
        return needs[0]
    weights: defaultdict[tuple[Option, ...], int] = defaultdict(int)
    for need in needs:
        for wish in need.wishes:
            weights[wish.options] += wish.weight
    return Need(
        "+".join(need.id for need in needs),
        tuple(Wish(weight, options) for options, weight in weights.items()),
        _common(need.kinds for need in needs),
        _common(need.regions for need in needs),
    )


def _common(narrowed: Iterable[frozenset[Narrowed]]) -> frozenset[Narrowed]:
    """What all that narrow have in common; empty, which narrows nothing, where none does."""
    given = [each for each in narrowed if each]
    return frozenset.intersection(*given) if given else frozenset()
