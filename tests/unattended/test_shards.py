"""Shards: what several machines recorded is, joined, what one would have recorded."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.claims import Claims
from probes.errors import CassetteError, UsageError
from probes.money import Budget
from probes.shards import Shard, merge
from probes.wire import storage
from probes.wire.record import load

SHARED = ("openai", "zhipu", "moonshot")


def keycap(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """keycap as a process of its own, without any credential."""
    environment = {name: value for name, value in os.environ.items() if not name.endswith(("_KEY", "_TOKEN", "_SECRET"))}
    environment |= {"XDG_STATE_HOME": str(folder / "state"), "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-m", "probes", *arguments], capture_output=True, text=True, check=False, timeout=200, env=environment
    )


def verified(tmp_path: Path, record: str, *more: str) -> Any:
    ran = keycap(tmp_path, "verify", *SHARED, "--lab", "--allow-write", "--cassettes", str(tmp_path / record), "--json", *more)
    assert ran.returncode in (0, 3), ran.stderr
    return json.loads(ran.stdout)


def facts(document: Any) -> list[tuple[Any, ...]]:
    """All that a run found out, but for its moment."""
    told = ("provider", "capability", "outcome", "level", "origin", "tier", "probe", "cause", "exchanges")
    return [tuple(map(str, (row[name] for name in told))) for row in document["evidence"]]


@pytest.mark.timeout(300)
def test_two_shards_joined_are_what_one_run_finds(tmp_path: Path) -> None:
    whole = verified(tmp_path, "whole")
    shards = [verified(tmp_path, f"shard{number}", "--shard", f"{number}/2") for number in (1, 2)]
    asked = [{job["provider"] for job in each["run"]["jobs"]} for each in shards]
    assert (asked[0] | asked[1], asked[0] & asked[1]) == (set(SHARED), set())
    joined = keycap(tmp_path, "merge", *(str(tmp_path / f"shard{number}") for number in (1, 2)), "--cassettes", str(tmp_path / "joined"))
    assert joined.returncode == 0, joined.stderr
    replayed = keycap(tmp_path, "verify", *SHARED, "--replay", "--cassettes", str(tmp_path / "joined"), "--json")
    assert facts(json.loads(replayed.stdout)) == facts(whole) != []
    names = [sorted(path.relative_to(tmp_path / each) for path in (tmp_path / each).rglob("*.yaml")) for each in ("whole", "joined")]
    assert names[0] == names[1]
    again = keycap(tmp_path, "merge", str(tmp_path / "shard1"), "--cassettes", str(tmp_path / "joined"))
    assert again.stdout.splitlines()[-1].startswith("0 of ")


@given(st.lists(st.sampled_from("abcdefghij"), min_size=1, unique=True), st.data())
def test_every_provider_is_in_exactly_one_share(providers: list[str], data: st.DataObject) -> None:
    of = data.draw(st.integers(1, len(providers)))
    shares = [Shard(number, of).pick(providers) for number in range(1, of + 1)]
    assert sorted(name for share in shares for name in share) == sorted(providers)
    assert all(shares)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


@pytest.mark.parametrize("text", ["", "1", "0/4", "5/4", "1/0", "-1/4", "1/4/2", "a/b", "1.0/4", "²/4"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        Shard.parse(text)


def test_shares_spend_together_no_more_than_one_run_may() -> None:
    assert sum(Shard(number, 4).bounded(Budget(1.0)).limit for number in range(1, 5)) == pytest.approx(1.0)


def copied(checkout: Path, into: Path, **replaced: str) -> Path:
    """A committed recording in a folder of its own, its text changed."""
    [name] = list((checkout / "cassettes" / "live").glob("*/surface.yaml"))[:1]
    text = name.read_text(encoding="utf-8")
    for old, new in replaced.items():
        text = text.replace(old, new)
    place = into / name.relative_to(checkout / "cassettes")
    storage.write(place, text)
    return place


def test_a_recording_that_cannot_be_trusted_stops_a_merge_before_anything_is_written(
    checkout: Path, real_claims: Claims, tmp_path: Path
) -> None:
    copied(checkout, tmp_path / "good")
    broken = copied(checkout, tmp_path / "broken", status="statues")
    with pytest.raises(CassetteError, match="edited") as caught:
        merge([tmp_path / "good", tmp_path / "broken"], tmp_path / "into", real_claims)
    assert caught.value.where == str(broken)
    assert not (tmp_path / "into").exists()


def test_a_folder_that_is_none_or_the_record_itself_is_refused(real_claims: Claims, tmp_path: Path) -> None:
    for folder in (tmp_path / "absent", tmp_path):
        with pytest.raises(UsageError):
            merge([folder], tmp_path, real_claims)


def test_what_is_newer_in_the_record_stays(checkout: Path, real_claims: Claims, tmp_path: Path) -> None:
    place = copied(checkout, tmp_path / "one")
    [first] = list(merge([tmp_path / "one"], tmp_path / "into", real_claims))
    assert (first.taken, load(place).metadata.digest) == (True, load(tmp_path / "into" / first.name).metadata.digest)
    assert [each.taken for each in merge([tmp_path / "one"], tmp_path / "into", real_claims)] == [False]
