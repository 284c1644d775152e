"""An operator's own instance: live evidence about a self-hosted gateway only when the version that runs there is known."""

from dataclasses import replace

import httpx

from probes.claims import Provider
from probes.endpoint import Endpoint
from probes.errors import RequestRefused
from probes.evidence import Origin
from probes.plan import Job
from probes.wire.client import Borrowed


async def placed(job: Job, inner: httpx.AsyncBaseTransport) -> tuple[Job, str]:
    """The job with its true address and origin, and the instance's version: the one named after `#`, else what the instance tells."""
    if job.endpoint is None:
        return job, ""
    address, _, version = job.endpoint.partition("#")
    job = replace(job, endpoint=address)
    if job.origin is Origin.LIVE and not version:
        version = await _told_version(job.provider, address, inner)
        job = job if version else replace(job, origin=Origin.OVERRIDE)
    return job, version


async def _told_version(provider: Provider, address: str, inner: httpx.AsyncBaseTransport) -> str:
    """What the instance itself says of its version, empty when it does not say."""
    if provider.version_route is None:
        return ""
    route = Endpoint.parse(provider.version_route)
    async with httpx.AsyncClient(transport=Borrowed(inner)) as client:
        try:
            response = await client.get(address + route.target({}, ""))
            body = response.json() if response.status_code == 200 else {}
        except (RequestRefused, ValueError):
            return ""
    told = body.get("version") or (body.get("info") or {}).get("version") if isinstance(body, dict) else None
    return told if isinstance(told, str) else ""
