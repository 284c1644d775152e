"""The signed APIs of a simulated TokenHub: every call is POST / with its action in a header, and is refused with 200."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from probes.lab import signed
from probes.lab.tencent_hunyuan.answers import ActionError, done, failed
from probes.lab.tencent_hunyuan.keys import Body, Keys
from probes.lab.tencent_hunyuan.state import MODELS, Account, Key

Act = Callable[[Body], dict[str, Any]]
LONGEST_SPAN = timedelta(days=90)
METRICS = ("TotalToken", "InputTotalToken", "OutputTotalToken", "CacheTotalToken")


class Management:
    """Handlers over one account."""

    def __init__(self, account: Account, keys: Keys) -> None:
        self.account, self.keys = account, keys

    def tokenhub(self) -> list[Route]:
        """Keys, models and what was used."""
        actions: Mapping[str, Act] = {
            "CreateApiKey": self.keys.create,
            "DescribeApiKeyList": self.keys.list,
            "DescribeApiKey": self.keys.read,
            "ModifyApiKeyInfo": self.keys.modify,
            "ModifyApiKeyStatus": self.keys.switch,
            "DeleteApiKey": self.keys.delete,
            "DescribeModelList": self.models,
            "DescribeModelQuota": self.rates,
            "DescribeUsageRankList": self.usage,
        }
        return [self._route(actions, "tokenhub", "2026-03-22")]

    def billing(self) -> list[Route]:
        """The balance of the account, in fen."""
        return [self._route({"DescribeAccountBalance": self.balance}, "billing", "2018-07-09")]

    def models(self, body: Body) -> dict[str, Any]:
        size, start = body.get("Limit", 20), body.get("Offset", 0)
        rows = [{"ModelId": name, "ModelName": name, "Status": "online", "ModelType": "Text"} for name in MODELS]
        return {"TotalCount": len(rows), "ModelSet": rows[start : start + size]}

    @staticmethod
    def rates(body: Body) -> dict[str, Any]:
        """The last model has no quota, and then neither field is told."""
        model = body.get("ModelId")
        if model not in MODELS:
            raise ActionError("ResourceNotFound.ModelNotFound", "The model does not exist.")
        return {"ModelId": model} | ({"RPMLimit": 300, "TPMLimit": 1_000_000} if model != MODELS[-1] else {})

    def usage(self, body: Body) -> dict[str, Any]:
        """Ranked by tokens, without those that used none; told late."""
        if body.get("Dimension") != "apikey" or not body.get("ShowAll"):
            raise ActionError("InvalidParameter.InvalidParameter", "Only the whole list by apikey is simulated.")
        try:
            since, until = (datetime.fromisoformat(str(body.get(name))) for name in ("StartTime", "EndTime"))
            valid = since.tzinfo is not None and timedelta(0) < until - since <= LONGEST_SPAN
        except (ValueError, TypeError):
            valid = False
        if not valid:
            raise ActionError("InvalidParameter.InvalidParameter", "StartTime or EndTime is not valid.")
        found = [(key, self._stats(key, since.timestamp(), until.timestamp())) for key in self.account.keys.values()]
        ranked = sorted((each for each in found if each[1]["TotalToken"]), key=lambda each: -each[1]["TotalToken"])
        rows = [{"Rank": place, "Key": key.number, "Name": key.name, "Stats": stats} for place, (key, stats) in enumerate(ranked, 1)]
        total = {name: sum(stats[name] for _, stats in ranked) for name in METRICS}
        echoed = {"Dimension": "apikey", "MetricType": "tokens", "StartTime": body["StartTime"], "EndTime": body["EndTime"], "Period": 0}
        counted = {"Total": len(rows), "Offset": 0, "Limit": len(rows), "Timestamps": [], "MetricKeys": [*METRICS]}
        return {**echoed, **counted, "TopList": rows, "TotalStats": total, "SortKey": METRICS[0]}

    def balance(self, _body: Body) -> dict[str, Any]:
        fen = self.account.balance
        amounts = {"RealBalance": fen, "CashAccountBalance": fen, "PresentAccountBalance": 0.0, "OweAmount": 0.0, "FreezeAmount": 0.0}
        return {"Uin": 100_000_000_001, "Balance": round(fen), **amounts}

    def _stats(self, key: Key, since: float, until: float) -> dict[str, int]:
        known = min(until, self.account.clock() - self.account.usage_lag)
        counted = [(given, taken) for at, given, taken in key.used if since <= at < known]
        given, taken = sum(given for given, _ in counted), sum(taken for _, taken in counted)
        return dict(zip(METRICS, (given + taken, given, taken, 0), strict=True))

    def _check(self, request: Request, body: bytes, service: str, version: str) -> None:
        for header in ("x-tc-action", "x-tc-version", "x-tc-timestamp", "authorization"):
            if header not in request.headers:
                raise ActionError("MissingParameter", f"The request is missing the header {header}.")
        if (refusal := signed.tc3(request, body, self.account.secrets, service)) is not None:
            raise ActionError(refusal.code, refusal.message)
        if request.headers["x-tc-version"] != version:
            raise ActionError("NoSuchVersion", "The version does not exist.")

    def _route(self, actions: Mapping[str, Act], service: str, version: str) -> Route:
        async def handle(request: Request) -> Response:
            body = await request.body()
            try:
                self._check(request, body, service, version)
                name = request.headers["x-tc-action"]
                if name in self.account.answers:
                    return JSONResponse(self.account.answers[name])
                if name not in actions:
                    raise ActionError("InvalidAction", f"The action {name} does not exist.")  # noqa: TRY301 # told as the others are
                given = json.loads(body or b"{}")
                return done(actions[name](given if isinstance(given, dict) else {}))
            except ValueError:
                return failed("InvalidParameter", "The body is not JSON.")
            except ActionError as error:
                return failed(error.code, error.message)

        return Route("/", handle, methods=["POST"])
