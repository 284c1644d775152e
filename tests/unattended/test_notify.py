"""Told where people are: once for a change, not at all without one, in the channel's language, and the address stays a secret."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from probes.errors import UsageError
from probes.notify import ROOM, channels, message, tell
from reports.drifts import Changed, Drift
from reports.states import Became, State
from tests.servers import Reply, http_server

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # apprise still imports it

SECRET = "T0KEN-9f31c2"
DECLARES = "openapi: 3.1.0\ninfo: {version: '7'}\npaths: {/v1/keys: {post: {%s}}}\n"
LIMIT = "requestBody: {content: {application/json: {schema: {properties: {limit: {type: number}}}}}}"


def drift(count: int = 1) -> Drift:
    before, after = State("supported", "confirmed", "contract", "present"), State("supported", "refuted", "contract", "absent")
    changed = tuple(Changed("acme", f"key.{number}", Became.VANISHED, before, after, "2026-11-24") for number in range(count))
    return Drift("", date(2026, 11, 24), date(2026, 11, 24), changed, (), ())


def verify(folder: Path, claims: Path, *more: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    where = ("--documents", str(folder), "--claims", str(claims), "--cassettes", str(folder / "record"))
    return subprocess.run(
        [sys.executable, "-m", "probes", "verify", "acme", "--tier", "contract", *where, *more],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **variables},
    )


def test_a_change_is_told_once_and_nothing_is_told_without_one(sample_path: Path, tmp_path: Path) -> None:
    told: list[Any] = []

    def hear(_method: str, target: str, _headers: dict[str, str], body: bytes) -> Reply:
        told.append((target, json.loads(body)))
        return Reply(200)

    contract = tmp_path / "acme.openapi.yaml"
    with http_server(hear) as server:
        address = server.url.replace("http://", "json://") + f"/{SECRET}"
        contract.write_text(DECLARES % LIMIT, encoding="utf-8")
        runs = [verify(tmp_path, sample_path, "--notify", "CHANNELS", CHANNELS=address) for _ in range(2)]
        assert ([run.returncode for run in runs], told) == ([0, 0], [])
        contract.write_text(DECLARES % "", encoding="utf-8")
        runs += [verify(tmp_path, sample_path, "--notify", "CHANNELS", "--notify-language", "zh", CHANNELS=address) for _ in range(2)]
    assert [run.returncode for run in runs] == [0, 0, 1, 1]
    [(target, heard)] = told
    assert target == f"/{SECRET}"
    assert heard["title"].startswith("keycap：")
    assert "acme spend.limit.key：能力消失" in heard["message"]
    assert SECRET not in "".join(run.stdout + run.stderr for run in runs)


def test_a_channel_that_cannot_be_told_is_named_without_its_secret_and_ends_with_1(sample_path: Path, tmp_path: Path) -> None:
    contract = tmp_path / "acme.openapi.yaml"
    contract.write_text(DECLARES % LIMIT, encoding="utf-8")
    verify(tmp_path, sample_path)
    contract.write_text(DECLARES % "", encoding="utf-8")
    with http_server(lambda _method, _target: Reply(500)) as server:
        failed = verify(tmp_path, sample_path, "--notify", server.url.replace("http://", "json://") + f"/{SECRET}")
    assert (failed.returncode, "json://… could not be told what changed" in failed.stderr) == (1, True)
    assert SECRET not in failed.stdout + failed.stderr


@pytest.mark.parametrize(
    ("given", "says"),
    [("NOT_SET", "is not set"), (f"nonsense://{SECRET}", "nonsense://…: is no address"), (f"{SECRET}/x", "is no address")],
)
def test_what_is_no_channel_is_refused_before_anything_is_sent(given: str, says: str) -> None:
    with pytest.raises(UsageError) as refused:
        channels([given], {})
    assert says in str(refused.value)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    ("address", "language"),
    [
        (f"slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#{SECRET}", "en"),
        ("mailtos://me:password@mail.example", "en"),
        ("jsons://hooks.example/path", "en"),
        (f"feishu://{SECRET}", "zh"),
        ("dingtalk://abcdefgh12345678/", "zh"),
        (f"wecombot://{SECRET}", "zh"),
    ],
)
def test_the_services_of_the_readme_are_known_and_read_their_own_language(address: str, language: str) -> None:
    [channel] = channels(["CHANNELS"], {"CHANNELS": address})
    assert (channel.language, str(channel)) == (language, f"{address.partition(':')[0]}://…")
    assert address not in repr(channel)
    assert [each.language for each in channels([address], {}, "en")] == ["en"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_long_message_ends_with_how_much_is_left_out(language: Any) -> None:
    title, body = message(drift(400), language)
    assert "400" in title
    assert len(body.encode("utf-8")) < ROOM + 200
    assert "keycap drift" in body.splitlines()[-1]
    assert message(drift(2), language)[1].count("\n") < 6


def test_no_change_tells_nobody() -> None:
    assert list(tell(drift(0), channels(["json://127.0.0.1:1/x"], {}))) == []
