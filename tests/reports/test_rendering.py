"""The files of the report: the same bytes, the same facts, and nothing hostile alive."""

import base64
import hashlib
import html as entities
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import reports
from probes.claims import Claims
from probes.errors import KeycapError
from probes.evidence import Cause, Level, Outcome
from probes.results import Results
from reports.charts import CHARTS
from reports.markup import code, fence, href, link
from reports.readme import BEGIN, END, is_current, update_readme
from reports.rendering import documents
from reports.text import Language, texts
from reports.view import view
from tests.reports.invented import evidence, found, invented

EVIL = "<script>alert(1)</script> ](javascript:alert(1)) | `x` **b** \u202egnp.exe\u202c \x1b[31m\n# heading"


class Page(HTMLParser):
    """What a browser would find: tags, links, ids, and tables with their captions and heads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "br", "col", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def data(self) -> dict[str, Any]:
        """What the script is given."""
        found: dict[str, Any] = json.loads(next(text for text in self.text if text.startswith('{"capabilities"')))
        return found

    def values(self, attribute: str) -> list[str]:
        return [value for _, attributes in self.tags if (value := attributes.get(attribute)) is not None]


def examples(data: dict[str, Any]) -> list[str]:
    """The examples that the script shows, each as one text."""
    forms = [form for provider in data["providers"].values() for example in provider["examples"].values() for form in example]
    return ["\n".join(data["texts"][line] for line in form) for form in forms]


def test_all_files_are_written_twice_the_same_and_nothing_else(invented: Results, tmp_path: Path) -> None:
    first, second = reports.render(invented, tmp_path / "a"), reports.render(invented, tmp_path / "b")
    names = {path.relative_to(tmp_path / "a").as_posix() for path in first}
    for language in ("en", "zh"):
        providers = {f"providers/{name}.{language}.md" for name in invented.claims.providers}
        charts = {f"charts/{name}.{language}.svg" for name in CHARTS}
        assert {f"report.{language}.md", f"report.{language}.html", *providers, *charts} <= names
    assert {"index.html", "matrix.csv", "evidence.json", "evidence.schema.json", "junit.xml"} <= names
    at_once = reports.render(invented, tmp_path / "c", processes=2)
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second] == [path.read_bytes() for path in at_once]
    assert {path for path in (tmp_path / "a").rglob("*") if path.is_file()} == set(first)
    assert all(b"\r" not in path.read_bytes() for path in first)


def test_what_is_no_longer_claimed_leaves_the_folder_and_what_is_not_ours_stays(invented: Results, tmp_path: Path) -> None:
    reports.render(invented, tmp_path, png=True)
    (tmp_path / "notes.md").write_text("mine", encoding="utf-8")
    left = reports.render(invented.only(["acme"]), tmp_path)
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == {*left, tmp_path / "notes.md"}


def test_what_is_as_it_was_is_not_written_again(invented: Results, tmp_path: Path) -> None:
    before = {path: path.stat().st_ino for path in reports.render(invented, tmp_path)}
    assert {path: path.stat().st_ino for path in reports.render(invented, tmp_path)} == before


def test_evidence_json_is_the_one_document(invented: Results, tmp_path: Path) -> None:
    reports.render(invented, tmp_path)
    document = json.loads((tmp_path / "evidence.json").read_text(encoding="utf-8"))
    assert document["run"]["reference_date"] == "2026-11-24"
    assert len(document["verdicts"]) == len(invented.verdicts)
    assert len(document["evidence"]) == len(invented.evidence)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_markdown_and_html_state_the_same_facts(language: Language, invented: Results, rendered: dict[str, str]) -> None:
    t = texts(language)
    page = Page(rendered[f"{language}.html"])
    html, md = "".join(page.text), entities.unescape(rendered[f"{language}.md"]).replace("\\", "")
    data = page.data()
    html += "\n".join([*data["texts"], *page.values("aria-label"), *examples(data)])
    context = view(invented, language)
    facts = [*context["lines"], *context["changes"]["sentences"], *(sentence for sentence, _ in context["causes"])]
    for provider in context["providers"]:
        facts += [provider.summary, provider.seed_row, *provider.limits, *(each.sentence for each in provider.evidence)]
        for claim in provider.claims:
            facts += [claim.cell.verdict, claim.cell.level, claim.cell.date, claim.cell.aside, claim.note, claim.missing, claim.endpoint]
        for example in (provider.recipe, *(claim.example for claim in provider.claims)):
            facts += [example.curl, example.python] if example else []
    facts += [line for rank in context["ranking"] for place in rank.places for _, line in place.terms]
    for fact in facts:
        assert fact.replace("\\", "") in html.replace("\\", ""), fact
        assert " ".join(fact.replace("\\", "").split()) in " ".join(md.split()), fact
    assert all(t.word("verdict", verdict.status) in md for verdict in invented.verdicts.values())


def test_what_is_weak_is_shown_as_weak(rendered: dict[str, str]) -> None:
    found = Page(rendered["en.html"])
    page = " ".join("".join([*found.text, *found.values("aria-label")]).split())
    assert "simulator only: present" in page
    assert "own endpoint only: absent" in page
    assert "contradicted" in page
    assert "403 after 3 calls" in page
    assert "54 claims: 3 confirmed, 1 contradicted, 1 in conflict, 49 not verified." in page
    assert "the newest is of 2026-11-24, the oldest of 2026-11-22" in page


@pytest.mark.parametrize("name", ["en.html", "zh.html"])
def test_the_page_is_self_contained_and_well_formed(name: str, rendered: dict[str, str], rendered_real: dict[str, str]) -> None:
    for text in (rendered[name], rendered_real[name]):
        page = Page(text)
        assert page.open == []
        assert not {tag for tag, _ in page.tags} & {"img", "iframe", "object", "base"}
        assert page.values("src") == []
        assert "@import" not in text
        assert text.count("url(") == text.count("url(#tip)")
        assert [attributes for tag, attributes in page.tags if tag == "script"] == [{"type": "application/json", "id": "data"}, {}]
        assert page.values("style") == []
        policy = page.values("content")[0]
        for element in ("style", "script"):
            (inside,) = re.findall(f"(?s)<{element}>(.*?)</{element}>", text)
            digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
            assert f"{element}-src 'sha256-{digest}'" in policy
        ids = page.values("id")
        assert len(ids) == len(set(ids))
        for target in page.values("href"):
            if target.startswith("#"):
                assert target[1:] in ids
            else:
                assert re.match(r"https?://|data:,$|report\.(en|zh)\.(html|md)|matrix\.csv|evidence\.json|\.\./\.\./cassettes/", target)
        assert all(label in ids for labels in page.values("aria-labelledby") for label in labels.split())
        tables = [tag for tag, _ in page.tags].count("table")
        assert tables == [tag for tag, _ in page.tags].count("caption")
        assert all(attributes.get("scope") for tag, attributes in page.tags if tag == "th")
        regions = [attributes["aria-label"] for _, attributes in page.tags if attributes.get("role") == "region"]
        assert len(regions) == len(set(regions))
        assert all(
            set(attributes) == set(dict(attributes)) and not any(each.startswith("on") for each in attributes)
            for _, attributes in page.tags
        )


def test_the_page_of_thirty_providers_is_below_a_megabyte_and_a_half(real: Results) -> None:
    richest = sorted(real.claims.providers, key=lambda name: -sum(each.provider == name for each in real.evidence))[:30]
    assert len(documents(real.only(richest), "en")["report.en.html"].encode()) < 1_500_000


def test_anchors_are_the_same_in_both_languages(rendered_real: dict[str, str]) -> None:
    en, zh = (Page(rendered_real[f"{each}.html"]).values("id") for each in ("en", "zh"))
    assert en == zh
    for each in ("en", "zh"):
        anchors = re.findall(r'<a id="([^"]+)"></a>', rendered_real[f"{each}.md"])
        assert len(anchors) == len(set(anchors))
        assert {target[1:] for target in re.findall(r"\]\((#[^)]+)\)", rendered_real[f"{each}.md"])} <= set(anchors)
        assert set(anchors) <= set(en)


def test_tables_of_markdown_have_as_many_cells_as_heads(rendered: dict[str, str], rendered_real: dict[str, str]) -> None:
    for text in (rendered["en.md"], rendered["zh.md"], rendered_real["en.md"], rendered_real["zh.md"]):
        width = 0
        for line in re.sub(r"(?s)^```.*?^```", "", text, flags=re.MULTILINE).splitlines():
            cells = len(re.findall(r"(?<!\\)\|", line)) - 1 if line.startswith("|") else 0
            assert width in (cells, 0) or cells == 0, line
            width = cells


def hostile() -> Results:
    both = {"zh": EVIL, "en": EVIL}
    claims = invented(name={"zh": EVIL + "长" * 10_000, "en": EVIL + "x" * 10_000}, summary=both)
    acme = claims.providers["acme"]
    source = acme.sources["spec"].model_copy(update={"url": "javascript:alert(1)", "says": EVIL})
    refusal = acme.refusals[0].model_copy(update={"code": EVIL, "message": EVIL})
    create = acme.claims["key.create"].model_copy(update={"endpoint": "POST /v1/<script>|`x`"})
    altered = acme.model_copy(update={"sources": {"spec": source}, "refusals": [refusal], "claims": acme.claims | {"key.create": create}})
    claims = Claims.model_construct(**{**dict(claims), "providers": {**claims.providers, "acme": altered}})
    bad = found(
        "key.list",
        Outcome.INCONCLUSIVE,
        Level.SURFACE,
        cause=Cause.OPEN,
        detail=EVIL * 50,
        probe=EVIL,
        exchanges=("../../etc#0", "javascript:x#1"),
    )
    return Results.of(claims, [*evidence(), bad])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_hostile_content_stays_text(language: Language) -> None:
    files = documents(hostile(), language)
    rendered = {"html": files[f"report.{language}.html"], "md": "\n".join(text for name, text in files.items() if name.endswith(".md"))}
    page = Page(rendered["html"])
    assert [tag for tag, _ in page.tags].count("script") == 2
    assert "<script>alert(1)</script>" in "".join(page.text)
    assert "<script>alert(1)</script>" in "".join(page.data()["texts"])
    assert not any("javascript:" in target or "etc" in target for target in page.values("href"))
    outside = re.sub(r"(?s)^(`{3,}).*?^\1$", "", rendered["md"], flags=re.MULTILINE)
    outside = re.sub(r"(?s)(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", outside)
    assert "<script>" not in outside
    ours = r"https?://|#|(\.\./)?report\.|matrix|evidence|junit|providers/|charts/|(acme|cloudy|hub)\.|(\.\./){3}cassettes/"
    assert not re.search(rf"(?<!\\)\]\((?!{ours})", outside)
    assert "\n# heading" not in outside
    for text in rendered.values():
        assert not re.search("[\u202a-\u202e\x1b]", text)
        assert max(map(len, text.splitlines())) < 30_000


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("https://a.example/x?y=1#z", "https://a.example/x?y=1#z"),
        ("https://a.example/a b)c", "https://a.example/a%20b%29c"),
        ("javascript:alert(1)", ""),
        ("JaVaScRiPt:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//evil.example/x", ""),
        ("http:///x", ""),
        ("http://[", ""),
        ("#acme", "#acme"),
    ],
)
def test_only_http_and_relative_addresses_are_linked(address: str, target: str) -> None:
    assert href(address) == target


def test_code_and_links_cannot_be_closed_from_inside() -> None:
    assert code("a|b") == "`a\\|b`"
    assert code("`` ` ``") == "``` `` ` `` ```"
    assert fence("```\nx", "sh").startswith("````sh\n")
    assert link("a]b", "https://a.example") == "[a\\]b](https://a.example)"


def test_a_report_without_any_evidence_says_so() -> None:
    rendered = documents(Results.of(invented(), []), "en")
    assert "No evidence has been recorded" in rendered["report.en.md"]
    assert "No evidence has been recorded" in rendered["report.en.html"]


def test_a_claims_file_with_fewer_questions_renders(sample: Claims, tmp_path: Path) -> None:
    assert {"report.en.md", "report.zh.html", "junit.xml"} <= {path.name for path in reports.render(Results.of(sample, []), tmp_path)}


def test_the_readme_table_is_replaced_between_its_markers(invented: Results, tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    assert not is_current(invented, path, "en")
    assert update_readme(invented, path, "en")
    assert not update_readme(invented, path, "en")
    assert is_current(invented, path, "en")
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{BEGIN}\n")
    assert text.endswith(f"{END}\nafter\n")
    assert "(reports/latest/providers/acme.en.md)" in text
    path.write_text("no markers", encoding="utf-8")
    with pytest.raises(KeycapError, match="markers"):
        update_readme(invented, path, "en")


def test_importing_reports_is_quick_and_rendering_keeps_its_functions(invented: Results, tmp_path: Path) -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, reports; print(*sys.modules)"], capture_output=True, text=True, check=True
    ).stdout
    assert not {"pandas", "jinja2", "yaml"} & set(loaded.split())
    reports.render(invented, tmp_path)
    assert all(callable(getattr(reports, name)) for name in reports.__all__)
