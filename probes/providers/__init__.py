"""Probes of single providers, for what the generic probes cannot ask. Nothing lists them: a file bears its provider's name."""

from importlib import import_module
from importlib.util import find_spec

from probes.probe import Probe, Tier


def own_probes(provider: str, tier: Tier) -> tuple[Probe, ...]:
    """The probes of a provider's own file at a tier; empty when it has no file."""
    module = f"{__name__}.{provider}"
    if find_spec(module) is None:
        return ()
    return tuple(probe for probe in import_module(module).provider.probes if probe.tier is tier)
