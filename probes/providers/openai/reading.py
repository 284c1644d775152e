"""Tier read: keys, rates and costs of what the organisation has."""

from datetime import UTC, datetime, timedelta

from probes.addresses import segment
from probes.answer import dotted, lasting, rows
from probes.api import Api
from probes.evidence import Cause
from probes.probe import Tier
from probes.providers.openai.steps import ONE_ROW, ORGANIZATION, PROJECTS, first_project, provider, report, untested

EARLIEST = datetime(2024, 12, 4, tzinfo=UTC)
"""Since when costs are told: asked from where an answer has no date."""


@provider.probe("key.list", "key.read", "rate.read", tier=Tier.READ)
async def keys_and_rates_of_a_project_are_read(api: Api) -> None:
    """The keys of the oldest project are listed and the first is read, who must be the same; its rates are there for every model."""
    if (project := await first_project(api)) is None:
        untested(api, *api.probe.capabilities)
        return
    listed = await api.get(f"{project}/api_keys?limit=100&owner_project_access=any", gives=ONE_ROW)
    keys = lasting(rows(listed, "data"))
    if keys:
        report(api, "key.list", all("redacted_value" in key for key in keys), listed)
        read = await api.get(f"{project}/api_keys/{segment(keys[0]['id'])}")
        report(api, "key.read", all(dotted(read.json, field) == keys[0].get(field) for field in ("id", "redacted_value")), read)
    else:
        untested(api, "key.list", "key.read")
    rates = await api.get(f"{project}/rate_limits?limit=100")
    told = all(rate.get(f"max_{what}_per_1_minute") for rate in rows(rates, "data") for what in ("requests", "tokens"))
    report(api, "rate.read", bool(rows(rates, "data")) and told, rates)


@provider.probe("spend.usage", tier=Tier.READ)
async def costs_of_a_month_are_told(api: Api) -> None:
    """Costs of the last 30 days by key. No result, or only zeros, may be all that a key is shown: neither says anything."""
    projects = await api.get(f"{PROJECTS}?limit=1")
    now = projects.clock or EARLIEST
    start = int((now - timedelta(days=30)).timestamp())
    costs = await api.get(f"{ORGANIZATION}/costs?start_time={start}&limit=31&group_by=api_key_id")
    amounts = [dotted(result, "amount.value") for bucket in rows(costs, "data") for result in bucket.get("results", [])]
    if any(amounts):
        report(api, "spend.usage", True, costs)
    elif costs.status == 200:
        api.inconclusive("spend.usage", Cause.ROUTE_ONLY, "nothing was spent in 30 days, or it is not shown")
    else:
        report(api, "spend.usage", False, costs)
