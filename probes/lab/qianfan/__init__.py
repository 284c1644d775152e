"""A simulated Qianfan: an account that mints short-term keys, has inference endpoints with rates, a cash balance and bills.

Written from the vendor's pages on short-term keys, endpoints, balance, bills and errors, the Python and Go SDKs, and captured answers.
Told by none of these, and so by analogy: the shape of the list of endpoints, the answer to an unknown action, what a bad parameter and a
key without the permission are answered, and the values of X-Ratelimit headers.
"""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from probes.lab.qianfan.answers import refused
from probes.lab.qianfan.inference import Inference
from probes.lab.qianfan.management import Management
from probes.lab.qianfan.state import MODEL, Account
from probes.lab.simulator import Behaviour, Simulator

LONGEST_LEFT = 600.0
"""Seconds that a key which nobody can withdraw may outlive a run."""


def simulator(behaviour: Behaviour) -> Simulator:
    """One account with a permanent key and two endpoints, one of them made for keycap."""
    return Qianfan(behaviour)


class Qianfan(Simulator):
    """The simulator; `account` is what it holds."""

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__(behaviour)
        self.model = MODEL
        self.account = account = Account(behaviour)
        key_id, secret = next(iter(account.access_keys.items()))
        self.environment = {"QIANFAN_ACCESS_KEY": key_id, "QIANFAN_SECRET_KEY": secret, "QIANFAN_API_KEY": account.permanent}
        management, inference = Management(account), Inference(account, self)
        handlers = {HTTPException: _no_route}
        self.hosts = {
            "api": Starlette(routes=[*management.platform(), *inference.routes()], exception_handlers=handlers),
            "iam": Starlette(routes=management.iam(), exception_handlers=handlers),
            "billing": Starlette(routes=management.billing(), exception_handlers=handlers),
        }
        self._rates = self._rates_now()

    def leftovers(self) -> list[str]:
        """Keys that live on for long, and endpoints whose settings are not as they were."""
        now = self.account.clock()
        lasting = [f"a key for {until - now:.0f} s" for _, until, _ in self.account.tokens.values() if until > now + LONGEST_LEFT]
        return lasting + [name for name, rate in self._rates_now().items() if self._rates.get(name) != rate]

    def _rates_now(self) -> dict[str, str]:
        return {identity: repr((each.name, each.description, each.rate)) for identity, each in self.account.endpoints.items()}


def _no_route(request: Request, _error: Exception) -> Response:
    if not request.url.path.startswith(("/v1", "/v2")):
        return refused(404, "InvalidVersion", "The specified API version is not supported.")
    return refused(404, "ResourceNotFound", "The requested resource does not exist.")
