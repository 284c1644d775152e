"""OpenRouter simulated: keys with a dollar cap, guardrails, workspace budgets, chat completions. From the vendor's OpenAPI and its answers.

Two keys exist from the start, a management key and an ordinary one, and an account with money left.
"""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount

from probes.lab.openrouter import guardrails, inference, keys, workspaces
from probes.lab.openrouter.account import Account
from probes.lab.openrouter.refusals import Refused, refusal
from probes.lab.simulator import Behaviour, Simulator

OURS = "keycap-probe-"


class OpenRouter(Simulator):
    """One account."""

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__(behaviour)
        self.account = Account(behaviour)
        self.model = inference.MODEL
        self.environment = {
            "OPENROUTER_MANAGEMENT_KEY": self.account.management.secret,
            "OPENROUTER_API_KEY": self.account.ordinary.secret,
        }
        routes = [*keys.ROUTES, *guardrails.ROUTES, *workspaces.ROUTES, *inference.ROUTES]
        app = Starlette(routes=[Mount("/api/v1", routes=routes)], exception_handlers={Refused: refused, 404: unknown, 405: unknown})
        app.state.account, app.state.served = self.account, self._count
        self.hosts = {"api": app}

    def leftovers(self) -> list[str]:
        """Names of keys, guardrails and workspaces that keycap made, and what is not as it was in the default workspace."""
        made = [*self.account.keys, *self.account.guardrails, *self.account.workspaces]
        left = [each.name for each in made if each.gone is None and each.name.startswith(OURS)]
        return left + [f"{interval} budget of the default workspace" for interval in self.account.default.budgets]

    def _count(self) -> None:
        self.served += 1


async def refused(_request: Request, error: Exception) -> Response:
    """What a route refused with."""
    if not isinstance(error, Refused):
        raise error
    return error.response


async def unknown(_request: Request, _error: Exception) -> Response:
    """A route or a method that does not exist."""
    return refusal(404, "Not Found").response


def simulator(behaviour: Behaviour) -> Simulator:
    """A new account."""
    return OpenRouter(behaviour)
