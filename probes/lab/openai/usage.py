"""Administration routes of what was used: costs in USD for whole days, tokens for a minute, an hour or a day. They need api.usage.read."""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from probes.lab.openai.answers import refused
from probes.lab.openai.management import ORGANIZATION, Administration
from probes.lab.openai.state import Served

WIDTHS: Mapping[str, tuple[int, int, int]] = {"1m": (60, 60, 1440), "1h": (3600, 24, 168), "1d": (86400, 7, 31)}
"""By name: seconds, buckets in an answer, and the most that can be asked for."""

COSTS: Mapping[str, tuple[int, int, int]] = {"1d": (86400, 7, 180)}

Row = Callable[[Sequence[Served]], dict[str, Any]]


class Usage(Administration):
    """Buckets over time, with a result for each group that used anything in it."""

    def routes(self) -> list[Route]:
        return [
            self.route("GET", f"{ORGANIZATION}/costs", self.costs, scope="api.usage.read"),
            self.route("GET", f"{ORGANIZATION}/usage/completions", self.completions, scope="api.usage.read"),
        ]

    async def costs(self, request: Request) -> Response:
        return self._page(request, COSTS, ("project_id", "line_item", "api_key_id"), _cost)

    async def completions(self, request: Request) -> Response:
        return self._page(request, WIDTHS, ("project_id", "user_id", "api_key_id", "model", "batch", "service_tier"), _tokens)

    def _page(self, request: Request, widths: Mapping[str, tuple[int, int, int]], groups: Sequence[str], row: Row) -> Response:
        width = request.query_params.get("bucket_width", "1d")
        if width not in widths:
            raise refused(400, f"Invalid value: '{width[:20]}'. Supported values are: {', '.join(widths)}.", param="bucket_width")
        seconds, default, most = widths[width]
        start, count = _whole(request, "start_time", None), _whole(request, "limit", default)
        if not 1 <= count <= most:
            raise refused(400, f"Invalid 'limit': expected an integer from 1 to {most}, but got {count} instead.", param="limit")
        group_by = _several(request, "group_by")
        if unknown := [name for name in group_by if name not in groups]:
            raise refused(400, f"Invalid value: '{unknown[0][:40]}'. Supported values are: {', '.join(groups)}.", param="group_by")
        end = _whole(request, "end_time", int(self.organisation.now()) + 1)
        begin = start - start % seconds if (token := request.query_params.get("page")) is None else int(token.removeprefix("page_"))
        starts = range(begin, end, seconds)
        served = self._chosen(request)
        buckets = [
            {
                "object": "bucket",
                "start_time": at,
                "end_time": at + seconds,
                "results": _results([each for each in served if at <= each.at < at + seconds and start <= each.at < end], group_by, row),
            }
            for at in starts[:count]
        ]
        more = len(starts) > count
        return JSONResponse({"object": "page", "data": buckets, "has_more": more, "next_page": f"page_{starts[count]}" if more else None})

    def _chosen(self, request: Request) -> list[Served]:
        projects, keys = _several(request, "project_ids"), _several(request, "api_key_ids")
        return [each for each in self.organisation.served if (not projects or each.project in projects) and (not keys or each.key in keys)]


def _results(served: Sequence[Served], group_by: Sequence[str], row: Row) -> list[dict[str, Any]]:
    def group(each: Served) -> tuple[str | None, str | None]:
        return each.project if "project_id" in group_by else None, each.key if "api_key_id" in group_by else None

    grouped = groupby(sorted(served, key=lambda each: str(group(each))), key=group)
    return [row(list(members)) | {"project_id": project, "api_key_id": key} for (project, key), members in grouped]


def _cost(served: Sequence[Served]) -> dict[str, Any]:
    amount = {"value": round(sum(each.usd for each in served), 9), "currency": "usd"}
    return {"object": "organization.costs.result", "amount": amount, "line_item": None, "quantity": None, "quantity_unit": None}


def _tokens(served: Sequence[Served]) -> dict[str, Any]:
    return {
        "object": "organization.usage.completions.result",
        "input_tokens": sum(each.input for each in served),
        "output_tokens": sum(each.output for each in served),
        "num_model_requests": len(served),
        "user_id": None,
        "model": None,
        "batch": None,
        "service_tier": None,
    }


def _whole(request: Request, name: str, default: int | None) -> int:
    text = request.query_params.get(name)
    if text is None and default is not None:
        return default
    if text is None:
        raise refused(400, f"Missing required parameter: '{name}'.", param=name, code="missing_required_parameter")
    if not text.isdecimal():
        raise refused(400, f"Invalid '{name}': expected an integer.", param=name, code="invalid_type")
    return int(text)


def _several(request: Request, name: str) -> list[str]:
    """An array in the query: the name repeated, with or without brackets."""
    return [*request.query_params.getlist(name), *request.query_params.getlist(f"{name}[]")]
