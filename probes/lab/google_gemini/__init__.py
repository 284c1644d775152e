"""Google's Gemini API with the nine hosts that manage it, simulated: projects, keys, budgets with a spend cap, quotas, usage, inference.

The shapes are those of Google's discovery documents and of recorded exchanges. Guessed, because nothing public says it: what a call is
answered while a spend cap of the Budget API is enforced (the message of AI Studio's own cap stands in), that a consumer override holds for
the Gemini API's quotas, and that deleting a deleted key is answered with 404.
"""

from collections.abc import Mapping, Sequence

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from probes.lab.simulator import Behaviour, Simulator

from .budgets import Budgets
from .cloud import Cloud
from .inference import PRICED, Inference
from .keys import Keys
from .quotas import Quotas
from .rpc import HANDLERS
from .world import World


def simulator(behaviour: Behaviour) -> Simulator:
    """One person's part of Google's cloud."""
    return Gemini(behaviour)


class Gemini(Simulator):
    """The hosts over one world."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.world = World(behaviour)
        super().__init__(behaviour)
        keys, budgets, cloud, quotas = Keys(self.world), Budgets(self.world), Cloud(self.world), Quotas(self.world)
        routes: Mapping[str, Sequence[Route]] = {
            "api": keys.routes(),
            "budgets": budgets.routes(),
            "billing": budgets.billing_routes(),
            "quotas": quotas.quota_routes(),
            "service_usage": [*cloud.service_routes(), *quotas.usage_routes()],
            "monitoring": quotas.monitoring_routes(),
            "projects": cloud.project_routes(),
            "service_accounts": cloud.account_routes(),
            "inference": Inference(self.world, quotas).routes(),
        }
        self.hosts: Mapping[str, ASGIApp] = {host: Starlette(routes=each, exception_handlers=HANDLERS) for host, each in routes.items()}
        self.model = PRICED
        self.environment = {
            "GOOGLE_OAUTH_ACCESS_TOKEN": self.world.token,
            "GEMINI_API_KEY": self.world.own_secret,
            "GOOGLE_CLOUD_PROJECT": self.world.own,
            "GOOGLE_BILLING_ACCOUNT": self.world.billing,
        }

    @property
    def served(self) -> int:
        return self.world.served

    @served.setter
    def served(self, count: int) -> None:
        self.world.served = count

    def leftovers(self) -> list[str]:
        return self.world.leftovers()
