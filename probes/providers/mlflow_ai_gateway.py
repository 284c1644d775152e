"""MLflow AI Gateway with its basic-auth app: a credential is a user with a password, a cap is a budget policy in USD.

`GET /api/2.0/mlflow/users/list` lists users, `users/get` reads one; `GET /api/3.0/mlflow/gateway/budgets/windows` tells what each policy
has spent in its window. All of it needs an administrator; without one every route, real or not, answers 401.
"""

from urllib.parse import urlencode

from probes.api import Api, dotted
from probes.evidence import Cause
from probes.probe import Provider, Tier

provider = Provider("mlflow_ai_gateway")

USERS = "/api/2.0/mlflow/users"
WINDOWS = "/api/3.0/mlflow/gateway/budgets/windows"


@provider.probe("key.list", "key.read", tier=Tier.READ)
async def users_are_listed_and_read_one_by_one(api: Api) -> None:
    """The list has at least the administrator who asks; one of its users reads back under the same name, an invented one does not."""
    listed = await api.get(f"{USERS}/list")
    users = dotted(listed.json, "users")
    names = [user["username"] for user in users if isinstance(user, dict) and user.get("username")] if isinstance(users, list) else []
    api.found("key.list", listed.status == 200 and bool(names), Cause.DONE if names else Cause.NOT_DONE, f"status {listed.status}")
    if names:
        one = await api.get(f"{USERS}/get?{urlencode({'username': names[0]})}")
        nobody = await api.get(f"{USERS}/get?{urlencode({'username': api.name})}")
        read = dotted(one.json, "user.username") == names[0] and nobody.status == 404
        api.found("key.read", read, Cause.DONE if read else Cause.NOT_DONE, f"status {one.status}, control {nobody.status}")


@provider.probe("spend.usage", "spend.balance", tier=Tier.READ)
async def budgets_tell_what_was_spent(api: Api) -> None:
    """Each window has the spend of its policy; without any policy the list is empty and shows the route alone."""
    answer = await api.get(WINDOWS)
    windows = dotted(answer.json, "windows")
    for capability in ("spend.usage", "spend.balance"):
        if isinstance(windows, list) and windows:
            told = all(isinstance(window, dict) and "current_spend" in window for window in windows)
            api.found(capability, told, Cause.DONE if told else Cause.NOT_DONE, f"status {answer.status}")
        else:
            api.inconclusive(capability, Cause.ROUTE_ONLY, f"GET {WINDOWS} [windows[].current_spend]: no policy to read it from")
