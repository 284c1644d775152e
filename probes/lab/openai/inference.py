"""The routes that project keys are for: models, which are free, and responses, which are billed, capped and limited in rate."""

import asyncio
import math
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from probes.lab.openai.answers import NewResponse, Refused, body, lacks_scope, refused
from probes.lab.openai.management import bearer, unknown
from probes.lab.openai.state import TOKENS, Bucket, Key, Organisation, Project, Served, random_text
from probes.lab.simulator import Simulator

READ_ALL, MODELS, RESPONSES = "api.all.read", "api.model.read", "api.responses.write"


class Inference:
    """Who may call is asked first, then the rate, then the caps, as a refusal of each is answered."""

    def __init__(self, organisation: Organisation, simulator: Simulator) -> None:
        self.organisation, self.simulator = organisation, simulator

    def routes(self) -> list[Route]:
        return [
            Route("/v1/models", self.list_models, methods=["GET"]),
            Route("/v1/responses", self.respond, methods=["POST"]),
        ]

    def _holder(self, request: Request) -> tuple[Project, Key]:
        secret = bearer(request)
        if secret == self.organisation.admin_secret:
            raise refused(401, lacks_scope("model.request"), code="missing_scope")
        held = self.organisation.holder(secret)
        if held is None:
            raise unknown(secret)
        if held[0].archived_at is not None:
            message = "The project you are requesting has been archived and is no longer accessible"
            raise refused(401, message, code="not_authorized_invalid_project")
        held[1].last_used_at = int(self.organisation.now())
        return held

    async def list_models(self, request: Request) -> Response:
        project, key = self._holder(request)
        if key.scopes and not {READ_ALL, MODELS} & set(key.scopes):
            raise Refused(403, {"error": lacks_scope(MODELS)})
        names = [row["model"] for row in project.rates.values()]
        rows = [{"id": name, "object": "model", "created": 1754425777, "owned_by": "system"} for name in names if _allowed(project, name)]
        return JSONResponse({"object": "list", "data": rows})

    async def respond(self, request: Request) -> Response:
        project, key = self._holder(request)
        if key.scopes and RESPONSES not in key.scopes:
            raise refused(401, lacks_scope(RESPONSES), code="missing_scope")
        wanted = await body(request, NewResponse)
        row = project.rates.get(f"rl-{wanted.model}")
        if row is None or not _allowed(project, wanted.model):
            message = f"The model `{wanted.model}` does not exist or you do not have access to it."
            raise refused(404, message, code="model_not_found")
        bucket = self._admit(project, row)
        self._check_caps(project)
        await asyncio.sleep(self.organisation.behaviour.latency)
        output = min(wanted.max_output_tokens or TOKENS, TOKENS)
        usd = self.organisation.model.cost(TOKENS, output) * self.organisation.behaviour.dearness
        project.meter.charge(usd)
        self.simulator.served += 1
        self.organisation.served.append(Served(self.organisation.now(), project.id, key.id, TOKENS, output, usd))
        return JSONResponse(_answer(wanted, output, int(self.organisation.now())), headers=_headers(row, bucket, output))

    def _admit(self, project: Project, row: dict[str, Any]) -> Bucket:
        """Raises Refused when the model's requests of this minute are used up."""
        limit, now = int(row["max_requests_per_1_minute"]), self.organisation.now()
        bucket = project.buckets.setdefault(row["model"], Bucket(float(limit), now))
        if wait := bucket.take(limit, now):
            message = (
                f"Rate limit reached for {row['model']} in project {project.id} on requests per min (RPM): Limit {limit}, Used {limit}, "
                f"Requested 1. Please try again in {_duration(wait)}."
            )
            headers = _headers(row, bucket, 0) | {"retry-after": str(math.ceil(wait)), "retry-after-ms": str(math.ceil(wait * 1000))}
            raise refused(429, message, kind="requests", code="rate_limit_exceeded", headers=headers)
        return bucket

    def _check_caps(self, project: Project) -> None:
        """Raises Refused when a cap is used up, as far as inference knows by now of the cap and of what was spent."""
        now, lag = self.organisation.now(), self.organisation.behaviour.cap_lag
        everybody = sum(each.meter.counted(lag) for each in self.organisation.projects.values())
        for owner, cap, spent in (
            ("project", project.cap, project.meter.counted(lag)),
            ("organization", self.organisation.cap, everybody),
        ):
            known = cap.known(now, lag)
            if known is not None and round(spent * 100, 6) >= known:
                message = f"The {owner}'s monthly spend limit was reached. Raise or remove it, or wait until the next month."
                raise refused(429, message, kind="insufficient_quota", code=f"{owner}_spend_limit_exceeded")


def _allowed(project: Project, model: str) -> bool:
    listed = project.models is not None and model in project.models["model_ids"]
    return project.models is None or listed == (project.models["mode"] == "allow_list")


def _duration(seconds: float) -> str:
    """`12ms`, `1.5s`, `6m0s`."""
    if seconds < 1:
        return f"{math.ceil(seconds * 1000)}ms"
    minutes, rest = divmod(round(seconds, 3), 60)
    return f"{int(minutes)}m{int(rest)}s" if minutes else f"{rest:g}s"


def _headers(row: dict[str, Any], bucket: Bucket, output: int) -> dict[str, str]:
    requests, tokens = int(row["max_requests_per_1_minute"]), int(row["max_tokens_per_1_minute"])
    used = TOKENS + output
    return {
        "x-ratelimit-limit-requests": str(requests),
        "x-ratelimit-remaining-requests": str(int(bucket.left)),
        "x-ratelimit-reset-requests": _duration((requests - bucket.left) * 60 / requests if requests else 60.0),
        "x-ratelimit-limit-tokens": str(tokens),
        "x-ratelimit-remaining-tokens": str(tokens - used),
        "x-ratelimit-reset-tokens": _duration(used * 60 / tokens),
        "x-request-id": f"req_{random_text(32)}",
        "openai-organization": f"org-{random_text(24)}",
        "openai-version": "2020-10-01",
    }


def _answer(wanted: NewResponse, output: int, at: int) -> dict[str, Any]:
    text = {"type": "output_text", "text": "One, two, three.", "annotations": [], "logprobs": []}
    message = {"type": "message", "id": f"msg_{random_text(32)}", "status": "completed", "role": "assistant", "content": [text]}
    cut = wanted.max_output_tokens is not None and output < TOKENS
    return {
        "id": f"resp_{random_text(32)}",
        "object": "response",
        "created_at": at,
        "status": "incomplete" if cut else "completed",
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "instructions": None,
        "max_output_tokens": wanted.max_output_tokens,
        "model": wanted.model,
        "output": [message],
        "parallel_tool_calls": True,
        "metadata": {},
        "temperature": 1.0,
        "top_p": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": TOKENS,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": output,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": TOKENS + output,
        },
    }
