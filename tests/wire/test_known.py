"""Pieces of a known secret are found where they stand alone, hints of it are left."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.wire.known import PIECE, Known
from probes.wire.redact import Redactor

SECRET = "sk-or-v1-0a1b2c3d4e5f60718293a4b5c6d7e8f9"


@given(
    st.integers(0, len(SECRET) - PIECE),
    st.integers(PIECE, len(SECRET)),
    st.sampled_from(["", "see ", "x"]),
    st.sampled_from(["", ".", "x"]),
)
def test_every_piece_is_found_wherever_it_was_cut(start: int, length: int, before: str, after: str) -> None:
    piece = SECRET[start : start + length]
    ((first, last),) = Known([SECRET], "REDACTED").pieces(before + piece + after)
    assert (before + piece + after)[first:last] == piece


@pytest.mark.parametrize(
    "text", ["sk-or-v1-0a1...8f9", "sk-or-v1-0a1b2c3d****", "sk-or-v1-0a", "ends in c6d7e8f9", "", "sk-or-v1-", "0a1b2c 3d4e5f 607182"]
)
def test_what_is_shorter_or_marked_as_shortened_is_no_piece(text: str) -> None:
    assert Known([SECRET], "REDACTED").pieces(text) == []


def test_several_pieces_of_several_secrets_are_found_without_overlap() -> None:
    other = "0a1b2c3d4e5f-another-1234567890"
    text = f"{SECRET[:20]} and {other[5:]} and {SECRET[15:]}"
    assert [text[start:end] for start, end in Known([SECRET, other], "R").pieces(text)] == [SECRET[:20], other[5:], SECRET[15:]]


def test_words_of_a_credential_that_is_made_of_words_are_no_pieces() -> None:
    assert Redactor(["https://my-own-resource.acme.example/v1"]).text("at resource.acme.example") == "at resource.acme.example"


def test_a_name_that_keycap_made_up_is_no_piece_of_a_key_that_was_made_of_it() -> None:
    redactor = Redactor()
    redactor.learn("sk-keycap-probe-52f4e31c-0")
    redactor.learn("keycap-probe-52f4e31c-0.0a1b2c3d4e5f60718293")
    assert redactor.text("keycap-probe-52f4e31c-0-renamed") == "keycap-probe-52f4e31c-0-renamed"
    assert "60718293" not in redactor.text("ends in 2c3d4e5f60718293")


def test_what_a_signature_names_is_no_piece_of_it() -> None:
    redactor = Redactor()
    redactor.headers(
        {"authorization": "ACS3-HMAC-SHA256 Credential=abc,SignedHeaders=host;x-acs-content-sha256,Signature=0f1e2d3c4b5a6978"}
    )
    assert redactor.text("x-acs-content-sha256 is not signed") == "x-acs-content-sha256 is not signed"


def test_a_piece_is_numbered_and_equal_ones_alike() -> None:
    redactor = Redactor([SECRET])
    one, other = SECRET[9:25], SECRET[25:]
    assert redactor.text(f"a {one} b {one} c {other}") == "a REDACTED2 b REDACTED2 c REDACTED1"
    assert redactor.secrets(one) == one


def test_a_learned_secret_is_found_in_every_encoding() -> None:
    redactor = Redactor()
    redactor.learn(SECRET)
    assert SECRET.encode().hex() not in redactor.text(f"hex {SECRET.encode().hex()}")
