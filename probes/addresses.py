"""Under which addresses a provider is asked, and its contracts are recorded."""

from collections.abc import Mapping
from urllib.parse import quote

from probes.claims import Contract, Provider
from probes.errors import RequestRefused
from probes.ledger_requests import is_usable

PACKAGES = "package.invalid"
"""The host that packages are recorded under: none has an address that could be named without naming an index; `.invalid` is reserved."""


def segment(identity: object) -> str:
    """An id that a provider gave, as one segment of a path. Raises RequestRefused for one that names no single thing."""
    text = str(identity)
    if not is_usable(text):
        raise RequestRefused("the provider gave an id that cannot stand in an address", where=repr(text[:40]))
    return quote(text, safe="")


def contract_address(key: str, contract: Contract, hosts: Mapping[str, str]) -> str:
    """The address under which a contract's extract is asked for and recorded; `hosts` are base addresses by host name.

    A document without a URL is served by the instance itself.
    """
    if contract.package:
        name, _, version = contract.package.partition("==")
        return f"https://{PACKAGES}/pypi/{name}/{version}/{key}"
    base = hosts[contract.host or next(iter(hosts))]
    return contract.url or f"{base.rstrip('/')}/{(contract.file or '').lstrip('/')}"


def addresses(provider: Provider, endpoint: str | None) -> dict[str, str]:
    """Base address by host name; `endpoint`, an override or an operator's own instance, stands for every host."""
    return {name: (endpoint or host.url or "").rstrip("/") for name, host in provider.hosts.items()}
