"""Examples that can be pasted: each claimed call, and each recipe, as curl, as Python with httpx, and with the vendor's SDK where told.

They are built from claims alone: address and headers of the host, the credential's variable and header, the body, path parameters as
variables. A cloud whose requests are signed gets a placeholder and a comment that names the signature. Tests hold each recipe to the
recordings of the probes that ran it, and run it against the simulators until its key is refused.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from probes.addresses import form_fields
from probes.claims import Call, Claim, Credential, Host, Provider
from probes.endpoint import Endpoint
from probes.vocabulary import Mechanism, Status
from probes.wire.schemes import signs, template_of
from reports.quoting import (
    EVERY,
    Part,
    dig,
    jq,
    parts_of,
    placeholders,
    python_expression,
    python_name,
    python_text,
    python_value,
    quoted,
    repeated,
    same,
    shell,
    shell_fields,
    shell_json,
    shell_name,
    with_settings,
)
from reports.sdks import with_sdk
from reports.text import Texts

ENDPOINT_VARIABLE = "KEYCAP_ENDPOINT"
"""Environment variable that stands for the address of a self-hosted gateway."""

_HEADER = re.compile(r"^(?P<header>[A-Za-z0-9-]+): (?P<before>[^{}]*)\{\}(?P<after>[^{}]*)$")


@dataclass(frozen=True, slots=True)
class Example:
    """The same call or calls in each form."""

    curl: str
    python: str
    sdk: str = ""
    """With the vendor's own SDK; empty where there is none."""


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

    @property
    def parts(self) -> list[Part]:
        """All texts with variables in them."""
        return [part for value in (self.url, *self.headers.values(), placeholders(self.body)) for part in value]


@dataclass(frozen=True, slots=True)
class _Step:
    """A call, what it is waited for with, and both as requests."""

    call: Call
    request: _Request
    wait: _Request | None

    @property
    def requests(self) -> list[_Request]:
        return [self.request] if self.wait is None else [self.request, self.wait]


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
    if not provider.recipe:
        return None
    made = _render(provider, provider.recipe, [by_call.get(step.call) for step in provider.recipe], text, [])
    return replace(made, sdk=with_sdk(provider, text))


def _render(provider: Provider, calls: Sequence[Call], claims: Sequence[Claim | None], text: Texts, returns: Sequence[str]) -> Example:
    steps = [_step(provider, call, claim) for call, claim in zip(calls, claims, strict=True)]
    requests = [request for step in steps for request in step.requests]
    given = _given(steps, provider.parameters)
    notes = [text("example.sign", how=each.signature, env=text.join(each.environment)) for each in requests if each.signature]
    notes += [text("example.endpoint", env=ENDPOINT_VARIABLE)] if any(_own(each) for each in requests) else []
    notes = [f"# {_line(note)}" for note in dict.fromkeys(notes)]
    modules = (["os"] if _environment(requests) else []) + (["time"] if any(step.wait for step in steps) else [])
    curl = [*notes, *(f"{shell_name(name)}={shell([(False, value)])}" for name, value in given.items())]
    python = [*notes, *(f"import {name}" for name in modules), *([""] if modules else []), "import httpx", ""]
    python += [f"{python_name(name)} = {quoted(value)}" for name, value in given.items()]
    python += [""] if given else []
    shared = _headers(requests[0]) if len(requests) > 1 and len({_headers(each) for each in requests}) == 1 else ""
    python += [f"headers = {shared}"] if shared else []
    for step in steps:
        heading = [f"# {_line(text.pick(step.call.does))}"] if len(steps) > 1 else []
        curl += [*heading, *_curl(step)]
        python += [*heading, *_python(step, shared=bool(shared))]
    last = [name for call in calls for name in call.take]
    if not last:
        python += [f"print({dig('answer.json()', field)})" for field in returns] or ["print(answer.text)"]
    else:
        python.append(f"print({', '.join(python_name(name) for name in last)})")
        curl.append("echo " + " ".join(shell([(True, name)]) for name in last))
    return Example("\n".join(curl), "\n".join(python))


def _step(provider: Provider, call: Call, claim: Claim | None) -> _Step:
    wait = None if call.wait is None else _request(provider, call.wait.call, None, claim)
    return _Step(call, _request(provider, call.call, call.body, claim), wait)


def _request(provider: Provider, call: str, body: Any, claim: Claim | None) -> _Request:
    endpoint = Endpoint.parse(with_settings(call, provider.settings))
    first = next(iter(provider.hosts))
    name = endpoint.host or first
    host: Host = provider.hosts[name]
    variable = ENDPOINT_VARIABLE if name == first else f"{ENDPOINT_VARIABLE}_{shell_name(name)}"
    named = dict(endpoint.query).get("Action") or (claim.action if claim is not None else None)
    query = "&".join(f"{key}={value}" for key, value in endpoint.query if not (host.action_header and key == "Action"))
    base: list[Part] = [(True, f"${variable}")] if host.url is None else parts_of(host.url.rstrip("/"))
    url = [*base, *parts_of(endpoint.path + (f"?{query}" if query else ""))]
    headers = {key: parts_of(with_settings(value, provider.settings)) for key, value in host.headers.items()}
    if host.action_header and named:
        headers[host.action_header] = [(False, named)]
    key = claim.credential if claim is not None and claim.credential else next(iter(provider.credentials), None)
    credential = provider.credentials[key] if key is not None else None
    basic, environment, signature = _authorize(credential, headers)
    body = with_settings(body, provider.settings)
    sent = form_fields(body) if host.form and body else body
    return _Request(endpoint.method, url, headers, sent, host.form, basic, environment, signature)


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


def _given(steps: Sequence[_Step], known: Mapping[str, str]) -> dict[str, str]:
    """Path parameters and placeholders that no earlier step's answer fills, with a value where the claims know one."""
    given: dict[str, str] = {}
    taken: set[str] = set()
    for step in steps:
        for request in step.requests:
            for variable, name in request.parts:
                if variable and not name.startswith("$") and name not in taken:
                    given.setdefault(name, known.get(name, "..."))
            taken.update(step.call.take)
    return given


def _environment(requests: Sequence[_Request]) -> bool:
    return any(each.basic or any(variable and name.startswith("$") for variable, name in each.parts) for each in requests)


def _line(text: str) -> str:
    return " ".join(text.split())


def _curl(step: _Step) -> list[str]:
    call = _curl_call(step.request)
    lines = [call]
    if step.call.take:
        taken = (f"{shell_name(name)}=$(jq -r '{jq(path)}' <<<\"$ANSWER\")" for name, path in step.call.take.items())
        lines = [f"ANSWER=$({call})", *taken]
    if step.wait is not None and step.call.wait is not None:
        for path, value in step.call.wait.until.items():
            wanted = shell([(False, str(value).lower() if isinstance(value, bool) else value)])
            lines.append(f"until [ \"$({_curl_call(step.wait)} | jq -r '{jq(path)}')\" = {wanted} ]; do sleep {EVERY}; done")
    return lines


def _curl_call(request: _Request) -> str:
    lines = [f"curl -sS -X {request.method} {shell(request.url)}"]
    if request.basic:
        lines.append("-u " + shell([(True, f"${request.environment[0]}"), (False, ":"), (True, f"${request.environment[1]}")]))
    lines += [f"-H {shell([(False, f'{name}: '), *value])}" for name, value in request.headers.items()]
    if request.body is not None and request.form:
        lines += shell_fields(request.body)
    elif request.body is not None:
        typed = any(name.lower() == "content-type" for name in request.headers)
        lines += [*([] if typed else ["-H 'Content-Type: application/json'"]), f"-d {shell_json(request.body)}"]
    return " \\\n  ".join(lines)


def _python(step: _Step, *, shared: bool) -> list[str]:
    lines = [*_python_call(step.request, shared=shared), "answer.raise_for_status()"]
    lines += [f"{python_name(name)} = {dig('answer.json()', path)}" for name, path in step.call.take.items()]
    if step.wait is not None and step.call.wait is not None:
        tests = " and ".join(same("answer.json()", path, value) for path, value in step.call.wait.until.items())
        lines += repeated(_python_call(step.wait, shared=shared), f"answer.is_success and {tests}")
    return lines


def _python_call(request: _Request, *, shared: bool) -> list[str]:
    arguments = [f'"{request.method}"', python_text(request.url)]
    if request.headers:
        arguments.append("headers=headers" if shared else f"headers={_headers(request)}")
    if request.basic:
        arguments.append(f'auth=(os.environ["{request.environment[0]}"], os.environ["{request.environment[1]}"])')
    if request.body is not None:
        arguments.append(f"{'data' if request.form else 'json'}={python_value(request.body)}")
    arguments.append("timeout=30")
    return ["answer = httpx.request(", *(f"    {argument}," for argument in arguments), ")"]


def _headers(request: _Request) -> str:
    """As a dict of Python, empty without any."""
    inner = ", ".join(f"{quoted(name)}: {python_expression(value)}" for name, value in request.headers.items())
    return f"{{{inner}}}" if inner else ""
