"""Examples that can be pasted: each claimed call, and each recipe, as curl and as Python with httpx.

They are built from claims alone: address and headers of the host, the credential's variable and header, the body, path parameters as
variables. A cloud whose requests are signed gets a placeholder and a comment that names the signature.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from probes.addresses import form_fields
from probes.claims import Call, Claim, Credential, Host, Provider
from probes.endpoint import Endpoint
from probes.vocabulary import Mechanism, Status
from probes.wire.schemes import signs, template_of
from reports.quoting import (
    Part,
    dig,
    jq,
    parts_of,
    placeholders,
    python_name,
    python_text,
    python_value,
    quoted,
    shell,
    shell_fields,
    shell_json,
    shell_name,
)
from reports.text import Texts

ENDPOINT_VARIABLE = "KEYCAP_ENDPOINT"
"""Environment variable that stands for the address of a self-hosted gateway."""

_HEADER = re.compile(r"^(?P<header>[A-Za-z0-9-]+): (?P<before>[^{}]*)\{\}(?P<after>[^{}]*)$")


@dataclass(frozen=True, slots=True)
class Example:
    """The same call or calls in both forms."""

    curl: str
    python: str


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    url: list[Part]
    headers: dict[str, list[Part]]
    body: Any
    form: bool
    basic: bool
    environment: tuple[str, ...]
    signature: str


def of_claim(provider: Provider, claim: Claim, text: Texts) -> Example | None:
    """The claimed call; None where the claim names no call, or only speaks of an inference call's answer without saying what to send."""
    if claim.endpoint is None or claim.mechanism is not Mechanism.API or claim.status not in (Status.SUPPORTED, Status.PARTIAL):
        return None
    if claim.body or not (claim.headers or claim.error):
        return _render(provider, [Call(call=claim.endpoint, body=claim.body, does=provider.name)], [claim], text, claim.returns)
    return None


def of_recipe(provider: Provider, text: Texts) -> Example | None:
    """All steps of the recipe, what one answer gives handed to the next; None without a recipe."""
    by_call = {call: claim for claim in provider.claims.values() for call in (claim.endpoint, *claim.also) if call}
    return _render(provider, provider.recipe, [by_call.get(step.call) for step in provider.recipe], text, []) if provider.recipe else None


def _render(provider: Provider, steps: Sequence[Call], claims: Sequence[Claim | None], text: Texts, returns: Sequence[str]) -> Example:
    requests = [_request(provider, step, claim) for step, claim in zip(steps, claims, strict=True)]
    comments = [text.pick(step.does) if len(steps) > 1 else "" for step in steps]
    given = _given(requests, steps, provider.parameters)
    notes = [text("example.sign", how=each.signature, env=text.join(each.environment)) for each in requests if each.signature]
    notes += [text("example.endpoint", env=ENDPOINT_VARIABLE)] if any(_own(each) for each in requests) else []
    notes = [f"# {_line(note)}" for note in dict.fromkeys(notes)]
    curl = [*notes, *(f"{shell_name(name)}={shell([(False, value)])}" for name, value in given.items())]
    python = [*notes, *(["import os", ""] if _environment(requests) else []), "import httpx", ""]
    python += [f"{python_name(name)} = {quoted(value)}" for name, value in given.items()]
    python += [""] if given else []
    for step, request, comment in zip(steps, requests, comments, strict=True):
        heading = [f"# {_line(comment)}"] if comment else []
        curl += [*heading, *_curl(request, step)]
        python += [*heading, *_python(request, step)]
    if not any(step.take for step in steps):
        python += [f"print({dig('answer.json()', field)})" for field in returns] or ["print(answer.text)"]
    else:
        last = [name for step in steps for name in step.take]
        python.append(f"print({', '.join(python_name(name) for name in last)})")
        curl.append("echo " + " ".join(shell([(True, name)]) for name in last))
    return Example("\n".join(curl), "\n".join(python))


def _request(provider: Provider, step: Call, claim: Claim | None) -> _Request:
    endpoint = Endpoint.parse(step.call)
    first = next(iter(provider.hosts))
    name = endpoint.host or first
    host: Host = provider.hosts[name]
    variable = ENDPOINT_VARIABLE if name == first else f"{ENDPOINT_VARIABLE}_{shell_name(name)}"
    named = dict(endpoint.query).get("Action") or (claim.action if claim is not None else None)
    query = "&".join(f"{key}={value}" for key, value in endpoint.query if not (host.action_header and key == "Action"))
    base: list[Part] = [(True, f"${variable}")] if host.url is None else parts_of(host.url.rstrip("/"))
    url = [*base, *parts_of(endpoint.path + (f"?{query}" if query else ""))]
    headers = {key: parts_of(value) for key, value in host.headers.items()}
    if host.action_header and named:
        headers[host.action_header] = [(False, named)]
    key = claim.credential if claim is not None and claim.credential else next(iter(provider.credentials), None)
    credential = provider.credentials[key] if key is not None else None
    basic, environment, signature = _authorize(credential, headers)
    body = form_fields(step.body) if host.form and step.body else step.body
    return _Request(endpoint.method, url, headers, body, host.form, basic, environment, signature)


def _variables(credential: Credential) -> tuple[str, ...]:
    """The variables to show: the first of alternatives, and none that may be absent."""
    return tuple(variable.split("|")[0] for variable in credential.env if not variable.endswith("?"))


def _authorize(credential: Credential | None, headers: dict[str, list[Part]]) -> tuple[bool, tuple[str, ...], str]:
    """Add the credential's header. Returns whether it is HTTP Basic, the variables, and the signature's name where one is needed."""
    if credential is None or not credential.env:
        return False, (), ""
    environment, form = _variables(credential), _HEADER.match(credential.send)
    if form is None or signs(credential.send):
        header, scheme = template_of(credential.send)
        headers[header] = [(True, "SIGNATURE")]
        return False, environment, scheme.replace("{}", "").strip(" /")
    if form["before"].strip().lower() == "basic" and len(environment) > 1:
        return True, environment[:2], ""
    headers[form["header"]] = [(False, form["before"]), (True, f"${environment[0]}"), (False, form["after"])]
    return False, environment[:1], ""


def _own(request: _Request) -> bool:
    """Whether a call goes to an address that only the operator knows."""
    return any(variable and name.startswith(f"${ENDPOINT_VARIABLE}") for variable, name in request.url)


def _given(requests: Sequence[_Request], steps: Sequence[Call], known: Mapping[str, str]) -> dict[str, str]:
    """Path parameters and placeholders that no earlier step's answer fills, with a value where the claims know one."""
    given: dict[str, str] = {}
    taken: set[str] = set()
    for request, step in zip(requests, steps, strict=True):
        used = [part for value in (request.url, *request.headers.values(), placeholders(request.body)) for part in value]
        for variable, name in used:
            if variable and not name.startswith("$") and name not in taken:
                given.setdefault(name, known.get(name, "..."))
        taken.update(step.take)
    return given


def _environment(requests: Sequence[_Request]) -> bool:
    parts = [part for each in requests for value in (each.url, *each.headers.values()) for part in value]
    return any(variable and name.startswith("$") for variable, name in parts) or any(each.basic for each in requests)


def _line(text: str) -> str:
    return " ".join(text.split())


def _curl(request: _Request, step: Call) -> list[str]:
    lines = [f"curl -sS -X {request.method} {shell(request.url)}"]
    if request.basic:
        lines.append("-u " + shell([(True, f"${request.environment[0]}"), (False, ":"), (True, f"${request.environment[1]}")]))
    lines += [f"-H {shell([(False, f'{name}: '), *value])}" for name, value in request.headers.items()]
    if request.body is not None and request.form:
        lines += shell_fields(request.body)
    elif request.body is not None:
        typed = any(name.lower() == "content-type" for name in request.headers)
        lines += [*([] if typed else ["-H 'Content-Type: application/json'"]), f"-d {shell_json(request.body)}"]
    call = " \\\n  ".join(lines)
    if not step.take:
        return [call]
    return [f"ANSWER=$({call})", *(f"{shell_name(name)}=$(jq -r '{jq(path)}' <<<\"$ANSWER\")" for name, path in step.take.items())]


def _python(request: _Request, step: Call) -> list[str]:
    arguments = [f'"{request.method}"', python_text(request.url)]
    if request.headers:
        inner = ", ".join(f"{quoted(name)}: {python_text(value)}" for name, value in request.headers.items())
        arguments.append(f"headers={{{inner}}}")
    if request.basic:
        arguments.append(f'auth=(os.environ["{request.environment[0]}"], os.environ["{request.environment[1]}"])')
    if request.body is not None:
        arguments.append(f"{'data' if request.form else 'json'}={python_value(request.body)}")
    arguments.append("timeout=30")
    lines = ["answer = httpx.request(", *(f"    {argument}," for argument in arguments), ")", "answer.raise_for_status()"]
    return [*lines, *(f"{python_name(name)} = {dig('answer.json()', path)}" for name, path in step.take.items())]
