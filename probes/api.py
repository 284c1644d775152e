"""The client a probe is handed: it sends requests for one provider, remembers what showed what, and takes the findings.

Anything random in a probe (its tag) comes from here, so that a replay asks for exactly what was recorded.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import httpx

from probes.claims import Contract, Host, Provider
from probes.contracts.extract import Extract
from probes.endpoint import Endpoint
from probes.evidence import Cause, Outcome
from probes.probe import Probe

NOT_JSON = b"keycap probe: not JSON, to be refused"
"""The body of every unauthenticated write: no server can create anything from it, not even one that forgot to ask for a credential."""

PACKAGES = "package.invalid"
"""The host that packages are recorded under: none has an address that could be named without naming an index; `.invalid` is reserved."""

CONTRACT_BODY_LIMIT = 32 * 1024 * 1024
"""Bytes that a contract document may have."""


@dataclass(frozen=True)
class Answer:
    """A response, read and decoded. `exchange` is its position in the record, -1 while recording."""

    status: int
    headers: httpx.Headers
    text: str
    exchange: int

    @cached_property
    def json(self) -> Any:
        """The parsed body, None when it is not JSON."""
        try:
            return json.loads(self.text)
        except ValueError:
            return None

    @property
    def body(self) -> Any:
        """The parsed body where it is JSON, else the text."""
        return self.text if self.json is None else self.json

    @property
    def is_html(self) -> bool:
        return "html" in self.headers.get("content-type", "") or self.text.lstrip()[:15].lower().startswith(("<!doctype html", "<html"))


@dataclass(frozen=True, slots=True)
class Finding:
    """What a probe concluded on one capability, and the positions of the exchanges that show it."""

    capability: str
    outcome: Outcome
    cause: Cause
    detail: str
    as_of: str
    """ISO date of the document that was looked at; empty for an answer, whose date is the recording's."""
    exchanges: tuple[int, ...]


@dataclass(frozen=True)
class Session:
    """One provider at one tier: its client and what its probes share. `addresses` has the base address of each host."""

    name: str
    provider: Provider
    addresses: Mapping[str, str]
    tag: str
    client: httpx.AsyncClient
    shared: dict[tuple[str, str, str], asyncio.Future[Answer]] = field(default_factory=dict)

    def host(self, name: str) -> Host:
        return self.provider.hosts[name or next(iter(self.provider.hosts))]

    def url(self, endpoint: Endpoint) -> str:
        """The full address of an endpoint, its parameters filled with the provider's known values, else with the run's tag."""
        name = endpoint.host or next(iter(self.provider.hosts))
        return self.addresses[name].rstrip("/") + endpoint.target(self.provider.parameters, self.resource)

    @property
    def resource(self) -> str:
        """The name of everything a probe creates or asks for."""
        return f"keycap-probe-{self.tag}"


class Api:
    """What a probe may do. `order` places its exchanges in the record."""

    def __init__(self, session: Session, probe: Probe, order: int) -> None:
        self.session, self.provider, self.probe = session, session.provider, probe
        self.findings: list[Finding] = []
        self._order = order
        self._sent = 0
        self._exchanges: list[int] = []

    async def ask(self, endpoint: Endpoint, *, action: str = "") -> Answer:
        """Call a route without any credential, once per run: probes that need the same answer share the exchange.

        A write carries a body that cannot be parsed. Raises RequestRefused when no answer came, NotRecorded on replay.
        """
        host = self.session.host(endpoint.host)
        headers = dict(host.headers)
        if host.action_header:
            query = dict(endpoint.query)
            action = action or query.pop("Action", "")
            endpoint = replace(endpoint, query=tuple(query.items()))
            headers |= {host.action_header: action} if action else {}
        url = self.session.url(endpoint)
        key = (endpoint.method, url, action)
        if key not in self.session.shared:
            future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
            self.session.shared[key] = future
            try:
                future.set_result(await self._send(endpoint.method, url, headers))
            except asyncio.CancelledError:
                future.cancel()
                raise
            except Exception as error:
                future.set_exception(error)
                future.exception()  # read here: this call raises it too, and there may be no other waiter
                raise
        answer = await asyncio.shield(self.session.shared[key])
        self._exchanges.append(answer.exchange)
        return answer

    async def contract(self, key: str) -> Extract:
        """The extract of one of the provider's contracts. Raises DocumentError, RequestRefused, or NotRecorded on replay."""
        address = contract_address(key, self.provider.contracts[key], self.session.addresses)
        response = await self._request("GET", address, {}, limit=CONTRACT_BODY_LIMIT)
        answer = _answer(response)
        self._exchanges.append(answer.exchange)
        return Extract.from_json(answer.json)

    def found(self, capability: str, present: bool, cause: Cause, detail: str = "", *, as_of: str = "") -> None:
        """Report that the capability is there, or is not, shown by all that this probe has exchanged so far."""
        self._report(capability, Outcome.PRESENT if present else Outcome.ABSENT, cause, detail, as_of)

    def inconclusive(self, capability: str, cause: Cause, detail: str = "", *, as_of: str = "") -> None:
        """Report that the probe could not tell, and why."""
        self._report(capability, Outcome.INCONCLUSIVE, cause, detail, as_of)

    def _report(self, capability: str, outcome: Outcome, cause: Cause, detail: str, as_of: str) -> None:
        exchanges = tuple(dict.fromkeys(position for position in self._exchanges if position >= 0))
        self.findings.append(Finding(capability, outcome, cause, detail, as_of, exchanges))

    async def _send(self, method: str, url: str, headers: Mapping[str, str]) -> Answer:
        if method in ("GET", "DELETE"):
            return _answer(await self._request(method, url, headers))
        return _answer(await self._request(method, url, {"content-type": "application/json", **headers}, content=NOT_JSON))

    async def _request(
        self, method: str, url: str, headers: Mapping[str, str], *, content: bytes | None = None, limit: int | None = None
    ) -> httpx.Response:
        request = self.session.client.build_request(method, url, headers=dict(headers), content=content)
        request.extensions["keycap_order"] = (self._order, self._sent)
        if limit is not None:
            request.extensions["keycap_body_limit"] = limit
        self._sent += 1
        return await self.session.client.send(request)


def _answer(response: httpx.Response) -> Answer:
    return Answer(response.status_code, response.headers, response.text, response.extensions.get("keycap_exchange", -1))


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


def capabilities_without(findings: Sequence[Finding], probe: Probe) -> list[str]:
    """The capabilities a probe was to report on and did not."""
    reported = {finding.capability for finding in findings}
    return [capability for capability in probe.capabilities if capability not in reported]
