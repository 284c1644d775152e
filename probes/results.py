"""Claims, evidence and verdicts together: what every command shows and every report is made from."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from probes.claims import Claims
from probes.evidence import SETTLING, Evidence, Level, Origin, Verdict, VerdictStatus, settle
from probes.excerpt import Exchange
from probes.headline import Headline, headline
from probes.testable import testable
from probes.vocabulary import Status


@dataclass(frozen=True)
class Results:
    """The settled state of every claim, a pure function of claims and evidence."""

    claims: Claims
    evidence: tuple[Evidence, ...]
    origins: tuple[Origin, ...] = SETTLING
    """Whose evidence decides."""
    exchanges: Mapping[str, Exchange] = field(default_factory=dict)
    """What the exchanges that evidence names look like, where the recordings were read."""

    @classmethod
    def of(cls, claims: Claims, evidence: Iterable[Evidence], exchanges: Mapping[str, Exchange] | None = None) -> "Results":
        """Evidence on what is no longer claimed is left out; the order is the claims' own, whatever was given."""
        order = {
            (name, capability): (row, column)
            for row, (name, provider) in enumerate(claims.providers.items())
            for column, capability in enumerate(claims.capabilities)
            if capability in provider.claims
        }
        known = [each for each in evidence if (each.provider, each.capability) in order]
        known.sort(key=lambda each: (order[each.provider, each.capability], -each.level, each.origin, each.probe))
        return cls(claims, tuple(known), exchanges=exchanges or {})

    def only(self, providers: Iterable[str]) -> "Results":
        """The same for some of the providers."""
        chosen = {name: self.claims.providers[name] for name in providers}
        claims = self.claims.model_copy(update={"providers": chosen})
        return replace(Results.of(claims, self.evidence, self.exchanges), origins=self.origins)

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
