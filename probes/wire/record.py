"""A recording on disk: one vcrpy cassette with metadata, refused when it is not what was written.

The file is YAML that stock vcrpy replays. Beside vcrpy's own `version` and `interactions` it has `metadata`: where it comes from, how many
interactions there are, what got no answer, and a digest over all of it.
"""

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import vcr.request  # type: ignore[import-untyped]
import vcr.serialize  # type: ignore[import-untyped]

from probes.errors import CassetteError
from probes.wire import storage
from probes.wire.storage import AGAIN

FORMAT = 1
"""The version of the metadata that this module writes; another is refused."""

ORIGINS = frozenset({"live", "lab", "override"})
"""Origins that can be recorded."""

Interaction = tuple[vcr.request.Request, dict[str, Any]]

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_NUMBER = re.compile(r"REDACTED(\d+)")


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that got no answer; replay raises the same error again."""

    method: str
    uri: str
    body: str
    """The digest of what was sent."""
    error: str
    """The class in `probes.errors`; the next three are its arguments."""
    what: str
    where: str
    hint: str
    before: int = 0
    """How many interactions precede it."""
    probe: str = ""
    """The probe that alone asked it, empty where several share the answer."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """Where a recording comes from. The last three are set by `save`."""

    origin: str
    tier: str
    provider: str
    tag: str
    keycap: str
    """keycap's own version."""
    recorded_at: str
    """UTC to the second, `2026-11-24T08:22:00Z`."""
    endpoint: str = ""
    """The address of an override, of a self-hosted instance or of a simulator."""
    model: str = ""
    """The model and its price, `NAME@INPUT,OUTPUT` in USD per million tokens, that inference calls were counted with."""
    version: str = ""
    """The version of that instance, where it tells one."""
    interactions: int = 0
    digest: str = ""
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Loaded:
    """A recording that was read and found intact; interactions in the order of the file, whose positions evidence names."""

    path: Path
    metadata: Metadata
    interactions: list[Interaction]
    failures: list[Failure]


def utc_now() -> str:
    """The time as `recorded_at` has it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def cassette_path(root: Path, origin: str, provider: str, tier: str) -> Path:
    """`root/origin/provider/tier.yaml`. Raises CassetteError on a name that could lead elsewhere."""
    if origin not in ORIGINS:
        raise CassetteError(f"{origin!r} is no origin of a recording", hint=f"Origins are {', '.join(sorted(ORIGINS))}.")
    for name in (provider, tier):
        if not _NAME.fullmatch(name):
            raise CassetteError(f"{name!r} cannot name a cassette", hint="Names are lower-case letters, digits and underscores.")
    return root / origin / provider / f"{tier}.yaml"


def save(path: Path, metadata: Metadata, interactions: Sequence[Interaction], failures: Sequence[Failure] = ()) -> Metadata:
    """Write a cassette whole or not at all and return its metadata as written; nothing given is changed.

    Interactions must be redacted already. Raises CassetteError when the file cannot be written.
    """
    serializer = _Serializer(metadata)
    content = {
        "requests": [request for request, _ in interactions],
        "responses": [{**response, "body": dict(response["body"])} for _, response in interactions],  # vcrpy changes bodies in place
        "metadata": {"failures": [asdict(failure) for failure in failures]},
    }
    storage.write(path, vcr.serialize.serialize(content, serializer))
    return serializer.metadata


def load(path: Path) -> Loaded:
    """Read a cassette.

    Raises CassetteError, with a message of its own for each, when the file is missing, too large, not UTF-8, not YAML, cut short, of
    another format, without metadata, or edited after it was written.
    """
    where = str(path)
    text = storage.read(path)
    data = storage.parse(text, where)
    described, interactions = _parts(data, text, where)
    metadata, failures = _metadata(described, where)
    if len(interactions) != metadata.interactions or not storage.is_whole(text):
        raise CassetteError(f"cut short: {len(interactions)} of {metadata.interactions} interactions are there", where=where, hint=AGAIN)
    if metadata.digest != _digest(described, interactions):
        raise CassetteError("does not match its digest: it was edited after it was recorded", where=where, hint=AGAIN)
    if not all(_is_interaction(interaction) for interaction in interactions):
        raise CassetteError("an interaction lacks a part of its request or its response", where=where, hint=AGAIN)
    # vcrpy is handed what is parsed already: parsing is nine tenths of loading.
    requests, responses, *_ = vcr.serialize.deserialize("", SimpleNamespace(deserialize=lambda _: data))
    return Loaded(path, metadata, list(zip(requests, responses, strict=True)), failures)


def check_hosts(loaded: Loaded, hosts: Collection[str]) -> None:
    """Raises CassetteError when a cassette holds an exchange with a host other than `hosts` (`name`, or `name:port`)."""
    allowed = {host.lower() for host in hosts}
    for uri in [request.uri for request, _ in loaded.interactions] + [failure.uri for failure in loaded.failures]:
        try:
            parts = urlsplit(uri)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            host, port = "", None
        if host not in allowed and f"{host}:{port}" not in allowed:
            what = f"holds an exchange with {host or 'no host'}, which is not this provider's"
            raise CassetteError(what, where=str(loaded.path), hint=AGAIN)


class _Serializer:
    """What vcrpy is given as its serializer: completes the metadata and puts it first, where a person looks."""

    def __init__(self, metadata: Metadata) -> None:
        self.metadata = metadata

    def serialize(self, data: Mapping[str, Any]) -> str:
        interactions, failures = _renumbered([data["interactions"], data["metadata"]["failures"]])
        self.metadata = replace(self.metadata, interactions=len(interactions), digest="", format=FORMAT)
        described = {name: value for name, value in asdict(self.metadata).items() if value != ""}
        if failures:
            described["failures"] = failures
        self.metadata = replace(self.metadata, digest=_digest(described, interactions))
        described["digest"] = self.metadata.digest
        return storage.dump({"version": data["version"], "metadata": described, "interactions": interactions})


def _renumbered(value: Any) -> Any:
    """Placeholders numbered in the order of the file, not in the order in which answers happened to arrive."""
    numbers: dict[str, int] = {}

    def renumber(found: re.Match[str]) -> str:
        return f"REDACTED{numbers.setdefault(found[1], len(numbers) + 1)}"

    def walk(inner: Any) -> Any:
        match inner:
            case str():
                return _NUMBER.sub(renumber, inner)
            case dict():
                return {name: walk(part) for name, part in inner.items()}
            case list():
                return [walk(part) for part in inner]
        return inner

    return walk(value)


def _digest(described: Mapping[str, Any], interactions: Sequence[Any]) -> str:
    """sha256 over metadata, but the digest itself, and interactions as canonical JSON: an edited origin is found out as well."""
    signed = {name: value for name, value in described.items() if name != "digest"}
    canonical = json.dumps([signed, interactions], sort_keys=True, separators=(",", ":"), default=str)
    return "sha256:" + hashlib.sha256(canonical.encode("ascii")).hexdigest()


def _parts(data: Any, text: str, where: str) -> tuple[dict[str, Any], list[Any]]:
    described = data.get("metadata") if isinstance(data, dict) else None
    interactions = data.get("interactions") if isinstance(data, dict) else None
    if not isinstance(described, dict) and text.startswith("version:") and not storage.is_whole(text) and interactions is None:
        raise CassetteError("cut short: not even the metadata is complete", where=where, hint=AGAIN)
    if not isinstance(described, dict):
        raise CassetteError("has no metadata", where=where, hint="Only recordings that keycap made are evidence.")
    version = described.get("format")
    if isinstance(version, int) and version > FORMAT:
        raise CassetteError(f"is of format {version}, this keycap reads {FORMAT}", where=where, hint="Update keycap.")
    if interactions is None and not storage.is_whole(text):
        raise CassetteError(f"cut short: 0 of {described.get('interactions', '?')} interactions are there", where=where, hint=AGAIN)
    if not isinstance(interactions, list):
        raise CassetteError("is no cassette: it has no list of interactions", where=where, hint=AGAIN)
    return described, interactions


def _metadata(described: Mapping[str, Any], where: str) -> tuple[Metadata, list[Failure]]:
    found = dict(described)
    failures = found.pop("failures", [])
    try:
        metadata = Metadata(**found)
        failed = [Failure(**failure) for failure in failures]
    except TypeError as error:
        problem = str(error).partition("() ")[2] or "a failure is not complete"
        raise CassetteError(f"its metadata is not that of format {FORMAT}: {problem}", where=where, hint=AGAIN) from error
    parts: list[Metadata | Failure] = [metadata, *failed]
    for part in parts:
        wrong = [each.name for each in fields(part) if type(getattr(part, each.name)) is not each.type]
        if wrong:
            raise CassetteError(f"its metadata has a value of another type: {', '.join(wrong)}", where=where, hint=AGAIN)
    if metadata.format != FORMAT or metadata.origin not in ORIGINS or not _TIME.fullmatch(metadata.recorded_at):
        raise CassetteError("its metadata has a format, an origin or a time that keycap never writes", where=where, hint=AGAIN)
    return metadata, failed


def _is_interaction(value: Any) -> bool:
    match value:
        case {
            "request": {"method": str(), "uri": str(), "headers": dict() as sent, "body": str() | None},
            "response": {"status": {"code": int(), "message": str() | None}, "headers": dict() as answered, "body": {"string": str()}},
        }:
            lists = [*sent.values(), *answered.values()]
            return all(isinstance(values, list) and all(isinstance(one, str) for one in values) for values in lists)
    return False
