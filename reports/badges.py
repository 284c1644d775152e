"""A small picture for each provider: whether an API hands out a capped key, and how well that is proven.

The file holds both languages and the viewer's browser shows its own; what a screen reader is told says both.
"""

import unicodedata
from html import escape

from probes.headline import Answer
from probes.results import Results
from reports.markup import visible
from reports.text import LANGUAGES, Texts, texts

FOLDER = "badges"

COLOURS = {Answer.NATIVE: "#00664a", Answer.COMPOSED: "#1f5f9e", Answer.OTHER_UNIT: "#8a4b00", Answer.NO: "#595959"}
"""White text stands on each with a contrast of at least 4.5:1."""

FONTS = "Verdana,DejaVu Sans,PingFang SC,Microsoft YaHei,Noto Sans CJK SC,sans-serif"
SIZE, HEIGHT, PAD = 11, 20, 6
"""Pixels: of the letters, of the picture, beside a text."""


def badges(results: Results) -> dict[str, str]:
    """SVG by file name; the same results give the same bytes."""
    return {f"{FOLDER}/{name}.svg": badge(results, name) for name in results.claims.providers}


def badge(results: Results, provider: str) -> str:
    """The badge of one provider."""
    t = {language: texts(language) for language in LANGUAGES}
    label = {language: each("badge") for language, each in t.items()}
    told = {language: _words(results, provider, each) for language, each in t.items()}
    first, second = (max(map(_width, each.values())) for each in (label, told))
    name = t["en"].pick(results.claims.providers[provider].name)
    spoken = escape(visible(f"{name}: {' / '.join(f'{label[language]}: {told[language]}' for language in LANGUAGES)}"))
    # The viewer shows the first child that is of its own language; the last one is everybody's.
    chinese, english = (_text(label[each], first / 2) + _text(told[each], first + second / 2) for each in ("zh", "en"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{first + second}" height="{HEIGHT}" role="img" aria-label="{spoken}">\n'
        f'<title>{spoken}</title>\n<rect width="{first}" height="{HEIGHT}" fill="#333"/>'
        f'<rect x="{first}" width="{second}" height="{HEIGHT}" fill="{COLOURS[results.headlines[provider].answer]}"/>\n'
        f'<g fill="#fff" font-size="{SIZE}" text-anchor="middle" font-family="{FONTS}">\n'
        f'<switch>\n<g systemLanguage="zh">{chinese}</g>\n<g>{english}</g>\n</switch>\n</g>\n</svg>\n'
    )


def _words(results: Results, provider: str, t: Texts) -> str:
    return f"{t.word('answer', results.headlines[provider].answer)} · {t.word('level', results.headline_level(provider))}"


def _text(text: str, middle: float) -> str:
    """A text around a place, held to the width that was reckoned with: the viewer's font is not known."""
    return f'<text x="{middle:g}" y="14" textLength="{_width(text) - 2 * PAD}">{escape(text)}</text>'


def _width(text: str) -> int:
    """Pixels of a text with its padding."""
    return round(sum(SIZE if unicodedata.east_asian_width(each) in "WF" else 0.58 * SIZE for each in text)) + 2 * PAD
