"""What a probe reports."""

from typing import Any

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
