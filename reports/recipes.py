"""Where each step of a recipe was run: the recorded exchange that shows it, of a live host before a simulator."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from probes.endpoint import Endpoint
from probes.excerpt import Exchange
from probes.results import Results

_PIECES = re.compile(r"(\{[^{}]+\}|customer-42[\w-]*)")
"""What stands for a value in a recipe's path: a parameter, and the name that recipes make up."""

ORIGINS = ("live", "lab")
"""Origins of recordings that can show a step, the stronger first."""


@dataclass(frozen=True, slots=True)
class Ran:
    """The exchange in which a probe made a recipe's call: `recording#position`, and the recording's origin."""

    reference: str
    origin: str


def ran(results: Results) -> Mapping[str, Sequence[Ran | None]]:
    """For each provider's recipe, step by step, where it was run; None where no recording that was read shows it."""
    held: defaultdict[str, list[tuple[str, Exchange]]] = defaultdict(list)
    for reference, exchange in results.exchanges.items():
        if exchange.status < 300 and len(parts := reference.split("/")) == 3:
            held[parts[1]].append((reference, exchange))
    return {
        name: [_first(step.call, held[name]) for step in provider.recipe]
        for name, provider in results.claims.providers.items()
        if provider.recipe
    }


def same_call(call: str, method: str, url: str, action: str = "") -> bool:
    """Whether a recorded request is a recipe's call: what a person names may have any name, and so may what a probe named.

    `action` is what a header of the request names.
    """
    endpoint, asked = Endpoint.parse(call), urlsplit(url)
    pattern = "/".join(f"(?:{_segment(each)})" for each in endpoint.path.split("/"))
    wanted, told = dict(endpoint.query), {**dict(parse_qsl(asked.query)), **({"Action": action} if action else {})}
    fits = method == endpoint.method and bool(re.fullmatch(pattern, asked.path)) and wanted.keys() <= told.keys()
    return fits and wanted.get("Action") in (None, told.get("Action"))


def _segment(text: str) -> str:
    """A parameter stands for one segment or, as a name that the vendor gave out, for several; `name:verb` keeps its verb."""
    pieces = [".+" if each[:1] == "{" else "[^/:]+" if _PIECES.fullmatch(each) else re.escape(each) for each in _PIECES.split(text)]
    return f"{''.join(pieces)}|keycap-probe-[^/:]+"


def _first(call: str, held: Iterable[tuple[str, Exchange]]) -> Ran | None:
    found = [(_rank(reference), reference) for reference, each in held if same_call(call, each.method, each.url, each.action)]
    reference = min(found)[1] if found else ""
    return Ran(reference, reference.partition("/")[0]) if reference else None


def _rank(reference: str) -> tuple[int, str, int]:
    """By origin, recording and position."""
    recording, _, position = reference.partition("#")
    origin = recording.partition("/")[0]
    return (ORIGINS.index(origin) if origin in ORIGINS else len(ORIGINS), recording, int(position))
