"""capabilities.yaml: what is claimed of each provider, as typed models.

The models are the only definition of the file: `claims_file` reads and checks it by them, the JSON Schema is generated from them.
All texts that a reader sees are bilingual (`zh`, `en`); all dates are ISO dates; amounts in examples are in the claim's `unit`.
"""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from probes.claims_inference import Inference
from probes.claims_seed import Seed
from probes.claims_texts import (
    STRICT,
    Address,
    Bilingual,
    CapabilityId,
    EndpointText,
    Identifier,
    PartialDate,
    PatternText,
    SignedFor,
    Text,
    Url,
    Variable,
)
from probes.vocabulary import ContractKind, Kind, Looked, Means, Mechanism, Region, Scope, Status, Unit


class _Model(BaseModel):
    model_config = STRICT


class Source(_Model):
    """Where a claim comes from. `dated` is the source's own date, `read` when it was read."""

    url: Address
    read: date
    dated: PartialDate | None = None
    says: Text | None = None


class Contract(_Model):
    """A vendor's machine-readable contract.

    `covers` names the capabilities on which its silence counts: list one only where the document is the vendor's description of that part
    of its management API. `include` are path globs of the operations whose fields are kept.
    """

    kind: ContractKind
    url: Url | None = None
    file: Text | None = Field(None, description="name of a downloaded copy inside --documents, or of a file inside the package")
    package: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]+==[A-Za-z0-9.]+$")] | None = None
    reader: Literal["stainless", "speakeasy", "azure", "tea", "tencentcloud", "discovery", "qfrequest", "protobuf", "gapic"] | None = None
    base: Annotated[str, StringConstraints(pattern=r"^(/[^\s/]+)*$")] = Field("", description="path put before the declared paths")
    host: Identifier | None = Field(None, description="the host of `hosts` that it describes; the first one when absent")
    dated: date | None = Field(None, description="the document's date, where it does not tell it itself")
    covers: list[CapabilityId] = []
    include: list[Annotated[str, StringConstraints(pattern=r"^/\S*$")]] = ["/**"]


class Host(_Model):
    """One address of a provider. RPC-style clouds name the action by the query parameter `Action`, or by a header, instead of the path.

    With `action_header` the `Action` of an endpoint's query, or the claim's `action`, is sent as that header.
    """

    url: Url | None = Field(
        None,
        description="absent for self-hosted gateways: the operator's own address is given with --endpoint; `{…}` in it stands for the "
        "name of what a probe creates, where each such thing has a host of its own",
    )
    control: EndpointText | None = Field(None, description="a route known to exist there: the positive control")
    action_header: Text | None = None
    headers: dict[str, str] = {}
    signed_for: SignedFor | None = Field(
        None,
        description="for signatures that name it: the service and, after a slash, the region where they name one too, `iam/us-east-1`",
    )
    form: bool = Field(
        False, description="bodies are sent as form fields: `auth: {type: All}` as auth.type=All, items of a list as ips.1, ips.2"
    )


class Credential(_Model):
    """A kind of credential: the environment variables that hold it, how it is sent (`Authorization: Bearer {}`), where to get it.

    All variables are needed; `A|B` takes the first of the two that is set, `A?` may be absent. Where they are not set, the vendor's own
    chain of credentials may stand in.
    """

    name: Bilingual
    env: list[Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*(\|[A-Z][A-Z0-9_]*)*\??$")]]
    send: Text
    chain: Literal["google", "entra"] | None = None
    get: Bilingual


class Refusal(_Model):
    """What a refusal of this provider means, where status alone would mislead. All given conditions must hold."""

    status: int | None = None
    code: Text | None = None
    message: Text | None = Field(None, description="a part of the message, case-insensitive")
    means: Means
    when: Bilingual


class Wait(_Model):
    """A call that is repeated until its answer has these values (`{dotted.path: value}`): what was asked for takes its time."""

    call: EndpointText
    until: Annotated[dict[Text, str | bool], Field(min_length=1)]
    sdk: Text | None = Field(None, description="the same with the vendor's SDK; absent where the step's own `sdk` waits")


class Call(_Model):
    """One step of a recipe: a call, its JSON body, and what later steps take from the answer (`{name: dotted.path}`).

    In path, query and body `{name}` is what an earlier step took, or one of the provider's settings.
    """

    call: EndpointText
    body: dict[str, Any] | None = None
    take: dict[Identifier, Text] = {}
    wait: Wait | None = Field(None, description="what to wait for before the next step")
    sdk: Text | None = Field(
        None,
        description="the same with the vendor's SDK, as Python: `{fields}` stands for the body as keyword arguments, `{body}` for it as a "
        "dict, `{name}` for what an earlier step took or a setting",
    )
    does: Bilingual


class Sdk(_Model):
    """The vendor's own SDK for Python, for the recipe: its package as in `contracts` or `sources`, and the lines that make its client."""

    package: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]+==[A-Za-z0-9.]+$")]
    also: list[Text] = Field([], description="packages that the setup needs and the SDK does not bring")
    setup: Annotated[list[Text], Field(min_length=1)]
    answers: Literal["attributes", "items"] = Field("attributes", description='how a part of an answer is reached: a.b or a["b"]')


class Accepted(_Model):
    """The evidence that `keycap claims accept` took a claim from."""

    record: Text = Field(description="the recording that shows it, relative to cassettes/")
    dated: date = Field(description="the day of what was looked at")


class Claim(_Model):
    """What is claimed of one provider on one capability."""

    status: Status
    mechanism: Mechanism = Mechanism.NONE
    scope: list[Scope] = []
    endpoint: EndpointText | None = None
    also: list[EndpointText] = []
    action: Text | None = None
    credential: Identifier | None = Field(None, description="the provider's credential that the call needs; the first one when absent")
    fields: list[Text] = Field([], description="request fields without which the claim would not be true")
    returns: list[Text] = Field([], description="response fields without which the claim would not be true")
    own_route: bool = Field(False, description="the route serves this capability only, so that its existence alone shows it")
    body: dict[str, Any] | None = Field(None, description="a request body for the examples, secrets and ids made up")
    headers: list[Text] = []
    error: dict[Literal["status", "code", "body"], Any] | None = None
    unit: Unit | None = None
    since: PartialDate | None = None
    refuted_by: list[PatternText] = []
    sources: list[Text] = []
    accepted: Accepted | None = None
    note: Bilingual | None = None


class Provider(_Model):
    """One vendor or gateway, with a claim for every capability."""

    name: Bilingual
    kind: Kind
    region: Region
    version: Text | None = Field(None, description="for gateways: the version the claims speak of")
    version_route: EndpointText | None = Field(
        None, description="for gateways: where the running instance tells its version, without a credential"
    )
    summary: Bilingual
    hosts: Annotated[dict[Identifier, Host], Field(min_length=1)]
    credentials: dict[Identifier, Credential] = {}
    secrets: list[Text] = Field([], description="fields of this provider's requests and answers that hold secrets, by name or dotted path")
    parameters: dict[str, str] = Field(
        {}, description="path parameters that a keyless probe can fill with a real value (a region, a model)"
    )
    settings: dict[str, Variable] = Field(
        {}, description="path parameters that name something of a person's own (a project, an account), and the variable that holds each"
    )
    sources: dict[Identifier, Source]
    contracts: dict[Identifier, Contract] = {}
    refusals: list[Refusal] = []
    limits: list[Bilingual] = []
    recipe: list[Call] = []
    sdk: Sdk | None = Field(None, description="shown where every step of the recipe has its `sdk`")
    inference: Inference | None = None
    seed: Seed | None = None
    claims: dict[CapabilityId, Claim]


class Group(_Model):
    """Capabilities that belong together: keys, spend, rate."""

    name: Bilingual


class Capability(_Model):
    """One question asked of every provider."""

    group: Identifier
    name: Bilingual
    question: Bilingual
    shown_by: Literal["route", "answer"] = Field(
        "route", description="`answer`: only the answer to an inference call can show it, no route or contract"
    )


class LookedAt(_Model):
    """A vendor that was looked at and has no entry: what was found, and where."""

    name: Text
    kind: Looked
    found: Bilingual
    source: Text = Field(description="an address, a package, or whose documentation")
    read: date


class Claims(_Model):
    """The whole of capabilities.yaml."""

    version: Literal[1]
    groups: dict[Identifier, Group]
    capabilities: dict[CapabilityId, Capability]
    providers: dict[Identifier, Provider]
    looked_at: list[LookedAt] = []
