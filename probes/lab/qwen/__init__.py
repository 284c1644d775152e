"""A simulated Model Studio: an account whose workspaces have API keys, permissions to call models, and rates per model.

Written from the vendor's SDK of 2026-10-19 (paths, parameters, forms, fields of answers), its pages on temporary keys, rate limits and
error codes, and captured answers of its gateway. Told by none of these, and so by analogy: what the control plane answers for a key or
workspace that does not exist and of a bad parameter, that keys are listed with their value shortened, and what a call from an
address that the key does not allow is answered.
"""

import secrets

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from probes.lab.qwen.answers import gateway
from probes.lab.qwen.inference import Inference
from probes.lab.qwen.management import Management
from probes.lab.qwen.state import MODEL, Account
from probes.lab.signed import Refused
from probes.lab.simulator import Behaviour, Simulator


def simulator(behaviour: Behaviour) -> Simulator:
    """One account with a default workspace and a person's own key in it."""
    return Qwen(behaviour)


class Qwen(Simulator):
    """The simulator; `account` is what it holds."""

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__(behaviour)
        self.model = MODEL
        self.account = account = Account(behaviour)
        key_id, secret = next(iter(account.access_keys.items()))
        self.environment = {
            "ALIBABA_CLOUD_ACCESS_KEY_ID": key_id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": secret,
            "DASHSCOPE_API_KEY": account.person.value,
        }
        management, inference = Management(account), Inference(account, self)
        handlers = {HTTPException: _no_action}
        inferring = Starlette(routes=inference.routes(), exception_handlers={HTTPException: _no_route})
        self.hosts = {
            "management": Starlette(routes=management.routes(), exception_handlers=handlers),
            "billing": Starlette(routes=management.rpc(), exception_handlers=handlers),
            "inference": inferring,
            "inference_us": inferring,
        }
        self._settings = account.settings()

    def leftovers(self) -> list[str]:
        """Keys and workspaces that bear a probe's name, temporary keys that outlive a run, and what changed of the person's own."""
        named = [key.description for key in self.account.keys.values() if not key.deleted] + list(self.account.workspaces.values())
        lasting = ["a temporary key"] * sum(ends > self.account.clock() + 60 for ends in self.account.temporary.values())
        changed = [name for name, value in self.account.settings().items() if self._settings.get(name) != value]
        return sorted({name for name in named if name.startswith("keycap-probe-")}) + lasting + changed


def _no_action(request: Request, _error: Exception) -> Response:
    return gateway(request, Refused(404, "InvalidAction.NotFound", "Specified api is not found, please check your url and method."))


def _no_route(_request: Request, _error: Exception) -> Response:
    return JSONResponse({"code": "NotFound", "message": "Not found!", "request_id": secrets.token_hex(16)}, 404)
