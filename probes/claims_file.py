"""Reading and checking capabilities.yaml: every problem at once, each with its place and, where one is near, the right spelling."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from probes.claims import Claims
from probes.claims_places import ClaimsError, Path_, Places, Problem
from probes.endpoint import Endpoint
from probes.errors import KeycapError
from probes.files import conflict
from probes.vocabulary import Status
from probes.wire.schemes import names_service
from probes.yaml_loader import Loader


def load_claims(path: Path) -> Claims:
    """Read capabilities.yaml; raises ClaimsError with every problem found, UsageError-like KeycapError when the file cannot be read."""
    return read_claims(path)[0]


def read_claims(path: Path) -> tuple[Claims, Places]:
    """The same as `load_claims`, with where everything stands."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise KeycapError(f"cannot be read: {error}", where=str(path), hint="Give the file with --claims.") from error
    if line := conflict(text):
        raise ClaimsError(path, [Problem(line, 1, "", "git left a conflict here")])
    try:
        loader = Loader(text)
        root = loader.get_single_node()
        data = loader.construct_document(root) if root is not None else None
    except yaml.YAMLError as error:
        raise ClaimsError(path, [_syntax(error)]) from error
    places = Places(root)
    if not isinstance(data, dict):
        raise ClaimsError(path, [places.problem((), "the file must be a mapping with version, groups, capabilities and providers", data)])
    problems = [*places.duplicates, *_cross_checks(data, places)]
    claims: Claims | None = None
    try:
        claims = Claims.model_validate(data)
    except ValidationError as error:
        problems += [_from_pydantic(dict(each), places) for each in error.errors(include_url=False)]
    if problems or claims is None:
        raise ClaimsError(path, problems)
    return claims, places


def _syntax(error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Problem(line, column, "", f"not valid YAML: {getattr(error, 'problem', None) or error}")


def _from_pydantic(error: Mapping[str, Any], places: Places) -> Problem:
    path: Path_ = tuple(part for part in error["loc"] if part != "[key]")
    kind, found = error["type"], error["input"]
    if kind == "missing":
        return places.problem(path, "is missing")
    if kind == "extra_forbidden":
        return places.problem(path, "is no key of this place", allowed=_keys_at(path[:-1]), near=str(path[-1]))
    if kind in ("enum", "literal_error"):
        options = [option.strip("'") for option in str(error["ctx"]["expected"]).replace(" or ", ", ").split(", ")]
        return places.problem(path, "is not one of the allowed values", found, allowed=options, near=str(found))
    message = str(error["msg"]).removeprefix("Value error, ")
    return places.problem(path, message[:1].lower() + message[1:], found)


def _keys_at(path: Path_) -> list[str]:
    """The keys that the models allow at a path."""
    kind: Any = Claims
    for part in path:
        if isinstance(kind, type) and issubclass(kind, BaseModel) and str(part) in kind.model_fields:
            kind = kind.model_fields[str(part)].annotation
        kind = next(_models_in(kind), kind)
    return list(kind.model_fields) if isinstance(kind, type) and issubclass(kind, BaseModel) else []


def _models_in(kind: Any) -> Iterator[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for argument in get_args(kind):
        yield from _models_in(argument)


def _mapping(value: object) -> dict[str, Any]:
    return {str(key): item for key, item in value.items()} if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _cross_checks(data: dict[str, Any], places: Places) -> Iterator[Problem]:
    """What one model cannot see: names that refer to other parts of the file. Tolerates any shape; the models report wrong shapes."""
    groups, capabilities = _mapping(data.get("groups")), _mapping(data.get("capabilities"))
    for name, capability in capabilities.items():
        group = _mapping(capability).get("group")
        if isinstance(group, str) and group not in groups:
            yield places.problem(("capabilities", name, "group"), "names no group", group, allowed=groups, near=group)
    for name, provider in _mapping(data.get("providers")).items():
        yield from _check_provider(("providers", name), _mapping(provider), capabilities, places)


def _check_provider(at: Path_, provider: dict[str, Any], capabilities: dict[str, Any], places: Places) -> Iterator[Problem]:
    claims, sources = _mapping(provider.get("claims")), _mapping(provider.get("sources"))
    for capability in capabilities.keys() - claims.keys():
        yield places.problem((*at, "claims", capability), "is missing: every provider claims every capability, if only as unknown")
    for capability, claim in claims.items():
        if capability not in capabilities:
            yield places.problem((*at, "claims", capability), "is no capability", allowed=capabilities, near=capability)
        yield from _check_claim((*at, "claims", capability), _mapping(claim), provider, sources, places)
        yield from _check_signed(at, _mapping(claim), provider, places)
    for key, contract in _mapping(provider.get("contracts")).items():
        for index, covered in enumerate(_list(_mapping(contract).get("covers"))):
            if covered not in capabilities:
                yield places.problem(
                    (*at, "contracts", key, "covers", index), "is no capability", covered, allowed=capabilities, near=str(covered)
                )
    for index, conclusion in enumerate(_list(_mapping(provider.get("seed")).get("conclusions"))):
        held = _mapping(conclusion).get("capability")
        if isinstance(held, str) and held not in capabilities:
            where = (*at, "seed", "conclusions", index, "capability")
            yield places.problem(where, "is no capability", held, allowed=capabilities, near=held)
    hosts = _mapping(provider.get("hosts"))
    calls: list[tuple[Path_, object]] = [
        ((*at, "recipe", i, "call"), _mapping(step).get("call")) for i, step in enumerate(_list(provider.get("recipe")))
    ]
    calls += [
        ((*at, "recipe", i, "wait", "call"), _mapping(_mapping(step).get("wait")).get("call"))
        for i, step in enumerate(_list(provider.get("recipe")))
    ]
    calls += [((*at, "hosts", key, "control"), _mapping(host).get("control")) for key, host in hosts.items()]
    for capability, claim in claims.items():
        calls.append(((*at, "claims", capability, "endpoint"), _mapping(claim).get("endpoint")))
        calls += [((*at, "claims", capability, "also", i), call) for i, call in enumerate(_list(_mapping(claim).get("also")))]
    for where, text in calls:
        yield from _check_host(where, text, hosts, places)


def _check_claim(at: Path_, claim: dict[str, Any], provider: dict[str, Any], sources: dict[str, Any], places: Places) -> Iterator[Problem]:
    status, named = claim.get("status"), _list(claim.get("sources"))
    for index, source in enumerate(named):
        if source not in sources:
            yield places.problem((*at, "sources", index), "names no source of this provider", source, allowed=sources, near=str(source))
    claimed = status in (Status.SUPPORTED, Status.PARTIAL)
    if claimed and not named:
        yield places.problem((*at, "sources"), f"a {status} claim needs at least one dated source")
    if claimed and claim.get("mechanism", "none") == "none":
        yield places.problem(
            (*at, "mechanism"), f"a {status} claim says how: api or console", claim.get("mechanism", "none"), allowed=("api", "console")
        )
    credentials = _mapping(provider.get("credentials"))
    if (credential := claim.get("credential")) is not None and credential not in credentials:
        yield places.problem(
            (*at, "credential"), "names no credential of this provider", credential, allowed=credentials, near=str(credential)
        )


def _check_signed(at: Path_, claim: dict[str, Any], provider: dict[str, Any], places: Places) -> Iterator[Problem]:
    """A signature that names the service needs the host to tell it."""
    hosts, credentials = _mapping(provider.get("hosts")), _mapping(provider.get("credentials"))
    credential = _mapping(credentials.get(str(claim.get("credential") or next(iter(credentials), ""))))
    if not names_service(str(credential.get("send", ""))):
        return
    try:
        host = Endpoint.parse(str(claim.get("endpoint"))).host or next(iter(hosts), "")
    except ValueError:
        return  # it has none, or the model reports it
    if "signed_for" not in _mapping(hosts.get(host, {"signed_for": ""})):
        yield places.problem((*at, "hosts", host, "signed_for"), "is missing: the credential's signature names the service")


def _check_host(at: Path_, call: object, hosts: dict[str, Any], places: Places) -> Iterator[Problem]:
    try:
        host = Endpoint.parse(call).host if isinstance(call, str) else ""
    except ValueError:
        return  # the model reports it
    if host and host not in hosts:
        yield places.problem(at, "names no host of this provider", host, allowed=hosts, near=host)
