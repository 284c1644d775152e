"""What a run would send, without sending it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import httpx

from probes.addresses import PACKAGES
from probes.findings import run_probes
from probes.money import Model
from probes.plan import Job
from probes.probe import Tier
from probes.settings import OwnSettings
from probes.sync import run_sync
from probes.wire.extensions import COST, CREATED_KEY, CREDENTIAL, GIVES


def planned(jobs: Iterable[Job], models: Mapping[str, Model] | None = None) -> list[dict[str, Any]]:
    """The requests that the jobs would send, found by running the probes against a transport that sends nothing.

    A series of calls against a limit is shown at its full length: no answer here ends it early. `models` are those that a person named.
    """
    return run_sync(_planned(list(jobs), models or {}))


async def _planned(jobs: list[Job], models: Mapping[str, Model]) -> list[dict[str, Any]]:
    requests: list[dict[str, Any]] = []
    for planned_job in jobs:
        job = replace(planned_job, endpoint=planned_job.endpoint.partition("#")[0] if planned_job.endpoint else None)

        def note(request: httpx.Request, job: Job = job) -> httpx.Response:
            entry = {
                "provider": job.name,
                "tier": job.tier.word,
                "method": request.method,
                "url": _address(request.url),
                "credential": _credential(job, request),
                "cost_usd": request.extensions.get(COST, 0),
            }
            requests.append(entry)
            if job.tier < Tier.READ:
                return httpx.Response(401)
            # With a credential a success lets the probe go on to its next step; its id and the time are made up.
            return httpx.Response(201, json=_giving(request.extensions.get(GIVES, "")), headers={"date": "Thu, 01 Jan 2026 00:00:00 GMT"})

        async with httpx.AsyncClient(transport=httpx.MockTransport(note)) as client:
            own = OwnSettings.named(job.provider) if job.tier >= Tier.READ else None
            await run_probes(job, client, "00000000", model=models.get(job.name), settings=own)
    return requests


def _credential(job: Job, request: httpx.Request) -> str | None:
    """The variables that hold what is sent with it, None where nothing is."""
    if job.tier < Tier.READ:
        return None
    if request.extensions[CREATED_KEY]:
        return "the key that this run creates"
    return ", ".join(job.provider.credentials[request.extensions[CREDENTIAL]].env)


def _giving(told: str | Mapping[str, Any]) -> Mapping[str, Any]:
    """An answer that has an id at a dotted path, or that was told."""
    if not isinstance(told, str):
        return told
    answer: Any = "ID"
    for part in reversed(told.split(".") if told else []):
        answer = {part: answer}
    return answer if isinstance(answer, dict) else {}


def _address(url: httpx.URL) -> str:
    """The address as a person knows it: a package is had by its name, through the user's own pip or uv."""
    if url.host != PACKAGES:
        return str(url)
    _, _, name, version, *_ = url.path.split("/")
    return f"pkg:pypi/{name}@{version}"
