"""What an operator has set up before keycap comes: `prepare(gateway)` on a gateway that was just started.

A read finds something there then, and a model can be called. Names and secrets are made up.
"""

import secrets
from collections.abc import Callable

import httpx

from .servers import Gateway


def prepare(gateway: Gateway) -> None:
    """Set up what the operator of this gateway needs to. Raises HTTPStatusError when the gateway refuses."""
    with httpx.Client(base_url=gateway.url, trust_env=False, timeout=90) as client:
        _SET_UP[gateway.name](gateway, client)


def _prompture_hub(gateway: Gateway, client: httpx.Client) -> None:
    client.headers["authorization"] = f"Bearer {gateway.credentials['HUB_ADMIN_TOKEN']}"
    client.post("/admin/keys", json={"name": "team-a", "daily_spend_cap_usd": 5, "rate_limit_per_min": 60}).raise_for_status()


def _any_llm_gateway(gateway: Gateway, client: httpx.Client) -> None:
    client.headers["authorization"] = f"Bearer {gateway.credentials['GATEWAY_MASTER_KEY']}"
    client.post("/v1/keys", json={"key_name": "team-a", "user_id": "team-a"}).raise_for_status()


def _mlflow_ai_gateway(gateway: Gateway, client: httpx.Client) -> None:
    """An endpoint for a model whose price MLflow knows, with the upstream behind it, and a budget that it has."""
    client.auth = httpx.BasicAuth(gateway.credentials["MLFLOW_TRACKING_USERNAME"], gateway.credentials["MLFLOW_TRACKING_PASSWORD"])
    upstream = {"api_base": f"{gateway.upstream}/v1"}
    value = {"api_key": secrets.token_urlsafe(24)}
    secret = _created(client, "secret", secret_name="upstream", secret_value=value, provider="openai", auth_config=upstream)
    model = _created(client, "model_definition", name="gpt-4o", secret_id=secret, provider="openai", model_name="gpt-4o")
    models = [{"model_definition_id": model, "linkage_type": "PRIMARY", "weight": 1.0}]
    endpoint = _created(client, "endpoint", name=gateway.model.name, model_configs=models)
    budget = {"budget_unit": "USD", "budget_amount": 100, "duration": {"unit": "MONTHS", "value": 1}, "budget_action": "ALERT"}
    scope = {"target_scope": "ENDPOINT", "target_value": endpoint}
    client.post("/api/3.0/mlflow/gateway/budgets/create", json={**budget, **scope}).raise_for_status()


def _litellm(gateway: Gateway, client: httpx.Client) -> None:
    client.headers["authorization"] = f"Bearer {gateway.credentials['LITELLM_MASTER_KEY']}"
    client.post("/key/generate", json={"key_alias": "team-a", "max_budget": 5, "budget_duration": "30d"}).raise_for_status()


def _created(client: httpx.Client, kind: str, **settings: object) -> str:
    """One of MLflow's resources; returns its id."""
    answer = client.post(f"/api/3.0/mlflow/gateway/{kind.replace('_', '-')}s/create", json=settings).raise_for_status()
    return str(answer.json()[kind][f"{kind}_id"])


_SET_UP: dict[str, Callable[[Gateway, httpx.Client], None]] = {
    "prompture_hub": _prompture_hub,
    "any_llm_gateway": _any_llm_gateway,
    "mlflow_ai_gateway": _mlflow_ai_gateway,
    "litellm": _litellm,
}
