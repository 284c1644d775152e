"""Surface probes: does the live route answer as a route does? Needs no credential; an unauthenticated call creates nothing.

One probe is three requests: the claimed route; a negative control (same host, prefix and method, a random last segment, or a random action
for RPC-style clouds); a positive control (a route known to exist on that host).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import Enum
from functools import partial

from probes.answer import Answer
from probes.api import Api
from probes.claims import Capability, Provider, Refusal
from probes.endpoint import Endpoint
from probes.evidence import Cause
from probes.probe import Probe, Tier
from probes.refusals import classify, envelope
from probes.testable import routes
from probes.vocabulary import Means

REQUEST_FAULTS = frozenset({400, 406, 409, 411, 412, 413, 415, 422, 428})
"""Statuses by which a route complains of the request's form: something read the request, so the route is there."""


class Kind(Enum):
    """How an answer to an unauthenticated call looks."""

    GUARDED = "a route that asks for a credential or a better request"
    OPEN = "a route that answers anybody"
    MISSING = "no such route"
    LIMITED = "too many requests"
    FAULT = "the server failed"
    PAGE = "a page for people, or a redirect to one"
    UNCLEAR = "none of these"


def probes(name: str, provider: Provider, capabilities: dict[str, Capability]) -> Iterator[Probe]:
    """One probe for every claim whose truth a route can show."""
    for capability in provider.claims:
        asked = routes(provider, capability, capabilities[capability])
        if asked:
            yield Probe(name, capability, (capability,), Tier.SURFACE, partial(_probe, capability, asked))


async def _probe(capability: str, asked: Sequence[Endpoint], api: Api) -> None:
    claim = api.provider.claims[capability]
    readings = []
    for route in asked:
        control = Endpoint.parse(api.session.host(route.host).control or "")
        control = replace(control, host=control.host or route.host)
        positive = await api.ask(control)
        negative_route, negative_action = negative_control(route, claim.action or "", api.session.tag)
        negative = await api.ask(negative_route, action=negative_action)
        answer = await api.ask(route, action=claim.action or "")
        readings.append(read(answer, negative, positive, api.provider.refusals))
    shown = "; ".join(str(route) for route in asked)
    present = next((reading for reading in readings if reading[0] is True), None)
    if present is not None:
        named = (*claim.fields, *claim.returns)
        if named and not claim.own_route:
            api.inconclusive(capability, Cause.ROUTE_ONLY, f"{shown} [{', '.join(named)}]")
        else:
            api.found(capability, True, present[1], f"{shown}: {present[2]}")
    elif all(reading[0] is False for reading in readings):
        api.found(capability, False, Cause.ROUTE_MISSING, f"{shown}: {readings[0][2]}")
    else:
        unclear = next(reading for reading in readings if reading[0] is None)
        api.inconclusive(capability, unclear[1], f"{shown}: {unclear[2]}")


def negative_control(route: Endpoint, action: str, tag: str) -> tuple[Endpoint, str]:
    """The same call to something that cannot exist: a random action where the action names the operation, else a random last segment."""
    unknown = f"Keycap{tag}"
    if action:
        return route, unknown
    if "Action" in dict(route.query):
        return replace(route, query=tuple((name, unknown if name == "Action" else value) for name, value in route.query)), ""
    segments = route.path.split("/")
    last = max(index for index, segment in enumerate(segments) if index == 1 or (segment and "{" not in segment))
    segments[last] = f"keycap-{tag}"
    return replace(route, path="/".join(segments)), ""


def read(route: Answer, negative: Answer, positive: Answer, own: Sequence[Refusal]) -> tuple[bool | None, Cause, str]:
    """Whether the route exists (None: cannot be told), why, and the three statuses."""
    exists, cause = _conclude(route, negative, *(kind_of(answer, own) for answer in (route, negative, positive)))
    return exists, cause, f"{route.status}, control {negative.status}, known route {positive.status}"


def _conclude(route: Answer, negative: Answer, asked: Kind, unknown: Kind, known: Kind) -> tuple[bool | None, Cause]:
    broken = {Kind.LIMITED: Cause.RATE_LIMITED, Kind.FAULT: Cause.SERVER_FAULT, Kind.PAGE: Cause.NOT_AN_API}
    there = (Kind.GUARDED, Kind.OPEN)
    if asked in broken or unknown in broken:
        return None, broken.get(asked) or broken[unknown]
    if asked in there and unknown is Kind.MISSING:
        return True, Cause.OPEN if asked is Kind.OPEN else Cause.ROUTE_ANSWERS
    if asked is Kind.MISSING and (_alike(route, negative) or route.status == 405):
        return (False, Cause.ROUTE_MISSING) if known in there else (None, Cause.CONTROL_FAILED)
    return None, Cause.ALL_ALIKE


def kind_of(answer: Answer, own: Sequence[Refusal]) -> Kind:
    """What an answer to an unauthenticated call says of its route."""
    means = classify(answer.status, answer.body, own)
    if means is Means.NOT_FOUND:
        return Kind.MISSING
    if answer.is_html or 300 <= answer.status < 400:
        return Kind.GUARDED if answer.status in (401, 403) and "www-authenticate" in answer.headers else Kind.PAGE
    looks = {
        Kind.LIMITED: answer.status == 429,
        Kind.FAULT: answer.status >= 500,
        Kind.GUARDED: means in (Means.CREDENTIAL, Means.SCOPE) or answer.status in REQUEST_FAULTS,
        Kind.OPEN: answer.status < 300,
    }
    return next((kind for kind, so in looks.items() if so), Kind.UNCLEAR)


def _alike(route: Answer, negative: Answer) -> bool:
    return route.status == negative.status and envelope(route.body).codes == envelope(negative.body).codes
