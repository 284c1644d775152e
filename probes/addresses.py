"""Under which addresses and in which form a provider is asked, and its contracts are recorded."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from probes.claims import Contract, Host, Provider
from probes.errors import RequestRefused
from probes.ledger_requests import is_usable

_PARAMETER = re.compile(r"\{[^{}]+\}")

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


def of_created(base: str, name: str) -> str:
    """A base address where each thing that is created has a host of its own: its `{…}` is the name of the thing."""
    return _PARAMETER.sub(name, base)


def addresses(provider: Provider, endpoint: str | None) -> dict[str, str]:
    """Base address by host name; `endpoint`, an override or an operator's own instance, stands for every host.

    `{host}` in it is replaced by each host's name, `_` as `-`: an override of several hosts may need several addresses.
    """
    return {
        name: (endpoint or host.url or "").replace("{host}", name.replace("_", "-")).rstrip("/") for name, host in provider.hosts.items()
    }


def as_sent(host: Host, url: str, *, action: str = "") -> tuple[str, dict[str, str]]:
    """A full address as it is sent, and its host's own headers; where the host wants it in a header, `Action` is taken out of the query."""
    headers = dict(host.headers)
    if host.action_header:
        parts = urlsplit(url)
        query = parse_qsl(parts.query, keep_blank_values=True)
        action = action or dict(query).get("Action", "")
        url = urlunsplit(parts._replace(query=urlencode([(name, value) for name, value in query if name != "Action"])))
        headers |= {host.action_header: action} if action else {}
    return url, headers


def encoded(host: Host, body: Any) -> dict[str, Any]:
    """How httpx is told of a body: as JSON, or as form fields where the host wants them."""
    if isinstance(body, Mapping) and host.form:
        return {"data": form_fields(body)}
    return {"json": body}


def form_fields(body: Mapping[str, Any]) -> dict[str, Any]:
    """A body as form fields: `auth: {type: All}` is auth.type=All, the items of a list are ips.1, ips.2."""
    return dict(_fields(body, ""))


def _fields(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    match value:
        case Mapping():
            for key, inner in value.items():
                yield from _fields(inner, f"{name}.{key}" if name else str(key))
        case list() | tuple():
            for position, inner in enumerate(value, 1):
                yield from _fields(inner, f"{name}.{position}")
        case _:
            yield name, value


def host_of(provider: Provider, bases: Mapping[str, str], url: str) -> Host:
    """The host that a full address is of, by the base address of each.

    The longest fits first; where one address stands for all, the host that knows actions if the query has one.
    """
    fitting = [name for name in sorted(bases, key=lambda name: -len(bases[name])) if url.startswith(bases[name])]
    by_action = [name for name in fitting if provider.hosts[name].action_header] if "Action=" in urlsplit(url).query else []
    return provider.hosts[next(iter([*by_action, *fitting, *provider.hosts]))]
