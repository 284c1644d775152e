"""What a probe reports."""

from typing import Any

from probes.answer import Answer
from probes.api import Api
from probes.dry import REFUSED_FOR_BODY
from probes.evidence import Cause

from .admin import ROOT


async def refused_for_body(api: Api, capability: str, path: str, body: dict[str, Any]) -> None:
    """Like `must_refuse`, for an address with an id that nothing has: then a 404 is no proof that the route is missing."""
    answer, control = await api.post(path, json=body), await api.post(f"{ROOT}/keycap_none", json=body)
    detail = f"status {answer.status}, control {control.status}"
    if answer.status in REFUSED_FOR_BODY and answer.status != control.status:
        api.found(capability, True, Cause.BODY_REFUSED, detail)
    else:
        api.inconclusive(capability, Cause.ALL_ALIKE if answer.status == control.status else Cause.CONTROL_FAILED, detail)


def untested(api: Api, *capabilities: str, why: str, cause: Cause = Cause.ROUTE_ONLY) -> None:
    """Report that there was nothing to try it on."""
    for capability in capabilities:
        api.inconclusive(capability, cause, why)


def report(api: Api, capability: str, holds: bool, answer: Answer) -> None:
    """What an authenticated call did, or did not do."""
    api.found(capability, holds, Cause.DONE if holds else Cause.NOT_DONE, f"status {answer.status}")
