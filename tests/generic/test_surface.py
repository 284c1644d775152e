"""A surface probe is three requests, and it never passes on an answer that would be the same for a route that does not exist."""

import re
from collections.abc import Callable

import httpx
import pytest

from probes.claims import Claims
from probes.endpoint import Endpoint
from probes.evidence import Cause, Outcome
from probes.findings import run_probes
from probes.generic.surface import negative_control
from probes.plan import plan
from probes.probe import Tier
from tests.conftest import Serve, http_answer, routes_server

REFUSED = http_answer(401, '{"error": {"code": "invalid_api_key"}}')
UNKNOWN = http_answer(404, '{"error": {"code": "unknown_url"}}')
MODELS = http_answer(200, '{"data": []}')
ROUTES = re.compile(r"(POST) /v1/keys$|POST /v1/keys/rotate$")


def vendor(method: str, target: str) -> bytes:
    """A vendor with key routes, a public list of models, and 404 elsewhere."""
    if target == "/v1/models":
        return MODELS
    return REFUSED if ROUTES.match(f"{method} {target}") else UNKNOWN


async def verdicts(
    claims: Claims, serve: Serve, answer: Callable[[str, str], bytes], asked: list[str] | None = None
) -> dict[str, tuple[Outcome, Cause]]:
    """What the surface probes of `acme` find on a server."""

    def noted(method: str, target: str) -> bytes:
        if asked is not None:
            asked.append(f"{method} {target}")
        return answer(method, target)

    async with serve(routes_server(noted)) as url, httpx.AsyncClient() as client:
        [job] = plan(claims, providers=["acme"], tiers=[Tier.SURFACE], endpoints={"acme": url})
        found = await run_probes(job, client, "0123abcd")
    return {finding.capability: (finding.outcome, finding.cause) for findings in found.values() for finding in findings}


async def test_a_route_that_refuses_while_a_random_one_is_unknown_is_present(sample: Claims, serve: Serve) -> None:
    found = await verdicts(sample, serve, vendor)
    assert found["key.create"] == (Outcome.PRESENT, Cause.ROUTE_ANSWERS)


async def test_a_route_shared_with_another_capability_does_not_show_its_field(sample: Claims, serve: Serve) -> None:
    found = await verdicts(sample, serve, vendor)
    assert found["spend.limit.key"] == (Outcome.INCONCLUSIVE, Cause.ROUTE_ONLY)


async def test_a_route_unknown_like_a_random_one_is_absent(sample: Claims, serve: Serve) -> None:
    found = await verdicts(sample, serve, lambda _, target: MODELS if target == "/v1/models" else UNKNOWN)
    assert found["key.create"] == (Outcome.ABSENT, Cause.ROUTE_MISSING)


async def test_without_a_known_route_that_answers_an_unknown_one_proves_nothing(sample: Claims, serve: Serve) -> None:
    found = await verdicts(sample, serve, lambda _method, _target: UNKNOWN)
    assert found["key.create"] == (Outcome.INCONCLUSIVE, Cause.CONTROL_FAILED)


@pytest.mark.parametrize(
    ("everywhere", "cause"),
    [
        (REFUSED, Cause.ALL_ALIKE),
        (http_answer(403, '{"message": "Forbidden"}'), Cause.ALL_ALIKE),
        (MODELS, Cause.ALL_ALIKE),
        (http_answer(200, "<html>Sign in to the network</html>", content_type="text/html"), Cause.NOT_AN_API),
        (http_answer(302, "", extra="location: /login\r\n"), Cause.NOT_AN_API),
        (http_answer(500, '{"error": "oops"}'), Cause.SERVER_FAULT),
        (http_answer(503, ""), Cause.SERVER_FAULT),
        (http_answer(429, '{"error": {"type": "rate_limit_error"}}'), Cause.RATE_LIMITED),
    ],
)
async def test_the_same_answer_everywhere_is_never_a_pass(sample: Claims, serve: Serve, everywhere: bytes, cause: Cause) -> None:
    found = await verdicts(sample, serve, lambda _method, _target: everywhere)
    assert found["key.create"] == (Outcome.INCONCLUSIVE, cause)


async def test_a_route_that_reads_the_request_before_the_credential_is_present(sample: Claims, serve: Serve) -> None:
    def picky(method: str, target: str) -> bytes:
        return http_answer(422, '{"detail": "no JSON"}') if (method, target) == ("POST", "/v1/keys") else vendor(method, target)

    assert (await verdicts(sample, serve, picky))["key.create"] == (Outcome.PRESENT, Cause.ROUTE_ANSWERS)


async def test_a_method_that_is_not_allowed_is_absent(sample: Claims, serve: Serve) -> None:
    def read_only(method: str, target: str) -> bytes:
        return http_answer(405, "{}") if (method, target) == ("POST", "/v1/keys") else vendor(method, target)

    assert (await verdicts(sample, serve, read_only))["key.create"] == (Outcome.ABSENT, Cause.ROUTE_MISSING)


async def test_a_write_carries_a_body_that_nothing_can_be_created_from(sample: Claims, serve: Serve) -> None:
    bodies: list[bytes] = []

    async def handle(reader, writer) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head.lower())
        bodies.append(await reader.readexactly(int(length[1])) if length else b"")
        assert b"authorization" not in head.lower()
        writer.write(REFUSED)

    async with serve(handle) as url, httpx.AsyncClient() as client:
        [job] = plan(sample, providers=["acme"], tiers=[Tier.SURFACE], endpoints={"acme": url})
        await run_probes(job, client, "0123abcd")
    sent = [body for body in bodies if body]
    assert sent
    for body in sent:
        with pytest.raises(ValueError, match=r"."):
            httpx.Response(200, content=body).json()


async def test_probes_of_one_run_share_the_exchanges_they_have_in_common(sample: Claims, serve: Serve) -> None:
    asked: list[str] = []
    await verdicts(sample, serve, vendor, asked)
    assert sorted(asked) == ["GET /v1/models", "POST /v1/keycap-0123abcd", "POST /v1/keys"]


@pytest.mark.parametrize(
    ("route", "action", "control", "control_action"),
    [
        ("POST /v1/keys", "", "POST /v1/keycap-ab", ""),
        ("GET /v1/keys/{id}", "", "GET /v1/keycap-ab/{id}", ""),
        ("POST /v1/keys/{id}/rotate", "", "POST /v1/keys/{id}/keycap-ab", ""),
        ("POST /v2/charge?Action=BuyTPM", "", "POST /v2/charge?Action=Keycapab", ""),
        ("POST /keys", "CreateApiKey", "POST /keys", "Keycapab"),
    ],
)
def test_the_negative_control_differs_in_what_names_the_operation(route: str, action: str, control: str, control_action: str) -> None:
    assert negative_control(Endpoint.parse(route), action, "ab") == (Endpoint.parse(control), control_action)
