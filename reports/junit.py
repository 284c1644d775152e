"""Verdicts as JUnit XML, as CI systems read it: a suite for each provider, a case for each claim.

A contradicted claim is a failure, one that nobody could check is skipped with what it lacks, a probe that broke is an error.
"""

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from probes.evidence import Cause, Verdict, VerdictStatus
from probes.results import Results
from reports.markup import visible
from reports.text import Texts, texts

WRONG = (VerdictStatus.REFUTED, VerdictStatus.CONFLICT)


def junit(results: Results, providers: Iterable[str] | None = None) -> str:
    """The document for some providers, all where none is named; the same results give the same bytes."""
    t = texts("en")
    recorded: dict[str, str] = {}
    for each in results.evidence:
        recorded[each.provider] = max(recorded.get(each.provider, ""), each.recorded_at[:19])
    root = Element("testsuites", {"name": "keycap"})
    for provider in results.claims.providers if providers is None else providers:
        suite = SubElement(root, "testsuite", {"name": provider, "timestamp": recorded.get(provider, "")})
        for capability in results.claims.capabilities:
            _case(suite, results, provider, capability, t)
        _count(suite)
    _count(root)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _case(suite: Element, results: Results, provider: str, capability: str, t: Texts) -> None:
    verdict = results.verdicts[provider, capability]
    claimed = results.claims.providers[provider].claims[capability].status
    case = SubElement(suite, "testcase", {"classname": provider, "name": capability, "time": "0"})
    broken = next((each for each in verdict.decided_by if each.cause is Cause.PROBE_FAILED), None)
    if verdict.status in WRONG:
        told = f"claimed {claimed}, {t.word('verdict', verdict.status)} by {t.word('level', verdict.level)}"
        SubElement(case, "failure", {"message": told, "type": verdict.status.value}).text = _evidence(verdict, t)
    elif verdict.status is VerdictStatus.UNVERIFIED and broken is not None:
        SubElement(case, "error", {"message": visible(broken.detail), "type": broken.cause.value})
    elif verdict.missing is not None:
        causes = dict.fromkeys(t.word("cause", each.cause) for each in verdict.decided_by)
        SubElement(case, "skipped", {"message": t.sentences([t.word("missing_says", verdict.missing), *causes])})
    else:
        told = f"claimed {claimed}, {t.word('verdict', verdict.status)} by {t.word('level', verdict.level)}, {verdict.as_of}"
        SubElement(case, "system-out").text = told


def _evidence(verdict: Verdict, t: Texts) -> str:
    """A line for each piece that decided."""
    return "\n".join(
        visible(f"{each.outcome} ({each.origin}, {each.as_of}): {t.word('cause', each.cause)} {each.detail} [{', '.join(each.exchanges)}]")
        for each in verdict.decided_by
    )


def _count(element: Element) -> None:
    """Tests, failures, errors and skipped below an element."""
    element.set("tests", str(sum(1 for _ in element.iter("testcase"))))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(attribute, str(sum(1 for _ in element.iter(tag))))
