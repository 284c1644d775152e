"""How a credential is put on a request."""

import base64

import httpx
import pytest

from probes.errors import UsageError
from probes.wire.auth import auth_of


def sent(send: str, *values: str) -> httpx.Headers:
    """The headers of a request that was sent with the credential."""
    request = httpx.Request("GET", "https://acme.example/")
    return next(auth_of(send, values).auth_flow(request)).headers


def test_a_header_as_the_claims_write_it() -> None:
    assert sent("Authorization: Bearer {}", "s3cret")["authorization"] == "Bearer s3cret"
    assert sent("x-api-key: {}", "s3cret")["x-api-key"] == "s3cret"


def test_basic_joins_and_encodes_its_two_values() -> None:
    assert (
        sent("Authorization: Basic {}", "admin", "pass:word")["authorization"] == "Basic " + base64.b64encode(b"admin:pass:word").decode()
    )


@pytest.mark.parametrize("value", ["a\nb", "a b", "ключ", "a\r\nx-evil: 1", "a\x01b", "a\x7fb"])
def test_a_value_that_cannot_stand_in_a_header_is_told_without_showing_it(value: str) -> None:
    with pytest.raises(UsageError, match="cannot stand in a header") as caught:
        auth_of("Authorization: Bearer {}", [value])
    assert value not in str(caught.value)


def test_the_value_does_not_show_in_a_repr() -> None:
    assert "s3cret" not in repr(auth_of("x-api-key: {}", ["s3cret"]))
