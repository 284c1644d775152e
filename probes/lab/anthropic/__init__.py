"""The Claude API and its Admin API, simulated: keys that a person made, workspaces, limits on rate and spend, cost by key, messages.

The shapes are those of anthropic-version 2026-10-21, as the vendor's SDK declares them. A spend limit is monthly, in whole cents, and
refuses with 400; a rate limit is a bucket that fills evenly. Guessed, because nothing public says it: 405 where a route lacks the method,
403 for an inference key on the Admin API, 400 where a beta header is missing, and that a body is validated before an id is looked for.
"""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route

from probes.lab.simulator import Behaviour, Simulator

from .limits import Limits
from .messages import Messages
from .organisation import Organisation
from .state import refusal

ROOT = "/v1/organizations"


def simulator(behaviour: Behaviour) -> Simulator:
    """An organisation and its one host."""
    made = Organisation(behaviour)
    limits, messages = Limits(made), Messages(made)
    routes = [
        Route("/v1/models", messages.models),
        Route("/v1/messages", messages.create, methods=["POST"]),
        Route(f"{ROOT}/api_keys", made.list_keys),
        Route(f"{ROOT}/api_keys/{{id}}", made.read_key),
        Route(f"{ROOT}/api_keys/{{id}}", made.update_key, methods=["POST"]),
        Route(f"{ROOT}/workspaces", made.list_workspaces),
        Route(f"{ROOT}/workspaces", made.create_workspace, methods=["POST"]),
        Route(f"{ROOT}/workspaces/{{id}}", made.read_workspace),
        Route(f"{ROOT}/workspaces/{{id}}/archive", made.archive_workspace, methods=["POST"]),
        Route(f"{ROOT}/workspaces/{{id}}/rate_limits", limits.list_workspace_rates),
        Route(f"{ROOT}/workspaces/{{id}}/rate_limits/{{entry}}", limits.set_workspace_rates, methods=["POST"]),
        Route(f"{ROOT}/rate_limits", limits.list_rates),
        Route(f"{ROOT}/spend_limits", limits.list_limits),
        Route(f"{ROOT}/spend_limits", limits.set_limit, methods=["POST"]),
        Route(f"{ROOT}/spend_limits/{{id}}", limits.read_limit),
        Route(f"{ROOT}/spend_limits/{{id}}", limits.delete_limit, methods=["DELETE"]),
        Route(f"{ROOT}/analytics/cost", limits.list_cost),
    ]
    made.hosts = {"api": Starlette(routes=routes, exception_handlers={HTTPException: refusal})}
    return made
