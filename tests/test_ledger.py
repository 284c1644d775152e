"""The ledger: whatever ends a run, at whatever moment, nothing it created is forgotten, and nothing of a living run is given away."""

import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probes import locked_files
from probes.ledger import Entry, Ledger, LedgerError, State, Undo, close, open_entries, runs
from probes.ledger_entries import whole
from probes.ledger_requests import aims_at_one
from probes.wire.redact import Redactor

CANARY = "canary-5f2b9c"
UNDO: Undo = {
    "method": "DELETE",
    "path": "/keys/{id}",
    "find": {"method": "GET", "path": "/keys", "where": "[].name", "id": "[].id"},
}
RESTORE: Undo = {"method": "PATCH", "path": "/settings", "body": {"limit": 5}}


def redact(text: str) -> str:
    return text.replace(CANARY, "REDACTED")


def ledger(folder: Path, take_over: str = "") -> Ledger:
    return Ledger(folder, redact=redact, take_over=take_over)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locked_files, "PATIENCE", 0.05)


def abandon(run: Ledger) -> Path:
    """Let a run end as SIGKILL ends it: the descriptor closes, nothing else happens."""
    os.close(run._file)
    run._file = -1
    return run._path


def only(folder: Path) -> Entry:
    (entry,) = open_entries(folder)
    return entry


# What a run does, and what is open after each line of it


STEPS = st.lists(
    st.tuples(st.sampled_from(["intend", "changed", "created", "failed", "refused", "undone", "restored"]), st.integers(0, 9)), max_size=25
)


def perform(run: Ledger, steps: list[tuple[str, int]]) -> list[dict[int, tuple[State, str | None]]]:
    """Do the steps; what a model of plain dictionaries says is open after each line that was written, the first line included."""
    opened: list[Entry] = []
    model: dict[int, tuple[State, str | None]] = {}
    history = [dict(model)]
    for step, which in steps:
        if step == "intend":
            opened.append(run.intend("acme", "key", f"keycap-probe-测试\u2028{which}", UNDO))
            model[opened[-1].number] = (State.INTENDED, None)
        elif step == "changed":
            opened.append(run.changed("acme", "limit", {"usd": which}, RESTORE))
            model[opened[-1].number] = (State.CHANGED, None)
        elif not opened:
            continue
        else:
            entry = opened[which % len(opened)]
            if step == "created":
                run.created(entry, f"id/{which}")
                model[entry.number] = (State.CREATED, f"id/{which}")
            elif step == "failed":
                run.failed(entry, "no answer")
            else:
                {"refused": lambda each: run.refused(each, "403"), "undone": run.undone, "restored": run.restored}[step](entry)
                model.pop(entry.number, None)
        history.append(dict(model))
    return history


def seen(entries: list[Entry]) -> dict[int, tuple[State, str | None]]:
    return {entry.number: (entry.state, entry.id) for entry in entries}


@settings(max_examples=40, deadline=None)
@given(STEPS, st.data())
def test_after_a_crash_at_any_byte_exactly_what_whole_lines_say_is_open(steps: list[tuple[str, int]], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run = ledger(folder).__enter__()
        history = perform(run, steps)
        assert seen(run.entries) == history[-1]
        path = abandon(run)
        text = path.read_bytes()
        for cut in data.draw(st.lists(st.integers(0, len(text)), min_size=1, max_size=8)):
            zeros = data.draw(st.sampled_from([b"", b"\0" * 7, b"\0\0\n"]))  # what a power cut leaves where a line was to be
            torn = text[:cut]
            path.write_bytes(torn + (zeros if not torn.endswith(b"\n") else zeros[:2]))
            lines = torn.count(b"\n")
            assert seen(open_entries(folder)) == (history[lines - 1] if lines else {})
        with ledger(folder, take_over=run.run) as again:  # and the next one can go on from there
            for entry in again.entries:
                again.undone(entry)
        assert runs(folder) == []


@settings(max_examples=20, deadline=None)
@given(STEPS, STEPS, st.integers(0, 200))
def test_a_run_taken_over_after_a_crash_goes_on_in_the_same_file(
    before: list[tuple[str, int]], after: list[tuple[str, int]], cut: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run = ledger(folder).__enter__()
        perform(run, before)
        path = abandon(run)
        path.write_bytes(path.read_bytes()[: max(0, path.stat().st_size - cut)])
        left = seen(open_entries(folder))
        again = ledger(folder, take_over=run.run).__enter__()
        assert seen(again.entries) == left
        added = perform(again, after)[-1]
        assert seen(again.entries) == left | added
        assert not left.keys() & added.keys()
        abandon(again)
        assert seen(open_entries(folder)) == left | added


@given(st.binary(max_size=80))
def test_what_is_whole_ends_with_a_line_and_stays_whole(data: bytes) -> None:
    kept = data[: whole(data)]
    assert kept == b"" or kept.endswith(b"\n")
    assert data.startswith(kept)


# The life of an entry


def test_a_run_that_undid_everything_leaves_no_file(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "ledger"
    with ledger(folder) as run:
        entry = run.created(run.intend("acme", "key", "keycap-probe-1", UNDO), "k1")
        assert only(folder).alive
        assert entry.undoing() == [{"method": "DELETE", "path": "/keys/k1"}]
        run.undone(entry)
        run.refused(run.intend("acme", "key", "keycap-probe-2", UNDO), "403")
        run.restored(run.changed("acme", "limit", 5, RESTORE))
        assert len(runs(folder)) == 1
    assert list(folder.iterdir()) == []


def test_a_run_that_leaves_something_says_what_how_to_find_it_and_what_went_wrong(tmp_path: Path) -> None:
    run = ledger(tmp_path)

    def work() -> None:
        with run:
            run.failed(run.intend("acme", "key", "keycap-probe-1", UNDO), "no answer")
            run.changed("acme", "limit", {"usd": 5}, RESTORE)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        work()
    key, setting = open_entries(tmp_path)
    assert (key.run, key.state, key.notes, key.alive, key.undoing()) == (run.run, State.INTENDED, ("no answer",), False, None)
    assert key.undo["find"]["where"] == "[].name"
    assert (setting.state, setting.old, setting.undoing()) == (State.CHANGED, {"usd": 5}, [RESTORE])


def test_an_answer_that_comes_after_it_was_looked_for_opens_the_entry_again(tmp_path: Path) -> None:
    with ledger(tmp_path) as run:
        entry = run.intend("acme", "key", "keycap-probe-1", UNDO)
        run.undone(entry)
        run.created(entry, "k1")
    assert only(tmp_path).id == "k1"


def test_older_runs_come_first(tmp_path: Path) -> None:
    for _ in range(3):
        with ledger(tmp_path) as run:
            run.intend("acme", "key", "keycap-probe-1", UNDO)
            run.intend("acme", "key", "keycap-probe-2", UNDO)
    found = [(entry.run, entry.number) for entry in open_entries(tmp_path)]
    assert found == sorted(found)
    assert len(found) == 6


def test_an_entry_of_another_run_and_a_closed_ledger_are_refused(tmp_path: Path) -> None:
    with ledger(tmp_path) as one, ledger(tmp_path) as other:
        entry = one.intend("acme", "key", "keycap-probe-1", UNDO)
        with pytest.raises(LedgerError, match="not one of run"):
            other.undone(entry)
        one.undone(entry)
    with pytest.raises(LedgerError, match="closed"):
        one.intend("acme", "key", "keycap-probe-1", UNDO)


def test_threads_may_share_a_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append, at_work, together = locked_files.append, [0], []

    def slow(file: int, text: bytes) -> None:
        at_work[0] += 1
        together.append(at_work[0])
        time.sleep(0.0005)
        append(file, text)
        at_work[0] -= 1

    monkeypatch.setattr(locked_files, "append", slow)
    with ledger(tmp_path) as run:

        def work() -> None:
            for _ in range(10):
                run.created(run.intend("acme", "key", "keycap-probe-1", UNDO), "k")

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    entries = open_entries(tmp_path)
    assert sorted(entry.number for entry in entries) == list(range(1, 81))
    assert {entry.id for entry in entries} == {"k"}
    assert set(together) == {1}


# What undoing may touch


@pytest.mark.parametrize("identity", ["", " ", ".", "..", "a\nb", "\ud800"])
def test_an_id_that_names_nothing_or_everything_is_never_put_into_a_path(tmp_path: Path, identity: str) -> None:
    with ledger(tmp_path) as run:
        assert run.created(run.intend("acme", "key", "keycap-probe-1", UNDO), identity).undoing() is None
    assert only(tmp_path).undoing() is None


def test_an_id_is_one_segment_of_a_path_and_text_in_a_body(tmp_path: Path) -> None:
    undo: Undo = {"method": "POST", "path": "/keys/{id}", "host": "api", "body": {"KeyId": "{id}", "deep": ["{id}", 1]}}
    with ledger(tmp_path) as run:
        entry = run.created(run.intend("acme", "key", "keycap-probe-1", undo), "../orgs?x")
    body = {"KeyId": "../orgs?x", "deep": ["../orgs?x", 1]}
    assert entry.undoing() == [{"method": "POST", "path": "/keys/..%2Forgs%3Fx", "body": body}]
    assert only(tmp_path).undo == undo


@pytest.mark.parametrize(
    ("path", "identity", "filled"),
    [
        ("/v1/projects/p/keys/{id}", "projects/p/keys/k1", "/v1/projects/p/keys/k1"),
        ("/v1/projects/p/keys/{id}", "projects/other/keys/k1", "/v1/projects/p/keys/projects%2Fother%2Fkeys%2Fk1"),
        ("/v1/projects/p/keys/{id}", "projects/p/keys/..", "/v1/projects/p/keys/projects%2Fp%2Fkeys%2F.."),
        ("/v1/keys/{id}", "k/1", "/v1/keys/k%2F1"),
    ],
)
def test_of_a_name_that_begins_like_the_path_the_last_part_stands(tmp_path: Path, path: str, identity: str, filled: str) -> None:
    with ledger(tmp_path) as run:
        entry = run.created(run.intend("acme", "key", "keycap-probe-1", {"method": "DELETE", "path": path}), identity)
    assert entry.undoing() == [{"method": "DELETE", "path": filled}]


@pytest.mark.parametrize(
    ("path", "one"), [("/keys/{id}", True), ("/deployments/keycap-probe-1?v=2", True), ("/keys", False), ("/keys/", False)]
)
def test_a_request_that_would_undo_more_than_the_entry_is_refused(tmp_path: Path, path: str, one: bool) -> None:
    undo: Undo = {"method": "DELETE", "path": path}
    assert aims_at_one(undo, "keycap-probe-1") is one
    if not one:
        with ledger(tmp_path) as run, pytest.raises(LedgerError, match="nothing was created"):
            run.intend("acme", "key", "keycap-probe-1", undo)
        assert open_entries(tmp_path) == []


# Secrets


def test_no_secret_reaches_the_file(tmp_path: Path) -> None:
    secret_undos: list[Undo] = [
        {"method": "DELETE", "path": f"/keys/{{id}}?token={CANARY}"},
        {"method": "DELETE", "path": "/keys/{id}", "body": {CANARY: 1}},
        {"method": "DELETE", "path": "/keys/{id}", "body": {"list": ["x", [CANARY]]}},
    ]
    with ledger(tmp_path) as run:
        for undo in secret_undos:
            with pytest.raises(LedgerError, match="undo holds what may not be written; nothing was created") as caught:
                run.intend("acme", "key", "keycap-probe-1", undo)
            assert CANARY not in str(caught.value)
        with pytest.raises(LedgerError, match="name holds"):
            run.intend("acme", "key", CANARY, UNDO)
        with pytest.raises(LedgerError, match="old holds what may not be written; nothing was changed"):
            run.changed("acme", "limit", {"key": CANARY}, RESTORE)
        entry = run.intend("acme", "key", "keycap-probe-1", UNDO)
        run.failed(entry, f"refused {CANARY}")
        here = run.created(entry, CANARY)
        assert here.undoing() == [{"method": "DELETE", "path": f"/keys/{CANARY}"}], "this run still knows what to delete"
        text = run._path.read_text()
    assert CANARY not in text
    found = only(tmp_path)
    assert (found.state, found.id, found.undoing(), found.notes) == (State.CREATED, None, None, ("refused REDACTED",))


@pytest.mark.parametrize(
    "identity",
    ["proj_AbCd1234EfGh5678", "svc_acct_AbCd1234EfGh", "org-AbCd1234EfGh", "wrkspc_01JwQvzr7rXLA5AGx3HKfFUJ", "user-AbCd1234EfGh5678",
     "apikey_01Rj2N8SVvo6BePZj99NhmiT", "key_AbCd1234", "a@b-12345.iam.example.com", "0f1e2d3c4b5a69788796a5b4c3d2e1f0"],
)  # fmt: skip
def test_ids_that_are_no_secrets_are_kept_whatever_they_look_like(tmp_path: Path, identity: str) -> None:
    undo: Undo = {"method": "DELETE", "path": f"/{identity}/keys/{{id}}"}
    with Ledger(tmp_path, redact=Redactor(["a-credential-1234567890"]).secrets) as run:
        run.created(run.intend("acme", "key", "keycap-probe-1", undo), identity)
    assert (only(tmp_path).id, only(tmp_path).undo) == (identity, undo)


@pytest.mark.parametrize("secret", ["a-credential-1234567890", "sk-proj-" + "a1B2" * 10, "learned-in-an-answer-42"])
def test_secrets_are_kept_out_though_ids_are_kept(tmp_path: Path, secret: str) -> None:
    redactor = Redactor(["a-credential-1234567890"])
    redactor.learn("learned-in-an-answer-42")
    with Ledger(tmp_path, redact=redactor.secrets) as run:
        with pytest.raises(LedgerError, match="holds what may not be written"):
            run.intend("acme", "key", "keycap-probe-1", {"method": "DELETE", "path": f"/keys/{{id}}?as={secret}"})
        run.failed(run.created(run.intend("acme", "key", "keycap-probe-1", UNDO), secret), f"no {secret}")
    assert secret not in run._path.read_text()
    assert (only(tmp_path).id, only(tmp_path).notes) == (None, (f"no {redactor.text(secret)}",))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_folder_and_file_are_their_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with ledger(tmp_path / "ledger") as run:
            assert stat.S_IMODE((tmp_path / "ledger").stat().st_mode) == 0o700
            assert stat.S_IMODE(run._path.stat().st_mode) == 0o600
    finally:
        os.umask(before)


# Death


CHILD = """
import itertools, sys
from pathlib import Path
from probes.ledger import Ledger
undo = {"method": "DELETE", "path": "/keys/{id}"}
with Ledger(Path(sys.argv[1]), redact=str) as ledger:
    for number in itertools.count():
        entry = ledger.intend("acme", "key", f"keycap-probe-{number}", undo)
        print("intend", entry.number, flush=True)
        entry = ledger.created(entry, f"k{number}")
        print("created", entry.number, flush=True)
        if number % 3:
            print("undoing", entry.number, flush=True)
            ledger.undone(entry)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("lines", [1, 2, 9, 40, 97])
def test_after_sigkill_everything_is_found_and_the_run_is_dead(tmp_path: Path, checkout: Path, lines: int) -> None:
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path)], cwd=checkout, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    said = [child.stdout.readline().split() for _ in range(lines)]
    living = open_entries(tmp_path)
    assert living
    assert all(entry.alive for entry in living)
    run = living[0].run
    with pytest.raises(LedgerError, match="living process"):
        ledger(tmp_path, take_over=run).__enter__()
    assert not close(tmp_path, run)
    child.send_signal(signal.SIGKILL)
    child.wait()
    said += [line.split() for line in child.stdout if line.endswith("\n")]
    child.stdout.close()

    entries = {entry.number: entry for entry in open_entries(tmp_path)}
    assert not any(entry.alive for entry in entries.values())
    undoing = {int(number) for word, number in said if word == "undoing"}
    for word, number in said:
        if int(number) not in undoing:
            assert entries[int(number)].is_open
            if word == "created":
                assert entries[int(number)].id == f"k{int(number) - 1}"
    assert len(undoing & entries.keys()) <= 1, "only the last one may have been on its way"
    assert not close(tmp_path, run)
    with ledger(tmp_path, take_over=run) as again:
        for entry in again.entries:
            again.undone(entry)
    assert runs(tmp_path) == []


def test_two_living_runs_keep_their_entries_to_themselves(tmp_path: Path) -> None:
    with ledger(tmp_path) as one, ledger(tmp_path) as other:
        mine, theirs = one.intend("acme", "key", "keycap-probe-1", UNDO), other.intend("acme", "key", "keycap-probe-2", UNDO)
        assert {entry.name: entry.alive for entry in open_entries(tmp_path)} == {"keycap-probe-1": True, "keycap-probe-2": True}
        assert one.entries == [mine]
        with pytest.raises(LedgerError, match=f"living process.*run {other.run} is left as it is"):
            ledger(tmp_path, take_over=other.run).__enter__()
        assert not close(tmp_path, other.run)
        abandon(other)
        assert {entry.run: entry.alive for entry in open_entries(tmp_path)} == {one.run: True, other.run: False}
        with ledger(tmp_path, take_over=other.run) as cleanup:
            assert seen(cleanup.entries) == seen([theirs])
            with pytest.raises(LedgerError, match="living process"):  # two cleanups do not get in each other's way either
                ledger(tmp_path, take_over=other.run).__enter__()
            cleanup.undone(theirs)
        one.undone(mine)
    assert runs(tmp_path) == []


def test_those_who_only_look_do_not_take_each_other_for_a_living_run(tmp_path: Path) -> None:
    with ledger(tmp_path) as run:
        run.intend("acme", "key", "keycap-probe-1", UNDO)
    file = os.open(run._path, os.O_RDONLY)
    try:
        assert locked_files._try_lock(file, shared=True)
        assert not only(tmp_path).alive
    finally:
        os.close(file)


def test_a_cleanup_that_finds_a_file_before_it_is_locked_does_not_take_it_from_its_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between creating a file and locking it, another process may find it empty and remove it: the run then makes another one."""
    lock = locked_files._try_lock
    removed: list[str] = []

    def interrupted(file: int, *, shared: bool) -> bool:
        if not removed:
            removed.append(runs(tmp_path)[0])
            assert close(tmp_path, removed[0])
        return lock(file, shared=shared)

    monkeypatch.setattr(locked_files, "_try_lock", interrupted)
    with ledger(tmp_path) as run:
        run.intend("acme", "key", "keycap-probe-1", UNDO)
    assert removed
    assert run.run not in removed
    assert only(tmp_path).run == run.run


def test_what_a_run_killed_after_its_last_undo_leaves_can_be_tidied_up(tmp_path: Path) -> None:
    run = ledger(tmp_path).__enter__()
    run.undone(run.intend("acme", "key", "keycap-probe-1", UNDO))
    abandon(run)
    (tmp_path / "20240101T000000Z-00000000.jsonl").touch()  # killed before its first line
    assert open_entries(tmp_path) == []
    assert [close(tmp_path, each) for each in runs(tmp_path)] == [True, True]
    assert list(tmp_path.iterdir()) == []
    assert close(tmp_path, run.run), "twice is once"


# Disks


def test_a_folder_that_cannot_be_had_is_told_before_anything_is_created(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LedgerError, match="nothing was created"):
        ledger(tmp_path / "file" / "ledger").__enter__()
    with pytest.raises(LedgerError, match="cannot be read"):
        open_entries(tmp_path / "file")
    assert open_entries(tmp_path / "absent") == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_a_folder_without_write_permission_is_told_before_anything_is_created(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    user = os.geteuid()
    if user == 0:  # modes do not bind root
        os.seteuid(65534)
    try:
        with pytest.raises(LedgerError, match=r"Permission denied.*nothing was created"):
            ledger(tmp_path / "ledger").__enter__()
    finally:
        os.seteuid(user)
        tmp_path.chmod(0o700)


def test_each_line_is_one_write_and_on_the_disk_before_the_call_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    write, sync = os.write, os.fsync

    def written(file: int, data: bytes) -> int:
        calls.append("write")
        assert data.endswith(b"\n")
        assert data.count(b"\n") == 1
        return write(file, data)

    def synced(file: int) -> None:
        calls.append("sync folder" if stat.S_ISDIR(os.fstat(file).st_mode) else "sync")
        sync(file)

    monkeypatch.setattr(os, "write", written)
    monkeypatch.setattr(locked_files, "_sync", synced)
    if sys.platform != "win32":
        monkeypatch.setattr(os, "fsync", synced)
    with ledger(tmp_path / "ledger") as run:
        assert [call for call in calls if call != "sync folder"] == ["write", "sync"]
        assert sys.platform == "win32" or calls[:2] == ["sync folder", "sync folder"], "the new folder's name, and the new file's"
        calls.clear()
        run.undone(run.created(run.intend("acme", "key", "keycap-probe-1", UNDO), "k1"))
        assert calls == ["write", "sync"] * 3
        calls.clear()
    assert sys.platform == "win32" or calls == ["sync folder"]


def test_what_could_not_be_synced_is_not_intended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(file: int) -> None:
        raise OSError(5, "Input/output error")

    with ledger(tmp_path) as run:
        with monkeypatch.context() as patched:
            patched.setattr(locked_files, "_sync", broken)
            with pytest.raises(LedgerError, match=r"Input/output error.*nothing was created"):
                run.intend("acme", "key", "keycap-probe-1", UNDO)
        assert run.entries == []
    assert runs(tmp_path) == []


def test_a_file_deleted_during_the_run_is_noticed(tmp_path: Path) -> None:
    run = ledger(tmp_path).__enter__()
    run._path.unlink()
    with pytest.raises(LedgerError, match=r"deleted during the run.*nothing was created"):
        run.intend("acme", "key", "keycap-probe-1", UNDO)
    abandon(run)


def test_a_file_that_cannot_be_removed_is_told_and_does_not_hide_what_ended_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(path: Path, file: int) -> None:
        os.close(file)
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(locked_files, "remove", broken)
    with pytest.raises(LedgerError, match="could not be removed"), ledger(tmp_path):
        pass
    with pytest.raises(KeyboardInterrupt) as caught, ledger(tmp_path):
        raise KeyboardInterrupt
    assert "could not be removed" in caught.value.__notes__[0]


FULL = """
import resource, sys
from pathlib import Path
from probes.ledger import Ledger, LedgerError, open_entries
folder, undo = Path(sys.argv[1]), {"method": "DELETE", "path": "/keys/{id}"}

def room(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

room(20)
try:
    Ledger(folder, redact=str).__enter__()
except LedgerError as error:
    assert "nothing was created" in str(error), error
else:
    raise SystemExit("no error")
assert list(folder.iterdir()) == []
room(resource.RLIM_INFINITY)
with Ledger(folder, redact=str) as ledger:
    first = ledger.intend("acme", "key", "keycap-probe-1", undo)
    room(ledger._path.stat().st_size + 40)
    for _ in range(2):
        try:
            ledger.intend("acme", "key", "keycap-probe-2", undo)
        except LedgerError as error:
            assert "nothing was created" in str(error), error
        else:
            raise SystemExit("no error")
        assert [entry.name for entry in open_entries(folder)] == ["keycap-probe-1"]
    try:
        ledger.created(first, "k1")
    except LedgerError as error:
        assert "key keycap-probe-1: created" in str(error), error
    else:
        raise SystemExit("no error")
    assert [entry.id for entry in ledger.entries] == ["k1"]
    room(resource.RLIM_INFINITY)
    ledger.intend("acme", "key", "keycap-probe-3", undo)
    assert [entry.name for entry in open_entries(folder)] == ["keycap-probe-1", "keycap-probe-3"]
    room(ledger._path.stat().st_size + 1)
    for entry in ledger.entries:
        try:
            ledger.undone(entry)
        except LedgerError:
            continue
        raise SystemExit("no error")
assert list(folder.iterdir()) == []
print("as it should")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no RLIMIT_FSIZE")
def test_a_full_disk_stops_what_would_create_and_does_not_stop_undoing(tmp_path: Path, checkout: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", FULL, str(tmp_path)], cwd=checkout, capture_output=True, text=True, check=False)
    assert (ended.stdout, ended.stderr) == ("as it should\n", "")


def test_a_line_cut_short_by_an_interruption_does_not_spoil_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write

    def interrupted(file: int, data: bytes) -> int:
        write(file, data[:30])
        raise KeyboardInterrupt

    with ledger(tmp_path) as run:
        with monkeypatch.context() as patched:
            patched.setattr(os, "write", interrupted)
            with pytest.raises(KeyboardInterrupt):
                run.intend("acme", "key", "keycap-probe-1", UNDO)
        run.intend("acme", "key", "keycap-probe-2", UNDO)
    assert only(tmp_path).name == "keycap-probe-2"


# Damage

INTEND_AGAIN = (
    b'{"event": "intend", "entry": 1, "at": "", "provider": "acme", "kind": "key", "name": "x", "undo": {"method": "GET", "path": "/"}}\n'
)


@pytest.mark.parametrize(
    ("number", "line", "left"),
    [
        (1, b'{"event": "run", "version": 2}\n', ["keycap-probe-1", "keycap-probe-2"]),
        (1, b"\n", ["keycap-probe-1", "keycap-probe-2"]),
        (2, b"{\n", ["keycap-probe-2"]),
        (2, b"\xff\xfe\n", ["keycap-probe-2"]),
        (3, b'{"event": "created", "entry": 1, "id": 5}\n', ["keycap-probe-1", "keycap-probe-2"]),
        (3, b'{"event": ["created"], "entry": 1}\n', ["keycap-probe-1", "keycap-probe-2"]),
        (3, b'{"event": "undone", "entry": 7}\n', ["keycap-probe-1", "keycap-probe-2"]),
        (3, b'{"event": "vanished", "entry": 1}\n', ["keycap-probe-1", "keycap-probe-2"]),
        (3, b"[" * 100_000 + b"\n", ["keycap-probe-1", "keycap-probe-2"]),
        (4, b'{"event": "intend", "entry": 2, "undo": []}\n', ["keycap-probe-1"]),
        (5, INTEND_AGAIN, ["keycap-probe-1", "keycap-probe-2"]),
    ],
)
def test_damage_is_told_with_file_and_line_and_hides_nothing_else(tmp_path: Path, number: int, line: bytes, left: list[str]) -> None:
    with ledger(tmp_path) as run:
        run.created(run.intend("acme", "key", "keycap-probe-1", UNDO), "k1")
        run.failed(run.intend("acme", "key", "keycap-probe-2", UNDO), "no answer")
    with ledger(tmp_path) as other:
        other.intend("acme", "key", "keycap-probe-other", UNDO)
    lines = run._path.read_bytes().splitlines(keepends=True)
    lines[number - 1] = line
    run._path.write_bytes(b"".join(lines))
    with pytest.raises(LedgerError) as caught:
        open_entries(tmp_path)
    assert caught.value.where == f"{run._path}:{number}"
    with pytest.raises(LedgerError):
        close(tmp_path, run.run)

    told: list[LedgerError] = []
    entries = open_entries(tmp_path, damaged=told.append)
    assert told[0].where == f"{run._path}:{number}"
    assert sorted(entry.name for entry in entries) == sorted([*left, "keycap-probe-other"])
    assert not any(entry.alive for entry in entries)
    with Ledger(tmp_path, redact=redact, take_over=run.run, damaged=told.append) as again:
        for entry in again.entries:
            again.undone(entry)
    assert run.run in runs(tmp_path), "a person should look at it"


def test_a_file_that_cannot_be_read_does_not_hide_the_others(tmp_path: Path) -> None:
    with ledger(tmp_path) as run:
        run.intend("acme", "key", "keycap-probe-1", UNDO)
    (tmp_path / "20240101T000000Z-00000000.jsonl").mkdir()
    told: list[LedgerError] = []
    assert [entry.run for entry in open_entries(tmp_path, damaged=told.append)] == [run.run]
    assert len(told) == 1


@pytest.mark.parametrize("run", ["../other", "a/b", "."])
def test_what_is_no_id_of_a_run_is_never_a_path(tmp_path: Path, run: str) -> None:
    with pytest.raises(ValueError, match="not the id of a run"):
        close(tmp_path, run)
