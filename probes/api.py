"""The client a probe is handed: it sends requests for one provider, undoes what it creates, and takes the findings."""

from collections.abc import Mapping, Sequence
from typing import Any

from probes.answer import Answer, dotted
from probes.endpoint import Endpoint
from probes.errors import NotAllowed, PriceUnknown
from probes.evidence import Cause, Outcome
from probes.figures import Figures
from probes.inference import Inference
from probes.ledger import Entry, Undo
from probes.ledger_requests import in_strings, is_about
from probes.probe import Probe
from probes.refusals import envelope, says_error
from probes.requests import Requests
from probes.session import Finding, Session
from probes.wire.extensions import BURST, COST


class Api(Requests):
    """What a probe may do: send, create and change with a way back, spend, and report what it found."""

    def __init__(self, session: Session, probe: Probe, order: int) -> None:
        super().__init__(session, probe, order)
        self.findings: list[Finding] = []
        self.seen: set[int] = set()
        """Numbers of the entries in the ledger whose thing the provider has shown to be there."""
        self._created: list[Entry] = []

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

    async def call(self, call: str, **how: Any) -> Answer:
        """See `Requests.call`; what an answer shows to be there is remembered for undoing."""
        answer = await super().call(call, **how)
        if answer.status < 300 and not says_error(answer.body):
            url = self.session.url(Endpoint.parse(call), created=self.name)
            about = how.get("json")
            self.seen |= {entry.number for entry in self.created if entry.id is not None and is_about(url, about, entry.id)}
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

    def _addressed(self, undo: Undo) -> Undo:
        filled: Undo = in_strings(undo, self.session.settings.filled)
        return {**filled, "host": self.session.addresses[undo.get("host") or next(iter(self.session.addresses))]}

    def found(self, capability: str, present: bool, cause: Cause, detail: str = "", *, as_of: str = "") -> None:
        """Report that the capability is there, or is not, shown by all that this probe has exchanged so far.

        An outage is no absence: after a fault of the server, or a page in place of an answer, nothing is said not to be there.
        """
        if not present and self.fault is not None:
            cause, how = self.fault
            self.inconclusive(capability, cause, ", ".join(dict.fromkeys(told for told in (detail, how) if told)), as_of=as_of)
            return
        self._report(capability, Outcome.PRESENT if present else Outcome.ABSENT, cause, detail, as_of=as_of)

    def did(self, capability: str, holds: bool, answer: Answer) -> None:
        """Report what an authenticated call did, or did not do; an error that was told with a success says neither."""
        if not holds and answer.status < 300 and says_error(answer.body):
            codes = " ".join(envelope(answer.body).codes)
            self.inconclusive(capability, Cause.SERVER_FAULT, f"status {answer.status} {codes}".strip())
        else:
            self.found(capability, holds, Cause.DONE if holds else Cause.NOT_DONE, f"status {answer.status}")

    def untested(self, why: str, *capabilities: str, cause: Cause = Cause.CONTROL_FAILED) -> None:
        """Report that what a step stands on was not there; of all that is not reported yet where no capability is named."""
        for capability in capabilities or capabilities_without(self.findings, self.probe):
            self.inconclusive(capability, cause, why)

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
        exchanges = tuple(dict.fromkeys(position for position in self.exchanges if position >= 0))
        self.findings.append(Finding(capability, outcome, cause, detail, as_of, exchanges, tuple(figures)))


def capabilities_without(findings: Sequence[Finding], probe: Probe) -> list[str]:
    """The capabilities a probe was to report on and did not."""
    reported = {finding.capability for finding in findings}
    return [capability for capability in probe.capabilities if capability not in reported]
