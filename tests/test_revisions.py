"""Earlier records: a commit, taken out and judged by today's probes; and a clear word where there is none."""

from datetime import date
from pathlib import Path

import pytest

from probes.claims import Claims
from probes.errors import KeycapError, UsageError
from probes.plan import plan
from probes.probe import Tier
from probes.revisions import Revisions
from probes.runner import Settings, verify
from tests.keycap import Keycap
from tests.repositories import commit
from tests.servers import Reply, http_server


@pytest.fixture
def repository(sample: Claims, sample_path: Path) -> Path:
    """A repository with two commits: of 1 November without a recording, of 20 November with one."""
    folder = sample_path.parent
    commit(folder, "2026-11-01")
    with http_server(
        lambda _method, target: Reply(200 if target == "/openapi.json" else 401 if target == "/admin/keys" else 404)
    ) as server:
        jobs = plan(sample, providers=["hub"], tiers=[Tier.SURFACE], endpoints={"hub": f"{server.url}#0.0.1"})
        verify(jobs, sample, Settings(folder / "cassettes"))
    commit(folder, "2026-11-20")
    return folder


def revisions(folder: Path) -> Revisions:
    return Revisions(folder / "capabilities.yaml", folder / "cassettes")


def test_a_day_names_the_last_commit_before_it_and_a_revision_itself(repository: Path) -> None:
    found = revisions(repository)
    assert found.find(None).day == date(2026, 11, 20)
    assert found.find("2026-11-20").day == date(2026, 11, 1)
    assert found.find("HEAD~1").day == date(2026, 11, 1)
    assert [each.day for each in found.all()] == [date(2026, 11, 1), date(2026, 11, 20)]


def test_an_earlier_record_is_judged_like_any_other(repository: Path) -> None:
    found = revisions(repository)
    before, now = found.read(found.find("HEAD~1")), found.read(found.find("HEAD"))
    assert before.results.evidence == ()
    assert {each.outcome for each in now.results.evidence} == {"present", "absent"}
    assert (now.day, len(now.revision)) == (date(2026, 11, 20), 12)


def test_the_commit_of_a_record_is_known_only_while_it_is_unchanged(repository: Path) -> None:
    current = revisions(repository).current()
    assert current is not None
    assert current.day == date(2026, 11, 20)
    with (repository / "capabilities.yaml").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert revisions(repository).current() is None


@pytest.mark.parametrize(
    ("since", "what"),
    [("2020-01-01", "no commit is older"), ("nobody", "names neither"), ("2026-13-01", "no day"), ("--help", "names neither")],
)
def test_what_names_no_earlier_record_says_so(repository: Path, since: str, what: str) -> None:
    with pytest.raises(UsageError, match=what):
        revisions(repository).find(since)


def test_without_a_repository_or_a_commit_the_message_says_what_to_do(keycap: Keycap, sample_path: Path) -> None:
    record = ("--claims", sample_path, "--cassettes", sample_path.parent / "cassettes")
    ended = keycap("drift", *record)
    assert (ended.code, "run keycap in a git checkout" in ended.err) == (2, True)
    commit(sample_path.parent)
    assert keycap("drift", *record).code == 0
    elsewhere = keycap("drift", "--claims", sample_path, "--cassettes", sample_path.parent.parent / "other")
    assert (elsewhere.code, "outside of the git repository" in elsewhere.err) == (2, True)


def test_a_machine_without_git_is_told_so(keycap: Keycap, sample_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    ended = keycap("drift", "--claims", sample_path, "--cassettes", sample_path.parent)
    assert (ended.code, "git is not installed" in ended.err) == (2, True)


def test_a_record_that_todays_keycap_cannot_read_is_named(repository: Path) -> None:
    path = repository / "capabilities.yaml"
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace("version: 1", "version: 99"), encoding="utf-8")
    commit(repository, "2026-11-21")
    path.write_text(whole, encoding="utf-8")
    found = revisions(repository)
    with pytest.raises(KeycapError, match="this keycap cannot read it") as caught:
        found.read(found.find(None))
    assert "the record of" in str(caught.value)


def test_history_is_made_anew_from_the_commits_and_passes_over_what_cannot_be_read(keycap: Keycap, repository: Path) -> None:
    where = ("--claims", repository / "capabilities.yaml", "--cassettes", repository / "cassettes", "--history", repository / "h.jsonl")
    ended = keycap("history", "hub", "--rebuild", "--json", *where)
    lines = ended.json["history"]
    assert {(line["capability"], line["date"], line["to"]["verdict"]) for line in lines} == {
        ("key.create", "2026-11-20", "confirmed"),
        ("key.rotate", "2026-11-20", "confirmed"),
    }
    assert all(line["from"] is None and len(line["commit"]) == 12 for line in lines)
    assert keycap("history", "hub", "--rebuild", "--json", *where).out == ended.out
