"""What was spent: the cost graph, which counts whole cents while every limit counts dollars."""

from datetime import UTC, datetime, timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from probes.lab.portkey import answers
from probes.lab.portkey.answers import administrator, invalid
from probes.lab.portkey.state import stamp
from probes.lab.portkey.workspaces import workspace_called


async def read_cost(request: Request) -> Response:
    """Of one workspace in a span of time, of some of its keys where they are named; one bucket for all of it."""
    known, _ = administrator(request, "analytics.view")
    query = request.query_params
    span = [query.get(f"time_of_generation_{end}") for end in ("min", "max")]
    if "workspace_slug" not in query or not all(each is not None and answers.moment(each) for each in span):
        raise invalid("workspace_slug, time_of_generation_min and time_of_generation_max are required")
    begin, end = (datetime.fromisoformat(str(each)) for each in span)
    end = min(end, datetime.now(UTC) - timedelta(seconds=min(known.behaviour.cap_lag, 1e9)))
    workspace, keys = workspace_called(known, query["workspace_slug"]), query.get("api_key_ids", "").split(",")
    calls = [call for call in known.calls if call.key.workspace is workspace and begin <= call.at <= end]
    calls = [call for call in calls if keys == [""] or call.key.id in keys]
    cents = round(100 * sum(call.usd for call in calls))
    told = {"total": cents, "avg": round(cents / max(1, len(calls)))}
    points = [{"timestamp": stamp(calls[0].at), **told}] if calls else []
    return JSONResponse({"summary": told, "data_points": points, "object": "analytics-graph"})


ROUTES = [Route("/analytics/graphs/cost", read_cost, methods=["GET"])]
