"""Schedules: valid for the machines that read them, nothing secret where it could leak, and the steps they share do what they say."""

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from probes.claims import Claims
from probes.errors import UsageError
from probes.schedules import filled
from reports.drift_ci import SHOWN, annotations, fitting, title
from reports.drifts import Changed, Drift
from reports.states import Became, State
from reports.text import LANGUAGES

PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
BEFORE, AFTER = State("supported", "confirmed", "contract", "present"), State("supported", "refuted", "contract", "absent")

UV = """\
#!/bin/sh
shift 4  # run --quiet --no-dev --all-extras
echo "$@" >> "$ASKED"
[ ! -e .env ] || cat .env >> "$ASKED"
[ "$2" != verify ] || echo new > cassettes/live/a.yaml
case "$ENDS" in "$2="*) exit "${ENDS#*=}" ;; esac
"""


def read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), yaml.CBaseLoader)  # noqa: S506  (no types but text: `on` is a word)


def tool(name: str, *arguments: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([str(Path(sys.executable).parent / name), *map(str, arguments)], capture_output=True, text=True, check=False)


def steps(workflow: Any) -> list[Any]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def test_workflow_files_are_valid_and_have_no_known_weakness(checkout: Path) -> None:
    workflows = sorted((checkout / ".github" / "workflows").glob("*.yml"))
    assert [path.name for path in workflows] == ["ci.yml", "reverify.yml"]
    for schema, files in (("vendor.github-workflows", workflows), ("vendor.gitlab-ci", [checkout / ".gitlab-ci.yml"])):
        checked = tool("check-jsonschema", "--builtin-schema", schema, *files)
        assert checked.returncode == 0, checked.stdout + checked.stderr
    audited = tool("zizmor", "--offline", "--no-progress", "--persona", "regular", *workflows)
    assert audited.returncode == 0, audited.stdout


def test_actions_are_pinned_by_commit(checkout: Path) -> None:
    used = [step["uses"] for path in (checkout / ".github" / "workflows").glob("*.yml") for step in steps(read(path)) if "uses" in step]
    assert used
    assert [name for name in used if not PINNED.fullmatch(name)] == []


def test_no_job_both_knows_the_credentials_and_may_write_and_none_runs_for_a_fork(checkout: Path) -> None:
    workflow = read(checkout / ".github" / "workflows" / "reverify.yml")
    assert set(workflow["on"]) == {"schedule", "workflow_dispatch"}
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert "fork" in job["if"]
        knows = "KEYCAP_ENV" in json.dumps(job["steps"])
        assert knows != ("write" in json.dumps(job["permissions"]))
    rules = read(checkout / ".gitlab-ci.yml")["workflow"]["rules"]
    assert [rule["if"] for rule in rules] == ['$CI_PIPELINE_SOURCE == "schedule" || $CI_PIPELINE_SOURCE == "web"']
    assert set(read(checkout / ".workflow" / "reverify.yml")["triggers"]) == {"trigger", "schedule"}


def test_every_schedule_is_weekly_at_an_odd_minute(checkout: Path) -> None:
    crons = [
        read(checkout / ".github" / "workflows" / "reverify.yml")["on"]["schedule"][0]["cron"],
        read(checkout / ".workflow" / "reverify.yml")["triggers"]["schedule"][0]["cron"],
        next(line for line in filled("cron", checkout, checkout)["crontab"].splitlines() if not line.startswith("#")),
        re.search(r"`(\d+ \d+ [^`]+)`", (checkout / ".gitlab-ci.yml").read_text(encoding="utf-8"))[1],  # type: ignore[index]
    ]
    for cron in crons:
        minute, hour, *_, weekday = cron.split()[:5]
        assert (int(minute) % 5 != 0, hour.isdecimal(), weekday.isdecimal()) == (True, True, True), cron


def scripts(checkout: Path) -> list[str]:
    found = [step["run"] for path in (checkout / ".github" / "workflows").glob("*.yml") for step in steps(read(path)) if "run" in step]
    gitlab = read(checkout / ".gitlab-ci.yml")
    found += [line for job in ("probe", "propose") for line in gitlab[job]["script"]]
    [stage] = read(checkout / ".workflow" / "reverify.yml")["stages"]
    found += [line for step in stage["steps"] for line in step["commands"]]
    return [*found, (checkout / ".ci" / "reverify").read_text(encoding="utf-8")]


def test_every_step_is_a_shell_script_and_none_has_an_expression_of_the_workflow_in_it(checkout: Path) -> None:
    """What GitHub puts into a script by `${{ }}` would be run as a part of it."""
    for script in scripts(checkout):
        assert "${{" not in script
        parsed = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
        assert parsed.returncode == 0, f"{script}\n{parsed.stderr}"


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=test", "-c", "user.email=test@localhost")
    return subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def clone(checkout: Path, tmp_path: Path) -> Path:
    """A checkout of its own, with an origin to push to and `uv run keycap` standing for a keycap that says what it was asked."""
    origin, clone, tools = tmp_path / "origin.git", tmp_path / "clone", tmp_path / "tools"
    git(tmp_path, "init", "--quiet", "--bare", str(origin))
    for name in (".ci/reverify", ".gitignore"):
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(checkout / name, clone / name)
    for name in ("cassettes/live/a.yaml", "reports/latest/report.md", "README.md", "README.zh-CN.md"):
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).write_text("old\n", encoding="utf-8")
    for command in (["init", "--quiet"], ["remote", "add", "origin", str(origin)], ["add", "."], ["commit", "--quiet", "-m", "first"]):
        git(clone, *command)
    tools.mkdir()
    (tools / "uv").write_text(UV, encoding="utf-8")
    (tools / "uv").chmod(0o755)
    return clone


def reverify(clone: Path, *arguments: str, **variables: str) -> "tuple[int, list[str], str]":
    """How the shared steps end, what they asked of keycap, and what they said."""
    asked = clone.parent / "asked"
    asked.write_text("", encoding="utf-8")
    environment = {**os.environ, "PATH": f"{clone.parent / 'tools'}:{os.environ['PATH']}", "ASKED": str(asked), "ENDS": "", **variables}
    ran = subprocess.run(["bash", ".ci/reverify", *arguments], cwd=clone, capture_output=True, text=True, check=False, env=environment)
    return ran.returncode, asked.read_text(encoding="utf-8").splitlines(), ran.stdout + ran.stderr


@pytest.mark.parametrize(("ends", "code"), [("", 0), ("verify=1", 0), ("verify=3", 0), ("verify=2", 2), ("verify=70", 2), ("cleanup=1", 1)])
def test_probing_uses_the_credentials_and_leaves_none(clone: Path, ends: str, code: int) -> None:
    ended, asked, said = reverify(clone, "probe", "2/4", "--allow-write", KEYCAP_ENV="A_KEY=canary-1\nB_KEY=canary-2", ENDS=ends)
    assert ended == code
    assert asked[:3] == ["keycap verify --shard 2/4 --allow-write", "A_KEY=canary-1", "B_KEY=canary-2"]
    assert not (clone / ".env").exists()
    assert "canary" not in said
    if code == 0:
        assert asked[3] == "keycap cleanup"
        assert (clone / "shards" / "2" / "live" / "a.yaml").read_text(encoding="utf-8") == "new\n"
        assert git(clone, "status", "--short").splitlines() == [" M cassettes/live/a.yaml"]


def test_probing_does_not_touch_a_persons_own_credentials(clone: Path) -> None:
    (clone / ".env").write_text("MINE=1\n", encoding="utf-8")
    assert reverify(clone, "probe", KEYCAP_ENV="A_KEY=1")[:2] == (2, [])
    assert (clone / ".env").read_text(encoding="utf-8") == "MINE=1\n"


def test_collecting_joins_renders_and_tells(clone: Path) -> None:
    ended, asked, _ = reverify(clone, "collect", "out", "shards/1", "shards/2", KEYCAP_NOTIFY="json://127.0.0.1", ENDS="drift=1")
    assert ended == 0
    assert asked == [
        "keycap merge shards/1 shards/2",
        "keycap report",
        "keycap drift --format title",
        "keycap drift --format md --max-bytes 1000000",
        "keycap drift --format md --max-bytes 60000",
        "keycap drift --notify KEYCAP_NOTIFY",
    ]
    assert sorted(path.name for path in (clone / "out").iterdir()) == ["body.md", "summary.md", "title"]


def test_pushing_proposes_what_was_recorded_and_nothing_else(clone: Path) -> None:
    origin = clone.parent / "origin.git"
    assert "nothing was recorded" in reverify(clone, "push")[2]
    for round_ in ("new", "newer"):
        (clone / "cassettes" / "live" / "a.yaml").write_text(f"{round_}\n", encoding="utf-8")
        (clone / "other.txt").write_text("not to be committed\n", encoding="utf-8")
        assert reverify(clone, "push")[0] == 0
        assert git(origin, "show", "keycap/reverify:cassettes/live/a.yaml") == f"{round_}\n"
    assert "other.txt" not in git(origin, "ls-tree", "-r", "--name-only", "keycap/reverify")


@pytest.mark.parametrize("folder", ["/srv/keycap", "/srv/my 100% keycap", "/srv/$HOME"])
def test_units_and_crontabs_hold_any_folder(folder: str) -> None:
    units = filled("systemd", Path(folder), Path("/state"), "CHANNELS")
    service = configparser.RawConfigParser(strict=False)
    service.optionxform = str  # type: ignore[assignment,method-assign]
    service.read_string(units["keycap-reverify.service"])
    assert service["Service"]["WorkingDirectory"] == folder.replace("%", "%%")
    assert "verify --notify CHANNELS\n" in units["keycap-reverify.service"]
    assert "Persistent=true" in units["keycap-reverify.timer"]
    line = filled("cron", Path(folder), Path("/state"))["crontab"].splitlines()[-1]
    command = re.sub(r"^(\S+ ){5}", "", line).replace(r"\%", "%")
    assert not re.search(r"(?<!\\)%", re.sub(r"\\%", "", line)), "a bare % would end the command"
    said = subprocess.run(
        ["bash", "-c", command.replace("cd ", "echo ", 1).partition(" && ")[0]], capture_output=True, text=True, check=True
    )
    assert said.stdout == f"{folder}\n"


def test_a_schedule_never_holds_an_address() -> None:
    with pytest.raises(UsageError, match="name of a variable"):
        filled("cron", Path("/c"), Path("/s"), "slack://a/b/c")


def drift(count: int) -> Drift:
    kinds = [Became.SETTLED, Became.REFUTED, Became.LOST]
    changed = [Changed("openai", "key.create", kinds[number % 3], BEFORE, AFTER, "2026-11-24", ("x" * 500,)) for number in range(count)]
    return Drift("", date(2026, 11, 24), date(2026, 11, 24), tuple(changed), (), ())


def test_the_worst_ten_are_annotated_and_one_notice_points_to_the_summary() -> None:
    lines = list(annotations(drift(40), "capabilities.yaml", {("openai", "key.create"): 123}))
    assert len(lines) == SHOWN + 1
    assert lines[-1].startswith("::notice ")
    assert "40 changed" in lines[-1]
    assert {line.partition("::claim")[0] for line in lines[:-1]} == {"::error file=capabilities.yaml,line=123,title=openai key.create"}
    assert list(annotations(drift(0), "capabilities.yaml", {})) == []


def test_a_document_fits_its_room_and_says_what_is_left_out(real_claims: Claims) -> None:
    for count in (0, 3, 400):
        text = fitting(drift(count), real_claims, LANGUAGES, 60_000)
        assert len(text.encode("utf-8")) <= 60_000
        assert ("are not listed here" in text, "没有列在这里" in text) == (count == 400, count == 400)
        assert ("What changed" in text, "变化" in text) == (True, True)


def test_the_title_speaks_both_languages() -> None:
    assert title(drift(3)) == "keycap: 3 changed / keycap：3 项变化"
    assert title(drift(0)) == "keycap: nothing changed / keycap：没有变化"
