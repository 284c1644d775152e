"""Names of a person's own account stand in no recording, and a replay can still ask for what was recorded."""

from probes.wire.redact import Redactor

OWN = {"projects": "my-project", "groups": "rg"}


def test_a_known_name_is_replaced_in_its_place_and_as_a_word() -> None:
    redactor = Redactor(accounts=OWN)
    assert redactor.url("https://acme.test/v2/projects/my-project/keys") == "https://acme.test/v2/projects/REDACTED/keys"
    assert redactor.url("https://acme.test/v2/projects/my-project:undelete") == "https://acme.test/v2/projects/REDACTED:undelete"
    assert redactor.text("Permission denied on resource project my-project.") == "Permission denied on resource project REDACTED."
    assert redactor.text("my-project-2 is another, not-my-project too") == "my-project-2 is another, not-my-project too"


def test_a_short_or_ordinary_name_is_replaced_in_its_place_only() -> None:
    redactor = Redactor(accounts={"groups": "rg", "projects": "production"})
    assert redactor.text("/Groups/RG/vaults of group rg") == "/Groups/REDACTED/vaults of group rg"
    assert redactor.text("projects/production is in production") == "projects/REDACTED is in production"


def test_a_known_name_with_a_colon_is_replaced_as_a_whole_and_one_that_is_the_whole_text() -> None:
    redactor = Redactor(accounts={"accounts": "0a:1b_2019", "places": "eastus"})
    assert redactor.url("https://acme.test/accounts/0a%3A1b_2019/lots") == "https://acme.test/accounts/REDACTED/lots"
    assert redactor.text("accounts/0a:1b_2019:read of 0a:1b_2019") == "accounts/REDACTED:read of REDACTED"
    assert redactor.json({"location": "eastus", "why": "in eastus2"}) == {"location": "REDACTED", "why": "in eastus2"}


def test_other_names_of_the_collection_are_numbered_wherever_they_stand() -> None:
    redactor = Redactor(accounts=OWN)
    told = {
        "name": "projects/123456789012/keys/k",
        "of": "projects/98765/x",
        "why": "123456789012 has no billing",
        "op": "p7-123456789012-4",
    }
    shown = {"name": "projects/REDACTED1/keys/k", "of": "projects/REDACTED2/x", "why": "REDACTED1 has no billing", "op": "p7-REDACTED1-4"}
    assert redactor.json(told) == shown


def test_what_keycap_named_and_what_is_redacted_stays() -> None:
    redactor = Redactor(accounts=OWN)
    kept = "projects/keycap-probe-0123abcd-3 projects/REDACTED/keys projects/REDACTED7 projects/{project}"
    assert redactor.text(kept) == kept


def test_a_query_is_seen_through() -> None:
    url = Redactor(accounts=OWN).url("https://acme.test/budgets?scope=projects%2Fmy-project")
    assert url == "https://acme.test/budgets?scope=projects%2FREDACTED" == Redactor(accounts={"projects": ""}).url(url)


def test_a_file_of_this_machine_keeps_the_name_and_no_secret() -> None:
    redactor = Redactor(["0123456789-secret"], accounts=OWN)
    assert redactor.secrets("projects/my-project 0123456789-secret") == "projects/my-project REDACTED"


def test_without_settings_nothing_changes() -> None:
    assert Redactor().text("projects/my-project") == "projects/my-project"
