"""The shape of answers: which statuses, codes, fields and headers a route answers with, whatever the values.

Two recordings of one tier are compared route by route. A feature counts as gone when every earlier answer had it and no later one has, as
new the other way round: what comes and goes with circumstances is no change.
"""

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from probes.addresses import addresses
from probes.claims import Provider
from probes.endpoint import Endpoint
from probes.plan import Job
from probes.probe import Tier
from probes.refusals import envelope, says_error
from probes.wire.cassette import Interaction, Loaded

DEPTH = 3
"""How many levels of an error body are named; deeper ones quote the request."""

_PARAMETER = re.compile(r"\{[^{}]+\}")

Features = frozenset[str]
"""`status 403`, `code rate_limited`, `field error.code`, `header retry-after`."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where answers are compared: one route, as the claims write it, at one tier of one provider."""

    provider: str
    tier: str
    route: str


@dataclass(frozen=True, slots=True)
class Change:
    """What the answers of a route no longer have and what they have now."""

    place: Place
    gone: tuple[str, ...]
    new: tuple[str, ...]


def changes(before: Iterable[tuple[Job, Loaded]], after: Iterable[tuple[Job, Loaded]]) -> list[Change]:
    """What differs between recordings, in order of place; only of routes that both asked."""
    then, now = _shapes(before), _shapes(after)
    found = []
    for place in sorted(then.keys() & now.keys()):
        gone: set[str] = set()
        new: set[str] = set()
        for earlier, later in _pairs(then[place], now[place]):
            gone |= frozenset.intersection(*earlier) - frozenset.union(*later)
            new |= frozenset.intersection(*later) - frozenset.union(*earlier)
        if gone or new:
            found.append(Change(place, tuple(sorted(gone)), tuple(sorted(new))))
    return found


def routes_of(recordings: Iterable[tuple[Job, Loaded]], exchanges: Collection[str]) -> set[str]:
    """The routes of exchanges, which evidence names `cassette-path#position`, as the claims write them."""
    found = set()
    for job, loaded in recordings:
        record = f"{loaded.metadata.origin}/{job.name}/{job.tier.word}.yaml"
        routes = _routes(job.provider, addresses(job.provider, loaded.metadata.endpoint or None))
        chosen = (each for position, each in enumerate(loaded.interactions) if f"{record}#{position}" in exchanges)
        found |= {_named(each, routes) for each in chosen}
    return found - {""}


def _pairs(then: Mapping[int, list[Features]], now: Mapping[int, list[Features]]) -> Iterator[tuple[list[Features], list[Features]]]:
    """Answers of the same status, and those of the one refusal that took the place of another."""
    for status in then.keys() & now.keys():
        yield then[status], now[status]
    gone, new = ([status for status in some if status not in others and status >= 400] for some, others in ((then, now), (now, then)))
    if len(gone) == len(new) == 1:
        yield then[gone[0]], now[new[0]]


def _shapes(recordings: Iterable[tuple[Job, Loaded]]) -> dict[Place, dict[int, list[Features]]]:
    found: dict[Place, dict[int, list[Features]]] = defaultdict(lambda: defaultdict(list))
    for job, loaded in recordings:
        if job.tier is Tier.CONTRACT:
            continue
        routes = _routes(job.provider, addresses(job.provider, loaded.metadata.endpoint or None))
        for interaction in loaded.interactions:
            route = _named(interaction, routes)
            if route:
                status, features = _features(interaction[1])
                found[Place(job.name, job.tier.word, route)][status].append(features)
    return found


def _routes(provider: Provider, bases: Mapping[str, str]) -> list[tuple[Endpoint, str, str, re.Pattern[str]]]:
    """The routes that the claims name: endpoint, its action, the header that carries it, and its address as a pattern."""
    named = [(text, claim.action or "") for claim in provider.claims.values() if (text := claim.endpoint)]
    named += [(text, "") for claim in provider.claims.values() for text in claim.also]
    named += [(host.control, "") for host in provider.hosts.values() if host.control]
    named += [(provider.inference.call, "")] if provider.inference else []
    found: dict[tuple[str, str], tuple[Endpoint, str, str, re.Pattern[str]]] = {}
    for text, claimed in named:
        endpoint = Endpoint.parse(text)
        host = provider.hosts[endpoint.host or next(iter(provider.hosts))]
        action = claimed or dict(endpoint.query).get("Action", "")
        pattern = _pattern(bases[endpoint.host or next(iter(bases))] + endpoint.path)
        found.setdefault((str(endpoint), action), (endpoint, action, (host.action_header or "").lower(), pattern))
    # What names no parameter is the closer fit: /keys/current before /keys/{id}.
    return sorted(found.values(), key=lambda each: len(each[0].parameters))


def _pattern(address: str) -> re.Pattern[str]:
    plain = [re.escape(part) for part in _PARAMETER.split(address)]
    return re.compile("[^/?]+".join(plain))


def _named(interaction: Interaction, routes: Iterable[tuple[Endpoint, str, str, re.Pattern[str]]]) -> str:
    """The route of an exchange, as the claims write it, empty when they name none."""
    request = interaction[0]
    parts = urlsplit(request.uri)
    address = f"{parts.scheme}://{parts.netloc}{parts.path}"
    for endpoint, action, header, pattern in routes:
        if request.method != endpoint.method or not pattern.fullmatch(address):
            continue
        told = dict(parse_qsl(parts.query)).get("Action", "") or _sent_header(request.headers, header)
        if not action or action == told:
            return f"{endpoint} {action}".strip() if action and "Action" not in dict(endpoint.query) else str(endpoint)
    return ""


def _sent_header(headers: Mapping[str, Any], name: str) -> str:
    sent = next((value for key, value in headers.items() if name and key.lower() == name), "")
    return str(sent[0] if isinstance(sent, list) and sent else sent)


def _features(response: Mapping[str, Any]) -> tuple[int, Features]:
    """Status and features of an answer; of its body only where it refuses."""
    status: int = response["status"]["code"]
    features = {f"header {name.lower()}" for name in response["headers"]}
    try:
        body = json.loads(response["body"]["string"])
    except ValueError:
        body = None
    if status >= 400 or says_error(body):
        features |= {f"status {status}", *(f"code {code}" for code in envelope(body).codes)}
        features |= {f"field {name}" for name in _fields(body, "", DEPTH)} or {"field (not JSON)"}
    return status, frozenset(features)


def _fields(value: Any, prefix: str, depth: int) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _fields(item, f"{prefix}[]", depth)
    elif isinstance(value, dict) and depth:
        for name, inner in value.items():
            yield (dotted := f"{prefix}.{name}" if prefix else str(name))
            yield from _fields(inner, dotted, depth - 1)
