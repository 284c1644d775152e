"""Credentials come from the environment, else from `.env`; their values are never shown."""

from pathlib import Path

import pytest

from probes.claims import Claims, Provider
from probes.credentials import Environment
from probes.doctor import examine


def provider(sample: Claims, **env: list[str]) -> Provider:
    """The sample's vendor with credentials that need these variables."""
    acme = sample.providers["acme"]
    credential = acme.credentials["admin"]
    return acme.model_copy(update={"credentials": {name: credential.model_copy(update={"env": names}) for name, names in env.items()}})


def test_a_credential_is_held_when_all_its_variables_are_set(sample: Claims) -> None:
    pair = provider(sample, pair=["ACME_ID", "ACME_SECRET"])
    assert Environment.of({"ACME_ID": "i", "ACME_SECRET": "s"}).held(pair)["pair"].values == ("i", "s")
    assert Environment.of({"ACME_ID": "i"}).held(pair) == {}
    assert Environment.of({"ACME_ID": "i", "ACME_SECRET": ""}).held(pair) == {}


def test_one_of_two_variables_is_enough_where_the_claims_say_so(sample: Claims) -> None:
    either = provider(sample, either=["ACME_KEY|ACME_TOKEN"])
    assert Environment.of({"ACME_TOKEN": "t"}).held(either)["either"].values == ("t",)
    assert Environment.of({"ACME_KEY": "k", "ACME_TOKEN": "t"}).held(either)["either"].values == ("k",)


def test_an_optional_variable_may_be_absent(sample: Claims) -> None:
    optional = provider(sample, key=["ACME_KEY", "ACME_SESSION?"])
    assert Environment.of({"ACME_KEY": "k"}).held(optional)["key"].values == ("k",)
    assert Environment.of({"ACME_KEY": "k", "ACME_SESSION": "s"}).held(optional)["key"].values == ("k", "s")


def test_the_environment_wins_over_the_file(sample: Claims, tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("ACME_KEY='from file'\nACME_OTHER=other # a comment\n", encoding="utf-8")
    both = provider(sample, key=["ACME_KEY"], other=["ACME_OTHER"])
    held = Environment.of({"ACME_KEY": "k"}, dotenv).held(both)
    assert (held["key"].values, held["other"].values) == (("k",), ("other",))
    assert Environment.of({}, tmp_path / "absent").held(both) == {}


def test_no_value_shows_in_a_repr(sample: Claims) -> None:
    environment = Environment.of({"ACME_ADMIN_KEY": "canary-value"})
    assert "canary" not in repr(environment) + repr(environment.held(sample.providers["acme"]))


def test_doctor_names_variables_tiers_and_where_to_get_what_is_missing(real_claims: Claims) -> None:
    with_token = examine(real_claims, Environment.of({"HUB_ADMIN_TOKEN": "canary-value"}), ["prompture_hub", "openai"])
    hub = next(each for each in with_token if each.provider == "prompture_hub" and each.credential == "management")
    admin = next(each for each in with_token if each.provider == "openai" and each.credential == "admin")
    assert (hub.present, hub.missing, hub.tiers) == (True, (), ("read", "dry", "write", "spend"))
    assert (admin.present, admin.missing, admin.tiers) == (False, ("OPENAI_ADMIN_KEY",), ("read", "dry", "write", "spend"))
    assert "canary" not in repr(with_token)
    assert all(each.get["zh"] and each.get["en"] for each in with_token)


@pytest.mark.parametrize("value", ["line\nend", "with space", "schlüssel"])
def test_doctor_tells_a_value_that_cannot_be_sent(sample: Claims, value: str) -> None:
    [found] = examine(sample, Environment.of({"ACME_ADMIN_KEY": value}), ["acme"])
    assert (found.present, "cannot stand in a header" in found.problem, value in found.problem) == (True, True, False)
