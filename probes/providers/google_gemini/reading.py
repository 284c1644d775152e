"""What is there already is read, and read back: keys, budgets, quotas, usage."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from probes.answer import Answer, dotted, lasting
from probes.api import Api
from probes.evidence import Cause
from probes.probe import Tier

from .steps import BUDGETS, OWN, SERVICE, keys, last, provider, rows

QUOTAS = f"quotas:/v1/projects/{OWN}/locations/global/services/{SERVICE}/quotaInfos"
TOKENS = f"{SERVICE}/generate_content_usage_output_token_count"
PAST = datetime(2026, 1, 1, tzinfo=UTC)


@provider.probe("key.list", "key.read", tier=Tier.READ)
async def keys_are_listed_and_read(api: Api) -> None:
    """The first key of the list, never with its secret, reads the same by itself."""
    answer = await api.get(keys())
    found = lasting(rows(answer, "keys"))
    if not found:
        api.untested(f"no key in the project, status {answer.status}", cause=Cause.NOTHING_TO_TRY)
        return
    api.did("key.list", all("name" in key and "keyString" not in key for key in found), answer)
    first = min(found, key=lambda key: str(key.get("name")))
    read = await api.get(f"{keys()}/{last(first.get('name'))}")
    same = all(dotted(read.json, field) == first.get(field) for field in ("name", "uid", "createTime"))
    api.did("key.read", read.status == 200 and same, read)


@provider.probe("spend.alert", "spend.limit.scope", tier=Tier.READ)
async def budgets_are_listed_and_read(api: Api) -> None:
    """A budget that warns and one that caps, where the billing account has them, read the same by themselves."""
    found = lasting(rows(await api.get(f"budgets:{BUDGETS}"), "budgets"))
    for capability, field, chosen in (
        ("spend.alert", "thresholdRules", next((each for each in found if each.get("thresholdRules") and "spendCap" not in each), None)),
        ("spend.limit.scope", "spendCap", next((each for each in found if "spendCap" in each), None)),
    ):
        if chosen is None:
            api.inconclusive(capability, Cause.NOTHING_TO_TRY, f"no budget with {field}")
            continue
        read = await api.get(f"budgets:{BUDGETS}/{last(chosen.get('name'))}")
        same = all(dotted(read.json, name) == chosen.get(name) for name in ("name", "thresholdRules"))
        api.did(capability, read.status == 200 and same and bool(dotted(read.json, field)), read)


@provider.probe("rate.read", tier=Tier.READ)
async def quotas_are_listed_and_read(api: Api) -> None:
    """Quotas have a value for each model, and one of them reads the same by itself."""
    answer = await api.get(QUOTAS)
    told = [info for info in rows(answer, "quotaInfos") if dotted(info, "dimensionsInfos.0.details.value") is not None]
    if not told:
        api.untested(f"GET {QUOTAS} [dimensionsInfos.details.value]: status {answer.status}", cause=Cause.ROUTE_ONLY)
        return
    read = await api.get(f"{QUOTAS}/{last(told[0].get('quotaId'))}")
    same = dotted(read.json, "dimensionsInfos") == told[0]["dimensionsInfos"] and dotted(read.json, "quotaId") == told[0].get("quotaId")
    api.did("rate.read", read.status == 200 and same, read)


@provider.probe("spend.usage", tier=Tier.READ)
async def tokens_are_told(api: Api) -> None:
    """Tokens of the last 30 days; a metric that nobody has must not be answered alike. Without traffic only the route is shown."""
    control = await api.get(series(OWN, PAST, PAST + timedelta(days=1), metric=f"{SERVICE}/keycap_none"))
    until = time_of(control)
    answer = await api.get(series(OWN, until - timedelta(days=30), until))
    if answer.status == 200 and not tokens(answer):
        api.untested("GET monitoring:/v3/projects/{project}/timeSeries [points.value]: no traffic to read of", cause=Cause.ROUTE_ONLY)
        return
    api.did("spend.usage", tokens(answer) > 0 and not tokens(control) and control.status != answer.status, answer)


def series(project: str, start: datetime, end: datetime, *, metric: str = TOKENS) -> str:
    """The query for a metric between two times."""
    query = {
        "filter": f'metric.type="{metric}"',
        "interval.startTime": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "interval.endTime": end.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "view": "FULL",
    }
    return f"monitoring:/v3/projects/{project}/timeSeries?{urlencode(query)}"


def time_of(answer: Answer) -> datetime:
    """The provider's own time, long past where it does not tell it."""
    return answer.clock or PAST


def tokens(answer: Answer) -> int:
    """All tokens of a metric's points."""
    points = [point for each in rows(answer, "timeSeries") for point in each.get("points", [])]
    return sum(int(value) for point in points if str(value := dotted(point, "value.int64Value")).isdigit())
