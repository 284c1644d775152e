"""The client a probe is handed: it sends requests for one provider, remembers what showed what, and takes the findings.

Anything random or timed in a probe (its tag, the clock, waiting) comes from here, so that a replay asks for exactly what was recorded.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import httpx

from probes.addresses import contract_address
from probes.answer import Answer, answer_of, dotted
from probes.contracts.extract import Extract
from probes.endpoint import Endpoint
from probes.errors import NotAllowed, PriceUnknown
from probes.evidence import Cause, Outcome
from probes.figures import Figures
from probes.inference import Inference
from probes.ledger import Entry, Undo
from probes.ledger_requests import in_strings, is_about
from probes.probe import Probe, Tier
from probes.refusals import classify, envelope
from probes.session import Finding, Session
from probes.vocabulary import Means
from probes.wire.auth import VENDOR, auth_of

NOT_JSON = b"keycap probe: not JSON, to be refused"
"""The body of every unauthenticated write: no server can create anything from it, not even one that forgot to ask for a credential."""

GIVES = "keycap_gives"
"""Request extension: what a preview takes for the answer: the dotted path of an id in it, empty for none, or the whole of it."""

CREATED_KEY = "keycap_created_key"
"""Request extension: whether it is sent with a key that the probe created, not with the person's credential."""

CREDENTIAL = "keycap_credential"
"""Request extension: which of the provider's credentials it is sent with."""

COST = "keycap_cost"
"""Request extension: the most it can cost, USD."""

ONCE = "keycap_once"
"""Request extension: on replay, each recorded answer is given once; the same question asked more often has no answer."""

PROBE = "keycap_probe"
"""Request extension: the probe that asks, whose answers a replay keeps apart from those of others."""

TIMED = "keycap_timed"
"""Request extension: when its answer came is recorded."""

BURST = "keycap_burst"
"""Request extension: sent without waiting for its turn, as a measurement of many calls at once needs."""

CONTRACT_BODY_LIMIT = 32 * 1024 * 1024
"""Bytes that a contract document may have."""


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
        """What this probe created or changed and what may still be so, newest first."""
        return [entry for entry in reversed(self._created) if entry.is_open]

    @property
    def inference(self) -> Inference:
        """The provider's cheapest inference call. Raises PriceUnknown where neither the claims nor the person name a price."""
        if self.provider.inference is None:
            raise PriceUnknown("no inference call is described", where=self.session.name)
        return Inference.of(self.provider.inference, self.session.model)

    def setting(self, name: str) -> str:
        """What the person's own project, account or the like is called. Raises SettingMissing."""
        return self.session.settings.get(name)

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
        url, headers = self.session.sent(self.session.url(endpoint), action=action)
        key = (endpoint.method, url, str(headers))
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

    async def put(self, path: str, **how: Any) -> Answer:
        """PUT with the person's credential; see `call`."""
        return await self.call(f"PUT {path}", **how)

    async def patch(self, path: str, **how: Any) -> Answer:
        """PATCH with the person's credential; see `call`."""
        return await self.call(f"PATCH {path}", **how)

    async def delete(self, path: str, **how: Any) -> Answer:
        """DELETE with the person's credential; see `call`."""
        return await self.call(f"DELETE {path}", **how)

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
        if answer.status < 300:
            url = self.session.url(endpoint, created=self.name)
            self.seen |= {entry.number for entry in self.created if entry.id is not None and is_about(url, json, entry.id)}
        if secret is None:
            self._check_allowed(endpoint, answer)
        return answer

    async def spend(self, inference: Inference, *, secret: str | None = None) -> Answer:
        """One inference call, with a key that this probe created or, without one, with the person's own of the inference's credential.

        What it can cost at most is counted before it leaves. Raises BudgetSpent, and then nothing was sent. The answer, a refusal too, is
        the probe's to judge.
        """
        budget = self.session.budget
        reserved = budget.reserve(inference.bound)
        extensions = {COST: inference.bound, BURST: True}
        answer = await self._authenticated(
            Endpoint.parse(inference.call), json=inference.body, credential=inference.credential, secret=secret, extensions=extensions
        )
        if 400 <= answer.status < 500:
            budget.settle(reserved, 0.0)  # a refusal; an answer that was lost, or a 5xx, may have been charged
        elif answer.status < 400 and (cost := inference.cost(answer)) is not None:
            budget.settle(reserved, cost)
        return answer

    async def create(
        self, call: str, *, json: Any, kind: str, name: str, identity: str, undo: Undo, gives: Mapping[str, Any] | None = None
    ) -> Answer:
        """Create something that the ledger knows of before the request leaves, and that is undone when the probe ends, however it ends.

        `name` is what the vendor will call it, `identity` the dotted path of its id in the answer. Raises LedgerError when the ledger
        cannot be written: then nothing was sent.
        """
        ledger = self.session.ledger
        if ledger is None:
            return await self.call(call, json=json, gives=gives or identity)
        entry = ledger.intend(self.session.name, kind, name, self._addressed(undo))
        self._created.append(entry)
        position = len(self._created) - 1
        try:
            answer = await self.call(call, json=json)
        except NotAllowed as error:
            self._created[position] = ledger.refused(entry, error.what)
            raise
        except BaseException as error:
            self._created[position] = ledger.failed(entry, type(error).__name__)
            raise
        found = dotted(answer.json, identity)
        if 400 <= answer.status < 500 and answer.status != 408:
            self._created[position] = ledger.refused(entry, f"status {answer.status}")
        elif found is None:
            self._created[position] = ledger.failed(entry, "the answer has no id")
        else:
            self._created[position] = ledger.created(entry, str(found))
        return answer

    async def change(self, call: str, *, json: Any, what: str, old: Any, restore: Undo) -> Answer:
        """Change a setting of something that keycap did not create; `restore` sets it to `old` again when the probe ends, however it ends.

        The ledger knows of it before the request leaves. Raises LedgerError when it cannot be written: then nothing was sent.
        """
        ledger = self.session.ledger
        if ledger is None:
            return await self.call(call, json=json)
        self._created.append(ledger.changed(self.session.name, what, old, self._addressed(restore)))
        entry, position = self._created[-1], len(self._created) - 1
        try:
            answer = await self.call(call, json=json)
        except NotAllowed:
            self._created[position] = ledger.restored(entry)  # refused: it is as it was
            raise
        if 400 <= answer.status < 500 and answer.status != 408:
            self._created[position] = ledger.restored(entry)
        return answer

    async def send_as_person(self, method: str, url: str, body: Any = None) -> Answer:
        """Send METHOD to a full address with the person's first credential, as undoing does; the answer is the caller's to judge."""
        held = next(iter(self.session.held.values()))
        url, headers = self.session.sent(url)
        return answer_of(await self._request(method, url, headers, json=body, auth=held.auth))

    def _addressed(self, undo: Undo) -> Undo:
        filled: Undo = in_strings(undo, self.session.settings.filled)
        return {**filled, "host": self.session.addresses[undo.get("host") or next(iter(self.session.addresses))]}

    def _check_allowed(self, endpoint: Endpoint, answer: Answer) -> None:
        means = classify(answer.status, answer.body, self.provider.refusals)
        if means in (Means.CREDENTIAL, Means.SCOPE, Means.RATE):  # whatever the status: signed clouds say it with 400 and 404
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
        self._report(capability, Outcome.PRESENT if present else Outcome.ABSENT, cause, detail, as_of=as_of)

    def inconclusive(self, capability: str, cause: Cause, detail: str = "", *, as_of: str = "") -> None:
        """Report that the probe could not tell, and why."""
        self._report(capability, Outcome.INCONCLUSIVE, cause, detail, as_of=as_of)

    def measured(self, capability: str, *figures: Figures) -> None:
        """Report what calling against a limit measured: present where every series of calls was refused because of it.

        A series that was never refused, or for another reason, proves neither that nor the contrary: the limit may only be slow.
        """
        other = next((each for each in figures if not each.refused), None)
        if other is None:
            self._report(capability, Outcome.PRESENT, Cause.ENFORCED, "", figures=figures)
        elif other.status is None:
            self._report(capability, Outcome.INCONCLUSIVE, Cause.NOT_REFUSED, f"{other.calls} calls", figures=figures)
        else:
            detail = f"status {other.status} {other.code}".strip()
            self._report(capability, Outcome.INCONCLUSIVE, Cause.REFUSED_OTHERWISE, detail, figures=figures)

    def saw_rate_headers(self, capability: str, answer: Answer) -> None:
        """Report whether an inference answer carries every header that the claim names."""
        named = self.provider.claims[capability].headers
        missing = [name for name in named if name not in answer.headers]
        self.found(capability, bool(named) and not missing, Cause.NOT_DONE if missing else Cause.DONE, ", ".join(missing or named))

    def _report(
        self, capability: str, outcome: Outcome, cause: Cause, detail: str, *, as_of: str = "", figures: Sequence[Figures] = ()
    ) -> None:
        exchanges = tuple(dict.fromkeys(position for position in self._exchanges if position >= 0))
        self.findings.append(Finding(capability, outcome, cause, detail, as_of, exchanges, tuple(figures)))

    async def _send(self, method: str, url: str, headers: Mapping[str, str]) -> Answer:
        if method in ("GET", "DELETE"):
            return answer_of(await self._request(method, url, headers))
        return answer_of(await self._request(method, url, {"content-type": "application/json", **headers}, content=NOT_JSON))

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
        url, own = self.session.sent(self.session.url(endpoint, created=self.name))
        told = {
            CREATED_KEY: secret is not None,
            CREDENTIAL: name,
            ONCE: True,
            PROBE: self.probe.name,
            TIMED: self.probe.tier >= Tier.WRITE,
            **extensions,
        }
        answer = answer_of(await self._request(endpoint.method, url, {**own, **headers}, json=json, auth=auth, extensions=told))
        self._exchanges.append(answer.exchange)
        return answer

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
        extensions: Mapping[str, Any] | None = None,
    ) -> httpx.Response:
        request = self.session.client.build_request(method, url, headers=dict(headers), content=content, **self.session.body(url, json))
        request.extensions["keycap_order"] = (self._order, self._sent)
        if limit is not None:
            request.extensions["keycap_body_limit"] = limit
        request.extensions |= {VENDOR: self.session.vendors(url), **(extensions or {})}
        self._sent += 1
        return await self.session.client.send(request, auth=auth)


def capabilities_without(findings: Sequence[Finding], probe: Probe) -> list[str]:
    """The capabilities a probe was to report on and did not."""
    reported = {finding.capability for finding in findings}
    return [capability for capability in probe.capabilities if capability not in reported]
