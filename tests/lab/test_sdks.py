"""Recipes with the vendors' own SDKs: each sends the calls of the recipe, and where there is a simulator it yields the capped key."""

import importlib
import importlib.util
import inspect
import json
import re
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from probes.claims import Call, Claims, Provider, Sdk, Wait
from probes.endpoint import Endpoint
from reports.examples import of_recipe
from reports.recipes import same_call
from reports.sdks import with_sdk
from reports.text import texts
from tests.lab.loopback import loopback
from tests.lab.test_recipes import refused_after_its_cap, run, running

OPEN = "authentication_policy=__import__('azure.core.pipeline.policies', fromlist=['_']).SansIOHTTPPolicy()"
"""Azure sends its token over TLS only: here it sends none."""

ADDRESS: Mapping[str, tuple[str, str]] = {
    "openai": ("OpenAI(", "OpenAI(base_url='{url}/v1', "),
    "openrouter": ("OpenRouter(", "OpenRouter(server_url='{url}/api/v1', "),
    "azure_openai": ("DefaultAzureCredential(), ", f"DefaultAzureCredential(), base_url='{{url}}', {OPEN}, subscription_id="),
    "azure_apim": ("DefaultAzureCredential(), ", f"DefaultAzureCredential(), base_url='{{url}}', {OPEN}, subscription_id="),
    "orq": ("Orq(", "Orq(server_url='{url}', "),
    "langwatch": ("setup(", "setup(endpoint_url='{url}', "),  # not in the group: 55 packages, most of them for tracing
    "portkey": ("Portkey(", "Portkey(base_url='{url}/v1', "),
    "truefoundry": ("https://app.truefoundry.com", "{url}"),
    "alibaba_modelrouter": ('endpoint="aicontent.aliyuncs.com"', "protocol='http', endpoint='{place}'"),
    "tencent_hunyuan": (
        ', "")',
        ", '', __import__('tencentcloud.common.profile.client_profile', fromlist=['_']).ClientProfile(httpProfile=__import__("
        "'tencentcloud.common.profile.http_profile', fromlist=['_']).HttpProfile(protocol='http', endpoint='{place}')))",
    ),
}
"""How an SDK is told another address, as what stands in the example and what stands there instead."""

GOOGLE = re.compile(r'build\("(\w+)", "(\w+)", ')
"""Google's SDK has one client for each host."""

TIME = "2026-11-24T00:00:00Z"
TRUEFOUNDRY = {
    "id": "made-up-id", "name": "n", "tenantName": "t", "accountId": "a", "createdAt": TIME, "updatedAt": TIME,
    "createdBySubject": {"subjectId": "s", "subjectType": "user"},
}  # fmt: skip
ALSO: Mapping[str, Mapping[str, Any]] = {
    "orq": {
        "name": "n", "workspace_id": "w", "token": "made-up-key", "id": "made-up-id",
        "budget": {"budgetId": "made-up-budget_id", "limits": {}, "createdAt": TIME, "updatedAt": TIME},
    },
    "truefoundry": {
        "data": {**TRUEFOUNDRY, "type": "virtual-account"}, **TRUEFOUNDRY, "type": "tenant-budget-config",
        "manifest": {"type": "tenant-budget-config", "name": "n", "limits": {}, "applies_to": {"type": "aggregate"}, "mode": "audit"},
    },
}  # fmt: skip
"""What an SDK wants in an answer besides what the recipe takes from it."""

OPERATION = {name: f"operations/made-up-{name}" for name in ("creation", "enabling", "making")}
"""Google's SDK looks at a name before it sends it."""

RUN = ("google_gemini", "openai", "openrouter", "tencent_hunyuan")
"""SDKs that speak to a simulator; the others' calls are compared with those of the recipe."""


def moved(name: str, provider: Provider, urls: Mapping[str, str]) -> str:
    """The example with the SDK speaking to other addresses, by host."""
    script = with_sdk(provider, texts("en"))
    hosts = {described.url: urls[host] for host, described in provider.hosts.items() if host in urls}
    if GOOGLE.search(script):
        return GOOGLE.sub(
            lambda found: f"{found[0]}client_options={{'api_endpoint': '{hosts[f'https://{found[1]}.googleapis.com']}'}}, ", script
        )
    url = next(iter(urls.values()))
    old, new = ADDRESS[name]
    assert script.count(old) == 1
    return script.replace(old, new.format(url=url, place=url.removeprefix("http://")))


def with_recipes(claims: Claims) -> list[str]:
    return [name for name, provider in claims.providers.items() if with_sdk(provider, texts("en"))]


def needs(sdk: Sdk) -> None:
    """Skips the test where not all that the example imports is there."""
    modules = [line.split()[1] for line in sdk.setup if line.startswith(("import ", "from "))]
    try:
        found = all(importlib.util.find_spec(module) for module in modules)
    except ModuleNotFoundError:  # of a package that one of them is in
        found = False
    if not found:
        pytest.skip(f"{sdk.package} is not installed; the group sdks has all but the heavy ones")


@dataclass
class Vendor:
    """Answers the calls of a recipe, in its order, with what the recipe takes from them, and keeps what was asked."""

    provider: Provider
    also: Mapping[str, Any]
    asked: list[tuple[str, Any]] = field(default_factory=list)

    @property
    def steps(self) -> list[Call | Wait]:
        """All calls that the recipe makes, in order."""
        told = [(step, step.wait if step.wait and step.wait.sdk else None) for step in self.provider.recipe]
        return [each for pair in told for each in pair if each is not None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body, url = await request.body(), str(request.url)
        step = self.steps[len(self.asked)] if len(self.asked) < len(self.steps) else None
        if step and Endpoint.parse(step.call).query == (("Action", self.action(request)),):
            url += f"?Action={self.action(request)}"
        step = step if step and asked(step.call, request.method, url) else None
        self.asked.append((step.call if step else f"{request.method} {url}", json.loads(body or "null")))
        answer = JSONResponse({} if step is None else self.answer(step), status_code=404 if step is None else 200)
        await answer(scope, receive, send)

    def action(self, request: Request) -> str:
        """The action that a cloud's header names."""
        headers = [host.action_header for host in self.provider.hosts.values() if host.action_header]
        return next((request.headers[each] for each in headers if each in request.headers), "")

    def answer(self, step: Call | Wait) -> dict[str, Any]:
        """What is taken, and what is waited for."""
        made: dict[str, Any] = json.loads(json.dumps(self.also))
        if isinstance(step, Call):
            for name, path in step.take.items():
                put(made, path, OPERATION.get(name, f"made-up-{name}"))
        wait = step.wait if isinstance(step, Call) else step
        for path, value in wait.until.items() if wait else ():
            put(made, path, value)
        return made

    def expected(self, step: Call | Wait) -> Any:
        """The body of a step, with what earlier steps took and what settings hold."""
        held = {name: OPERATION.get(name, f"made-up-{name}") for each in self.provider.recipe for name in each.take}
        held |= {name: f"made-up-{variable}" for name, variable in self.provider.settings.items()}
        return filled(step.body if isinstance(step, Call) else None, held)


def asked(call: str, method: str, url: str) -> bool:
    """Whether a request is a call, with the same query."""
    return same_call(call, method, url) and {*Endpoint.parse(call).query} <= {*parse_qsl(urlsplit(url).query)}


def put(made: dict[str, Any], path: str, value: Any) -> None:
    """Set a value at a dotted path."""
    *outer, last = path.split(".")
    for part in outer:
        made = made.setdefault(part, {})
    made[last] = value


def filled(value: Any, held: Mapping[str, str]) -> Any:
    """A body with its placeholders replaced."""
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda found: held[found[1]], value)
    if isinstance(value, dict):
        return {name: filled(each, held) for name, each in value.items()}
    return [filled(each, held) for each in value] if isinstance(value, list) else value


def holds(sent: Any, wanted: Any) -> bool:
    """Whether a body has all that is wanted; an SDK may say more of its own accord."""
    if isinstance(wanted, dict):
        return isinstance(sent, dict) and all(name in sent and holds(sent[name], each) for name, each in wanted.items())
    if isinstance(wanted, list):
        return isinstance(sent, list) and len(sent) == len(wanted) and all(map(holds, sent, wanted))
    return bool(sent == wanted)


def test_the_recipes_with_an_sdk_compile_in_both_languages(real_claims: Claims) -> None:
    names = with_recipes(real_claims)
    assert {*ADDRESS, *RUN, "google_vertex"} == {*names}
    for name in names:
        example = of_recipe(real_claims.providers[name], texts("zh"))
        assert example is not None
        compile(example.sdk, name, "exec")


def test_an_sdk_is_one_that_was_read(real_claims: Claims) -> None:
    for name in with_recipes(real_claims):
        provider = real_claims.providers[name]
        assert provider.sdk is not None
        read = {contract.package for contract in provider.contracts.values()}
        read |= {source.url.removeprefix("PyPI package ").replace(" ", "==") for source in provider.sources.values()}
        assert provider.sdk.package in read


@pytest.mark.parametrize("name", sorted({*ADDRESS, "google_vertex"} - {*RUN}))
def test_the_sdk_sends_the_calls_and_bodies_of_the_recipe_and_reads_its_answers(name: str, real_claims: Claims) -> None:
    provider = real_claims.providers[name]
    assert provider.sdk is not None
    needs(provider.sdk)
    vendor = Vendor(provider, ALSO.get(name, {}))
    with ExitStack() as stack:
        url = stack.enter_context(loopback(vendor))
        script = moved(name, provider, dict.fromkeys(provider.hosts, url))
        environment = {variable: f"made-up-{variable}" for variable in re.findall(r'os\.environ\["(\w+)"\]', script)}
        taken = run(script, environment)
    assert [call for call, _ in vendor.asked] == [step.call for step in vendor.steps]
    for step, (call, body) in zip(vendor.steps, vendor.asked, strict=True):
        assert holds(body, vendor.expected(step)), (call, body)
    assert taken["key"] == "made-up-key"


@pytest.mark.parametrize("name", RUN)
def test_the_sdk_recipe_yields_a_key_that_is_refused_after_its_cap(name: str, real_claims: Claims) -> None:
    claimed = real_claims.providers[name]
    assert claimed.sdk is not None
    needs(claimed.sdk)
    with running(name, claimed) as (made, provider):
        script = moved(name, claimed, {host: described.url for host, described in provider.hosts.items() if described.url})
        refused_after_its_cap(provider, made, run(script, made.environment)["key"])


def test_fields_that_an_sdk_passes_on_unseen_are_named_in_its_package(real_claims: Claims, recwarn: pytest.WarningsRecorder) -> None:
    tencent, portkey = real_claims.providers["tencent_hunyuan"], real_claims.providers["portkey"]
    for provider in (tencent, portkey):
        assert provider.sdk is not None
        needs(provider.sdk)
    client = importlib.import_module("tencentcloud.tokenhub.v20260322.tokenhub_client").TokenhubClient
    models = importlib.import_module("tencentcloud.tokenhub.v20260322.models")
    for step in tencent.recipe:
        ((_, action),) = Endpoint.parse(step.call).query
        assert callable(getattr(client, action))
        getattr(models, f"{action}Request")()._deserialize(step.body)  # which warns of what it does not know
    assert list(recwarn) == []
    create = importlib.import_module("portkey_ai.api_resources.apis.api_keys").ApiKeys.create
    assert {*(portkey.recipe[0].body or {})} <= {*inspect.signature(create).parameters}
