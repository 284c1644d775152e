"""The shape of answers: what a route's refusals and headers look like, and what of it changed."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import vcr.request  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from probes.claims import Claims
from probes.claims_file import load_claims
from probes.evidence import Origin
from probes.plan import Job
from probes.probe import Tier
from probes.shapes import Change, Place, changes, routes_of
from probes.wire.cassette import Interaction, Loaded, Metadata
from tests.samples import CLAIMS, sample_claims

KEYS = Place("acme", "dry", "POST /v1/keys")
BODY = {"error": {"code": "limit_invalid", "message": "no"}}


def answer(status: int = 400, body: Any = BODY, *, path: str = "/v1/keys", **headers: str) -> Interaction:
    named = {name.replace("_", "-"): [value] for name, value in headers.items()}
    response = {"status": {"code": status, "message": ""}, "headers": named, "body": {"string": json.dumps(body).encode()}}
    return vcr.request.Request("POST", f"https://api.acme.example{path}", None, {}), response


def recording(claims: Claims, *interactions: Interaction) -> list[tuple[Job, Loaded]]:
    job = Job("acme", claims.providers["acme"], Tier.DRY, Origin.LIVE, None, ())
    metadata = Metadata("live", "dry", "acme", "0123abcd", "0", "2026-11-24T00:00:00Z")
    return [(job, Loaded(Path("dry.yaml"), metadata, list(interactions), []))]


def between(claims: Claims, before: Iterable[Interaction], after: Iterable[Interaction]) -> list[Change]:
    return changes(recording(claims, *before), recording(claims, *after))


def test_another_code_field_or_header_is_a_change_of_the_route(sample: Claims) -> None:
    other = answer(body={"error": {"code": "bad_limit", "message": "no", "param": "limit"}}, x_new="1")
    (change,) = between(sample, [answer(x_old="1")], [other])
    assert change.place == KEYS
    assert change.gone == ("code limit_invalid", "header x-old")
    assert change.new == ("code bad_limit", "field error.param", "header x-new")


def test_a_refusal_in_the_place_of_another_is_compared_with_it(sample: Claims) -> None:
    (change,) = between(sample, [answer(400), answer(201, {})], [answer(422), answer(201, {})])
    assert (change.gone, change.new) == (("status 400",), ("status 422",))


def test_what_comes_and_goes_is_no_change(sample: Claims) -> None:
    varied = [answer(retry_after="1"), answer(body={"error": "no"})]
    assert between(sample, varied, varied[:1]) == []
    assert between(sample, varied[1:], varied) == []


def test_values_and_the_bodies_of_successes_do_not_matter(sample: Claims) -> None:
    before = [answer(201, {"id": "1"}, date="a"), answer(400, {"error": {"code": "x", "message": "one"}})]
    after = [answer(201, {"other": {"id": "2"}}, date="b"), answer(400, {"error": {"code": "x", "message": "two"}})]
    assert between(sample, before, after) == []


def test_an_error_told_with_200_has_a_shape_too(sample: Claims) -> None:
    (change,) = between(sample, [answer(200, {"success": False, "code": 1})], [answer(200, {"success": False, "code": 2})])
    assert (change.gone, change.new) == (("code 1",), ("code 2",))


def test_only_routes_that_the_claims_name_and_that_both_asked_are_compared(sample: Claims) -> None:
    assert between(sample, [answer(400, path="/v1/keycap-0123abcd")], [answer(401, path="/v1/keycap-ffffffff")]) == []
    assert between(sample, [], [answer(400)]) == []


def test_a_route_without_a_parameter_is_the_closer_fit(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    listed = 'key.rotate: {status: supported, mechanism: api, endpoint: "POST /v1/{anything}", sources: [spec]}'
    path.write_text(CLAIMS.replace('key.rotate: {status: unsupported, refuted_by: ["* /**/rotate"], sources: [spec]}', listed), "utf-8")
    recorded = recording(load_claims(path), answer(), answer(path="/v1/other"), answer(path="/v1/a/b"))
    assert routes_of(recorded, {"live/acme/dry.yaml#0"}) == {"POST /v1/keys"}
    assert routes_of(recorded, {"live/acme/dry.yaml#1", "live/acme/dry.yaml#2"}) == {"POST /v1/{anything}"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(st.lists(st.tuples(st.integers(200, 599), JSON), max_size=4))
def test_no_answer_differs_from_itself(answers: list[tuple[int, Any]]) -> None:
    recorded = [answer(status, body) for status, body in answers]
    assert between(sample_claims(), recorded, recorded) == []
