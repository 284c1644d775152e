"""The Markdown as its readers get it: links that lead somewhere, folds that close, files a host renders, changes of few lines."""

import difflib
import re
from dataclasses import replace
from pathlib import Path

import pytest

import reports
from probes.evidence import Outcome
from probes.results import Results
from reports.rendering import documents
from tests.reports.invented import evidence, invented

RENDERED_UP_TO = 512 * 1024
"""Bytes of a Markdown file that GitHub renders."""

KEY = ("acme", "key.create")

LINK = re.compile(r"(?<!\\)\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def folder(real: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("checkout") / "reports" / "latest"
    reports.render(real, out)
    return out


def anchors(path: Path) -> set[str]:
    text = path.read_text(encoding="utf-8")
    return set(re.findall(r'id="([^"]+)"', text))


def test_every_link_between_files_leads_to_a_place_that_is_there(folder: Path, checkout: Path) -> None:
    known: dict[Path, set[str]] = {}
    for path in folder.rglob("*.md"):
        for target in LINK.findall(_without_code(path.read_text(encoding="utf-8"))):
            if target.startswith(("http://", "https://")):
                continue
            name, _, fragment = target.partition("#")
            found = (path.parent / name).resolve() if name else path
            if "cassettes" in name:
                found = checkout / "cassettes" / name.rpartition("cassettes/")[2]
            assert found.is_file(), f"{path.name}: {target}"
            if fragment and found.suffix in (".md", ".html"):
                assert fragment in known.setdefault(found, anchors(found)), f"{path.name}: {target}"


def test_no_file_is_larger_than_a_host_renders_with_five_times_the_providers(folder: Path) -> None:
    for path in folder.rglob("*.md"):
        assert path.stat().st_size * (5 if path.parent == folder else 1) < RENDERED_UP_TO, path.name


def test_each_chart_is_shown_and_described(folder: Path) -> None:
    for language in ("en", "zh"):
        shown = re.findall(r"!\[([^\]]+)\]\((charts/[^)]+)\)", (folder / f"report.{language}.md").read_text(encoding="utf-8"))
        assert sorted(name for _, name in shown) == sorted(f"charts/{path.name}" for path in (folder / "charts").glob(f"*.{language}.svg"))
        assert all(len(alt) > 60 for alt, _ in shown)


def test_folds_open_and_close(folder: Path) -> None:
    for path in folder.rglob("*.md"):
        text = _without_code(path.read_text(encoding="utf-8"))
        assert text.count("<details>") == text.count("</details>") == text.count("<summary>"), path.name
        for fold in re.findall(r"</summary>(.*)", text):
            assert fold == "", "what follows a summary stands on a line of its own"


def test_tables_are_no_wider_than_a_page(folder: Path) -> None:
    """Nine columns of two signs each at most; a table with sentences has fewer."""
    for path in folder.rglob("*.md"):
        for line in _without_code(path.read_text(encoding="utf-8")).splitlines():
            if re.fullmatch(r"\|[-:|]+\|", line):
                assert line.count("|") - 1 <= (9 if ":-:" in line else 6), path.name


def test_one_verdict_that_changes_changes_few_lines() -> None:
    before = documents(Results.of(invented(), evidence()), "en")
    changed = [replace(each, outcome=Outcome.ABSENT) if (each.provider, each.capability) == KEY else each for each in evidence()]
    after = documents(Results.of(invented(), changed), "en")
    touched = {}
    for name in (name for name in before if name.endswith(".md")):
        lines = [line for line in difflib.ndiff(before[name].splitlines(), after[name].splitlines()) if line[:1] in "+-"]
        if lines:
            touched[name] = sum(line.startswith("+") for line in lines)
    assert touched.keys() == {"report.en.md", "providers/acme.en.md"}
    assert touched["providers/acme.en.md"] <= 5
    assert touched["report.en.md"] <= 40


def _without_code(text: str) -> str:
    text = re.sub(r"(?s)^(`{3,}).*?^\1$", "", text, flags=re.MULTILINE)
    return re.sub(r"(?s)(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
