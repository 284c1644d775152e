"""A write that must be refused for its body: proves the route and the permission, and creates nothing."""

from typing import Any

from probes.answer import Answer
from probes.api import Api
from probes.evidence import Cause
from probes.ledger import Undo
from probes.refusals import envelope

REFUSED_FOR_BODY = frozenset({400, 409, 415, 422})


async def must_refuse(
    api: Api, capability: str, call: str, *, json: Any, control: str, kind: str = "", identity: str = "", undo: Undo | None = None
) -> None:
    """Report that the route is there and the credential may use it, when it refuses `json` and `control` answers otherwise.

    `control` is a call of the same method on a route that does not exist: a server that refuses everything alike proves nothing. Where the
    call could create something after all, name its `kind`, the `identity` in the answer and its `undo`. Raises NotAllowed.
    """
    if undo is None:
        answer = await api.call(call, json=json)
    else:
        answer = await api.create(call, json=json, kind=kind, name=api.name, identity=identity, undo=undo)
    beside = await api.call(control, json=json)
    detail = f"status {answer.status}, control {beside.status}"
    if answer.status in REFUSED_FOR_BODY and not _alike(answer, beside):
        api.found(capability, True, Cause.BODY_REFUSED, detail)
    elif answer.status in (404, 405) and _alike(answer, beside):
        api.found(capability, False, Cause.ROUTE_MISSING, detail)
    else:
        api.inconclusive(capability, Cause.ALL_ALIKE if _alike(answer, beside) else Cause.CONTROL_FAILED, detail)


def _alike(answer: Answer, beside: Answer) -> bool:
    return answer.status == beside.status and envelope(answer.body) == envelope(beside.body)
