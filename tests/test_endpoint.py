"""Endpoints and patterns as capabilities.yaml writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.endpoint import METHODS, Endpoint, Pattern, path_matches, same_route


def test_an_endpoint_reads_method_host_path_and_query() -> None:
    endpoint = Endpoint.parse("POST billing:/v2/charge?Action=PurchaseTPMResource")
    assert endpoint == Endpoint("POST", "/v2/charge", "billing", (("Action", "PurchaseTPMResource"),))
    assert str(endpoint) == "POST billing:/v2/charge?Action=PurchaseTPMResource"


def test_parameters_are_filled_with_known_values_and_a_default() -> None:
    endpoint = Endpoint.parse("GET /v1/{region}/keys/{key_id}?limit=1")
    assert endpoint.parameters == ["region", "key_id"]
    assert endpoint.target({"region": "eu"}, "keycap-probe-x") == "/v1/eu/keys/keycap-probe-x?limit=1"


@pytest.mark.parametrize(
    "text", ["", "GET", "get /keys", "FETCH /keys", "GET keys", "GET /ke ys", "GET https://x.example/keys", "GET /a#b"]
)
def test_what_is_no_endpoint_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="METHOD"):
        Endpoint.parse(text)


@pytest.mark.parametrize("text", ["", "POST", "POST keys", "ANY /keys", "post /keys"])
def test_what_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="METHOD"):
        Pattern.parse(text)


def test_only_a_plain_pattern_is_a_route_that_a_surface_probe_can_ask_for() -> None:
    assert Pattern.parse("POST /v1/keys").route == Endpoint("POST", "/v1/keys")
    assert Pattern.parse("POST /v1/keys *limit*").route is None
    assert Pattern.parse("* /v1/keys").route is None
    assert Pattern.parse("POST /**/rotate").route is None


@pytest.mark.parametrize(
    ("claimed", "declared", "same"),
    [
        ("/keys/{hash}", "/keys/{key_id}", True),
        ("/v2/projects/{p}/locations/global/keys", "/v2/projects/{projectsId}/locations/{locationsId}/keys", True),
        ("/keys/{hash}", "/keys/list", False),
        ("/keys", "/keys/{hash}", False),
        ("/keys/list", "/keys/all", False),
        ("/keys/{key}:undelete", "/keys/{id}:undelete", True),
    ],
)
def test_a_claimed_route_is_the_declared_one_whatever_its_parameters_are_called(claimed: str, declared: str, same: bool) -> None:
    assert same_route(claimed, declared) is same


@pytest.mark.parametrize(
    ("glob", "declared", "matches"),
    [
        ("/**/rotate", "/v1/keys/{id}/rotate", True),
        ("/**/rotate", "/rotate", True),
        ("/v1/keys/**", "/v1/keys", True),
        ("/v1/keys/*", "/v1/keys/{id}", True),
        ("/v1/keys/*", "/v1/keys/{id}/rotate", False),
        ("/**/*rotat*", "/v1/keys/{id}/key-rotations", True),
        ("/**/*rotat*", "/v1/keys/{id}", False),
        ("/**/rotate", "/v1/keys/{id}", False),
        ("/*Create*Budget*", "/?Action=CreateBudget", True),
    ],
)
def test_globs_span_segments_only_where_they_say_so(glob: str, declared: str, matches: bool) -> None:
    assert path_matches(glob, declared) is matches


segments = st.lists(st.from_regex(r"[a-z]{1,6}|\{[a-z]{1,6}\}", fullmatch=True), min_size=1, max_size=6)


@given(st.sampled_from(METHODS), segments)
def test_an_endpoint_survives_being_written_and_read(method: str, parts: list[str]) -> None:
    text = f"{method} /{'/'.join(parts)}"
    assert str(Endpoint.parse(text)) == text
    assert same_route(Endpoint.parse(text).path, Endpoint.parse(text).path)
