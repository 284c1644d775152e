"""Two languages: the same keys, and each written as its readers write."""

import re

import autocorrect_py
import pytest
import yaml

from reports import text as module
from reports.text import FOLDER, SHOWN, Language, texts, value_of

PLACEHOLDER = re.compile(r"\{[a-z_]+\}")
FIGURES = re.compile(r"[{}$<>]")


def keys(node: dict[str, object], prefix: str = "") -> set[str]:
    return {
        full for key, value in node.items() for full in (keys(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}"})
    }


def test_both_locales_have_the_same_keys_and_placeholders() -> None:
    en, zh = (yaml.safe_load((FOLDER / f"{each}.yaml").read_text(encoding="utf-8")) for each in ("en", "zh"))
    assert keys(en) == keys(zh)
    for key, text in texts("en").texts.items():
        assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(texts("zh").texts[key])), key


def test_every_shown_value_has_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    for section, enum in SHOWN.items():
        assert all(f"{section}.{value_of(value)}" in texts("zh").texts for value in enum)
    monkeypatch.setattr(module, "_read", lambda language: {"title": "t"} if language == "zh" else {"title": "t", "extra": "x"})
    with pytest.raises(ValueError, match=r"zh: extra"):
        texts.__wrapped__("zh")


def test_an_unknown_key_is_an_error_not_an_empty_text() -> None:
    with pytest.raises(KeyError):
        texts("en")("no.such.key")


def test_status_words_are_short() -> None:
    assert all(len(texts("zh").texts[key]) <= 4 for key in texts("zh").texts if key.startswith(("status.", "verdict.", "level.")))


def test_the_chinese_locale_keeps_the_habits_of_chinese_typography() -> None:
    for key, text in texts("zh").texts.items():
        if not key.startswith("habit."):
            plain = PLACEHOLDER.sub("甲", text)
            assert autocorrect_py.format(plain) == plain, key
            assert not re.search(r"[\u4e00-\u9fff] *[,;:?!()]|[,;:?!()] *[\u4e00-\u9fff]", plain), key


@pytest.mark.parametrize("form", ["md", "html"])
def test_the_chinese_report_is_set_as_chinese(rendered: dict[str, str], form: str) -> None:
    for line in prose(rendered[f"zh.{form}"]):
        assert autocorrect_py.format(line) == line


@pytest.mark.parametrize(("shown", "other"), [("zh", "en"), ("en", "zh")])
def test_no_sentence_of_the_other_language_slips_in(rendered: dict[str, str], shown: Language, other: Language) -> None:
    pages = {form: rendered[f"{shown}.{form}"] for form in ("md", "html")}
    for key, text in texts(other).texts.items():
        if key in ("other_language", "title") or texts(shown).texts[key] == text:
            continue
        for piece in PLACEHOLDER.split(text):
            telling = len(piece.split()) >= 4 if other == "en" else len(re.findall(r"[\u4e00-\u9fff]", piece)) >= 5
            if telling:
                assert all(piece.strip() not in page for page in pages.values()), key


def prose(page: str) -> list[str]:
    """The lines of a report without code, addresses and markup."""
    page = re.sub(r"(?s)<style>.*?</style>|<pre.*?</pre>|<code>.*?</code>|```.*?```|`[^`]*`|\]\([^)]*\)", "", page)
    page = re.sub(r"<a\b[^>]*>|</a>|\*\*|!?\[|\]", "", page)
    page = re.sub(r"<[^>]*>|(?<!\\)\|", "\n", page)
    return [line.strip() for line in page.splitlines() if re.search(r"[\u4e00-\u9fff]", line)]
