"""Invented providers with evidence of every kind, for the report's tests."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from probes.claims import Claims
from probes.claims_file import load_claims
from probes.evidence import Cause, Evidence, Level, Origin, Outcome
from probes.figures import Figures, Limited
from probes.results import Results

CHECKOUT = Path(__file__).resolve().parents[2]


def both(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


def capabilities() -> dict[str, Any]:
    """The real questions, without any provider."""
    claims = load_claims(CHECKOUT / "capabilities.yaml").model_dump()
    return {"version": 1, "groups": claims["groups"], "capabilities": claims["capabilities"]}


def provider(names: list[str], **changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "name": {"zh": "顶点", "en": "Acme"},
        "kind": "aggregator",
        "region": "global",
        "summary": {"zh": "一个虚构的提供商。", "en": "An invented provider."},
        "hosts": {"api": {"url": "https://api.acme.example", "control": "GET /v1/models"}},
        "credentials": {
            "admin": {
                "name": {"zh": "管理密钥", "en": "admin key"}, "env": ["ACME_ADMIN_KEY"], "send": "Authorization: Bearer {}",
                "get": {"zh": "在控制台", "en": "in the console"},
            }
        },
        "sources": {"spec": {"url": "https://acme.example/openapi.yaml", "dated": "2026-08-21", "read": "2026-11-20"}},
        "claims": {name: {"status": "unknown"} for name in names},
    }  # fmt: skip
    base["claims"] |= changes.pop("claims", {})
    return base | changes


def api(endpoint: str, **more: Any) -> dict[str, Any]:
    return {"status": "supported", "mechanism": "api", "scope": ["key"], "endpoint": endpoint, "sources": ["spec"]} | more


def invented(**changes: Any) -> Claims:
    """Three providers: a key with a cap, a composed cap behind signed requests, a gateway without; `changes` go into the first."""
    data = capabilities()
    names = list(data["capabilities"])
    acme = provider(
        names,
        claims={
            "key.create": api("POST /v1/keys", body={"name": "customer-42", "limit": 5}, returns=["key"], since="2026-01"),
            "key.read": api("GET /v1/keys/{keyId}", returns=["data.items[].limit"]),
            "key.rotate": {"status": "unsupported", "refuted_by": ["* /**/rotate"], "sources": ["spec"]},
            "spend.limit.key": api("POST /v1/keys", fields=["limit"], unit="usd", note={"zh": "上限按月计算", "en": "The cap is monthly"}),
            "spend.usage": api("GET /v1/usage?from={day}", status="partial", note={"zh": "只有昨天以前的", "en": "Until yesterday only"}),
            "rate.error": api("POST /v1/chat", error={"status": 429, "code": "slow_down"}),
            "rate.headers": api("POST /v1/chat", headers=["x-ratelimit-limit"]),
        },
        recipe=[
            {
                "call": "POST /v1/keys", "body": {"name": "it's 5 o'clock", "limit": 5}, "take": {"key": "key", "hash": "data.0.hash"},
                "does": {"zh": "创建密钥", "en": "creates the key"},
            },
            {"call": "PATCH /v1/keys/{hash}", "body": {"owner": "{hash}"}, "does": {"zh": "设定归属", "en": "sets the owner"}},
        ],
        seed={
            "row": {"key": both("✅"), "spend": both("✅"), "rate": both("❌")},
            "stars": 5,
            "conclusions": [
                {"capability": "spend.limit.key", "status": "supported", "says": {"zh": "可以限额", "en": "can cap"}},
                {"capability": "key.rotate", "status": "supported", "says": {"zh": "可以轮换", "en": "can rotate"}},
                {"capability": "spend.usage", "status": "unsupported", "says": {"zh": "不能查用量", "en": "no usage"}},
                {"capability": "key.read", "status": "unknown", "says": {"zh": "不清楚", "en": "unclear"}},
                {"capability": "rate.set", "status": "unsupported", "says": {"zh": "不能限速", "en": "no rate limits"}},
            ],
        },
        refusals=[{"status": 403, "code": "cap", "means": "spend", "when": {"zh": "上限用尽", "en": "the cap is used up"}}],
        limits=[{"zh": "最多 100 把", "en": "100 keys at most"}],
        **changes,
    )  # fmt: skip
    cloud = provider(
        names,
        name={"zh": "云端", "en": "Cloudy"}, kind="hosted-model-api", region="cn",
        hosts={"api": {"url": "https://{region}.cloudy.example", "action_header": "x-action", "headers": {"x-version": "1"}}},
        credentials={
            "pair": {
                "name": both("AK"), "env": ["CLOUDY_ID", "CLOUDY_SECRET"], "send": "Authorization: CL3-HMAC-SHA256 {}", "get": both("IAM"),
            }
        },
        parameters={"region": "north-1"},
        claims={
            "key.create": api("POST /", action="CreateKey"),
            "spend.limit.scope": api("PUT /budgets", scope=["project"], unit="cny", action="SetBudget"),
        },
        recipe=[{"call": "POST /", "does": {"zh": "创建密钥", "en": "creates a key"}}],
    )  # fmt: skip
    hub = provider(
        names,
        name={"zh": "中枢", "en": "Hub"}, kind="self-hosted-gateway", version="1.2.3", hosts={"api": {"control": "GET /health"}},
        credentials={"admin": {"name": both("admin"), "env": ["HUB_USER", "HUB_PASSWORD"], "send": "Authorization: Basic {}",
                               "get": both("auth.ini")}},
        claims={"key.create": api("POST /users"), "spend.limit.key": api("POST /caps", unit="tokens")},
    )  # fmt: skip
    looked_at = [
        {"name": name, "kind": kind, "found": {"zh": "没有找到", "en": "Not a word"}, "source": source, "read": "2026-11-20"}
        for name, kind, source in (("Elsewhere", "nothing", "https://elsewhere.example/docs"), ("Handy", "by_hand", "Handy docs"))
    ]
    return Claims.model_validate(data | {"providers": {"acme": acme, "cloudy": cloud, "hub": hub}, "looked_at": looked_at})


def found(capability: str, outcome: Outcome, level: Level, **more: Any) -> Evidence:
    given: dict[str, Any] = {
        "provider": "acme", "origin": Origin.LIVE, "tier": "contract", "probe": "openapi", "cause": Cause.DECLARED,
        "detail": "POST /v1/keys",
        "recorded_at": "2026-11-22T10:00:00Z", "as_of": "2026-11-22", "exchanges": ("live/acme/contract.yaml#0",),
    }  # fmt: skip
    return Evidence(**(given | more | {"capability": capability, "outcome": outcome, "level": level}))


def evidence() -> list[Evidence]:
    """Every verdict, origin and level."""
    return [
        found("key.create", Outcome.PRESENT, Level.BEHAVIOUR),
        found(
            "spend.limit.key",
            Outcome.PRESENT,
            Level.ENFORCEMENT,
            detail="403 after 3 calls",
            recorded_at="2026-11-24T10:00:00Z",
            as_of="2026-11-24",
        ),
        found("key.rotate", Outcome.PRESENT, Level.SURFACE, cause=Cause.ROUTE_ANSWERS),
        found("key.read", Outcome.PRESENT, Level.CONTRACT, probe="a"),
        found("key.read", Outcome.ABSENT, Level.CONTRACT, probe="b", cause=Cause.NOT_DECLARED),
        found("spend.usage", Outcome.INCONCLUSIVE, Level.SURFACE, cause=Cause.ALL_ALIKE),
        found("rate.set", Outcome.PRESENT, Level.BEHAVIOUR, origin=Origin.LAB, as_of="2026-11-21"),
        found("rate.set", Outcome.ABSENT, Level.SURFACE, origin=Origin.OVERRIDE),
        found("key.create", Outcome.PRESENT, Level.BEHAVIOUR, provider="hub", origin=Origin.ATTESTED, exchanges=()),
    ]


def results() -> Results:
    return Results.of(invented(), evidence())


def many(count: int) -> Results:
    """As many providers as one likes, with long names, every standing, beginnings of every kind, and caps that were run into."""
    few = invented().model_dump(mode="json", exclude_unset=True)
    kinds = list(few["providers"])
    providers: dict[str, Any] = {}
    made: list[Evidence] = []
    for number in range(count):
        kind = kinds[number % len(kinds)]
        name = f"p{number}"
        providers[name] = json.loads(json.dumps(few["providers"][kind])) | {"name": both(f"{'云端 Gateway ' * (number % 7 + 1)}{number}")}
        for place, claim in enumerate(providers[name]["claims"].values()):
            if claim["status"] == "supported":
                year, month = 2019 + (number * 7 + place) % 8, 1 + number % 11
                claim["since"] = (f"{year}", f"{year}-{month:02}", f"{year}-{month:02}-17", f"before {year}-{month:02}")[number % 4]
        made += [replace(each, provider=name) for each in evidence() if each.provider == kind]
        past = number * 13 % 997
        figures = tuple(
            Figures(limited=Limited.SPEND, limit=0.01, in_flight=flying, understated=number % 2 == 1, calls=5 + past, calls_past=past,
                    usd=0.02, usd_past=past * 0.002)
            for flying in ((1, 8), (1,), (8,))[number % 3]
        )  # fmt: skip
        origin = Origin.LIVE if number % 2 else Origin.LAB
        made.append(found("spend.limit.key", Outcome.PRESENT, Level.ENFORCEMENT, provider=name, origin=origin, figures=figures))
    return Results.of(Claims.model_validate(few | {"providers": providers}), made)
