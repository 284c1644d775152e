"""Claims, evidence and verdicts together: what every command shows and every report is made from."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from probes.claims import Claims
from probes.evidence import SETTLING, Evidence, Level, Origin, Verdict, VerdictStatus, settle
from probes.headline import Headline, headline
from probes.testable import testable
from probes.vocabulary import Status

SCHEMA = 1
"""Version of the JSON document that `document` returns."""


@dataclass(frozen=True)
class Results:
    """The settled state of every claim, a pure function of claims and evidence."""

    claims: Claims
    evidence: tuple[Evidence, ...]
    origins: tuple[Origin, ...] = SETTLING
    """Whose evidence decides."""

    @classmethod
    def of(cls, claims: Claims, evidence: Iterable[Evidence]) -> "Results":
        """Evidence on what is no longer claimed is left out; the order is the claims' own, whatever was given."""
        order = {
            (name, capability): (row, column)
            for row, (name, provider) in enumerate(claims.providers.items())
            for column, capability in enumerate(claims.capabilities)
            if capability in provider.claims
        }
        known = [each for each in evidence if (each.provider, each.capability) in order]
        known.sort(key=lambda each: (order[each.provider, each.capability], -each.level, each.origin, each.probe))
        return cls(claims, tuple(known))

    def only(self, providers: Iterable[str]) -> "Results":
        """The same for some of the providers."""
        chosen = {name: self.claims.providers[name] for name in providers}
        return replace(Results.of(self.claims.model_copy(update={"providers": chosen}), self.evidence), origins=self.origins)

    def decided_by(self, *origins: Origin) -> "Results":
        """The same record as other origins see it: what the simulators showed, for example, which is never a verdict on a vendor."""
        return replace(self, origins=origins)

    @cached_property
    def by_claim(self) -> Mapping[tuple[str, str], Sequence[Evidence]]:
        """Evidence by (provider, capability); empty where there is none."""
        found: defaultdict[tuple[str, str], list[Evidence]] = defaultdict(list)
        for each in self.evidence:
            found[each.provider, each.capability].append(each)
        return found

    @cached_property
    def verdicts(self) -> Mapping[tuple[str, str], Verdict]:
        """A verdict for every provider × capability, in the claims' order."""
        return {
            (name, capability): settle(
                provider.claims[capability],
                self.by_claim.get((name, capability), ()),
                shown_by=question.shown_by,
                testable=testable(provider, capability, question),
                origins=self.origins,
            )
            for name, provider in self.claims.providers.items()
            for capability, question in self.claims.capabilities.items()
        }

    @cached_property
    def contradicted(self) -> Mapping[tuple[str, str], Verdict]:
        """The verdicts that contradict their claim. What nobody knows of a vendor no simulator contradicts: only the vendor can tell."""
        wrong = (VerdictStatus.REFUTED, VerdictStatus.CONFLICT)
        return {
            cell: verdict
            for cell, verdict in self.verdicts.items()
            if verdict.status in wrong
            and (Origin.LIVE in self.origins or self.claims.providers[cell[0]].claims[cell[1]].status is not Status.UNKNOWN)
        }

    @cached_property
    def headlines(self) -> Mapping[str, Headline]:
        """The headline answer by provider."""
        return {name: headline(provider) for name, provider in self.claims.providers.items()}

    def headline_level(self, provider: str) -> Level:
        """How well the headline is proven: the weakest of the claims it rests on, `claimed` unless all are confirmed."""
        verdicts = [self.verdicts[provider, capability] for capability in self.headlines[provider].rests_on]
        confirmed = all(verdict.status is VerdictStatus.CONFIRMED for verdict in verdicts)
        return min(verdict.level for verdict in verdicts) if confirmed else Level.CLAIMED

    @cached_property
    def newest(self) -> str:
        """UTC time of the newest recording, empty without any."""
        return max((each.recorded_at for each in self.evidence), default="")

    @cached_property
    def oldest(self) -> str:
        """UTC time of the oldest recording, empty without any."""
        return min((each.recorded_at for each in self.evidence if each.recorded_at), default="")


def document(results: Results, run: Mapping[str, Any], *, today: date) -> dict[str, Any]:
    """The one JSON document of keycap: flat rows with the words of the design; `age_days` counts from `as_of` to `today`, 0 by a clock that runs behind."""
    return {
        "schema": SCHEMA,
        "run": dict(run),
        "evidence": [
            {
                "provider": each.provider,
                "capability": each.capability,
                "outcome": each.outcome,
                "level": each.level.word,
                "origin": each.origin,
                "tier": each.tier,
                "probe": each.probe,
                "cause": each.cause,
                "detail": each.detail,
                "recorded_at": each.recorded_at,
                "as_of": each.as_of,
                "exchanges": list(each.exchanges),
                "figures": [asdict(figures) for figures in each.figures],
            }
            for each in results.evidence
        ],
        "verdicts": [
            {
                "provider": provider,
                "capability": capability,
                "status": results.claims.providers[provider].claims[capability].status,
                "verdict": verdict.status,
                "level": verdict.level.word,
                "as_of": verdict.as_of,
                "age_days": max(0, (today - date.fromisoformat(verdict.as_of)).days) if verdict.as_of else None,
                "missing": verdict.missing,
            }
            for (provider, capability), verdict in results.verdicts.items()
        ],
        "headline": {
            provider: {"answer": answer.answer, "rests_on": list(answer.rests_on), "level": results.headline_level(provider).word}
            for provider, answer in results.headlines.items()
        },
    }
