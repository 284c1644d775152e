"""A simulated OpenAI: an organisation with an admin key, whose projects have service accounts, keys, monthly caps in cents and rates.

Written from the vendor's OpenAPI document of 2026-08-21, the SDK 3.54.0 where it is newer, and the guides on keys, caps and rates.
Not told by any of these, and so by analogy: the texts of most refusals, 404 for a cap or a list of models that is not set, the order of
lists (oldest first), an admin key's refusal on inference routes, and 400 for a change of an archived project.
"""

from typing import Any, cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from probes.lab.openai.answers import Refused, refused
from probes.lab.openai.inference import Inference
from probes.lab.openai.limits import Limits
from probes.lab.openai.management import Management
from probes.lab.openai.state import Organisation
from probes.lab.openai.usage import Usage
from probes.lab.simulator import Behaviour, Simulator
from probes.money import Model

MODEL = Model("gpt-5-nano", 1.0, 3.0)
"""What it bills, USD per million tokens: dearer than the true price, so that a cap of one cent bites after five calls."""


def simulator(behaviour: Behaviour) -> Simulator:
    """One organisation, newly founded."""
    return OpenAI(behaviour)


class OpenAI(Simulator):
    """The simulator; `organisation` is what it holds."""

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__(behaviour)
        self.model = MODEL
        self.organisation = organisation = Organisation(behaviour, MODEL)
        self.environment = {"OPENAI_ADMIN_KEY": organisation.admin_secret, "OPENAI_API_KEY": organisation.person_secret}
        parts = (Management(organisation), Limits(organisation), Usage(organisation), Inference(organisation, self))
        routes = [route for part in parts for route in part.routes()]
        self.hosts = {"api": Starlette(routes=routes, exception_handlers={Refused: _refusal, HTTPException: _no_route})}
        self._settings = self._settings_now()

    def leftovers(self) -> list[str]:
        """What bears a probe's name in a project that is not archived, such projects, and settings of the first project."""
        living = [project for project in self.organisation.projects.values() if project.archived_at is None]
        named = [project.name for project in living]
        named += [account.name for project in living for account in project.accounts.values()]
        named += [key.name for project in living for key in project.keys.values() if key.ended_at is None]
        changed = [name for name, value in self._settings_now().items() if self._settings[name] != value]
        return sorted({name for name in named if name.startswith("keycap-probe-")}) + changed

    def _settings_now(self) -> dict[str, str]:
        """Settings of what is not keycap's, as text."""
        first = next(iter(self.organisation.projects.values()))
        own: dict[str, Any] = {"cap": first.cap.amount, "alerts": first.alerts, "rates": first.rates, "models": first.models}
        own |= {"keys": [(key.scopes, key.expires_at, key.ended_at) for key in first.keys.values()], "accounts": list(first.accounts)}
        return {name: repr(value) for name, value in (own | {"organisation's cap": self.organisation.cap.amount}).items()}


async def _refusal(_request: Request, error: Exception) -> Response:
    return cast(Refused, error).response


async def _no_route(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 404
    if status == 405:
        return refused(405, f"Invalid method for URL ({request.method} {request.url.path})", code="method_not_supported").response
    return refused(404, f"Invalid URL ({request.method} {request.url.path})").response
