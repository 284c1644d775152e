"""`keycap doctor`: which credentials are present, never their values; what they unlock; where to get the missing ones."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from probes.claims import Claims
from probes.credentials import Environment
from probes.errors import UsageError
from probes.probe import Tier
from probes.providers import own_probes


@dataclass(frozen=True, slots=True)
class Finding:
    """One credential of one provider."""

    provider: str
    credential: str
    present: bool
    variables: tuple[str, ...]
    """The variables it needs, as the claims write them."""
    missing: tuple[str, ...]
    tiers: tuple[str, ...]
    """Tiers that have probes for this provider and need this credential."""
    problem: str
    """Why a credential that is present cannot be used, else empty."""
    get: Mapping[str, str]
    """Where to get it, by language."""
    also: tuple[str, ...] = ()
    """Variables that are not set and that its probes need besides, to name a person's own project or account."""


def examine(claims: Claims, environment: Environment, providers: Iterable[str]) -> list[Finding]:
    """One finding for each credential of the providers; the first of a provider is the one that its probes use."""
    found = []
    for name in providers:
        provider = claims.providers[name]
        unlocked = tuple(tier.word for tier in Tier if tier >= Tier.READ and own_probes(name, tier))
        held = environment.held(provider)
        own = environment.settings(provider)
        unnamed = tuple(variable for name, variable in own.variables.items() if name not in own.values)
        for position, (credential, described) in enumerate(provider.credentials.items()):
            problem = ""
            if credential in held:
                try:
                    _ = held[credential].auth
                except UsageError as error:
                    problem = str(error).replace("\n", " ")
            found.append(
                Finding(
                    name,
                    credential,
                    credential in held,
                    tuple(described.env),
                    tuple(environment.missing(described)),
                    unlocked if position == 0 else (),
                    problem,
                    {"zh": described.get.zh, "en": described.get.en},
                    unnamed if position == 0 else (),
                )
            )
    return found
