"""Azure OpenAI, simulated: Resource Manager with accounts, deployments, cost controls and budgets, and the data plane of all accounts."""

from collections.abc import Callable

from starlette.responses import Response

from probes.lab.azure_openai import accounts, arm, controls, cost, deployments, inference
from probes.lab.azure_openai.answers import Call
from probes.lab.azure_openai.state import Account, Cloud
from probes.lab.simulator import Behaviour, Simulator
from probes.money import Model

SUBSCRIPTION = "/subscriptions/{subscription}"
GROUP = f"{SUBSCRIPTION}/resourceGroups/{{group}}"
PROVIDER = "providers/Microsoft.CognitiveServices"
ACCOUNT = f"{GROUP}/{PROVIDER}/accounts/{{account}}"
CONTROL = f"{ACCOUNT}/costControls/{{control}}"
DEPLOYMENT = f"{ACCOUNT}/deployments/{{deployment}}"
REGION = f"{SUBSCRIPTION}/{PROVIDER}/locations/{{location}}"
DELETED = f"{REGION}/resourceGroups/{{group}}/deletedAccounts/{{account}}"
BUDGETS = "providers/Microsoft.Consumption/budgets"
BILLING = "/providers/Microsoft.Billing/billingAccounts/{billing}/billingProfiles/{profile}/providers/Microsoft.Consumption"


class AzureOpenAI(Simulator):
    """One subscription; `cloud` is all that is in it."""

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__(behaviour)
        self.model = Model("gpt-4.1-nano", 1, 3)
        self.cloud = Cloud(behaviour, self.model)
        self.hosts = {"api": arm.app(self.cloud, HANDLERS), "inference": inference.app(self.cloud, self)}
        self.environment = {
            "AZURE_MANAGEMENT_TOKEN": self.cloud.token,
            "AZURE_SUBSCRIPTION_ID": self.cloud.subscription,
            "AZURE_RESOURCE_GROUP": self.cloud.group,
            "AZURE_LOCATION": self.cloud.location,
            "AZURE_BILLING_ACCOUNT": self.cloud.billing_account,
            "AZURE_BILLING_PROFILE": self.cloud.billing_profile,
        }

    def leftovers(self) -> list[str]:
        return self.cloud.leftovers()


def simulator(behaviour: Behaviour) -> AzureOpenAI:
    """A subscription with one account of the person's."""
    return AzureOpenAI(behaviour)


def _within(handler: Callable[[Cloud, Call, Account], Response]) -> arm.Handler:
    """A change inside an account, which must exist and be at rest; reading needs it to exist only."""

    def handle(cloud: Cloud, call: Call) -> Response:
        found = accounts.existing if call.method == "GET" else accounts.terminal
        return handler(cloud, call, found(cloud, call))

    return handle


HANDLERS: arm.Handlers = (
    ("GET", f"{SUBSCRIPTION}/{PROVIDER}/accounts", accounts.listed),
    ("GET", f"{GROUP}/{PROVIDER}/accounts", accounts.listed),
    ("PUT", ACCOUNT, accounts.put),
    ("GET", ACCOUNT, accounts.get),
    ("PATCH", ACCOUNT, accounts.patch),
    ("DELETE", ACCOUNT, accounts.delete),
    ("POST", f"{ACCOUNT}/listKeys", accounts.list_keys),
    ("POST", f"{ACCOUNT}/regenerateKey", accounts.regenerate_key),
    ("GET", f"{ACCOUNT}/usages", _within(deployments.account_usages)),
    ("GET", f"{ACCOUNT}/costControls", _within(controls.listed)),
    ("PUT", CONTROL, _within(controls.put)),
    ("GET", CONTROL, _within(controls.get)),
    ("PATCH", CONTROL, _within(controls.patch)),
    ("DELETE", CONTROL, _within(controls.delete)),
    ("PUT", DEPLOYMENT, _within(deployments.put)),
    ("GET", DEPLOYMENT, _within(deployments.get)),
    ("PATCH", DEPLOYMENT, _within(deployments.patch)),
    ("DELETE", DEPLOYMENT, _within(deployments.delete)),
    ("GET", f"{REGION}/usages", deployments.usages),
    ("GET", f"{REGION}/operationResults/{{operation}}", accounts.operation),
    ("GET", DELETED, accounts.deleted),
    ("DELETE", DELETED, accounts.purge),
    *(
        (method, f"{scope}/{BUDGETS}{rest}", handler)
        for scope in (SUBSCRIPTION, GROUP)
        for method, rest, handler in (
            ("GET", "", cost.list_budgets),
            ("PUT", "/{budget}", cost.put_budget),
            ("GET", "/{budget}", cost.get_budget),
            ("DELETE", "/{budget}", cost.delete_budget),
        )
    ),
    *(("POST", f"{scope}/providers/Microsoft.CostManagement/query", cost.query) for scope in (SUBSCRIPTION, GROUP)),
    ("GET", f"{BILLING}/credits/balanceSummary", cost.balance),
    ("GET", f"{BILLING}/lots", cost.lots),
)
