"""`keycap claims check --strict`: what a valid file may still lack, and where it says something else than a vendor's recorded contract.

A source counts as old when nobody has read it for a year: an old page that still stands is no older than its last reading.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel

from probes.claims import Claim, Claims, Provider
from probes.claims_contracts import contradictions
from probes.claims_places import ClaimsError, Path_, Places, Problem
from probes.claims_texts import Bilingual
from probes.vocabulary import Status

OLDEST = timedelta(days=365)

_HAN = re.compile(r"[\u4e00-\u9fff]")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?")
_NAMES = ("name", "row")
"""Texts that may be the same in both languages."""


def check(path: Path, claims: Claims, places: Places, cassettes: Path, *, today: date) -> None:
    """Raises ClaimsError with every problem of a file that is valid, and CassetteError for a recorded contract that cannot be trusted."""
    found = [*_same(claims, places), *contradictions(claims, places, cassettes)]
    for name, provider in claims.providers.items():
        at = ("providers", name)
        found += [*_texts(at, provider, places), *_sources(at, provider, places)]
        for capability, claim in provider.claims.items():
            found += _claim((*at, "claims", capability), claim, provider, places, today)
    for index, vendor in enumerate(claims.looked_at):
        found += _texts(("looked_at", index), vendor, places)
    if found:
        raise ClaimsError(
            path, found, hint="Read a source again and date it, or record the contract again: `keycap verify --tier contract`."
        )


def _claim(at: Path_, claim: Claim, provider: Provider, places: Places, today: date) -> Iterator[Problem]:
    if claim.status not in (Status.SUPPORTED, Status.PARTIAL):
        return
    if claim.status is Status.PARTIAL and claim.note is None:
        yield places.problem((*at, "note"), "is missing: a partial claim says what part")
    read = max((provider.sources[name].read for name in claim.sources), default=date.min)
    if today - read > OLDEST:
        yield places.problem((*at, "sources"), f"no source was read after {today - OLDEST}", f"{read}")


def _sources(at: Path_, provider: Provider, places: Places) -> Iterator[Problem]:
    """The addresses of a provider: of its sources, hosts and contracts."""
    named: list[tuple[Path_, str | None]] = [((*at, "sources", key, "url"), source.url) for key, source in provider.sources.items()]
    named += [
        ((*at, "hosts", key, "url"), re.sub(r"\{[^{}]+\}", "x", host.url) if host.url else None) for key, host in provider.hosts.items()
    ]
    named += [((*at, "contracts", key, "url"), contract.url) for key, contract in provider.contracts.items()]
    for where, url in named:
        if url is not None and "://" in url and (wrong := _wrong(url)):
            yield places.problem(where, wrong, url.partition("://")[2].rpartition("@")[2])


def _wrong(url: str) -> str:
    """What is wrong with a URL, empty when nothing is."""
    try:
        parts = urlsplit(url)
        labels, port = (parts.hostname or "").split("."), parts.port
    except ValueError as error:
        return f"is no URL: {error}"
    if parts.scheme != "https":
        return "is not an https address"
    if parts.username or parts.password:
        return "names a user: an address in the claims holds no credential"
    if len(labels) < 2 or not all(map(_LABEL.fullmatch, labels)) or port == 0:
        return "does not name a host of the public network"
    if re.search(r"[<>\"\\^`{|}…\s]|%(?![0-9A-Fa-f]{2})", url):
        return "has a character that cannot stand in a URL"
    return ""


def _texts(at: Path_, model: BaseModel, places: Places) -> Iterator[Problem]:
    """Texts whose Chinese has no Chinese character, or whose English has one."""
    for name in type(model).model_fields:
        for where, value in _under((*at, name), getattr(model, name)):
            if isinstance(value, Bilingual):
                if _HAN.search(value.en):
                    yield places.problem((*where, "en"), "is not English: it has Chinese characters", value.en)
                if not set(_NAMES) & set(where) and not _HAN.search(value.zh):
                    yield places.problem((*where, "zh"), "is not Chinese: it has no Chinese character", value.zh)
            elif isinstance(value, BaseModel):
                yield from _texts(where, value, places)


def _under(at: Path_, value: object) -> Iterator[tuple[Path_, object]]:
    """A value, or those of a mapping or list, each with its place."""
    inner = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else None
    if inner is None:
        yield at, value
        return
    for key, item in inner:
        yield from _under((*at, key), item)


def _same(claims: Claims, places: Places) -> Iterator[Problem]:
    """Providers that could be taken for one another: ids that differ by underscores only, equal names. Equal ids are no valid file."""
    seen: dict[tuple[str, str], str] = {}
    for name, provider in claims.providers.items():
        spelled: list[tuple[str, str, Path_]] = [("id", name.replace("_", ""), ())]
        spelled += [("name", text.casefold(), ("name", language)) for language, text in provider.name.model_dump().items()]
        for kind, text, below in spelled:
            other = seen.setdefault((kind, text), name)
            if other != name:
                yield places.problem(("providers", name, *below), f"is the {kind} of {other} too", text)
