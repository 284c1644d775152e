"""Examples compile, parse, and carry what the claims say."""

import ast
import json
import re
import shlex
import subprocess
from typing import Any

import pytest

from probes.addresses import encoded
from probes.claims import Call, Claims, Host, Provider
from reports.examples import Example, of_claim, of_recipe
from reports.quoting import dig, jq
from reports.text import texts
from tests.reports.invented import invented

EN = texts("en")


def every(claims: Claims) -> list[Example]:
    found = [of_recipe(provider, EN) for provider in claims.providers.values()]
    found += [of_claim(provider, claim, EN) for provider in claims.providers.values() for claim in provider.claims.values()]
    return [each for each in found if each is not None]


@pytest.mark.parametrize("which", ["invented", "real"])
def test_every_example_compiles_and_parses(which: str, real_claims: Claims) -> None:
    examples = every(real_claims if which == "real" else invented())
    assert examples
    for example in examples:
        tree = ast.parse(example.python)
        loaded = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        assert loaded - stored <= {"os", "time", "httpx", "print"}, example.python
        assert shlex.split(example.curl, comments=True)
    script = "\n".join(example.curl for example in examples)
    assert subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False).stderr == ""


def test_a_call_has_address_header_body_and_prints_what_is_promised() -> None:
    provider = invented().providers["acme"]
    example = of_claim(provider, provider.claims["key.create"], EN)
    assert example is not None
    words = shlex.split(example.curl)
    assert words[:5] == ["curl", "-sS", "-X", "POST", "https://api.acme.example/v1/keys"]
    assert "Authorization: Bearer ${ACME_ADMIN_KEY}" in words
    assert json.loads(words[words.index("-d") + 1]) == {"name": "customer-42", "limit": 5}
    assert "os.environ['ACME_ADMIN_KEY']" in example.python
    assert 'print(answer.json()["key"])' in example.python


def test_path_parameters_become_variables() -> None:
    provider = invented().providers["acme"]
    example = of_claim(provider, provider.claims["key.read"], EN)
    assert example is not None
    assert '"https://api.acme.example/v1/keys/${KEY_ID}"' in example.curl
    assert 'f"https://api.acme.example/v1/keys/{key_id}"' in example.python
    assert 'answer.json()["data"]["items"][0]["limit"]' in example.python


def test_a_recipe_hands_on_what_an_answer_gives() -> None:
    example = of_recipe(invented().providers["acme"], EN)
    assert example is not None
    assert "HASH=$(jq -r '.data[0].hash' <<<\"$ANSWER\")" in example.curl
    assert "/v1/keys/${HASH}" in example.curl
    assert '\'{"owner": "\'"${HASH}"\'"}\'' in example.curl
    assert 'json={"owner": hash_}' in example.python
    assert "it's 5 o'clock" in example.python


def test_a_signed_cloud_says_which_signature_and_leaves_a_placeholder() -> None:
    example = of_recipe(invented().providers["cloudy"], EN)
    assert example is not None
    assert "CL3-HMAC-SHA256" in example.curl.splitlines()[0]
    assert '-H "Authorization: ${SIGNATURE}"' in example.curl
    assert "REGION=north-1" in example.curl
    assert "x-action: CreateKey" in example.curl
    assert "Bearer" not in example.python


def test_an_action_of_the_query_is_sent_in_the_hosts_header() -> None:
    """As the probes send it: one host for all actions, the action of each step in its own header."""
    provider = cloudy({"api": CLOUDY}, "POST /?Action=CreateKey&Region=north")
    example = of_recipe(provider, EN)
    assert example is not None
    assert "x-action: CreateKey" in shlex.split(example.curl, comments=True)
    assert "https://cloudy.example/?Region=north" in example.curl
    assert '"x-action": "CreateKey"' in example.python
    assert "Action=" not in example.curl + example.python


def test_a_host_of_forms_gets_form_fields_as_the_probes_send_them() -> None:
    body = {"auth": {"type": "All", "ips": ["1.2.3.4/24", "{owner}"]}, "on": True, "none": None, "n": 3}
    provider = cloudy({"api": CLOUDY | {"form": True}}, "POST /keys", body=body)
    example = of_recipe(provider, EN)
    assert example is not None
    words = shlex.split(example.curl, comments=True)
    sent = [words[at + 1] for at, word in enumerate(words) if word == "--data-urlencode"]
    assert sent == ["auth.type=All", "auth.ips.1=1.2.3.4/24", "auth.ips.2=${OWNER}", "on=true", "none=", "n=3"]
    assert "application/json" not in example.curl
    given = example.python.split("data=")[1].split(",\n    timeout")[0]
    as_probed = encoded(provider.hosts["api"], body)["data"]
    assert eval(given, {"owner": "{owner}"}) == as_probed  # noqa: S307  (what the example itself would run)


def test_a_hosts_own_content_type_is_sent_once() -> None:
    provider = cloudy({"api": CLOUDY | {"headers": {"content-type": "application/x-amz-json-1.1"}}}, "POST /", body={"a": 1})
    example = of_recipe(provider, EN)
    assert example is not None
    assert example.curl.lower().count("content-type") == 1


def test_an_index_in_a_path_names_that_element() -> None:
    assert jq("data.items[0].id") == ".data.items[0].id"
    assert dig("x", "data.items[2].id") == 'x["data"]["items"][2]["id"]'
    assert dig("x", "[].id") == 'x[0]["id"]'


CLOUDY = {"url": "https://cloudy.example", "action_header": "x-action"}


def cloudy(hosts: dict[str, Any], call: str, **step: Any) -> Provider:
    """The invented cloud with other hosts and a recipe of one call."""
    steps = [Call.model_validate({"call": call, "does": {"zh": "创建密钥", "en": "creates a key"}} | step)]
    read = {name: Host.model_validate(host) for name, host in hosts.items()}
    return invented().providers["cloudy"].model_copy(update={"hosts": read, "recipe": steps})


def test_a_gateways_address_is_the_operators_own() -> None:
    provider = invented().providers["hub"]
    example = of_claim(provider, provider.claims["key.create"], EN)
    assert example is not None
    assert "http://localhost:PORT" in example.curl
    assert '"${KEYCAP_ENDPOINT}/users"' in example.curl
    assert '-u "${HUB_USER}:${HUB_PASSWORD}"' in example.curl
    assert 'auth=(os.environ["HUB_USER"], os.environ["HUB_PASSWORD"])' in example.python


def test_hostile_claims_cannot_leave_their_quotes(tmp_path_factory: pytest.TempPathFactory) -> None:
    marker = tmp_path_factory.mktemp("hostile") / "ran"
    evil = f"'; touch {marker}; $(touch {marker}) `touch {marker}` \"\n{{x"
    claims = invented(hosts={"api": {"url": "https://api.acme.example", "headers": {"x-a": evil}}})
    provider = claims.providers["acme"]
    claim = provider.claims["key.create"].model_copy(update={"body": {"name": evil, evil: [evil]}})
    example = of_claim(provider, claim, EN)
    assert example is not None
    subprocess.run(["bash", "-c", re.sub(r"^curl", "true", example.curl, flags=re.MULTILINE)], check=False, capture_output=True)
    assert not marker.exists()
    compile(example.python, "example", "exec")
