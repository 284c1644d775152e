"""Simulators of providers on loopback, for a full run without an account. Needs the extra `lab`; what they show has origin lab.

A file bears its provider's name and has one function, `simulator(behaviour)`; it is written from the vendor's contract, not from probes.
"""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from probes.lab.simulator import Behaviour, Simulator
from probes.plan import LAB


def simulated() -> list[str]:
    """Providers that have a simulator."""
    return sorted(module.name for module in iter_modules(__path__) if module.name not in PARTS)


PARTS = frozenset({"simulator", "server", "run", "signed"})
"""Modules here that are no provider."""


def simulator(provider: str, behaviour: Behaviour | None = None) -> Simulator:
    """A provider's simulator, newly started up: nothing exists in it but what it says."""
    made: Simulator = import_module(f"{__name__}.{provider}").simulator(behaviour or Behaviour())
    return made


def endpoint(provider: str) -> str:
    """The addresses of a provider's simulated hosts, as `--endpoint` takes them; `{host}` stands for the name of each."""
    return f"http://{{host}}.{provider.replace('_', '-')}{LAB}"


def environment(simulators: Mapping[str, Simulator]) -> dict[str, str]:
    """The simulators' made-up credentials, by variable."""
    return {name: value for each in simulators.values() for name, value in each.environment.items()}
