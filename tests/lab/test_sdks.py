"""Recipes with the vendors' own SDKs: every method they name exists, and where an SDK speaks to loopback it yields the capped key."""

import ast
import importlib.util

import pytest

from probes.claims import Claims, Sdk
from probes.lab import simulated
from reports.examples import of_recipe
from reports.sdks import with_sdk
from reports.text import texts
from tests.lab.test_recipes import refused_after_its_cap, run, running

ADDRESS = {"openai": "base_url='{}/v1', ", "openrouter": "server_url='{}/api/v1', "}
"""How an SDK is told another address. Azure's sends its token over TLS only."""


def with_recipes(claims: Claims) -> list[str]:
    return [name for name, provider in claims.providers.items() if with_sdk(provider, texts("en"))]


def installed(sdk: Sdk) -> bool:
    """Whether all that the example imports is there."""
    modules = [line.split()[1] for line in sdk.setup if line.startswith(("import ", "from "))]
    try:
        return all(importlib.util.find_spec(module) for module in modules)
    except ModuleNotFoundError:  # of a package that one of them is in
        return False


def test_some_recipes_have_an_sdk_and_all_of_them_compile(real_claims: Claims) -> None:
    names = with_recipes(real_claims)
    assert {"openai", "openrouter", "azure_openai"} <= set(names)
    for name in names:
        example = of_recipe(real_claims.providers[name], texts("zh"))
        assert example is not None
        compile(example.sdk, name, "exec")


def test_an_sdk_is_the_one_whose_contract_was_read(real_claims: Claims) -> None:
    for name in with_recipes(real_claims):
        provider = real_claims.providers[name]
        assert provider.sdk is not None
        assert provider.sdk.package in {contract.package for contract in provider.contracts.values()}


@pytest.mark.parametrize("name", sorted({*simulated()}))
def test_every_method_that_a_recipe_names_exists_in_the_package(name: str, real_claims: Claims, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = real_claims.providers[name]
    script = with_sdk(provider, texts("en"))
    if not script or provider.sdk is None:
        return
    if not installed(provider.sdk):
        pytest.skip(f"{provider.sdk.package} is not installed: uv sync --group sdks")
    for variable in ("OPENAI_ADMIN_KEY", "OPENROUTER_MANAGEMENT_KEY", "AZURE_SUBSCRIPTION_ID"):
        monkeypatch.setenv(variable, "made-up")
    tree = ast.parse(script)
    held: dict[str, object] = {}
    start = [each for each in tree.body if isinstance(each, ast.Import | ast.ImportFrom) or "client = " in ast.unparse(each)]
    exec(compile(ast.Module(start, []), name, "exec"), held)  # noqa: S102 — our own example, up to its client
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("client.")]
    named = [call for call in map(ast.unparse, calls) if "(" not in call]
    assert len(named) == len(provider.recipe)
    for call in named:
        found = held["client"]
        for part in call.split(".")[1:]:
            found = getattr(found, part)
        assert callable(found), call


@pytest.mark.parametrize("name", sorted(ADDRESS))
def test_the_sdk_recipe_yields_a_key_that_is_refused_after_its_cap(name: str, real_claims: Claims) -> None:
    sdk = real_claims.providers[name].sdk
    assert sdk is not None
    if not installed(sdk):
        pytest.skip(f"{sdk.package} is not installed: uv sync --group sdks")
    with running(name, real_claims.providers[name]) as (made, provider):
        address = ADDRESS[name].format(next(iter(provider.hosts.values())).url)
        script = (
            with_sdk(provider, texts("en"))
            .replace("(api_key=", f"({address}api_key=")
            .replace("(admin_api_key=", f"({address}admin_api_key=")
        )
        refused_after_its_cap(provider, made, run(script, made.environment)["key"])
