"""The readers of SDKs, each on a package written by hand in the manner of its generator."""

from pathlib import Path
from textwrap import dedent

import pytest

from probes.errors import DocumentError
from tests.contracts.wheels import read


def test_stainless(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "stainless",
        {
            "acme/__init__.py": "",
            "acme/pagination.py": """
                class SyncCursorPage(BaseSyncPage[_T], BasePage[_T], Generic[_T]):
                    data: List[_T]
                    has_more: Optional[bool] = None
            """,
            "acme/resources/keys.py": """
                from ..types import key_create_params, key_list_params
                from ..types.key import Key
                from ..pagination import SyncCursorPage

                class Keys(SyncAPIResource):
                    @overload
                    def create(self, project_id: str, *, limit: int) -> Key: ...

                    def create(self, project_id: str, *, limit: int, scopes: List[str] | Omit = omit, stream: bool) -> Key | Stream[Key]:
                        return self._post(
                            path_template("/projects/{project_id}/keys?beta=true", project_id=project_id),
                            body=maybe_transform(
                                {"limit": limit, "scopes": scopes, "from_": 1},
                                key_create_params.A if stream else key_create_params.B,
                            ),
                            options=make_request_options(query=maybe_transform({"after": 1}, key_list_params.KeyListParams)),
                            cast_to=Key,
                        )

                    def list(self, kind: str) -> SyncCursorPage[Key]:
                        return self._get_api_list(f"/keys/{kind}", page=SyncCursorPage[Key], options=make_request_options(query=None))

                    def search(self) -> SyncCursorPage[Key]:
                        path = "/keys:search"
                        return self._get_api_list(path, page=SyncCursorPage[Key], model=Key, method="post")

                    def set(self, *, amount: Optional[str], scope: key_create_params.Scope) -> None:
                        return self._put("/limits", body={"amount": amount, "scope": scope, "fixed": {"on": True}}, cast_to=None)

                class AsyncKeys(AsyncAPIResource):
                    async def gone(self):
                        return await self._post("/async-only")
            """,
            "acme/types/__init__.py": "from .key import Key as Key",
            "acme/types/key.py": """
                from .._models import BaseModel

                class Owner(BaseModel):
                    schema_: str = FieldInfo(alias="schema")
                    parent: Optional["Key"] = None

                class Key(BaseModel):
                    owner: Owner
                    expires_at: Union[datetime, None] = None
                    status: Literal["active", "off"]
                    _private: int = 0
                    limits: ClassVar[int] = 0
            """,
            "acme/_models.py": "class BaseModel(pydantic.BaseModel):\n    model_config: ClassVar[dict] = {}\n",
            "acme/types/key_create_params.py": """
                class Scope(TypedDict, total=False):
                    type: Required[Literal["user", "workspace"]]

                class A(Reserved, total=False):
                    limit: Required[Optional[int]]
                    scopes: Annotated[SequenceNotStr[str], PropertyInfo(alias="allowed[]")]

                class B(TypedDict, total=False):
                    limit: float

                Reserved = TypedDict("Reserved", {"in": str}, total=False)
            """,
            "acme/types/key_list_params.py": "class KeyListParams(TypedDict):\n    after: str\n    unused: str\n",
        },
        base="/v1",
    )
    assert set(found) == {"POST /v1/projects/{project_id}/keys", "GET /v1/keys/{kind}", "POST /v1/keys:search", "PUT /v1/limits"}
    create = found["POST /v1/projects/{project_id}/keys"]
    assert create.action == "Keys.create"
    assert create.request == {"limit": "number|null", "allowed[]": "array", "allowed[][]": "string", "from_": "any", "after": "string"}
    assert create.response["owner.schema"] == "string"
    assert create.response["expires_at"] == "string|null"
    assert create.response["status"] == "active|off"
    assert create.response["owner.parent"] == "object|null"
    assert "limits" not in create.response
    listed = found["GET /v1/keys/{kind}"].response
    assert (listed["data"], listed["data[].status"], listed["has_more"]) == ("array", "active|off", "boolean|null")
    assert found["PUT /v1/limits"].request == {
        "amount": "string|null",
        "scope": "object",
        "scope.type": "user|workspace",
        "fixed": "object",
        "fixed.on": "boolean",
    }


def test_stainless_with_the_address_of_a_host_before_the_path(tmp_path: Path) -> None:
    """As where an SDK speaks to two hosts; what else is put before a path leaves it unknown."""
    found = read(
        tmp_path,
        "stainless",
        {
            "acme/__init__.py": "",
            "acme/resources/keys.py": """
                class Keys(SyncAPIResource):
                    def create(self, account: str) -> None:
                        host = "https://api.acme.example"
                        return self._post((host if self._client.plain else "") + path_template("/accounts/{a}/keys", a=account))

                    def list(self) -> None:
                        return self._get("https://api.acme.example/keys" if self._client.plain else "/keys")

                    def other(self) -> None:
                        return self._get("/v2" + "/keys")
            """,
        },
    )
    assert list(found) == ["POST /accounts/{a}/keys", "GET /keys"]


def test_speakeasy(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "speakeasy",
        {
            "acme/keys.py": """
                from acme import components, errors, operations, utils

                class Keys(BaseSDK):
                    def update(self, *, hash: str, limit: OptionalNullable[float] = UNSET) -> operations.UpdateResponse:
                        request = operations.UpdateRequest(hash=hash, request_body=operations.UpdateBody(limit=limit))
                        req = self._build_request(method="PATCH", path="/keys/{hash}", request=request)
                        http_res = self.do_request(hook_ctx=HookContext(operation_id="updateKey"), request=req)
                        if utils.match_response(http_res, "200", "application/json"):
                            return unmarshal_json_response(operations.UpdateResponse, http_res)
                        raise errors.Refused(unmarshal_json_response(errors.RefusedData, http_res), http_res)

                    def send(self, *, request: Any) -> None:
                        request = utils.unmarshal(request, components.Message)
                        self._build_request(method="POST", path="/messages", request=request)
            """,
            "acme/operations/__init__.py": "if TYPE_CHECKING:\n    from .update import UpdateRequest, UpdateBody, UpdateResponse\n",
            "acme/operations/update.py": """
                Reset = Union[Literal["daily", "monthly"], UnrecognizedStr]

                class UpdateBody(BaseModel):
                    limit: OptionalNullable[float] = UNSET
                    reset: Optional[Reset] = None

                class UpdateRequest(BaseModel):
                    hash: Annotated[str, FieldMetadata(path=PathParamMetadata(style="simple"))]
                    request_body: Annotated[UpdateBody, FieldMetadata(request=RequestMetadata(media_type="application/json"))]
                    dry_run: Annotated[Optional[bool], pydantic.Field(alias="dryRun"), FieldMetadata(query=QueryParamMetadata())] = None
                    referer: Annotated[Optional[str], pydantic.Field(alias="HTTP-Referer"), FieldMetadata(header=HeaderMetadata())] = None

                class UpdateResponse(BaseModel):
                    data: UpdateBody
            """,
            "acme/components/__init__.py": "from .message import Message",
            "acme/components/message.py": "class Message(BaseModel):\n    text: str\n",
            "acme/errors/__init__.py": "class RefusedData(BaseModel):\n    error: str\n",
        },
    )
    update = found["PATCH /keys/{hash}"]
    assert update.action == "updateKey"
    assert update.request == {"dryRun": "boolean", "limit": "number|null", "reset": "daily|monthly|any"}
    assert update.response == {"data": "object", "data.limit": "number|null", "data.reset": "daily|monthly|any"}
    assert found["POST /messages"].request == {"text": "string"}


AZURE_OPERATIONS = """
    from .. import models as _models

    def build_budgets_list_request(scope: str) -> HttpRequest:
        _url = "/{scope}/budgets"
        _params["api-version"] = _SERIALIZER.query("api_version", api_version, "str")
        _params["$top"] = _SERIALIZER.query("top", top, "int")
        return HttpRequest(method="GET", url=_url, params=_params)

    def build_budgets_create_request(scope: str) -> HttpRequest:
        _url = "/{scope}/budgets"
        return HttpRequest(method="PUT", url=_url)

    class BudgetsOperations:
        def list(self, scope: str) -> ItemPaged["_models.Budget"]:
            def prepare_request(next_link=None):
                _request = build_budgets_list_request(scope=scope)
                headers.get("x")
            return ItemPaged(prepare_request)

        @overload
        def begin_create(self, scope: str, resource: _models.Budget) -> LROPoller[_models.Budget]: ...

        def begin_create(self, scope: str, resource: Union[_models.Budget, IO[bytes]]) -> LROPoller[_models.Budget]:
            raw_result = self._create_initial(scope=scope, resource=resource)

        def _create_initial(self, scope: str, resource: Union[_models.Budget, IO[bytes]]) -> Iterator[bytes]:
            _content = json.dumps(resource, cls=SdkJSONEncoder)
            _request = build_budgets_create_request(scope=scope, content=_content)

        def get(self, scope: str) -> _models.Unrelated:
            pass
"""


@pytest.mark.parametrize(
    "models",
    [
        """
        class Resource(_Model):
            id: Optional[str] = rest_field(visibility=["read"])

        class Budget(Resource):
            time_grain: Optional[Union[str, "_models.Grain"]] = rest_field(name="timeGrain", visibility=["read", "create"])
            rules: Optional[list["_models.Rule"]] = rest_field(visibility=["read", "create"])
            __flattened_items = ["x"]

        class Rule(_Model):
            kind: Literal[RuleKind.CAP] = rest_discriminator(name="kind")
        """,
        """
        class Resource(_Model):
            _validation = {"id": {"readonly": True}}
            _attribute_map = {"id": {"key": "id", "type": "str"}}

        class Budget(Resource):
            _attribute_map = {"time_grain": {"key": "timeGrain", "type": "Grain"}, "rules": {"key": "rules", "type": "[Rule]"}}

        class Rule(_Model):
            _attribute_map = {"kind": {"key": "kind", "type": "RuleKind"}}
        """,
    ],
    ids=["rest_field", "attribute_map"],
)
def test_azure(tmp_path: Path, models: str) -> None:
    found = read(
        tmp_path,
        "azure",
        {
            "azure/mgmt/acme/operations/_operations.py": AZURE_OPERATIONS,
            "azure/mgmt/acme/aio/operations/_operations.py": AZURE_OPERATIONS.replace("budgets", "aio"),
            "azure/mgmt/acme/models/__init__.py": "from ._models import Budget, Rule\nfrom ._enums import Grain\n",
            "azure/mgmt/acme/models/_models.py": "from ._enums import Grain, RuleKind\nfrom .. import models as _models\n" + dedent(models),
            "azure/mgmt/acme/models/_enums.py": """
                class Grain(str, Enum, metaclass=CaseInsensitiveEnumMeta):
                    MONTHLY = "Monthly"
                class RuleKind(str, Enum):
                    CAP = "Cap"
            """,
        },
    )
    assert set(found) == {"GET /{scope}/budgets", "PUT /{scope}/budgets"}
    create, listed = found["PUT /{scope}/budgets"], found["GET /{scope}/budgets"]
    assert set(create.request) == {"timeGrain", "rules", "rules[].kind"}
    assert create.request["timeGrain"] in ("string|Monthly", "Monthly")
    assert create.request["rules[].kind"] == "Cap"
    assert create.response["id"] == "string"
    assert create.action == "budgets_create"
    assert listed.request == {"api-version": "string", "$top": "number"}
    assert listed.response["value[].rules[].kind"] == "Cap"


def test_tea(tmp_path: Path) -> None:
    model = """
        from acme2026 import models as main_models

        class CreateKeyRequest(DaraModel):
            def __init__(self, auth: main_models.CreateKeyRequestAuth = None, days: int = None, tags: List[str] = None):
                self.auth = auth
            def to_map(self):
                result = dict()
                if self.auth is not None:
                    result['auth'] = self.auth.to_map()
                if self.days is not None:
                    result['expireDays'] = self.days
                result['Tags'] = []
                if self.tags is not None:
                    for k1 in self.tags:
                        result['Tags'].append(k1)
                return result

        class CreateKeyRequestAuth(DaraModel):
            def __init__(self, limit: float = None):
                self.limit = limit
            def to_map(self):
                if self.limit is not None:
                    result['limit'] = self.limit

        class CreateKeyResponse(DaraModel):
            def __init__(self, headers: Dict[str, str] = None, body: main_models.CreateKeyRequestAuth = None):
                self.body = body
            def to_map(self):
                if self.headers is not None:
                    result['headers'] = self.headers
                if self.body is not None:
                    result['body'] = self.body.to_map()
    """
    client = """
        from acme2026 import models as main_models

        class Client(OpenApiClient):
            def create_key_with_options(self, key_id: str, tmp_req: main_models.CreateKeyRequest) -> main_models.CreateKeyResponse:
                params = util_models.Params(action = 'CreateKey', pathname = f'/keys/{Url.percent_encode(key_id)}/x', method = 'POST')

            async def create_key_with_options_async(self, key_id: str) -> main_models.CreateKeyResponse:
                params = open_api_util_models.Params(action = 'Async', pathname = '/', method = 'POST')

            def query_balance_with_options(self) -> main_models.CreateKeyResponse:
                params = open_api_util_models.Params(action = 'QueryBalance', pathname = '/', method = 'POST')
    """
    names = "CreateKeyRequest, CreateKeyRequestAuth, CreateKeyResponse"
    files = {
        "acme2026/client.py": client,
        "acme2026/models/__init__.py": f"from ._create import {names}",
        "acme2026/models/_create.py": model,
    }
    found = read(tmp_path, "tea", files)
    assert set(found) == {"POST /keys/{keyId}/x", "POST /?Action=QueryBalance"}
    create = found["POST /keys/{keyId}/x"]
    assert create.action == "CreateKey"
    assert create.request == {"auth": "object", "auth.limit": "number", "expireDays": "number", "Tags": "array", "Tags[]": "string"}
    assert create.response == {"limit": "number"}


def test_tencentcloud(tmp_path: Path) -> None:
    client = """
        from tencentcloud.acme.v2026 import models

        class AcmeClient(AbstractClient):
            def CreateKey(self, request):
                r'''Makes a key.

                :param request: Request instance for CreateKey.
                :type request: :class:`tencentcloud.acme.v2026.models.CreateKeyRequest`
                :rtype: :class:`tencentcloud.acme.v2026.models.CreateKeyResponse`

                '''
                try:
                    params = request._serialize()
                    body = self.call("CreateKey", params, headers=request.headers)
                    response = json.loads(body)
                    model = models.CreateKeyResponse()
                    model._deserialize(response["Response"])
                    return model
                except Exception as e:
                    raise TencentCloudSDKException(type(e).__name__, str(e))
    """
    asynchronous = """
        class AcmeClient(AbstractClient):
            async def CreateKey(self, request: models.CreateKeyRequest) -> models.CreateKeyResponse:
                kwargs = {"action": "CreateKey"}
                return await self.call_and_deserialize(**kwargs)
    """
    models = """
        class CreateKeyRequest(AbstractModel):
            def __init__(self):
                r'''
                :param _Name: <p>Its name, which may be
        written over several lines.</p>
                :type Name: str
                :param _Days: how long it lives
                :type Days: int
                :param _Quotas: <p>limits</p>
                :type Quotas: list of QuotaItem
                :param _Ids: numbers
                :type Ids: list of int non-negative
                :param _Owner: whose it is
                :type Owner: :class:`tencentcloud.acme.v2026.models.Owner`
                '''
                self._Name = None
                self._Days = None
                self._Quotas = None
                self._Ids = None
                self._Owner = None
                self._Untold = None

            @property
            def Name(self):
                return self._Name

        class QuotaItem(AbstractModel):
            def __init__(self):
                r'''
                :param _CycleCredits: tokens
                :type CycleCredits: str
                :param _Ratio: a part
                :type Ratio: float
                '''
                self._CycleCredits = None
                self._Ratio = None

        class Owner(AbstractModel):
            def __init__(self):
                r'''
                :param _Active: whether it may
                :type Active: bool
                '''
                self._Active = None

        class CreateKeyResponse(AbstractModel):
            def __init__(self):
                r'''
                :param _KeyId: its id
                :type KeyId: str
                '''
                self._KeyId = None
    """
    files = {
        "tencentcloud/acme/v2026/acme_client.py": client,
        "tencentcloud/acme/v2026/acme_client_async.py": asynchronous,
        "tencentcloud/acme/v2026/models.py": models,
    }
    found = read(tmp_path, "tencentcloud", files)
    assert set(found) == {"POST /?Action=CreateKey"}
    create = found["POST /?Action=CreateKey"]
    assert create.action == "CreateKey"
    assert create.request == {
        "Name": "string",
        "Days": "number",
        "Quotas": "array",
        "Quotas[].CycleCredits": "string",
        "Quotas[].Ratio": "number",
        "Ids": "array",
        "Ids[]": "number",
        "Owner": "object",
        "Owner.Active": "boolean",
        "Untold": "any",
    }
    assert create.response == {"Response": "object", "Response.KeyId": "string"}


def test_qfrequest(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "qfrequest",
        {
            "acme/consts.py": """
                class Consts:
                    ChargeAPI: str = "/v2/charge"
                    Buy: str = "Purchase"
                    TokenAPI = "/oauth/token"
            """,
            "acme/resources/console/charge.py": """
                from acme.consts import Consts

                class Charge:
                    @classmethod
                    def buy(cls, model: str, count: Optional[int] = None):
                        req = QfRequest(method="POST", url=Consts.ChargeAPI)
                        req.query = {"Action": Consts.Buy}
                        req.json_body = {"model": model}
                        if count is not None:
                            req.json_body["purchaseCount"] = count
                        req.json_body.update({"kind": "x"})
                        return req

                    class V2:
                        @classmethod
                        def base_api_route(cls) -> str:
                            return Consts.ChargeAPI

                        @classmethod
                        def info(cls, instance_id: str):
                            body: dict = {k: v for k, v in {"instanceId": instance_id}.items() if v}
                            req = QfRequest(method="POST", url=cls.base_api_route(), query=_get_console_v2_query("Describe"))
                            req.json_body = body
                            return req

                    def token(self):
                        return QfRequest(method="GET", url="{}{}".format(self.host, Consts.TokenAPI), query={"expireInSeconds": "1"})

                    def unknown(self, url):
                        return QfRequest(method="GET", url=url)
            """,
        },
    )
    assert {name: operation.request for name, operation in found.items()} == {
        "POST /v2/charge?Action=Purchase": {"model": "string", "purchaseCount": "number|null", "kind": "string"},
        "POST /v2/charge?Action=Describe": {"instanceId": "string"},
        "GET /oauth/token": {"expireInSeconds": "string"},
    }
    assert found["POST /v2/charge?Action=Purchase"].action == "Purchase"


def test_gapic(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "gapic",
        {
            "google/cloud/acme_v1/types/resources.py": '''
                import google.protobuf.timestamp_pb2 as timestamp_pb2

                class Quota(proto.Message):
                    """A quota.

                    Attributes:
                        quota_id (str):
                            The id.
                        granted_value (int):
                            Output only. What was granted.
                    """

                    class State(proto.Enum):
                        UNSPECIFIED = 0
                        DONE = 1

                    quota_id: str = proto.Field(proto.STRING, number=1)
                    granted_value: int = proto.Field(proto.INT64, number=2)
                    state: State = proto.Field(proto.ENUM, number=3, enum=State)
                    create_time: timestamp_pb2.Timestamp = proto.Field(proto.MESSAGE, number=4, message=timestamp_pb2.Timestamp)
                    labels: MutableMapping[str, str] = proto.MapField(proto.STRING, proto.STRING, number=5)

                class CreateQuotaRequest(proto.Message):
                    parent: str = proto.Field(proto.STRING, number=1)
                    quota: "Quota" = proto.Field(proto.MESSAGE, number=2, message="Quota")
                    validate_only: bool = proto.Field(proto.BOOL, number=3)
            ''',
            "google/cloud/acme_v1/services/quotas/transports/rest_base.py": """
                class _BaseRest(Transport):
                    class _BaseCreateQuota:
                        @staticmethod
                        def _get_http_options():
                            return [
                                {"method": "post", "uri": "/v1/{parent=projects/*/locations/*}/quotas", "body": "quota"},
                                {"method": "patch", "uri": "/v1/{quota.name=**}:x"},
                            ]
            """,
            "google/cloud/acme_v1/services/quotas/transports/rest.py": """
                from google.cloud.acme_v1.types import resources

                class Rest(_BaseRest):
                    class _CreateQuota(_BaseRest._BaseCreateQuota, Stub):
                        def __call__(self, request: resources.CreateQuotaRequest, *, timeout=None) -> resources.Quota:
                            pass
            """,
        },
    )
    assert set(found) == {"POST /v1/projects/{project}/locations/{location}/quotas", "PATCH /v1/{name}:x"}
    create = found["POST /v1/projects/{project}/locations/{location}/quotas"]
    assert create.request == {
        "validateOnly": "boolean",
        "quotaId": "string",
        "state": "UNSPECIFIED|DONE",
        "createTime": "string",
        "labels": "object",
        "labels.*": "string",
    }
    assert create.response["grantedValue"] == "string"


def _message(*fields: tuple[int, int | bytes]) -> bytes:
    """A serialized protobuf message; numbers below 2**14."""
    data = b""
    for number, value in fields:
        data += _varint(number << 3 | (0 if isinstance(value, int) else 2))
        data += _varint(value) if isinstance(value, int) else _varint(len(value)) + value
    return data


def _varint(value: int) -> bytes:
    return bytes([value]) if value < 0x80 else bytes([value & 0x7F | 0x80]) + _varint(value >> 7)


def test_protobuf(tmp_path: Path) -> None:
    unit = _message((1, b"Unit"), (2, _message((1, b"USD"), (2, 1))))
    flag = _message((1, b"value"), (5, 8))
    budget = _message(
        (1, b"Budget"),
        (2, _message((1, b"budget_amount"), (5, 1))),
        (2, _message((1, b"unit"), (5, 14), (6, b".acme.Unit"))),
        (2, _message((1, b"notes"), (4, 3), (5, 9))),
        (2, _message((1, b"labels"), (4, 3), (5, 11), (6, b".acme.Budget.LabelsEntry"))),
        (3, _message((1, b"LabelsEntry"), (2, _message((1, b"key"), (5, 9))), (2, flag), (7, _message((7, 1))))),
    )
    endpoint = _message((1, b"POST"), (2, b"/acme/budgets/<path:name>"), (3, _message((1, 3), (2, 0))))
    method = _message((1, b"createBudget"), (2, b".acme.Budget"), (3, b".acme.Budget"), (4, _message((51310, _message((1, endpoint))))))
    file = _message(
        (2, b"acme"), (4, budget), (5, unit), (6, _message((1, b"Served"), (2, method))), (6, _message((1, b"Other"), (2, method)))
    )
    files = {
        "acme/protos/service_pb2.py": f"DESCRIPTOR = pool.AddSerializedFile({file!r})",
        "acme/server/handlers.py": "def get_endpoints():\n    return get_service_endpoints(Served, handler)\n",
        "acme/server/auth/routes.py": """
            from acme.server.handlers import _get_rest_path
            CREATE_USER = _get_rest_path("/acme/users/create")
            AJAX_CREATE_USER = _get_ajax_path("/acme/users/create")
            CREATE_ROLE = _get_rest_path("/acme/roles/create", version=3)
        """,
        "acme/server/auth/__init__.py": """
            from acme.server.auth.routes import AJAX_CREATE_USER, CREATE_ROLE, CREATE_USER

            def create_user():
                return _get_request_param("username")

            RULES = [(create_role, "POST", CREATE_ROLE, AJAX_CREATE_ROLE)]

            def create_app():
                for rule in [CREATE_USER, AJAX_CREATE_USER]:
                    app.add_url_rule(rule=rule, view_func=create_user, methods=["POST"])
        """,
    }
    found = read(tmp_path, "protobuf", files)
    assert set(found) == {"POST /api/3.0/acme/budgets/{name}", "POST /api/2.0/acme/users/create", "POST /api/3.0/acme/roles/create"}
    budgets = found["POST /api/3.0/acme/budgets/{name}"]
    assert budgets.action == "createBudget"
    assert budgets.request == {
        "budget_amount": "number",
        "unit": "USD",
        "notes": "array",
        "notes[]": "string",
        "labels": "object",
        "labels.*": "boolean",
    }
    assert found["POST /api/2.0/acme/users/create"].request == {"username": "any"}
    files["acme/protos/service_pb2.py"] = f"DESCRIPTOR = pool.AddSerializedFile({file[:-3]!r})"
    with pytest.raises(DocumentError, match="no readable descriptor"):
        read(tmp_path, "protobuf", files)
