"""The signed services of a simulated Qianfan: short-term keys, endpoints, money."""

import base64
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from probes.lab import signed
from probes.lab.qianfan.answers import done, refused
from probes.lab.qianfan.state import QUOTA, SERVICE, Account, Endpoint
from probes.lab.signed import Refused

SHORTEST_LIFE, DEFAULT_LIFE, LONGEST_LIFE = 300, 1_800, 2_592_000
"""Seconds of a short-term key."""
LONGEST_PAGE = 100
ANONYMOUS = Refused(403, "AccessDenied", "Access denied.")
EMPTY = Refused(400, "SignatureEmpty", "Signature is invalid: Signature is empty.")

Act = Callable[[Any], Response]


class Management:
    """Handlers over one account."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.actions: Mapping[str, Act] = {
            "DescribeServices": lambda _: done({"serviceList": []}),
            "DescribePresetServices": lambda _: done({"serviceList": [{"serviceId": SERVICE, "name": "ERNIE Speed Pro"}]}),
            "ListEndpoints": self.list,
            "DescribeEndpoint": self.describe,
            "ModifyEndpoint": self.modify,
        }

    def platform(self) -> list[Route]:
        """The action is in the query."""

        async def act(request: Request) -> Response:
            if (refusal := signed.bce(request, self.account.access_keys, EMPTY)) is not None:
                return refused(*refusal)
            action = self.actions.get(request.query_params.get("Action", ""))
            if action is None:
                return refused(404, "ResourceNotFound", "The requested resource does not exist.")
            try:
                body = await request.json()
            except ValueError:
                body = {}
            return action(body) if isinstance(body, dict) else refused(400, "MalformedJSON", "The JSON you provided is not well-formed.")

        return [Route("/v2/service", act, methods=["POST"])]

    def iam(self) -> list[Route]:
        """Short-term keys, for a signature or a permanent key."""

        async def mint(request: Request) -> Response:
            is_bearer = request.headers.get("authorization", "") == f"Bearer {self.account.permanent}"
            refusal = None if is_bearer else signed.bce(request, self.account.access_keys, ANONYMOUS)
            return refused(*refusal) if refusal is not None else self.mint(request.query_params)

        return [
            Route("/v1/BCE-BEARER/token", mint, methods=["GET"]),
            Route("/v1/user", self._signed(lambda: {"users": []}), methods=["GET"]),
        ]

    def billing(self) -> list[Route]:
        """Money in yuan."""
        bill = {"serviceType": "QIANFAN", "instanceId": "i-1", "financePrice": 1.23, "cash": 1.23}
        bills = {"billMonth": time.strftime("%Y-%m"), "pageNo": 1, "pageSize": 20, "totalCount": 1, "bills": [bill]}
        return [
            Route("/v1/finance/cash/balance", self._signed(lambda: {"cashBalance": 850.0}), methods=["POST"]),
            Route("/v1/bill/resource/month", self._signed(lambda: bills), methods=["GET"]),
        ]

    def mint(self, query: Mapping[str, str]) -> Response:
        wanted = query.get("expireInSeconds", str(DEFAULT_LIFE))
        if not wanted.isdigit() or int(wanted) < SHORTEST_LIFE:
            return refused(400, "InvalidParameter", "expireInSeconds is not valid.")
        try:
            acl = json.loads(base64.b64decode(query["acl"], validate=True))["accessControlList"] if "acl" in query else None
        except (ValueError, KeyError, TypeError):
            return refused(400, "InvalidParameter", "acl is not valid.")
        value = self.account.mint(min(int(wanted), LONGEST_LIFE), acl)
        since, until, _ = self.account.tokens[value]
        dates = {"createTime": date(since), "expireTime": date(until)}
        return JSONResponse({"userId": "27f88a0b1c2d4e5f8a9b0c1d2e3f4a5b", "token": value, "status": "enable", **dates})

    def list(self, body: Mapping[str, Any]) -> Response:
        number, size = body.get("pageNumber", 1), body.get("pageSize", 10)
        if not isinstance(number, int) or not isinstance(size, int) or not 1 <= size <= LONGEST_PAGE:
            return refused(400, "InvalidParameter", "pageSize is not valid.")
        named = (body.get("filter") or {}).get("name", "")
        found = [(key, each) for key, each in self.account.endpoints.items() if named in each.name]
        found.sort(key=lambda pair: pair[1].created, reverse=body.get("sortOrder", "desc") == "desc")
        rows = [self._row(key, each) for key, each in found[(number - 1) * size : number * size]]
        return done({"endpoints": rows, "pageNumber": number, "pageSize": size, "totalCount": len(found)})

    def describe(self, body: Mapping[str, Any]) -> Response:
        key = body.get("endpointId")
        found = self.account.endpoints.get(key) if isinstance(key, str) else None
        return done(self._row(str(key), found)) if found else refused(404, "ResourceNotFound", "The endpoint does not exist.")

    def modify(self, body: Mapping[str, Any]) -> Response:
        key, name, rate = body.get("endpointId"), body.get("name"), body.get("rateLimit", {})
        valid = isinstance(rate, dict) and all(type(value) is int and 0 < value <= QUOTA.get(each, 0) for each, value in rate.items())
        if not isinstance(name, str) or not 2 <= len(name) <= 64 or not valid:
            return refused(400, "InvalidParameter", "name or rateLimit is not valid.")
        found = self.account.endpoints.get(key) if isinstance(key, str) else None
        if found is None:
            return refused(404, "ResourceNotFound", "The endpoint does not exist.")
        found.name, found.description = name, body.get("description", found.description)
        found.rate = found.rate | rate
        self.account.windows.pop(str(key), None)
        return done(True)

    def _signed(self, answer: Callable[[], Mapping[str, Any]]) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            refusal = signed.bce(request, self.account.access_keys, ANONYMOUS)
            return refused(*refusal) if refusal is not None else JSONResponse(answer())

        return handle

    @staticmethod
    def _row(key: str, endpoint: Endpoint) -> dict[str, Any]:
        told = {"name": endpoint.name, "description": endpoint.description, "rateLimit": dict(endpoint.rate)}
        return {"serverId": SERVICE, "endpointId": key, "status": "Active", **told}


def date(at: float) -> str:
    """As the vendor writes a time."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + f".{int(at % 1 * 1000):03}Z"
