"""One of the operator's endpoints is called until a budget bites: what stops traffic, how much got past, how long it took."""

from dataclasses import replace

from probes import enforcement
from probes.addresses import segment
from probes.answer import dotted, rows
from probes.api import Api
from probes.evidence import Cause
from probes.figures import Figures
from probes.inference import Inference
from probes.probe import Tier
from probes.providers.mlflow_ai_gateway.routes import BUDGETS, GATEWAY, PERMISSIONS, create, create_budget, create_user, is_user, provider
from probes.series import series


@provider.probe("spend.limit.key", "spend.usage", tier=Tier.SPEND)
async def a_user_is_refused_once_the_budget_is_spent(api: Api) -> None:
    """Four users, four series; the first one's budget is raised then, and its spend read back."""
    endpoint = await operators_endpoint(api)
    if endpoint is None:
        api.untested(f"no endpoint {api.inference.model.name}", cause=Cause.NOTHING_TO_TRY)
        return
    figures: list[Figures] = []
    for each in series(api):
        name = f"{api.name}-{each.name}"
        cap = {"budget_unit": "USD", "budget_amount": each.cap_usd, "target_scope": "USER", "target_value": name, "budget_action": "REJECT"}
        secret = await permitted_user(api, each.name, endpoint)
        budget = await create_budget(api, each.name, cap)
        policy = dotted(budget.json, "budget_policy.budget_policy_id")
        if secret is None or policy is None:
            api.did("spend.limit.key", False, budget)
            return
        measured = await each.measure(api, secret)
        if not figures:
            await booked(api, str(policy), measured.usd)
            raised = await api.post(f"{BUDGETS}/update", json={"budget_policy_id": policy, "budget_amount": measured.usd + each.cap_usd})
            measured = await enforcement.reopened(api, measured, secret=secret, since=raised)
        figures.append(measured)
        await api.post(f"{PERMISSIONS}/revoke", json=use_of(name, endpoint))
    api.measured("spend.limit.key", *figures)


@provider.probe("spend.limit.scope", tier=Tier.SPEND)
async def an_endpoint_is_refused_once_its_budget_is_spent(api: Api) -> None:
    """An endpoint of the probe's own, for the same model as the operator's, with a budget; its user has none."""
    model = await operators_model(api)
    settings = {"model_configs": [{"model_definition_id": model, "linkage_type": "PRIMARY", "weight": 1.0}]}
    endpoint = await create(api, "endpoint", "name", settings) if model is not None else None
    if endpoint is None:
        api.untested(f"no endpoint like {api.inference.model.name}", "spend.limit.scope", cause=Cause.NOTHING_TO_TRY)
        return
    own = Inference.of(api.inference.declared, replace(api.inference.model, name=api.name))
    cap = enforcement.room(own, 3)
    limit = {"budget_unit": "USD", "budget_amount": cap, "target_scope": "ENDPOINT", "target_value": endpoint, "budget_action": "REJECT"}
    budget = await create_budget(api, "limit", limit)
    secret = await permitted_user(api, "caller", endpoint)
    if secret is None or dotted(budget.json, "budget_policy") is None:
        api.did("spend.limit.scope", False, budget)
        return
    api.measured("spend.limit.scope", await enforcement.cap(api, secret=secret, cap_usd=cap, inference=own))


@provider.probe("rate.headers", tier=Tier.SPEND)
async def an_answer_tells_nothing_of_a_rate(api: Api) -> None:
    """One call, whose answer has no header that speaks of limits."""
    endpoint = await operators_endpoint(api)
    secret = await permitted_user(api, "headers", endpoint) if endpoint is not None else None
    if endpoint is None or secret is None:
        api.untested(f"nobody may call an endpoint {api.inference.model.name}", "rate.headers", cause=Cause.NOTHING_TO_TRY)
        return
    answer = await api.spend(api.inference, secret=secret)
    await api.post(f"{PERMISSIONS}/revoke", json=use_of(f"{api.name}-headers", endpoint))
    told = enforcement.limit_headers(answer)
    if answer.status >= 400:
        api.untested(f"status {answer.status}", "rate.headers")
        return
    api.found("rate.headers", bool(told), Cause.DONE if told else Cause.NOT_DONE, ", ".join(told) or "none")


async def booked(api: Api, policy: str, usd: float) -> None:
    """Report whether the policy's window tells what the calls cost."""
    answer = await api.get(f"{BUDGETS}/windows")
    window = next((window for window in rows(answer, "windows") if window.get("budget_policy_id") == policy), {})
    api.did("spend.usage", abs(window.get("current_spend", -1) - usd) < enforcement.EXACT, answer)


async def permitted_user(api: Api, which: str, endpoint: str) -> str | None:
    """A user who may use the endpoint, as name and password; None where one of the two was refused."""
    name, password = f"{api.name}-{which}", api.password()
    if not is_user(await create_user(api, password, name)):
        return None
    granted = await api.post(f"{PERMISSIONS}/grant", json={**use_of(name, endpoint), "permission": "USE"})
    return f"{name}:{password}" if granted.status < 300 else None


def use_of(name: str, endpoint: str) -> dict[str, str]:
    """What is granted and withdrawn."""
    return {"username": name, "resource_type": "gateway_endpoint", "resource_id": endpoint}


async def operators_endpoint(api: Api) -> str | None:
    """Id of the endpoint that `--model` names, None where there is none."""
    route = f"{GATEWAY}/endpoints/get?name={segment(api.inference.model.name)}"
    identity = dotted((await api.get(route, gives="endpoint.endpoint_id")).json, "endpoint.endpoint_id")
    return None if identity is None else str(identity)


async def operators_model(api: Api) -> str | None:
    """Id of the first model definition that this endpoint stands for."""
    route = f"{GATEWAY}/endpoints/get?name={segment(api.inference.model.name)}"
    answer = await api.get(route, gives={"endpoint": {"model_mappings": [{"model_definition_id": "ID"}]}})
    identity = dotted(answer.json, "endpoint.model_mappings.0.model_definition_id")
    return None if identity is None else str(identity)
