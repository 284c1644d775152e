"""MLflow AI Gateway: users with a password instead of keys, and budget policies in US dollars for users and endpoints.

`POST /api/2.0/mlflow/users/create` creates a user, who signs in with HTTP Basic; `PATCH …/update-password` and `DELETE …/delete` name the
user in a body. `POST /api/3.0/mlflow/users/permissions/grant` and `…/revoke` say what a user may use, `GET …/get` tells the outcome.
`POST /api/3.0/mlflow/gateway/budgets/create` sets a policy, `GET …/windows` tells what each has spent.

Nothing here can stop or bill anybody's traffic but its own: budgets are of a user and of an endpoint that the probe made up, never GLOBAL
or WORKSPACE. Only `spending` calls a model, that of one of the operator's endpoints, which `--model` names, with users of its own that are
granted it and lose it again. No user is ever made an administrator (`users/update-admin`). What MLflow itself keeps of it is a role without
permissions for whoever created an endpoint.

`reading` only looks, `refusing` sends what must be refused, `living` creates and deletes, `spending` calls a model until a limit bites.
"""

from probes.providers.mlflow_ai_gateway import living, reading, refusing, spending
from probes.providers.mlflow_ai_gateway.routes import provider

__all__ = ["living", "provider", "reading", "refusing", "spending"]
