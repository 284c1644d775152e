"""The Gemini API: models, generateContent, ephemeral tokens; what it answers a key, a spent cap and a rate."""

import asyncio
import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from probes.money import Model

from .budgets import amount_of
from .quotas import METRIC, QUOTA_ID, Quotas
from .rpc import OAUTH, Refused, Schema, body_of, info
from .world import GEMINI, MODEL, Key, Project, World

INPUT, OUTPUT = 500, 500
"""Tokens of every call; fewer output tokens where the request allows fewer."""
PRICED = Model(MODEL, 1.0, 3.0)
LONGEST = timedelta(hours=20)
"""An ephemeral token lives shorter than this."""
CONTENT: Schema = {"contents": [dict], "systemInstruction": dict, "generationConfig": dict, "safetySettings": [dict], "tools": [dict]}
TOKEN: Schema = {
    "name": str, "expireTime": str, "newSessionExpireTime": str, "uses": int, "bidiGenerateContentSetup": dict, "fieldMask": str,
}  # fmt: skip
SPENT = (
    "Your project has exceeded its monthly spending cap. Please go to AI Studio at https://ai.studio/spend to manage your project spend "
    "cap. Learn more at https://ai.google.dev/gemini-api/docs/billing#project-spend-caps. "
)


class Inference:
    """The host of the Gemini API."""

    def __init__(self, world: World, quotas: Quotas) -> None:
        self._world, self._quotas = world, quotas

    def routes(self) -> list[Route]:
        return [
            Route("/v1beta/models", self.models),
            Route("/v1beta/models/{model}", self.model),
            Route("/v1beta/models/{model}:generateContent", self.generate, methods=["POST"]),
            Route("/v1alpha/auth_tokens", self.token, methods=["POST"]),
        ]

    async def models(self, request: Request) -> Response:
        self._key(request)
        return JSONResponse({"models": [_model()]})

    async def model(self, request: Request) -> Response:
        self._key(request)
        _check_model(request)
        return JSONResponse(_model())

    async def generate(self, request: Request) -> Response:
        project, _ = self._key(request)
        body = await body_of(request, CONTENT, "request")
        _check_model(request)
        if not body.get("contents"):
            raise Refused("INVALID_ARGUMENT", "* GenerateContentRequest.contents: contents is not specified\n")
        self._check_cap(project)
        limit = self._quotas.limit(project)
        if (wait := project.window.admit(limit)) > 0:
            raise _too_fast(limit, wait)
        await asyncio.sleep(self._world.behaviour.latency)
        output = min(int(body.get("generationConfig", {}).get("maxOutputTokens", OUTPUT)), OUTPUT)
        project.spent.charge(PRICED.cost(INPUT, output) * self._world.behaviour.dearness)
        project.usage.append((datetime.now(UTC), MODEL, INPUT, output))
        self._world.served += 1
        return JSONResponse(
            {
                "candidates": [{"content": {"parts": [{"text": "Hi"}], "role": "model"}, "finishReason": "STOP", "index": 0}],
                "usageMetadata": {"promptTokenCount": INPUT, "candidatesTokenCount": output, "totalTokenCount": INPUT + output},
                "modelVersion": MODEL,
                "responseId": secrets.token_urlsafe(16),
            }
        )

    async def token(self, request: Request) -> Response:
        self._key(request)
        body = await body_of(request, TOKEN, "auth_token")
        for name in ("expireTime", "newSessionExpireTime"):
            try:
                ahead = datetime.fromisoformat(body[name]) - datetime.now(UTC) if name in body else timedelta(minutes=1)
            except (ValueError, TypeError):
                raise Refused(
                    "INVALID_ARGUMENT", f"Invalid value at 'auth_token.{name}' (type.googleapis.com/google.protobuf.Timestamp)"
                ) from None
            if not timedelta() < ahead < LONGEST:
                raise Refused("INVALID_ARGUMENT", f"{name} must be in the future and less than 20 hours ahead.")
        return JSONResponse({"name": f"auth_tokens/{secrets.token_hex(32)}"})

    def _key(self, request: Request) -> tuple[Project, Key]:
        given = request.headers.get("x-goog-api-key") or request.query_params.get("key", "")
        if not given:
            message = (
                "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API "
                "consumer identity to call this API."
            )
            raise Refused("PERMISSION_DENIED", message)
        self._world.settle()
        for project in self._world.projects.values():
            for key in project.keys.values():
                if key.secret == given and self._works(project, key):
                    self._check_restrictions(request, project, key)
                    return project, key
        if given.startswith("AQ."):
            details = [info("ACCESS_TOKEN_TYPE_UNSUPPORTED", domain="")]
            raise Refused("UNAUTHENTICATED", f"Request had invalid authentication credentials. {OAUTH}", details)
        message = "API key not valid. Please pass a valid API key."
        details = [
            info("API_KEY_INVALID", service=GEMINI),
            {"@type": "type.googleapis.com/google.rpc.LocalizedMessage", "locale": "en-US", "message": message},
        ]
        raise Refused("INVALID_ARGUMENT", message, details)

    def _works(self, project: Project, key: Key) -> bool:
        ended = key.deleted is not None and time.monotonic() >= key.deleted + self._world.behaviour.revoke_lag
        return project.state == "ACTIVE" and self._world.appeared(key.since) and not ended

    def _check_restrictions(self, request: Request, project: Project, key: Key) -> None:
        about = {"consumer": project.name, "service": GEMINI}
        limits = key.shown.get("restrictions", {})
        services = [target.get("service") for target in limits.get("apiTargets", [])]
        if services and GEMINI not in services:
            raise _blocked("API_KEY_SERVICE_BLOCKED", "Requests to this API are blocked.", about)
        addresses = limits.get("serverKeyRestrictions", {}).get("allowedIps", [])
        if addresses and (request.client is None or request.client.host not in addresses):
            message = (
                "The provided API key has an IP address restriction. The originating IP address of the call violates this restriction."
            )
            raise _blocked("API_KEY_IP_ADDRESS_BLOCKED", message, about)
        if GEMINI not in project.services:
            message = f"Generative Language API has not been used in project {project.number} before or it is disabled."
            raise _blocked("SERVICE_DISABLED", message, about)

    def _check_cap(self, project: Project) -> None:
        budget = self._world.cap_of(project)
        if budget is None or budget["spendCap"]["outputState"] == "AWAITING_NEXT_PERIOD":
            return
        if project.spent.counted(self._world.behaviour.cap_lag) >= amount_of(budget) - 1e-9:
            budget["spendCap"]["outputState"] = "ENFORCED"
        if budget["spendCap"]["outputState"] == "ENFORCED":
            raise Refused("RESOURCE_EXHAUSTED", SPENT)


def _blocked(reason: str, message: str, about: dict[str, str]) -> Refused:
    return Refused("PERMISSION_DENIED", message, [info(reason, **about)])


def _too_fast(limit: int, wait: float) -> Refused:
    message = (
        "You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: "
        "https://ai.google.dev/gemini-api/docs/rate-limits. To monitor your current usage, head to: https://ai.dev/rate-limit. \n"
        f"* Quota exceeded for metric: {METRIC}, limit: {limit}, model: {MODEL}\nPlease retry in {wait}s."
    )
    violation = {
        "quotaMetric": METRIC,
        "quotaId": QUOTA_ID,
        "quotaDimensions": {"location": "global", "model": MODEL},
        "quotaValue": str(limit),
    }
    details: list[dict[str, Any]] = [
        {"@type": "type.googleapis.com/google.rpc.Help", "links": [{"description": "Learn more about Gemini API quotas", "url": "https://ai.google.dev/gemini-api/docs/rate-limits"}]},
        {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation]},
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{int(wait)}s"},
    ]  # fmt: skip
    return Refused("RESOURCE_EXHAUSTED", message, details)


def _model() -> dict[str, Any]:
    return {"name": f"models/{MODEL}", "displayName": MODEL, "supportedGenerationMethods": ["generateContent", "countTokens"]}


def _check_model(request: Request) -> None:
    if (name := request.path_params["model"]) != MODEL:
        message = (
            f"models/{name} is not found for API version v1beta, or is not supported for generateContent. Call ModelService.ListModels to "
            "see the list of available models and their supported methods."
        )
        raise Refused("NOT_FOUND", message)
