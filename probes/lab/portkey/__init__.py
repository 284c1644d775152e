"""Portkey simulated: an organisation with workspaces, keys and policies that have budgets and rates, and chat completions behind them.

Written from the vendor's OpenAPI document. It does not say what an error of the admin API looks like: `{success, data: {message,
errorCode}}` is what clients in public repositories expect. Of a call at a limit the vendor tells the status alone, 412 for a budget and 429
for a rate: the bodies are made up, and so is that a route that does not exist answers 404.

Two keys exist from the start: one of the organisation that may do everything, and one of its workspace that has been used.
"""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount

from probes.lab.portkey import analytics, inference, keys, policies, workspaces
from probes.lab.portkey.answers import Refused, refusal
from probes.lab.portkey.state import Organisation
from probes.lab.simulator import Behaviour, Simulator

OURS = "keycap-probe-"


class Portkey(Simulator):
    """One organisation."""

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__(behaviour)
        self.organisation = Organisation(behaviour)
        self.model = inference.MODEL
        self.environment = {
            "PORTKEY_ADMIN_API_KEY": self.organisation.admin.secret,
            "PORTKEY_API_KEY": self.organisation.ordinary.secret,
        }
        routes = [*keys.ROUTES, *workspaces.ROUTES, *policies.ROUTES, *analytics.ROUTES, *inference.ROUTES]
        app = Starlette(routes=[Mount("/v1", routes=routes)], exception_handlers={Refused: refused, 404: unknown, 405: unknown})
        app.state.simulator = self
        self.hosts = {"api": app}

    def leftovers(self) -> list[str]:
        """Names of keys, workspaces and policies that keycap made, and what caps the workspace that was there before."""
        known = self.organisation
        made = [*known.keys, *known.workspaces, *known.policies]
        left = [each.name for each in made if each.gone is None and each.name.startswith(OURS)]
        return left + [f"limits of {known.shared.name}"] * bool(known.shared.usage_limits or known.shared.rate_limits)


async def refused(_request: Request, error: Exception) -> Response:
    """What a route refused with."""
    if not isinstance(error, Refused):
        raise error
    return error.response


async def unknown(_request: Request, _error: Exception) -> Response:
    """A route or a method that does not exist."""
    return refusal(404, "AB08", "Resource not found").response


def simulator(behaviour: Behaviour) -> Simulator:
    """A new organisation."""
    return Portkey(behaviour)
