"""The requests of a probe: unauthenticated, with a person's credential, with a key that the probe created; each remembered for the record.

Anything random or timed comes from here, so that a replay asks for exactly what was recorded.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

import httpx

from probes.addresses import contract_address, encoded
from probes.answer import Answer, answer_of
from probes.claims import Host
from probes.contracts.extract import Extract
from probes.endpoint import Endpoint
from probes.errors import NotAllowed
from probes.evidence import Cause
from probes.probe import Probe, Tier
from probes.refusals import classify, envelope
from probes.session import Session
from probes.vocabulary import Means
from probes.wire.auth import auth_of
from probes.wire.extensions import CREATED_KEY, CREDENTIAL, GIVES, LONGEST_BODY, ONCE, ORDER, PROBE, SIGNED_FOR, TIMED

NOT_JSON = b"keycap probe: not JSON, to be refused"
"""The body of every unauthenticated write: no server can create anything from it, not even one that forgot to ask for a credential."""

CONTRACT_BODY_LIMIT = 32 * 1024 * 1024
"""Bytes that a contract document may have."""


class Requests:
    """What a probe may send. `order` places its exchanges in the record."""

    def __init__(self, session: Session, probe: Probe, order: int) -> None:
        self.session, self.provider, self.probe = session, session.provider, probe
        self.exchanges: list[int] = []
        """Positions in the record of what was exchanged so far, -1 while recording."""
        self.fault: tuple[Cause, str] | None = None
        """Why an answer so far was none, and how it showed."""
        self._order = order
        self._sent = 0

    @property
    def name(self) -> str:
        """The name of whatever this probe creates: the run's tag, and which probe it is."""
        return f"{self.session.resource}-{self._order}"

    def password(self) -> str:
        """A password for something this probe creates, another one each time, known to nobody else and gone when the probe ends.

        A replay makes up others. That is no matter as long as it is sent in a field that is always redacted, like `password`.
        """
        return secrets.token_urlsafe(24)

    async def wait(self, seconds: float) -> None:
        """Let time pass; a replay does not wait."""
        if self.session.live:
            await asyncio.sleep(seconds * self.session.waits)

    async def eventually(
        self, ask: Callable[[], Awaitable[Answer]], holds: Callable[[Answer], bool], *, within: float = 30.0, every: float = 1.0
    ) -> Answer:
        """Ask until the answer holds or `within` seconds have passed, and return the last answer: changes may take time to be seen."""
        for _ in range(max(1, round(within / every))):
            answer = await ask()
            if holds(answer):
                break
            await self.wait(every)
        return answer

    async def ask(self, endpoint: Endpoint, *, action: str = "") -> Answer:
        """Call a route without any credential, once per run: probes that need the same answer share the exchange.

        A write carries a body that cannot be parsed. Raises RequestRefused when no answer came, NotRecorded on replay.
        """
        host = self.session.host(endpoint.host)
        url, headers = self.session.sent(host, self.session.url(endpoint), action=action)
        key = (endpoint.method, url, str(headers))
        if key not in self.session.shared:
            future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
            self.session.shared[key] = future
            try:
                future.set_result(await self._send(host, endpoint.method, url, headers))
            except asyncio.CancelledError:
                future.cancel()
                raise
            except Exception as error:
                future.set_exception(error)
                future.exception()  # read here: this call raises it too, and there may be no other waiter
                raise
        return self._noted(await asyncio.shield(self.session.shared[key]))

    async def call(
        self,
        call: str,
        *,
        json: Any = None,
        credential: str = "",
        secret: str | None = None,
        gives: str | Mapping[str, Any] = "",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send `METHOD [host:]/path[?query]` with the person's credential of that name (the claims' first one when none is named).

        With `secret`, a key that this probe created, the answer is the probe's to judge. Otherwise a refusal because of the credential
        raises NotAllowed: it says nothing of the vendor. `gives` is what a preview takes for the answer: the dotted path of an id, or all.
        `headers` are those that this route wants beside its host's.
        """
        endpoint = Endpoint.parse(call)
        answer = await self._authenticated(
            endpoint, json=json, credential=credential, secret=secret, extensions={GIVES: gives}, headers=headers or {}
        )
        if secret is None:
            self._check_allowed(endpoint, answer)
        return answer

    async def send_as_person(self, method: str, url: str, body: Any = None) -> Answer:
        """Send METHOD to a full address with the person's first credential, as undoing does; the answer is the caller's to judge."""
        held = next(iter(self.session.held.values()))
        host = self.session.host_of(url)
        url, headers = self.session.sent(host, url)
        return answer_of(await self._request(host, method, url, headers, json=body, auth=held.auth))

    def means(self, answer: Answer) -> Means:
        """What an answer refuses for, whatever its status."""
        return classify(answer.status, answer.body, self.provider.refusals)

    def _check_allowed(self, endpoint: Endpoint, answer: Answer) -> None:
        means = self.means(answer)
        if means in (Means.CREDENTIAL, Means.SCOPE, Means.RATE):  # whatever the status: signed clouds say it with 400 and 404
            messages = envelope(answer.body).messages
            what = f"{endpoint.method} {endpoint.path} answered {answer.status}: {messages[0][:200] if messages else 'no message'}"
            raise NotAllowed(what, means=means)

    async def contract(self, key: str) -> Extract:
        """The extract of one of the provider's contracts. Raises DocumentError, RequestRefused, or NotRecorded on replay."""
        contract = self.provider.contracts[key]
        host, address = self.session.host(contract.host or ""), contract_address(key, contract, self.session.addresses)
        response = await self._request(host, "GET", address, {}, limit=CONTRACT_BODY_LIMIT)
        answer = answer_of(response)
        self.exchanges.append(answer.exchange)
        return Extract.from_json(answer.json)

    async def _send(self, host: Host, method: str, url: str, headers: Mapping[str, str]) -> Answer:
        if method in ("GET", "DELETE"):
            return answer_of(await self._request(host, method, url, headers))
        return answer_of(await self._request(host, method, url, {"content-type": "application/json", **headers}, content=NOT_JSON))

    async def _authenticated(
        self,
        endpoint: Endpoint,
        *,
        json: Any,
        credential: str,
        secret: str | None,
        extensions: Mapping[str, Any],
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> Answer:
        name = credential or next(iter(self.provider.credentials))
        auth: httpx.Auth | None = None
        if secret is not None:
            auth = auth_of(self.provider.credentials[name].send, [secret])
        elif name in self.session.held:
            auth = self.session.held[name].auth
        elif self.session.live:
            raise NotAllowed(f"needs {', '.join(self.provider.credentials[name].env)}", means="missing", where=str(endpoint))
        host = self.session.host(endpoint.host)
        url, own = self.session.sent(host, self.session.url(endpoint, created=self.name))
        told = {
            CREATED_KEY: secret is not None,
            CREDENTIAL: name,
            ONCE: True,
            PROBE: self.probe.name,
            TIMED: self.probe.tier >= Tier.WRITE,
            **extensions,
        }
        response = await self._request(host, endpoint.method, url, {**own, **headers}, json=json, auth=auth, extensions=told)
        return self._noted(answer_of(response))

    def _noted(self, answer: Answer) -> Answer:
        """The answer, after noting where it stands and whether the vendor, or somebody on the way, failed to answer at all."""
        self.exchanges.append(answer.exchange)
        if answer.status >= 500 and answer.status != 501:
            self.fault = (Cause.SERVER_FAULT, f"status {answer.status}")
        elif answer.status < 400 and answer.is_html:
            self.fault = (Cause.NOT_AN_API, f"a page with status {answer.status}")
        return answer

    async def _request(
        self,
        host: Host,
        method: str,
        url: str,
        headers: Mapping[str, str],
        *,
        content: bytes | None = None,
        json: Any = None,
        auth: httpx.Auth | None = None,
        limit: int | None = None,
        extensions: Mapping[str, Any] | None = None,
    ) -> httpx.Response:
        request = self.session.client.build_request(method, url, headers=dict(headers), content=content, **encoded(host, json))
        request.extensions[ORDER] = (self._order, self._sent)
        if limit is not None:
            request.extensions[LONGEST_BODY] = limit
        request.extensions |= {SIGNED_FOR: host.signed_for or "", **(extensions or {})}
        self._sent += 1
        return await self.session.client.send(request, auth=auth)
