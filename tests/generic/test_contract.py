"""A contract probe believes the vendor's own document: the operation and the field, or their lack where the document covers the matter."""

from typing import Any

import httpx
import pytest

from probes.claims import Claim, Claims
from probes.contracts.extract import Extract, Operation, Provenance
from probes.endpoint import Endpoint
from probes.evidence import Cause, Outcome
from probes.findings import run_probes
from probes.generic.contract import find
from probes.plan import plan
from probes.probe import Tier

PROVENANCE = Provenance("openapi", "https://acme.example/openapi.yaml", "2.3.0", "2026-08-21", "0" * 64, "copy")
KEYS = Operation("POST", "/v1/keys", {"name": "string", "limit": "number|null"}, {"key": "string", "data.limit": "number"})
ROTATE = Operation("POST", "/v1/keys/{id}/rotate", {}, {"key": "string"})


async def verdicts(claims: Claims, extract: Extract, **changed: Any) -> dict[str, tuple[Outcome, Cause, str]]:
    """What the contract probe of `acme` finds in an extract, with some of its claims changed."""
    acme = claims.providers["acme"]
    replaced = {name.replace("_", "."): Claim.model_validate(claim) for name, claim in changed.items()}
    claims = claims.model_copy(update={"providers": {"acme": acme.model_copy(update={"claims": acme.claims | replaced})}})
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=extract.to_json()))
    async with httpx.AsyncClient(transport=transport) as client:
        [job] = plan(claims, tiers=[Tier.CONTRACT])
        found = await run_probes(job, client, "0123abcd")
    return {finding.capability: (finding.outcome, finding.cause, finding.as_of) for findings in found.values() for finding in findings}


async def test_an_operation_with_its_field_is_present_as_of_the_documents_date(sample: Claims) -> None:
    found = await verdicts(sample, Extract(PROVENANCE, (KEYS,)))
    assert found["key.create"] == (Outcome.PRESENT, Cause.DECLARED, "2026-08-21")
    assert found["spend.limit.key"] == (Outcome.PRESENT, Cause.DECLARED, "2026-08-21")


async def test_an_operation_without_its_field_is_absent(sample: Claims) -> None:
    bare = Operation("POST", "/v1/keys", {"name": "string"}, {"key": "string"})
    found = await verdicts(sample, Extract(PROVENANCE, (bare,)))
    assert found["key.create"][0] is Outcome.PRESENT
    assert found["spend.limit.key"][:2] == (Outcome.ABSENT, Cause.FIELD_NOT_DECLARED)


async def test_a_document_that_covers_the_matter_and_lacks_the_operation_shows_its_absence(sample: Claims) -> None:
    assert (await verdicts(sample, Extract(PROVENANCE, ())))["key.create"][:2] == (Outcome.ABSENT, Cause.NOT_DECLARED)


async def test_the_silence_of_a_document_about_something_else_says_nothing(sample: Claims) -> None:
    scoped = {"status": "supported", "mechanism": "api", "endpoint": "POST /v1/projects/{id}/cap", "sources": ["spec"]}
    assert "spend.limit.scope" not in await verdicts(sample, Extract(PROVENANCE, (KEYS,)), spend_limit_scope=scoped)


async def test_a_claim_of_absence_holds_until_a_refuting_operation_is_declared(sample: Claims) -> None:
    assert (await verdicts(sample, Extract(PROVENANCE, (KEYS,))))["key.rotate"][:2] == (Outcome.ABSENT, Cause.NOT_DECLARED)
    assert (await verdicts(sample, Extract(PROVENANCE, (ROTATE,))))["key.rotate"][:2] == (Outcome.PRESENT, Cause.REFUTING_DECLARED)
    only_named = Extract(PROVENANCE, (), ("POST /v1/keys/{id}/rotate",))
    assert (await verdicts(sample, only_named))["key.rotate"][:2] == (Outcome.PRESENT, Cause.REFUTING_DECLARED)


async def test_a_refuting_field_refutes_whatever_its_case(sample: Claims) -> None:
    claim = {"status": "unsupported", "refuted_by": ["POST /v1/keys *RATE*"]}
    limited = Operation("POST", "/v1/keys", {"rateLimit": "integer"}, {})
    assert (await verdicts(sample, Extract(PROVENANCE, (KEYS,)), key_rotate=claim))["key.rotate"][0] is Outcome.ABSENT
    assert (await verdicts(sample, Extract(PROVENANCE, (limited,)), key_rotate=claim))["key.rotate"][0] is Outcome.PRESENT


async def test_a_document_that_describes_no_answers_cannot_deny_a_field_of_one(sample: Claims) -> None:
    claim = {"status": "supported", "mechanism": "api", "endpoint": "POST /v1/keys", "returns": ["data.limit"], "sources": ["spec"]}
    silent = Operation("POST", "/v1/keys", {"name": "string"}, {})
    found = await verdicts(sample, Extract(PROVENANCE, (silent,)), key_create=claim)
    assert found["key.create"][:2] == (Outcome.INCONCLUSIVE, Cause.FIELD_NOT_DECLARED)


async def test_what_only_an_inference_answer_can_show_is_left_alone(sample: Claims) -> None:
    assert "rate.error" not in await verdicts(sample, Extract(PROVENANCE, (KEYS,)))


@pytest.mark.parametrize(
    ("endpoint", "action", "declared", "found"),
    [
        ("POST /v2/charge?Action=Buy", "", Operation("POST", "/v2/charge?Action=Buy"), True),
        ("POST /v2/charge?Action=Buy", "", Operation("POST", "/v2/charge?Action=Sell"), False),
        ("POST billing:/", "QueryAccountBalance", Operation("POST", "/?Action=QueryAccountBalance"), True),
        ("POST /keys", "CreateApiKey", Operation("POST", "/keys", action="CreateApiKey"), True),
        ("POST /keys", "CreateApiKey", Operation("POST", "/keys", action="ListApiKeys"), False),
        ("PUT /a/{b}?api-version=2026-05-01", "", Operation("PUT", "/a/{accountName}"), True),
        ("GET /keys", "", Operation("POST", "/keys"), False),
    ],
)
def test_rpc_style_operations_are_told_apart_by_their_action(endpoint: str, action: str, declared: Operation, found: bool) -> None:
    assert (find(Endpoint.parse(endpoint), action, Extract(PROVENANCE, (declared,))) is not None) is found


def test_an_extract_survives_being_written_and_read() -> None:
    extract = Extract(PROVENANCE, (KEYS, ROTATE), ("GET /v1/models",))
    assert Extract.from_json(extract.to_json()) == extract
