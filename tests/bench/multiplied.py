"""The real record with each provider several times over: what a report of hundreds of providers is measured on."""

from dataclasses import replace
from itertools import islice, product
from pathlib import Path

from probes.claims_file import load_claims
from probes.judged import load_record
from probes.results import Results

CHECKOUT = Path(__file__).resolve().parents[2]


def multiplied(count: int) -> Results:
    """The committed record, its providers repeated under numbered names until there are `count`."""
    claims = load_claims(CHECKOUT / "capabilities.yaml")
    record = load_record(claims, CHECKOUT / "cassettes")
    rounds = range(-(-count // len(claims.providers)))
    chosen = {_named(name, number): (name, number) for number, name in islice(product(rounds, claims.providers), count)}
    many = claims.model_copy(update={"providers": {name: claims.providers[of] for name, (of, _) in chosen.items()}})
    evidence = [replace(each, provider=name) for name, (of, _) in chosen.items() for each in record.evidence if each.provider == of]
    return Results.of(many, evidence, record.exchanges)


def _named(name: str, number: int) -> str:
    return f"{name}_{number}" if number else name
