"""Vendors' own documents: specifications beside the checkout, SDKs in the folder that KEYCAP_DOCUMENTS names. Skipped where absent."""

import os
import re
from pathlib import Path

import pytest

from probes.contracts.document import read_document
from probes.contracts.extract import Extract, Operation
from probes.contracts.package import read_package
from tests.contracts.wheels import operations

ROOT = Path(__file__).parents[2]
SPECS = ROOT.parent / "shared" / "specs"


def specification(name: str, base: str, *include: str) -> Extract:
    path = SPECS / name
    if not path.exists():
        pytest.skip(f"no {name} beside the checkout")
    return read_document(path.read_bytes(), "openapi", f"copy of {name}", "copy", "2026-08-21", base, include)


def package(wheel: str, reader: str, *include: str, base: str = "", file: str | None = None) -> dict[str, Operation]:
    """The operations of the release that the claims name; the folder may hold others that `keycap since` has read."""
    pin = re.search(rf"package: {wheel.replace('_', '[-_]')}==([^,}}\s]+)", (ROOT / "capabilities.yaml").read_text("utf-8"))
    assert pin, f"the claims name no release of {wheel}"
    folder = os.environ.get("KEYCAP_DOCUMENTS")
    path = next(Path(folder).glob(f"{wheel}-{pin[1]}-*.whl"), None) if folder else None
    if path is None:
        pytest.skip(f"KEYCAP_DOCUMENTS holds no {wheel} {pin[1]}")
    return operations(read_package(path, reader, file, base, include or ("/**",)))


def test_openai_declares_a_spend_limit_on_projects() -> None:
    extract = specification("openai.openapi.yaml", "/v1", "/v1/organization/**")
    found = operations(extract)
    limit = found["POST /v1/organization/projects/{project_id}/spend_limit"]
    assert limit.request == {"threshold_amount": "number", "currency": "USD", "interval": "month"}
    assert limit.response["enforcement.status"] == "string|inactive|enforcing"
    assert "POST /v1/chat/completions" in extract.others
    assert "POST /v1/organization/projects/{project_id}/api_keys" not in {*found, *extract.others}


def test_openrouter_declares_capped_keys() -> None:
    create = operations(specification("openrouter.openapi.yaml", "/api/v1", "/api/v1/keys/**"))["POST /api/v1/keys"]
    assert {
        "limit": "number|null",
        "limit_reset": "daily|weekly|monthly|null",
        "expires_at": "string|null",
    }.items() <= create.request.items()
    assert create.response["data.hash"] == "string"


def test_other_specifications_are_read() -> None:
    for name in ("mistral", "portkey", "venice"):
        extract = specification(f"{name}.openapi.yaml", "", "/none")
        assert len(extract.others) + len(extract.operations) > 40


def test_openai_sdk() -> None:
    found = package("openai", "stainless", "/v1/organization/**", base="/v1")
    key = found["POST /v1/organization/projects/{project_id}/api_keys/{api_key_id}"]
    assert key.request == {"expires_in_seconds": "number", "scopes": "array", "scopes[]": "string"}
    assert found["GET /v1/organization/projects/{project_id}/api_keys"].response["data[].expires_at"] == "number|null"


def test_anthropic_sdk() -> None:
    found = package("anthropic", "stainless", "/v1/organizations/**")
    assert found["POST /v1/organizations/spend_limits"].request["period"] == "daily|monthly|weekly"
    assert "GET /v1/organizations/rate_limits" in found
    assert "POST /v1/organizations/api_keys" not in found


def test_google_documents_and_quotas() -> None:
    keys = package("google_api_python_client", "discovery", file="apikeys.v2.json")
    assert "restrictions.apiTargets[].service" in keys["POST /v2/projects/{projectsId}/locations/{locationsId}/keys"].request
    budgets = package("google_api_python_client", "discovery", file="billingbudgets.v1.json")
    assert budgets["POST /v1/billingAccounts/{billingAccountsId}/budgets"].request["spendCap"] == "object"
    quotas = package("google_cloud_quotas", "gapic")
    assert "quotaConfig.preferredValue" in quotas["POST /v1/projects/{project}/locations/{location}/quotaPreferences"].request


def test_azure_sdks() -> None:
    account = (
        "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.CognitiveServices/accounts/{accountName}"
    )
    controls = package("azure_mgmt_cognitiveservices", "azure", "/**/costControls/**")[f"PUT {account}/costControls/{{costControlName}}"]
    assert controls.request["properties.rules"] == "array"
    assert controls.request["properties.rules[].thresholds[].action"] == "string|Audit|Alert|Block"
    budgets = package("azure_mgmt_consumption", "azure")["PUT /{scope}/providers/Microsoft.Consumption/budgets/{budgetName}"]
    assert "properties.amount" in budgets.request
    assert "id" not in budgets.request
    assert "POST /{scope}/providers/Microsoft.CostManagement/query" in package("azure_mgmt_costmanagement", "azure")


def test_chinese_sdks() -> None:
    create = package("alibabacloud_modelstudio20260210", "tea")["POST /modelstudio/apikeys"]
    assert (create.action, create.request["auth.modelAccessScope.accessibleModels[]"]) == ("CreateApiKey", "string")
    assert create.response["apiKey.apiKeyValue"] == "string"
    balance = package("alibabacloud_bssopenapi20171214", "tea")["POST /?Action=QueryAccountBalance"]
    assert balance.response["Data.AvailableAmount"] == "string"
    tokenhub = package("tencentcloud_sdk_python_tokenhub", "tencentcloud")["POST /?Action=CreateApiKey"]
    assert (tokenhub.action, tokenhub.request["Quotas[].CycleCredits"]) == ("CreateApiKey", "string")
    billing = package("tencentcloud_sdk_python_billing", "tencentcloud")
    assert billing["POST /?Action=DescribeAccountBalance"].response["Response.RealBalance"] == "number"
    qianfan = package("qianfan", "qfrequest")
    assert qianfan["GET /v1/BCE-BEARER/token"].request == {"expireInSeconds": "number"}
    assert "purchaseCount" in qianfan["POST /v2/charge?Action=PurchaseTPMResource"].request


def test_openrouter_and_mlflow_sdks() -> None:
    keys = package("openrouter", "speakeasy", "/api/v1/keys/**", base="/api/v1")
    assert {"limit": "number|null", "expires_at": "string|null"}.items() <= keys["POST /api/v1/keys"].request.items()
    mlflow = package("mlflow", "protobuf")
    assert mlflow["POST /api/3.0/mlflow/gateway/budgets/create"].request["budget_action"] == "BUDGET_ACTION_UNSPECIFIED|ALERT|REJECT"
    assert mlflow["POST /api/2.0/mlflow/users/create"].request == {"username": "any", "password": "any"}
