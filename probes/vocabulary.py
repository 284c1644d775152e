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


class Looked(StrEnum):
    """What was found of a vendor that has no entry of its own."""

    NOTHING = "nothing"
    """Nothing was found: no proof that there is nothing."""
    KEYS_ONLY = "keys_only"
    """Keys by API, without a cap on them in what was read."""
    SCOPE_ONLY = "scope_only"
    """A cap by API, or in a configuration, above the key only."""
    BY_HAND = "by_hand"
    """A cap that is set by hand, as far as was read."""
    UNREAD = "unread"
    """Capped keys by API were met, and not researched."""
    OUTSIDE = "outside"
    """Software to run oneself, left out."""


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
