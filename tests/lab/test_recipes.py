"""Each recipe, run as it stands in the report against a simulator, yields a key that is refused after its cap."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest

from probes.claims import Claims, Provider
from probes.endpoint import Endpoint
from probes.headline import Answer, headline
from probes.lab import simulated, simulator
from probes.lab.simulator import Behaviour, Simulator
from probes.refusals import classify
from probes.vocabulary import Means
from probes.wire.schemes import signs
from reports.examples import of_recipe
from reports.text import texts
from tests.lab.loopback import loopback

DEAR = 1000.0
"""So that a cap of five dollars is used up by a few calls."""

MOST = 40
"""Calls within which the cap bites."""


@contextmanager
def running(name: str, provider: Provider) -> Iterator[tuple[Simulator, Provider]]:
    """A simulator, and its provider as the claims tell it but for the addresses of its hosts, which are the simulator's."""
    made = simulator(name, Behaviour(latency=0, cap_lag=0, dearness=DEAR))
    with ExitStack() as stack:
        urls = {host: stack.enter_context(loopback(app)) for host, app in made.hosts.items()}
        hosts = {host: described.model_copy(update={"url": urls.get(host, described.url)}) for host, described in provider.hosts.items()}
        yield made, provider.model_copy(update={"hosts": hosts})


def run(script: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """What the variables of an example hold after it ran, in a process of its own that has nothing but these variables."""
    told = "\nimport json as _json\nprint('\\n' + _json.dumps({k: v for k, v in globals().items() if isinstance(v, str) and k[0] != '_'}))"
    ended = subprocess.run(
        [sys.executable, "-c", script + told], env={"PATH": os.environ["PATH"], **environment}, capture_output=True, text=True, check=False,
        timeout=50,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return found


def call(provider: Provider, made: Simulator, key: str) -> httpx.Response:
    """One inference call with a key."""
    inference = provider.inference
    assert inference is not None
    endpoint = Endpoint.parse(inference.call)
    credential = provider.credentials[inference.credential]
    header, _, form = credential.send.partition(": ")
    base = provider.hosts[endpoint.host or next(iter(provider.hosts))].url
    body = {**inference.body, **({inference.model_field: made.model.name} if inference.model_field else {})}
    outer, _, inner = inference.max_tokens.field.partition(".")
    body[outer] = {inner: inference.max_tokens.value} if inner else inference.max_tokens.value
    url = f"{base}{endpoint.target({'model': made.model.name}, '')}"
    return httpx.request(endpoint.method, url, headers={header: form.replace("{}", key)}, json=body, timeout=10)


@pytest.mark.parametrize("name", simulated())
def test_the_python_recipe_yields_a_key_that_is_refused_after_its_cap(name: str, real_claims: Claims) -> None:
    recipe = of_recipe(real_claims.providers[name], texts("en"))
    if recipe is None:
        assert headline(real_claims.providers[name]).answer is Answer.NO
        return
    unsigned(real_claims.providers[name])
    with running(name, real_claims.providers[name]) as (made, provider):
        example = of_recipe(provider, texts("en"))
        assert example is not None
        refused_after_its_cap(provider, made, run(example.python, made.environment)["key"])


@pytest.mark.skipif(not shutil.which("curl") or not shutil.which("jq"), reason="needs curl and jq")
@pytest.mark.parametrize("name", simulated())
def test_the_curl_recipe_yields_one_too(name: str, real_claims: Claims) -> None:
    with running(name, real_claims.providers[name]) as (made, provider):
        example = of_recipe(provider, texts("en"))
        if example is None:
            return
        unsigned(provider)
        script = f"set -eu\n{example.curl}\nprintf '\\n%s' \"$KEY\""
        environment = {"PATH": os.environ["PATH"], **made.environment}
        ended = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=False, timeout=50)
        assert ended.returncode == 0, ended.stderr
        refused_after_its_cap(provider, made, ended.stdout.splitlines()[-1])


def unsigned(provider: Provider) -> None:
    """Skips the test where a person has to sign each request: there the recipe with the vendor's SDK is what runs as it stands."""
    if signs(next(iter(provider.credentials.values())).send):
        pytest.skip("its requests are signed")


def refused_after_its_cap(provider: Provider, made: Simulator, key: str) -> None:
    first = call(provider, made, key)
    assert first.status_code == 200, first.text
    for _ in range(MOST):
        last = call(provider, made, key)
        if last.status_code >= 400:
            break
    assert last.status_code >= 400
    # Of a quota of tokens no source tells the refusal; the claims know it for one of several restrictions of plan or billing.
    means = (Means.SPEND, Means.CREDIT) if headline(provider).answer is Answer.OTHER_UNIT else (Means.SPEND,)
    assert classify(last.status_code, last.json(), provider.refusals) in means, last.text
