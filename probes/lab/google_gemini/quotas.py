"""What a project may use and has used: Cloud Quotas v1, the quota part of Service Usage v1beta1, Cloud Monitoring v3."""

import re
import secrets
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .rpc import Refused, Schema, body_of, check_token, page
from .world import GEMINI, MODEL, Project, World, etag, stamp

QUOTAS, USAGE, MONITORING = "cloudquotas.googleapis.com", "serviceusage.googleapis.com", "monitoring.googleapis.com"
QUOTA_ID = "GenerateRequestsPerMinutePerProjectPerModel-PaidTier1"
METRIC = f"{GEMINI}/generate_content_paid_tier_requests"
LIMIT = "/min/model/project"
UNIT = "1/min/{project}/{model}"
DEFAULT = 1000
"""Requests a minute."""
TOKENS = f"{GEMINI}/generate_content_usage_output_token_count"
METRICS = frozenset({TOKENS, f"{GEMINI}/quota/generate_content_paid_tier_input_token_count/usage"})
OTHER_QUOTAS = {
    "GenerateContentPaidTierInputTokensPerModelPerMinute-PaidTier1": (f"{GEMINI}/generate_content_paid_tier_input_token_count", "1000000"),
    "GenerateRequestsPerDayPerProjectPerModel": (f"{GEMINI}/generate_requests_per_model_per_day", "10000"),
}
PREFERENCE: Schema = {
    "name": str, "dimensions": "map", "etag": str, "service": str, "quotaId": str, "contactEmail": str, "justification": str,
    "quotaConfig": {"preferredValue": "int64", "annotations": "map"},
}  # fmt: skip
OVERRIDE: Schema = {"name": str, "overrideValue": "int64", "dimensions": "map", "metric": str, "unit": str, "adminOverrideAncestor": str}
_REST = re.compile(rf"(?P<metric>{re.escape(GEMINI)}/[^/]+)/limits/(?P<limit>/.+)/consumerOverrides(?:/(?P<id>[^/]+))?")


class Quotas:
    """The hosts of the three APIs."""

    def __init__(self, world: World) -> None:
        self._world = world

    def quota_routes(self) -> list[Route]:
        infos = "/v1/projects/{project}/locations/global/services/{service}/quotaInfos"
        preferences = "/v1/projects/{project}/locations/global/quotaPreferences"
        return [
            Route(infos, self.infos),
            Route(f"{infos}/{{quota}}", self.info),
            Route(preferences, self.preferences),
            Route(preferences, self.create_preference, methods=["POST"]),
            Route(f"{preferences}/{{preference}}", self.read_preference),
            Route(f"{preferences}/{{preference}}", self.update_preference, methods=["PATCH"]),
        ]

    def usage_routes(self) -> list[Route]:
        metrics = "/v1beta1/projects/{project}/services/{service}/consumerQuotaMetrics"
        rest = f"{metrics}/{{rest:path}}"
        return [
            Route(metrics, self.metrics),
            Route(rest, self.overrides),
            Route(rest, self.create_override, methods=["POST"]),
            Route(rest, self.delete_override, methods=["DELETE"]),
        ]

    def monitoring_routes(self) -> list[Route]:
        return [Route("/v3/projects/{project}/timeSeries", self.series)]

    def limit(self, project: Project) -> int:
        """Requests a minute that the project has for the model."""
        set_here = [int(each["overrideValue"]) for each in project.overrides.values()]
        imposed = [self._world.behaviour.requests_per_minute] if self._world.behaviour.requests_per_minute else []
        return min([DEFAULT, *imposed, *set_here])

    async def infos(self, request: Request) -> Response:
        project = self._of(request, QUOTAS)
        found = list(self._infos(project).values()) if request.path_params["service"] == GEMINI else []
        return page(request, found, "quotaInfos", default=50, most=100)

    async def info(self, request: Request) -> Response:
        found = self._infos(self._of(request, QUOTAS))
        if request.path_params["quota"] not in found:
            raise Refused("NOT_FOUND", "Requested entity was not found.")
        return JSONResponse(found[request.path_params["quota"]])

    async def preferences(self, request: Request) -> Response:
        return page(request, list(self._of(request, QUOTAS).preferences.values()), "quotaPreferences", default=50, most=100)

    async def create_preference(self, request: Request) -> Response:
        project = self._of(request, QUOTAS)
        made = self._preference(project, await body_of(request, PREFERENCE, "quota_preference"), secrets.token_hex(8))
        project.preferences[made["name"].rpartition("/")[2]] = made
        return JSONResponse(made)

    async def read_preference(self, request: Request) -> Response:
        found = self._of(request, QUOTAS).preferences.get(request.path_params["preference"])
        if found is None:
            raise Refused("NOT_FOUND", "Requested entity was not found.")
        return JSONResponse(found)

    async def update_preference(self, request: Request) -> Response:
        project, preference = self._of(request, QUOTAS), request.path_params["preference"]
        body = await body_of(request, PREFERENCE, "quota_preference")
        if preference not in project.preferences and request.query_params.get("allowMissing") != "true":
            raise Refused("NOT_FOUND", "Requested entity was not found.")
        made = self._preference(project, project.preferences.get(preference, {}) | body, preference)
        if request.query_params.get("validateOnly") != "true":
            project.preferences[preference] = made
        return JSONResponse(made)

    async def metrics(self, request: Request) -> Response:
        project = self._of(request, USAGE)
        return page(request, [self._metric(project)], "metrics", default=50, most=100)

    async def overrides(self, request: Request) -> Response:
        project, _ = self._override_path(request, USAGE)
        return page(request, list(project.overrides.values()), "overrides", default=50, most=100)

    async def create_override(self, request: Request) -> Response:
        project, _ = self._override_path(request, USAGE)
        body = await body_of(request, OVERRIDE, "override")
        value = int(body.get("overrideValue", 0))
        if value > DEFAULT or value < -1 or set(body.get("dimensions", {})) - {"model"}:
            raise Refused("INVALID_ARGUMENT", "Request contains an invalid argument.")
        if value < DEFAULT * 0.9 and request.query_params.get("force") != "true":
            raise Refused("FAILED_PRECONDITION", "The limit decrease exceeds 10 percent; use force to override the safety check.")
        if project.overrides:
            raise Refused("ALREADY_EXISTS", "Requested entity already exists")
        identity = secrets.token_hex(12)

        def made() -> dict[str, Any]:
            name = f"{self._limit_name(project)}/consumerOverrides/{identity}"
            project.overrides[identity] = {"name": name, "overrideValue": str(value), **_without(body, "name", "overrideValue")}
            return {"@type": "type.googleapis.com/google.api.serviceusage.v1beta1.QuotaOverride", **project.overrides[identity]}

        return JSONResponse(self._world.operation("service_usage", made))

    async def delete_override(self, request: Request) -> Response:
        project, identity = self._override_path(request, USAGE)
        if project.overrides.pop(identity, None) is None:
            raise Refused("NOT_FOUND", "Requested entity was not found.")
        project.window.times.clear()
        return JSONResponse(self._world.operation("service_usage", None, **{"@type": "type.googleapis.com/google.protobuf.Empty"}))

    async def series(self, request: Request) -> Response:
        project, asked = self._of(request, MONITORING), request.query_params
        found = re.search(r'metric\.type\s*=\s*"([^"]+)"', asked.get("filter", ""))
        try:
            end = datetime.fromisoformat(asked["interval.endTime"])
            start = datetime.fromisoformat(asked.get("interval.startTime") or asked["interval.endTime"])
        except (KeyError, ValueError):
            raise Refused("INVALID_ARGUMENT", "Field interval.endTime had an invalid value: Time values must be set.") from None
        if found is None or start > end or end.tzinfo is None or end > datetime.now(UTC).replace(year=datetime.now(UTC).year + 1):
            raise Refused("INVALID_ARGUMENT", "Request contains an invalid argument.")
        if found[1] not in METRICS:
            raise Refused("NOT_FOUND", f'Cannot find metric(s) that match type = "{found[1]}".')
        used = [(at, output if found[1] == TOKENS else given) for at, _, given, output in project.usage if start <= at <= end]
        points = [
            {"interval": {"startTime": stamp_of(at), "endTime": stamp_of(at)}, "value": {"int64Value": str(n)}} for at, n in used[::-1]
        ]
        series = {
            "metric": {"type": found[1], "labels": {"model": MODEL}},
            "resource": {"type": f"{GEMINI}/Location", "labels": {"project_id": project.project_id, "location": "global"}},
            "metricKind": "DELTA",
            "valueType": "INT64",
            "points": points,
        }
        return JSONResponse({"timeSeries": [series]} if points else {})

    def _infos(self, project: Project) -> dict[str, dict[str, Any]]:
        told = {QUOTA_ID: (METRIC, str(self.limit(project))), **OTHER_QUOTAS}
        return {
            quota: {
                "name": f"{project.name}/locations/global/services/{GEMINI}/quotaInfos/{quota}",
                "quotaId": quota,
                "metric": metric,
                "service": GEMINI,
                "refreshInterval": "day" if "PerDay" in quota else "minute",
                "containerType": "PROJECT",
                "dimensions": ["model"],
                "dimensionsInfos": [{"dimensions": {"model": MODEL}, "details": {"value": value}, "applicableLocations": ["global"]}],
            }
            for quota, (metric, value) in told.items()
        }

    def _preference(self, project: Project, body: dict[str, Any], identity: str) -> dict[str, Any]:
        quota = self._infos(project).get(body.get("quotaId", ""))
        value = body.get("quotaConfig", {}).get("preferredValue")
        if quota is None or body.get("service") != GEMINI or value is None:
            raise Refused("INVALID_ARGUMENT", "Request contains an invalid argument.")
        if int(value) > int(quota["dimensionsInfos"][0]["details"]["value"]) and not body.get("contactEmail"):
            raise Refused("INVALID_ARGUMENT", "Contact email is required for a quota increase.")
        return {
            "name": f"{project.name}/locations/global/quotaPreferences/{identity}",
            **_without(body, "name"),
            "quotaConfig": {**body["quotaConfig"], "grantedValue": str(value)},
            "createTime": stamp(),
            "updateTime": stamp(),
            "etag": etag(),
        }

    def _metric(self, project: Project) -> dict[str, Any]:
        name = self._limit_name(project)
        bucket = {"effectiveLimit": str(self.limit(project)), "defaultLimit": str(DEFAULT), "dimensions": {"model": MODEL}}
        overridden = [{"consumerOverride": each} for each in project.overrides.values()]
        limit = {"name": name, "metric": METRIC, "unit": UNIT, "quotaBuckets": [bucket | (overridden[0] if overridden else {})]}
        metric = name.partition("/limits/")[0]
        return {"name": metric, "metric": METRIC, "displayName": "Requests", "consumerQuotaLimits": [limit], "unit": "1"}

    def _limit_name(self, project: Project) -> str:
        escaped = quote(METRIC, safe=""), quote(LIMIT, safe="")
        return f"{project.name}/services/{GEMINI}/consumerQuotaMetrics/{escaped[0]}/limits/{escaped[1]}"

    def _override_path(self, request: Request, service: str) -> tuple[Project, str]:
        project, found = self._of(request, service), _REST.fullmatch(request.path_params["rest"])
        if found is None or (found["metric"], found["limit"]) != (METRIC, LIMIT):
            raise Refused("NOT_FOUND", "Requested entity was not found.")
        return project, found["id"] or ""

    def _of(self, request: Request, service: str) -> Project:
        check_token(request, self._world.token, service)
        return self._world.project(request.path_params["project"], service)


def stamp_of(at: datetime) -> str:
    """A time as Google writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}
