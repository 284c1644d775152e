"""The parts of every score, so that the page can rank for any choice of needs: it multiplies by weights and adds, no more.

What a wish is worth at a provider is the same for every need that has it, but for the weight. The parts are integers in units of
10^-`DIGITS`, so that sums in a browser are exact, and factors as text, so that the page can show the arithmetic.
"""

from decimal import Decimal
from typing import Any

from probes.results import Results
from reports.advice import Term, term_of
from reports.needs import NEEDS, Option
from reports.text import Texts, number

DIGITS = 8
"""Decimals of a part; `status × confidence × fit` has at most seven."""


def scores(results: Results, t: Texts) -> dict[str, Any]:
    """Needs (name, kinds, regions, weights by wish), the parts by provider, and the factors that parts name by place.

    `wishes` of a need are `[wish, weight]`; `parts` of a provider are `[capability, factor]` by wish, the capability by its place in the
    claims, -1 for one that they do not ask; a factor is `[status, confidence, fit, product]`.
    """
    wishes: dict[tuple[Option, ...], int] = {}
    for need in NEEDS:
        for wish in need.wishes:
            wishes.setdefault(wish.options, len(wishes))
    asked = {capability: place for place, capability in enumerate(results.claims.capabilities)}
    factors: dict[tuple[str, str, str, int], int] = {}
    parts: dict[str, list[list[int]]] = {}
    for name in results.claims.providers:
        best = [term_of(results, name, options) for options in wishes]
        parts[name] = [[asked.get(term.capability, -1), factors.setdefault(_factor(term), len(factors))] for term in best]
    return {
        "digits": DIGITS,
        "needs": [
            {
                "id": need.id,
                "name": t(f"need.{need.id}.name"),
                "kinds": sorted(need.kinds),
                "regions": sorted(need.regions),
                "wishes": [[wishes[wish.options], wish.weight] for wish in need.wishes],
                "columns": [asked[option.capability] for wish in need.wishes for option in wish.options if option.capability in asked],
            }
            for need in NEEDS
        ],
        "parts": parts,
        "factors": list(factors),
    }


def _factor(term: Term) -> tuple[str, str, str, int]:
    product = term.status * term.confidence * term.fit * Decimal(10) ** DIGITS
    if product != int(product):
        raise ArithmeticError(f"a part of a score has more than {DIGITS} decimals: {product}")
    return number(term.status), number(term.confidence), number(term.fit), int(product)
