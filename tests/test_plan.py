"""The plan: what runs against whom, before anything is sent."""

from typing import NamedTuple

import pytest

from probes.claims import Claims
from probes.credentials import Environment
from probes.errors import UsageError
from probes.evidence import Origin
from probes.plan import DEFAULT_TIERS, plan
from probes.preview import planned
from probes.probe import Tier

TOKEN = Environment({"HUB_ADMIN_TOKEN": "s3cret-s3cret"})
HUB = {"prompture_hub": "http://127.0.0.1:9"}


class Shown(NamedTuple):
    """A planned request, as far as a person decides by it."""

    method: str
    path: str
    credential: str | None


def test_without_a_credential_nothing_above_surface_is_planned(real_claims: Claims) -> None:
    jobs = plan(real_claims, endpoints=HUB, tiers=[*DEFAULT_TIERS, Tier.WRITE])
    assert {job.tier for job in jobs} == {Tier.CONTRACT, Tier.SURFACE}


def test_reading_is_planned_where_a_credential_is_present_writing_only_where_it_is_allowed(real_claims: Claims) -> None:
    jobs = plan(real_claims, endpoints=HUB, environment=TOKEN)
    assert [(job.name, job.tier) for job in jobs if job.tier > Tier.SURFACE] == [
        ("prompture_hub", Tier.READ),
        ("prompture_hub", Tier.DRY),
    ]
    jobs = plan(real_claims, endpoints=HUB, environment=TOKEN, tiers=[Tier.WRITE])
    assert [(job.name, job.tier) for job in jobs] == [("prompture_hub", Tier.WRITE)]


def test_a_gateway_without_an_address_is_not_planned(real_claims: Claims) -> None:
    assert plan(real_claims, providers=["prompture_hub"], environment=TOKEN) == []


def test_somebodys_own_endpoint_overrides_a_vendor_and_is_the_gateway(real_claims: Claims) -> None:
    jobs = plan(real_claims, tiers=[Tier.SURFACE], endpoints={**HUB, "openai": "http://127.0.0.1:9"}, providers=["openai", "prompture_hub"])
    assert {job.name: job.origin for job in jobs} == {"openai": Origin.OVERRIDE, "prompture_hub": Origin.LIVE}


def test_the_preview_of_writing_shows_every_step_and_whose_credential_it_uses(real_claims: Claims) -> None:
    requests = planned(plan(real_claims, endpoints=HUB, environment=TOKEN, tiers=[Tier.WRITE]))
    shown = [Shown(each["method"], each["url"].removeprefix(HUB["prompture_hub"]), each["credential"]) for each in requests]
    assert shown[0] == Shown("POST", "/admin/keys", "HUB_ADMIN_TOKEN")
    assert Shown("DELETE", "/admin/keys/ID", "HUB_ADMIN_TOKEN") in shown
    assert Shown("GET", "/v1/models", "the key that this run creates") in shown
    assert "s3cret" not in str(requests)


@pytest.mark.parametrize(
    "selection", [{"providers": ["nobody"]}, {"capabilities": ["key.make"]}, {"endpoints": {"nobody": "http://127.0.0.1"}}]
)
def test_a_name_nobody_has_is_told(real_claims: Claims, selection: dict[str, list[str]]) -> None:
    with pytest.raises(UsageError, match="there is no"):
        plan(real_claims, **selection)  # type: ignore[arg-type]
