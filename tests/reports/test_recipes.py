"""A recipe is what a probe has run: each of its calls stands in a recording, with its fields and with what is taken from the answer."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from probes.answer import dotted
from probes.claims import Call, Claims, Wait
from probes.results import Results
from probes.wire.cassette import load
from reports.recipes import ran, same_call

TIERS = ("write", "spend")


def recordings(checkout: Path, provider: str) -> list[tuple[Any, Any]]:
    """All exchanges of a provider's probes that create something."""
    paths = [checkout / "cassettes" / origin / provider / f"{tier}.yaml" for origin in ("live", "lab") for tier in TIERS]
    return [exchange for path in paths if path.is_file() for exchange in load(path).interactions]


def fields(value: Any, prefix: str = "") -> Iterator[str]:
    """Dotted names of all fields; lists stand for their items."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield f"{prefix}{name}"
            yield from fields(inner, f"{prefix}{name}.")
    elif isinstance(value, list):
        for inner in value:
            yield from fields(inner, prefix)


def served(exchanges: list[tuple[Any, Any]], call: str) -> list[tuple[Any, Any]]:
    """Body and answer of each recorded exchange of a call that was answered with success."""
    found = []
    for request, response in exchanges:
        action = request.headers.get("x-tc-action") or request.headers.get("x-acs-action") or ""
        if response["status"]["code"] < 300 and same_call(call, request.method, request.uri, action):
            found.append((json.loads(request.body or "null"), json.loads(response["body"].get("string") or "null")))
    return found


def missing(exchanges: list[tuple[Any, Any]], step: Call | Wait) -> list[str]:
    """What of a step no recording shows."""
    found = served(exchanges, step.call)
    if not found:
        return [step.call]
    wanted = {} if isinstance(step, Wait) else step.take
    body = None if isinstance(step, Wait) else step.body
    sent = {name for asked, _ in found for name in fields(asked)}
    lacking = [f"{step.call} [{name}]" for name in fields(body) if name not in sent]
    lacking += [f"{step.call} → {path}" for path in wanted.values() if all(dotted(answer, path) is None for _, answer in found)]
    if isinstance(step, Wait):
        reached = any(all(dotted(answer, path) == value for path, value in step.until.items()) for _, answer in found)
        lacking += [] if reached else [f"{step.call} until {step.until}"]
    return lacking


def test_each_step_of_every_recipe_stands_in_a_recording(real_claims: Claims, checkout: Path) -> None:
    told = []
    for name, provider in real_claims.providers.items():
        exchanges = recordings(checkout, name)
        for step in provider.recipe if exchanges else ():
            told += [f"{name}: {each}" for each in missing(exchanges, step)]
            told += [f"{name}: {each}" for each in (missing(exchanges, step.wait) if step.wait else [])]
    assert told == []


def test_a_recipe_that_no_probe_ran_would_be_told(real_claims: Claims, checkout: Path) -> None:
    exchanges = recordings(checkout, "openrouter")
    step = real_claims.providers["openrouter"].recipe[0]
    assert missing(exchanges, step.model_copy(update={"body": {**(step.body or {}), "limitless": 1}})) == [f"{step.call} [limitless]"]
    assert missing(exchanges, step.model_copy(update={"call": "POST /api/v1/key"})) == ["POST /api/v1/key"]
    assert missing(exchanges, step.model_copy(update={"take": {"key": "data.key"}})) == [f"{step.call} → data.key"]


@pytest.mark.parametrize(
    ("call", "uri", "same"),
    [
        ("POST /v1/projects/{project_id}/keys", "https://a.example/v1/projects/p1/keys", True),
        ("POST /v1/projects/customer-42/keys", "https://a.example/v1/projects/keycap-probe-1-1/keys", True),
        ("POST /v1/projects/{project_id}/keys", "https://a.example/v1/projects/p1/keys/k1", False),
        ("POST /v1/projects/customer-42:enable", "https://a.example/v1/projects/keycap-probe-1-1:enable", True),
        ("POST /v1/projects/customer-42:enable", "https://a.example/v1/projects/keycap-probe-1-1:disable", False),
    ],
)
def test_routes_are_told_apart(call: str, uri: str, same: bool) -> None:
    assert same_call(call, "POST", uri) is same


def test_actions_are_told_apart_wherever_they_stand() -> None:
    create, url = "POST /?Action=CreateApiKey", "https://a.example/"
    assert same_call(create, "POST", url, "CreateApiKey")
    assert same_call(create, "POST", f"{url}?Action=CreateApiKey")
    assert not same_call(create, "POST", url, "DescribeApiKey")
    assert not same_call(create, "POST", f"{url}?Action=DescribeApiKey")
    assert not same_call(create, "POST", url)


def test_the_report_names_the_exchange_that_shows_a_step(real: Results, checkout: Path) -> None:
    for name, steps in ran(real).items():
        assert None not in steps or not recordings(checkout, name), name
    first = ran(real)["prompture_hub"][0]
    assert first is not None
    assert first.origin == "live"
    assert real.exchanges[first.reference].method == "POST"
