"""An Atom feed of verdicts that changed, both languages in each entry: the same history gives the same bytes."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as Xml

from probes.results import Results
from reports.cells import anchor, in_words
from reports.history import Line
from reports.markup import visible
from reports.states import became
from reports.text import LANGUAGES, Language, texts

ATOM, XHTML = "http://www.w3.org/2005/Atom", "http://www.w3.org/1999/xhtml"
NEWEST = 50
"""Entries of the feed."""

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def feed(lines: Iterable[Line], results: Results) -> str:
    """The newest changes first. What was settled for the first time is no change, and what simulators showed neither.

    Addresses are relative: the feed lies beside the report.
    """
    news = [(identity, line) for identity, line in _identified(lines) if line.before is not None and not line.origin]
    news = [(identity, line) for identity, line in news if (line.provider, line.capability) in results.verdicts][-NEWEST:][::-1]
    root = Xml.Element("feed", xmlns=ATOM)
    Xml.SubElement(root, "id").text = f"urn:uuid:{uuid5(NAMESPACE_URL, 'keycap:feed')}"
    Xml.SubElement(root, "title").text = " · ".join(texts(language)("drift.feed") for language in LANGUAGES)
    Xml.SubElement(root, "updated").text = _moment(news[0][1].date.isoformat() if news else results.newest[:10] or "1970-01-01")
    Xml.SubElement(root, "link", rel="self", href="feed.xml")
    Xml.SubElement(root, "link", rel="alternate", type="text/html", href="index.html")
    Xml.SubElement(Xml.SubElement(root, "author"), "name").text = "keycap"
    for identity, line in news:
        _entry(root, identity, line, results)
    Xml.indent(root, " ")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{Xml.tostring(root, encoding="unicode")}\n'


def _entry(root: Xml.Element, identity: str, line: Line, results: Results) -> None:
    entry = Xml.SubElement(root, "entry")
    Xml.SubElement(entry, "id").text = f"urn:uuid:{identity}"
    told = {language: _told(line, results, language) for language in LANGUAGES}
    Xml.SubElement(entry, "title").text = visible(" · ".join(title for title, _ in told.values()))
    Xml.SubElement(entry, "updated").text = _moment(line.date.isoformat())
    for language in LANGUAGES:
        where = f"report.{language}.html#{anchor(line.provider, line.capability)}"
        Xml.SubElement(entry, "link", rel="alternate", type="text/html", hreflang=language, href=where)
    content = Xml.SubElement(Xml.SubElement(entry, "content", type="xhtml"), "div", xmlns=XHTML)
    for language, (title, change) in told.items():
        Xml.SubElement(content, "p", {_LANG: "zh-Hans" if language == "zh" else language}).text = visible(f"{title} — {change}")


def _told(line: Line, results: Results, language: Language) -> tuple[str, str]:
    """What became of which cell, and from what to what."""
    t, claims = texts(language), results.claims
    name = t.pick(claims.providers[line.provider].name)
    capability = t.pick(claims.capabilities[line.capability].name)
    before, after = line.before or line.after, line.after
    title = t.labelled(f"{name} · {capability}", t.word("drift.kind", became(before, after)))
    return title, f"{in_words(before, t)} → {in_words(after, t)}"


def _identified(lines: Iterable[Line]) -> Iterator[tuple[str, Line]]:
    """Each line with an id that stays when the history is made anew: its commit may be known only later."""
    seen: Counter[str] = Counter()
    for line in lines:
        told = json.dumps({name: value for name, value in line.to_json().items() if name != "commit"}, sort_keys=True)
        seen[told] += 1
        yield str(uuid5(NAMESPACE_URL, f"keycap:{told}#{seen[told]}")), line


def _moment(day: str) -> str:
    return f"{day}T00:00:00Z"
