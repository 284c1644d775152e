"""The plan: which probes run against which provider at which tier, before anything is sent."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from probes.claims import Claims, Provider
from probes.credentials import Environment
from probes.errors import UsageError
from probes.evidence import Origin
from probes.generic import contract, surface
from probes.probe import Probe, Tier
from probes.providers import own_probes
from probes.vocabulary import Kind

DEFAULT_TIERS = frozenset({Tier.CONTRACT, Tier.SURFACE, Tier.READ, Tier.DRY})
"""Tiers that create nothing; `read` and `dry` run where a credential is present."""

LAB = ".lab.invalid"
"""Ends the host names of simulators: `.invalid` is reserved, no vendor can have it and no resolver knows it."""


NOBODY = Environment({})
"""An environment that holds no credential."""


@dataclass(frozen=True)
class Job:
    """All probes of one provider at one tier; what they exchange is one cassette."""

    name: str
    provider: Provider
    tier: Tier
    origin: Origin
    endpoint: str | None
    """The address that stands for every host of the provider: an override, or a self-hosted gateway's own instance."""
    probes: tuple[Probe, ...]


def plan(
    claims: Claims,
    *,
    providers: Collection[str] = (),
    capabilities: Collection[str] = (),
    tiers: Collection[Tier] = DEFAULT_TIERS,
    endpoints: Mapping[str, str] | None = None,
    environment: Environment = NOBODY,
) -> list[Job]:
    """Jobs for the selected providers, capabilities and tiers; empty selections mean all. Raises UsageError on a name nobody has.

    Tiers from `read` upwards are planned only for providers of which the environment holds a credential.
    """
    endpoints = endpoints or {}
    _known(providers, claims.providers, "provider")
    _known(endpoints, claims.providers, "provider")
    _known(capabilities, claims.capabilities, "capability")
    jobs = []
    for name, provider in claims.providers.items():
        if providers and name not in providers:
            continue
        able = environment.held(provider)
        for tier in sorted(tier for tier in tiers if tier < Tier.READ or able):
            chosen = tuple(
                probe
                for probe in all_probes(name, provider, claims, tier)
                if not capabilities or set(capabilities) & set(probe.capabilities)
            )
            endpoint = None if tier is Tier.CONTRACT and not _serves_its_contract(provider) else endpoints.get(name)
            if chosen and (endpoint or not _needs_endpoint(provider, tier)):
                jobs.append(Job(name, provider, tier, _origin(provider, endpoint), endpoint, chosen))
    return jobs


def all_probes(name: str, provider: Provider, claims: Claims, tier: Tier) -> Iterator[Probe]:
    """Every probe that exists for a provider at a tier."""
    if tier is Tier.CONTRACT:
        yield from contract.probes(name, provider, claims.capabilities)
    elif tier is Tier.SURFACE:
        yield from surface.probes(name, provider, claims.capabilities)
    else:
        yield from own_probes(name, tier)


def _origin(provider: Provider, endpoint: str | None) -> Origin:
    """A self-hosted gateway has no other live instance than the operator's own; for a vendor somebody's address is an override."""
    if endpoint is not None and (urlsplit(endpoint).hostname or "").endswith(LAB):
        return Origin.LAB
    return Origin.LIVE if endpoint is None or provider.kind is Kind.GATEWAY else Origin.OVERRIDE


def _serves_its_contract(provider: Provider) -> bool:
    return any(each.url is None and each.package is None for each in provider.contracts.values())


def _needs_endpoint(provider: Provider, tier: Tier) -> bool:
    return _serves_its_contract(provider) if tier is Tier.CONTRACT else provider.kind is Kind.GATEWAY


def _known(chosen: Collection[str], existing: Collection[str], kind: str) -> None:
    from difflib import get_close_matches  # noqa: PLC0415  (only a wrong name needs it)

    for name in chosen:
        if name not in existing:
            near = get_close_matches(name, existing, 1)
            raise UsageError(
                f"there is no {kind} of that name" + (f" — did you mean {near[0]}?" if near else ""),
                where=name,
                hint=f"Known: {', '.join(existing)}.",
            )
