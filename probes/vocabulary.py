"""The words that claims are made of: each enumeration is a closed list, as capabilities.yaml may use it."""

from enum import StrEnum


class Status(StrEnum):
    SUPPORTED = "supported"
    PARTIAL = "partial"
    UNSUPPORTED = "unsupported"
    UNKNOWN = "unknown"


class Mechanism(StrEnum):
    API = "api"
    CONSOLE = "console"
    NONE = "none"


class Scope(StrEnum):
    KEY = "key"
    USER = "user"
    PROJECT = "project"
    WORKSPACE = "workspace"
    TEAM = "team"
    ORG = "org"
    ACCOUNT = "account"
    SUBSCRIPTION = "subscription"
    DEPLOYMENT = "deployment"
    ENDPOINT = "endpoint"
    MODEL = "model"
    AGENT = "agent"
    IDENTITY = "identity"
    SESSION = "session"
    POLICY = "policy"
    GLOBAL = "global"


class Unit(StrEnum):
    """What a limit counts. Only the first three are money."""

    USD = "usd"
    CNY = "cny"
    MONEY = "money"
    TOKENS = "tokens"
    REQUESTS = "requests"
    CREDITS = "credits"


MONEY = frozenset({Unit.USD, Unit.CNY, Unit.MONEY})
"""Units that are money; a cap in anything else is never called a spend cap."""


class Kind(StrEnum):
    HOSTED = "hosted-model-api"
    CLOUD = "cloud"
    AGGREGATOR = "aggregator"
    GATEWAY = "self-hosted-gateway"
    API_GATEWAY = "api-gateway"


class Region(StrEnum):
    GLOBAL = "global"
    CN = "cn"
    BOTH = "both"


class Means(StrEnum):
    """What a refusal is about (see `refusals`)."""

    RATE = "rate"
    SPEND = "spend"
    CREDIT = "credit"
    SCOPE = "scope"
    CREDENTIAL = "credential"
    CAPACITY = "capacity"
    NOT_FOUND = "not_found"
    UNKNOWN = "unknown"


class ContractKind(StrEnum):
    OPENAPI = "openapi"
    DISCOVERY = "discovery"
    SWAGGER = "swagger"
    SDK = "sdk"
