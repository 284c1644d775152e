"""The client a probe is handed: it sends requests for one provider, remembers what showed what, and takes the findings.

Anything random in a probe (its tag) comes from here, so that a replay asks for exactly what was recorded.
"""

import asyncio
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import httpx

from probes.addresses import contract_address
from probes.claims import Host, Provider
from probes.contracts.extract import Extract
from probes.credentials import Held
from probes.endpoint import Endpoint
from probes.errors import NotAllowed
from probes.evidence import Cause, Outcome
from probes.ledger import Entry, Ledger, Undo
from probes.ledger_requests import is_about
from probes.probe import Probe
from probes.refusals import classify, envelope
from probes.vocabulary import Means
from probes.wire.auth import header_auth

NOT_JSON = b"keycap probe: not JSON, to be refused"
"""The body of every unauthenticated write: no server can create anything from it, not even one that forgot to ask for a credential."""

GIVES = "keycap_gives"
"""Request extension: the dotted path of the id that the answer is to give, empty for none."""

CREATED_KEY = "keycap_created_key"
"""Request extension: whether it is sent with a key that the probe created, not with the person's credential."""

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
    held: Mapping[str, Held] = field(default_factory=dict)
    """A person's credentials by name; empty without any, and on replay, where nothing is sent."""
    ledger: Ledger | None = None
    """What is created is entered here before the request leaves; None on replay, where nothing is created."""
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
        self._created: list[Entry] = []
        self.seen: set[int] = set()
        """Numbers of the entries in the ledger whose thing the provider has shown to be there."""

    @property
    def name(self) -> str:
        """The name of whatever this probe creates: the run's tag, and which probe it is."""
        return f"{self.session.resource}-{self._order}"

    @property
    def created(self) -> list[Entry]:
        """What this probe created and what may still be there, newest first."""
        return [entry for entry in reversed(self._created) if entry.is_open]

    def password(self) -> str:
        """A password for something this probe creates, another one each time, known to nobody else and gone when the probe ends.

        A replay makes up others. That is no matter as long as it is sent in a field that is always redacted, like `password`.
        """
        return secrets.token_urlsafe(24)

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

    async def get(self, path: str, **how: Any) -> Answer:
        """GET with the person's credential; see `call`."""
        return await self.call(f"GET {path}", **how)

    async def post(self, path: str, **how: Any) -> Answer:
        """POST with the person's credential; see `call`."""
        return await self.call(f"POST {path}", **how)

    async def delete(self, path: str, **how: Any) -> Answer:
        """DELETE with the person's credential; see `call`."""
        return await self.call(f"DELETE {path}", **how)

    async def call(self, call: str, *, json: Any = None, credential: str = "", secret: str | None = None, gives: str = "") -> Answer:
        """Send `METHOD [host:]/path[?query]` with the person's credential of that name (the claims' first one when none is named).

        With `secret`, a key that this probe created, the answer is the probe's to judge. Otherwise a refusal because of the credential
        raises NotAllowed: it says nothing of the vendor. `gives` is the dotted path of an id in the answer, for a preview to make one up.
        """
        endpoint = Endpoint.parse(call)
        name = credential or next(iter(self.provider.credentials))
        auth: httpx.Auth | None = None
        if secret is not None:
            auth = header_auth(self.provider.credentials[name].send, [secret])
        elif name in self.session.held:
            auth = header_auth(self.session.held[name].send, self.session.held[name].values)
        headers = dict(self.session.host(endpoint.host).headers)
        answer = answer_of(
            await self._request(
                endpoint.method, self.session.url(endpoint), headers, json=json, auth=auth, gives=gives, created_key=secret is not None
            )
        )
        self._exchanges.append(answer.exchange)
        if answer.status < 300:
            url = self.session.url(endpoint)
            self.seen |= {entry.number for entry in self.created if entry.id is not None and is_about(url, json, entry.id)}
        if secret is None:
            self._check_allowed(endpoint, answer)
        return answer

    async def create(self, call: str, *, json: Any, kind: str, name: str, identity: str, undo: Undo) -> Answer:
        """Create something that the ledger knows of before the request leaves, and that is undone when the probe ends, however it ends.

        `name` is what the vendor will call it, `identity` the dotted path of its id in the answer. Raises LedgerError when the ledger
        cannot be written: then nothing was sent.
        """
        if self.session.ledger is None:
            return await self.call(call, json=json, gives=identity)
        undo = {**undo, "host": self.session.addresses[undo.get("host") or next(iter(self.session.addresses))]}
        entry = self.session.ledger.intend(self.session.name, kind, name, undo)
        self._created.append(entry)
        try:
            answer = await self.call(call, json=json)
        except NotAllowed as error:
            self._created[-1] = self.session.ledger.refused(entry, error.what)
            raise
        except BaseException as error:
            self._created[-1] = self.session.ledger.failed(entry, type(error).__name__)
            raise
        found = dotted(answer.json, identity)
        if 400 <= answer.status < 500 and answer.status != 408:
            self._created[-1] = self.session.ledger.refused(entry, f"status {answer.status}")
        elif found is None:
            self._created[-1] = self.session.ledger.failed(entry, "the answer has no id")
        else:
            self._created[-1] = self.session.ledger.created(entry, str(found))
        return answer

    async def send_as_person(self, method: str, url: str, body: Any = None) -> Answer:
        """Send METHOD to a full address with the person's first credential, as undoing does; the answer is the caller's to judge."""
        held = next(iter(self.session.held.values()))
        return answer_of(await self._request(method, url, {}, json=body, auth=header_auth(held.send, held.values)))

    def _check_allowed(self, endpoint: Endpoint, answer: Answer) -> None:
        means = classify(answer.status, answer.body, self.provider.refusals)
        if answer.status in (401, 403, 429) and means in (Means.CREDENTIAL, Means.SCOPE, Means.RATE):
            messages = envelope(answer.body).messages
            what = f"{endpoint.method} {endpoint.path} answered {answer.status}: {messages[0][:200] if messages else 'no message'}"
            raise NotAllowed(what, means=means)

    async def contract(self, key: str) -> Extract:
        """The extract of one of the provider's contracts. Raises DocumentError, RequestRefused, or NotRecorded on replay."""
        address = contract_address(key, self.provider.contracts[key], self.session.addresses)
        response = await self._request("GET", address, {}, limit=CONTRACT_BODY_LIMIT)
        answer = answer_of(response)
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
            return answer_of(await self._request(method, url, headers))
        return answer_of(await self._request(method, url, {"content-type": "application/json", **headers}, content=NOT_JSON))

    async def _request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        *,
        content: bytes | None = None,
        json: Any = None,
        auth: httpx.Auth | None = None,
        limit: int | None = None,
        gives: str = "",
        created_key: bool = False,
    ) -> httpx.Response:
        request = self.session.client.build_request(method, url, headers=dict(headers), content=content, json=json)
        request.extensions["keycap_order"] = (self._order, self._sent)
        if limit is not None:
            request.extensions["keycap_body_limit"] = limit
        request.extensions |= {GIVES: gives, CREATED_KEY: created_key}
        self._sent += 1
        return await self.session.client.send(request, auth=auth)


def answer_of(response: httpx.Response) -> Answer:
    """A response that was read, as probes see it."""
    return Answer(response.status_code, response.headers, response.text, response.extensions.get("keycap_exchange", -1))


def dotted(value: Any, path: str) -> Any:
    """The value at a dotted path (`data.hash`) of a JSON answer, None where it does not reach."""
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def capabilities_without(findings: Sequence[Finding], probe: Probe) -> list[str]:
    """The capabilities a probe was to report on and did not."""
    reported = {finding.capability for finding in findings}
    return [capability for capability in probe.capabilities if capability not in reported]
