"""What secrets, and names that identify an account, look like when nobody has named them."""

import re

SECRET_HEADERS = frozenset({
    "authorization", "proxy-authorization", "cookie", "set-cookie", "api-key", "apikey", "x-api-key", "x-goog-api-key",
    "x-auth-token", "x-amz-security-token", "x-acs-security-token", "x-acs-accesskey-secret", "ocp-apim-subscription-key",
    "x-tc-token", "x-auth-key", "x-auth-email", "x-portkey-api-key", "x-litellm-api-key", "cf-access-client-secret",
    "x-security-token", "x-csrf-token", "helicone-auth",
})  # fmt: skip
"""Headers, in lower case, whose value is never written."""

ACCOUNT_HEADERS = frozenset({
    "openai-organization", "openai-project", "anthropic-organization-id", "x-goog-user-project", "x-ms-client-principal-id",
    "x-organization-id", "x-project-id", "x-user-id", "x-account-id",
})  # fmt: skip
"""Headers, in lower case, whose value names an account: replaced, equal values alike."""

PASSWORD_FIELDS = frozenset({"password", "passwd", "passphrase"})
"""Fields, as `plain_name` writes them, that are blanked however short the value."""

SECRET_FIELDS = frozenset({
    "secret", "secretvalue", "secretkey", "secretaccesskey", "accesskeysecret", "secretid", "clientsecret", "appsecret", "webhooksecret",
    "token", "accesstoken", "refreshtoken", "idtoken", "authtoken", "sessiontoken", "securitytoken", "bearertoken", "apitoken", "csrftoken",
    "apikey", "masterkey", "virtualkeyvalue", "privatekey", "sshkey", "keystring", "authorization", "cookie", "credentials", "plaintext",
    "apikeyvalue", "secretaccesstoken", "xapikey", "xgoogapikey", "proxyauthorization",
})  # fmt: skip
"""Fields that hold a secret, as `plain_name` writes them."""

SECRET_ENDINGS = ("password", "secret", "apikey", "privatekey", "accesstoken", "refreshtoken", "secretkey", "masterkey", "accesskey")
"""A field that ends so is a secret too: `openai_api_key`, `db_password`."""

QUERY_FIELDS = frozenset({
    "key", "code", "sig", "signature", "xamzsignature", "xamzcredential", "xamzsecuritytoken", "xgoogsignature", "xgoogcredential",
    "accesskeyid", "subscriptionkey",
})  # fmt: skip
"""Query parameters that hold a secret though a JSON field of that name need not."""

TYPE_WORDS = frozenset({"string", "integer", "number", "boolean", "object", "array", "null", "any", "bytes", "true", "false", "none"})
"""Words that say what a field holds."""

_START = r"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2})|(?<=\\[nrt]))"  # %3Dsk-… and \nsk-… start a key as well

_SHAPES = (
    r"(?:[a-z]{2,8}-)?(?:sk|pk|rk|vk)[-_][A-Za-z0-9_-]{16,}+",
    r"AIza[A-Za-z0-9_-]{30,}+",
    r"AQ\.[A-Za-z0-9_-]{20,}+",
    r"(?:ya29\.|1//0)[.A-Za-z0-9_-]{20,}+",
    r"GOCSPX-[A-Za-z0-9_-]{20,}+",
    r"eyJ[A-Za-z0-9_-]{8,}+(?:\.[A-Za-z0-9_-]*+){1,4}",
    r"bce-v3/ALTAK-[A-Za-z0-9]{8,}+(?:/[0-9A-Za-z]{16,}+)?",
    r"ALTAK-?[A-Za-z0-9]{16,}+",
    r"LTAI[A-Za-z0-9]{12,}+",
    r"AKID[A-Za-z0-9]{16,}+",
    r"AKL[A-Za-z0-9]{16,}+",
    r"(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])",
    r"ABSK[A-Za-z0-9+/]{20,}+={0,2}",
    r"bedrock-api-key-[A-Za-z0-9+/_-]{20,}+={0,2}",
    r"(?:gh[opsur]|github_pat|hf|gsk|vck|ph|r8|kpat|npm|llmgtwy|llmgdev|llmgmk|mgmt|lsv2_pt|fw)_[A-Za-z0-9_-]{16,}+",
    r"xai-(?:token-)?[A-Za-z0-9_-]{20,}+",
    r"(?:ark|apikey|pplx|gw|tk|st|mgmt|glpat)-[A-Za-z0-9_-]{20,}+",
    r"(?<=auth_tokens/)[A-Za-z0-9_-]{16,}+",
    r"xox[a-z]-[A-Za-z0-9-]{10,}+",
)
KEY = re.compile(f"{_START}(?:{'|'.join(_SHAPES)})")
"""Well-known key shapes. A match is a key only if it `looks_random` and nothing shortens it."""

PEM = re.compile(r"-----BEGIN [A-Z0-9 ]{1,40}-----.*?(?:-----END [A-Z0-9 ]{1,40}-----|\Z)", re.DOTALL)
SCHEME = re.compile(r"(?<![A-Za-z])(Bearer|Basic)( +|%20|\+)([A-Za-z0-9._~+/=-]{16,}+)", re.IGNORECASE)
ACCOUNT = re.compile(f"{_START}(org|proj|user|acct|workspace|wrkspc|ws)([-_])([A-Za-z0-9]{{8,}}+)(?![-_A-Za-z0-9])")
EMAIL = re.compile(
    r"(?:(?<![A-Za-z0-9._%+-])(?<!%[0-9A-Fa-f])|(?<=%[0-9A-Fa-f]{2}))"
    r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}+(?:@|%40)(?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,24}(?![A-Za-z0-9-])"
)
ASSIGNMENT = re.compile(
    r"(?<![A-Za-z0-9_.-])([A-Za-z][A-Za-z0-9_.-]{1,63}+)"  # a name
    r"(\\*[\"']?\s{0,4}(?:[:=>]|%3[ADad])\s{0,4}\\*[\"']?)"  # what joins it to a value, in JSON, a form, XML, a log
    r"([^\s\"'&,;<>{}\[\]()\\]{8,}+)"
)

_ELISION = r"(?:\.{2,}|…|\*{2,}|•{2,}|·{3,}|x{6,}|X{6,})"
HINT = re.compile(rf"[A-Za-z0-9_./-]{{0,24}}?{_ELISION}[*.…•·]*[A-Za-z0-9]{{0,8}}\.?\Z")
"""A key that the vendor itself has shortened: evidence, and no secret."""
SHORTENED = re.compile(_ELISION)
"""What follows the visible start of such a hint inside a longer text."""
VISIBLE = 24
"""Characters that the visible start of a hint may have."""


def plain_name(name: str) -> str:
    """A field name without its spelling: `api_key`, `apiKey` and `API-Key` are one."""
    return "".join(character for character in name.casefold() if character.isalnum())


def plain_path(name: str) -> tuple[str, ...]:
    """The segments of a dotted name, each without its spelling."""
    return tuple(plain_name(part) for part in name.split("."))


def names_types(text: str) -> bool:
    """Whether the text says what a field holds, as a contract's extract does: `string`, `object|null`."""
    return TYPE_WORDS.issuperset(text.lower().split("|"))


def looks_random(text: str) -> bool:
    """Whether the text may be a key: it has a digit, or is long and of mixed case. Ordinary identifiers are neither."""
    return any(character.isdigit() for character in text) or (len(text) >= 16 and not text.islower() and not text.isupper())
