"""What a simulated Model Studio tells of money: the cost of each key, and the balance of the whole cloud account."""

import json
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from probes.lab.qwen.answers import identity, invalid
from probes.lab.qwen.state import MODEL, Account

Form = Mapping[str, str]
DIMENSIONS = frozenset({"MAAS_TYPE", "BASE_MODEL", "API_KEY_ID", "WORKSPACE_ID", "FEE_TYPE", "CHARGE_TYPE", "BUSINESS_REGION"})


class Billing:
    """Actions on money; whoever calls them has checked the signature."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def overview(self, request: Request, _form: Form) -> Response:
        query = request.query_params
        try:
            (group,) = [each["code"] for each in json.loads(query["groupBy"])]
        except (KeyError, TypeError, ValueError):
            return invalid("groupBy")
        if len(query.get("billMonth", "")) != len("2026-02") or group not in DIMENSIONS:
            return invalid("billMonth" if group in DIMENSIONS else "groupBy")
        by_key = {str(number): usd for number, usd in self.account.spent.items()}
        spent = by_key if group == "API_KEY_ID" else {MODEL.name: sum(by_key.values())}
        groups = [
            {"key": key, "name": key, "amount": f"{usd:.6f}", "percentage": "1", "articleCodes": ["maas"]} for key, usd in spent.items()
        ]
        total = f"{sum(spent.values()):.6f}"
        data = {"currency": "CNY", "groups": groups, "pretaxAmount": total, "taxAmount": "0", "totalAmount": total}
        return JSONResponse({"data": data, "code": "Success", "message": "", "requestId": identity(), "success": True})

    @staticmethod
    def balance(_request: Request, _form: Form) -> Response:
        data = {"AvailableAmount": "100.00", "AvailableCashAmount": "100.00", "CreditAmount": "0.00", "MybankCreditAmount": "0.00"}
        data |= {"QuotaLimit": "", "Currency": "CNY"}
        return JSONResponse({"Code": "200", "Message": "success", "RequestId": identity(), "Success": True, "Data": data})
