"""The life of a key, a budget that warns, and the recipe of a capped key, step by step, each undone."""

from datetime import timedelta

from probes.answer import Answer, dotted
from probes.api import Api
from probes.evidence import Cause
from probes.probe import Tier

from .reading import time_of
from .steps import (
    BUDGETS,
    OWN,
    SERVICE,
    TARGETS,
    Composed,
    StepFailed,
    accepted,
    called,
    compose,
    create_account,
    create_budget,
    create_key,
    done,
    keys,
    last,
    money,
    needed,
    provider,
    rows,
    secret_of,
    spend_cap,
)

ELSEWHERE = {**TARGETS, "serverKeyRestrictions": {"allowedIps": ["203.0.113.7"]}}
"""Callers from an address that is reserved for documentation."""
REFUSED = (400, 401, 403)
PAGES = 100
"""Pages of 300 keys that are read at most."""
RATE = 3
"""Requests a minute that a quota is lowered to."""


@provider.probe("key.create", "key.list", "key.read", "key.expiry", "key.update", "key.restrict", "key.revoke", tier=Tier.WRITE)
async def a_key_lives_until_it_is_deleted(api: Api) -> None:
    """Create → use → list → read → mint a token from it → rename → restrict → loosen → delete → refused → restore → accepted."""
    try:
        await create_key(api, account := await create_account(api))
        secret = await secret_of(api)
        used = await accepted(api, secret)
        api.did("key.create", used.status == 200, used)
        await _listed_and_read(api, account)
        await _expires(api, secret)
        await _renamed(api)
        await _restricted(api, secret)
        await _deleted(api, secret)
    except StepFailed as error:
        api.untested(str(error), cause=Cause.NOT_DONE)


async def _listed_and_read(api: Api, account: str) -> None:
    listed, token = False, ""
    for _ in range(PAGES):
        answer = await api.get(f"{keys()}?pageSize=300{f'&pageToken={last(token)}' if token else ''}")
        listed = any(last(key.get("name")) == api.name for key in rows(answer, "keys"))
        token = str(dotted(answer.json, "nextPageToken") or "")
        if listed or not token:
            break
    api.did("key.list", listed, answer)
    read = await api.get(f"{keys()}/{api.name}")
    kept = (dotted(read.json, "displayName"), dotted(read.json, "restrictions"), dotted(read.json, "serviceAccountEmail"))
    api.did("key.read", kept == (api.name, TARGETS, account), read)


async def _expires(api: Api, secret: str) -> None:
    """A token for two minutes is given, one for thirty hours is not: twenty are the most."""
    now = time_of(await api.get("inference:/v1beta/models", credential="inference", secret=secret))

    async def token(lives: timedelta) -> Answer:
        body = {"uses": 1, "expireTime": (now + lives).strftime("%Y-%m-%dT%H:%M:%SZ")}
        return await api.post("inference:/v1alpha/auth_tokens", json=body, credential="inference", secret=secret)

    short, long = await token(timedelta(minutes=2)), await token(timedelta(hours=30))
    given = str(dotted(short.json, "name")).startswith("auth_tokens/")
    api.did("key.expiry", short.status == 200 and given and long.status == 400, short)


async def _renamed(api: Api) -> None:
    before = await api.get(f"{keys()}/{api.name}")
    body = {"displayName": f"{api.name}-renamed", "etag": dotted(before.json, "etag")}
    await _patched(api, "displayName", body)
    stale = await api.patch(f"{keys()}/{api.name}?updateMask=displayName", json=body)
    read = await api.get(f"{keys()}/{api.name}")
    api.did("key.update", dotted(read.json, "displayName") == body["displayName"] and stale.status >= 400, read)


async def _restricted(api: Api, secret: str) -> None:
    await _patched(api, "restrictions", {"restrictions": ELSEWHERE})
    read, refused = await api.get(f"{keys()}/{api.name}"), await called(api, secret, (403,))
    await _patched(api, "restrictions", {"restrictions": TARGETS})
    again = await accepted(api, secret)
    holds = dotted(read.json, "restrictions") == ELSEWHERE and (refused.status, again.status) == (403, 200)
    api.did("key.restrict", holds, refused)


async def _deleted(api: Api, secret: str) -> None:
    await done(api, "api", await api.delete(f"{keys()}/{api.name}"), "deleting the key")
    refused = await called(api, secret, REFUSED)
    await done(api, "api", await api.post(f"{keys()}/{api.name}:undelete", json={}), "restoring the key")
    again = await accepted(api, secret)
    api.did("key.revoke", refused.status in REFUSED and again.status == 200, refused)


async def _patched(api: Api, field: str, body: object) -> None:
    await done(api, "api", await api.patch(f"{keys()}/{api.name}?updateMask={field}", json=body), "changing the key")


@provider.probe("spend.alert", tier=Tier.WRITE)
async def a_budget_warns(api: Api) -> None:
    """A budget of a million without a cap, of the person's own project: it is read back, changed, and gone when it is deleted."""
    rules = [{"thresholdPercent": 0.9, "spendBasis": "CURRENT_SPEND"}, {"thresholdPercent": 1, "spendBasis": "FORECASTED_SPEND"}]
    body = {
        "displayName": api.name,
        "budgetFilter": {"projects": [f"projects/{api.setting('project')}"]},
        "amount": money(1_000_000),
        "thresholdRules": rules,
        "notificationsRule": {"disableDefaultIamRecipients": True},
    }
    try:
        _, path = await create_budget(api, OWN, body)
    except StepFailed as error:
        api.found("spend.alert", False, Cause.NOT_DONE, str(error))
        return
    kept = await api.get(path)
    changed = await api.patch(f"{path}?updateMask=thresholdRules", json={"thresholdRules": rules[:1]})
    read = await api.get(path)
    deleted = await api.delete(path)
    ended = (404, 201)  # a preview answers everything with 201
    gone = await api.eventually(lambda: api.get(path), lambda answer: answer.status in ended, within=20.0, every=2.0)
    told = (dotted(kept.json, "thresholdRules"), dotted(read.json, "thresholdRules"))
    holds = told == (rules, rules[:1]) and (changed.status, deleted.status, gone.status) == (200, 200, 404)
    api.did("spend.alert", holds, kept)


@provider.probe("spend.limit.scope", "spend.reset", "rate.set", tier=Tier.WRITE)
async def a_project_is_capped_with_a_key_in_it(api: Api) -> None:
    """The recipe: project → billing → services → service account → key → spend cap, which reads back; then a quota of the project."""
    try:
        composed = await compose(api)
        made, path = await create_budget(api, composed.project, spend_cap(api, composed.project, 5.0))
        key = await accepted(api, composed.secret)
        await _cap_holds(api, composed, made, path, key)
        await _quota_is_lowered(api, composed)
    except StepFailed as error:
        api.untested(str(error), cause=Cause.NOT_DONE)


async def _cap_holds(api: Api, composed: Composed, made: Answer, path: str, key: Answer) -> None:
    raised = await api.patch(
        f"{path}?updateMask=amount,spendCap.inputState", json={"amount": money(6.5), "spendCap": {"inputState": "CONFIGURED"}}
    )
    by_year = {"budgetFilter": {**spend_cap(api, composed.project, 5.0)["budgetFilter"], "calendarPeriod": "YEAR"}}
    refused = await api.patch(
        f"{path}?updateMask=budgetFilter,spendCap.inputState", json=by_year | {"spendCap": {"inputState": "CONFIGURED"}}
    )
    read = await api.get(path)
    listed = rows(await api.get(f"budgets:{BUDGETS}?scope=projects/{composed.project}"), "budgets")
    amount = dotted(read.json, "amount.specifiedAmount") or {}
    holds = (
        (str(amount.get("units")), amount.get("nanos")) == ("6", 500_000_000)
        and dotted(read.json, "budgetFilter.projects") == [composed.name]
        and dotted(read.json, "spendCap.inputState") == "CONFIGURED"
        and dotted(made.json, "name") in [each.get("name") for each in listed]
    )
    api.did("spend.limit.scope", holds and (raised.status, key.status) == (200, 200), read)
    monthly = dotted(read.json, "budgetFilter.calendarPeriod") == "MONTH" and dotted(read.json, "spendCap.outputState") == "CONFIGURED"
    api.did("spend.reset", monthly and refused.status == 400, refused)


async def _quota_is_lowered(api: Api, composed: Composed) -> None:
    before, lowered = await limit_of(api, composed), await lower(api, composed)
    during = await limit_of(api, composed)
    await lifted(api, lowered)
    after = await limit_of(api, composed)
    api.found(
        "rate.set", during == str(RATE) != before == after, Cause.DONE if during == str(RATE) else Cause.NOT_DONE, f"{during} of {before}"
    )


def _metrics(composed: Composed) -> str:
    return f"service_usage:/v1beta1/projects/{composed.project}/services/{SERVICE}/consumerQuotaMetrics"


async def _limit(api: Api, composed: Composed) -> dict[str, object]:
    """The limit on requests per minute, project and model. Raises StepFailed."""
    found = rows(await api.get(f"{_metrics(composed)}?view=FULL"), "metrics")
    limits = [limit for metric in found for limit in metric.get("consumerQuotaLimits", []) if "request" in str(metric.get("metric"))]
    chosen = next((limit for limit in limits if "min" in str(limit.get("unit")) and "model" in str(limit.get("unit"))), None)
    if chosen is None:
        raise StepFailed("no quota of requests per minute and model is told")
    return dict(chosen)


async def limit_of(api: Api, composed: Composed) -> str:
    """Requests a minute that the project has for the model."""
    buckets = (await _limit(api, composed)).get("quotaBuckets")
    own = {"model": model(api)}
    found = [bucket for bucket in buckets if bucket.get("dimensions") == own] if isinstance(buckets, list) else []
    return str(found[0].get("effectiveLimit")) if found else ""


async def lower(api: Api, composed: Composed) -> str:
    """Lower the limit of the probe's own project for the model; the path of the override, which goes with the project."""
    metric, limit = str((await _limit(api, composed))["name"]).rsplit("/limits/", 1)
    path = f"{_metrics(composed)}/{last(metric)}/limits/{last(limit)}/consumerOverrides"
    body = {"overrideValue": str(RATE), "dimensions": {"model": model(api)}}
    await done(api, "service_usage", await api.post(f"{path}?force=true", json=body), "lowering a quota")
    overrides = rows(await api.get(path), "overrides")
    if not overrides:
        raise StepFailed("the lowered quota is not listed")
    return f"{path}/{last(overrides[0].get('name'))}"


async def lifted(api: Api, override: str) -> None:
    """Remove an override."""
    await done(api, "service_usage", needed(await api.delete(f"{override}?force=true"), "lifting a quota"), "lifting a quota")


def model(api: Api) -> str:
    """The model that inference calls are sent to."""
    return api.session.model.name if api.session.model else str(api.provider.parameters["model"])
