"""What a refusal means. Everything that must tell a spent cap from a rate limit, or a missing scope from a missing route, asks here.

A status alone does not say it: 429 may be rate, money or capacity, 400 a spend limit, 403 a spent cap, 200 an error in a body. What is
special to one provider is data in its claims (`refusals`) and is asked first.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from probes.claims import Refusal
from probes.vocabulary import Means

_CODE_KEYS = ("code", "Code", "error_code", "status_code", "type", "__type", "status", "reason", "limit_source")
_MESSAGE_KEYS = ("message", "Message", "msg", "status_msg", "detail", "errorMessage")
_ERROR_KEYS = ("error", "Error", "errors")
_AROUND = ("Response", "ResponseMetadata")
"""What stands around an error, and around an answer that is none: only its error is looked at."""
_BESIDE = ("metadata", "details", "detail", "base_resp")
"""What an error tells besides, in an object of its own or a list of them."""
_DEPTH = 3

_BY_CODE: tuple[tuple[str, Means], ...] = (
    (r"budget_exceeded|spend_limit|spending_limit", Means.SPEND),
    (r"insufficient_quota|insufficient_balance|exceeded_current_quota|billing_error|Arrearage", Means.CREDIT),
    (r"overloaded|engine_overloaded|capacity", Means.CAPACITY),
    (r"rate_limit|RateQuota|Throttling|too_many_requests", Means.RATE),
    (r"insufficient_permissions?|PERMISSION_DENIED|permission_denied|AuthorizationFailed|missing_scope", Means.SCOPE),
    (
        r"invalid_api_key|authentication_error|UNAUTHENTICATED|AuthenticationFailed|InvalidAccessKeyId|MissingAccessKeyId|InvalidApiKey",
        Means.CREDENTIAL,
    ),
    (r"SignatureDoesNotMatch|IncompleteSignature|MissingAuthenticationToken", Means.CREDENTIAL),
    (r"InvalidAction|url\.not_found|NOT_FOUND|not_found_error|ResourceNotFound", Means.NOT_FOUND),
)
_BY_MESSAGE: tuple[tuple[str, Means], ...] = (
    (r"\b(spend(ing)?|usage|key|budget) (cap|limits?)\b.*(reached|exceeded|exhausted)", Means.SPEND),
    (r"budget .*(exceeded|exhausted)|reached your specified", Means.SPEND),
    (
        r"insufficient (credits|balance|funds)|more credits|exceeded your current quota|credits? (are|is) depleted|billing details",
        Means.CREDIT,
    ),
    (r"missing scopes?|insufficient permissions?|only management keys", Means.SCOPE),
    (r"overloaded|no capacity", Means.CAPACITY),
    (r"rate limit|too many requests", Means.RATE),
)
_BY_STATUS: Mapping[int, Means] = {
    401: Means.CREDENTIAL,
    402: Means.CREDIT,
    403: Means.SCOPE,
    404: Means.NOT_FOUND,
    405: Means.NOT_FOUND,
    407: Means.CREDENTIAL,
    410: Means.NOT_FOUND,
    429: Means.RATE,
    501: Means.NOT_FOUND,
    503: Means.CAPACITY,
    529: Means.CAPACITY,
}


@dataclass(frozen=True, slots=True)
class Envelope:
    """The codes and messages of an error body, whatever its shape; both may be empty."""

    codes: tuple[str, ...]
    messages: tuple[str, ...]


def envelope(body: object) -> Envelope:
    """Codes and messages from `{error: {code, message}}`, `{Code, Message}`, `{error: "text"}`, `{errors: […]}`, an error in an error, …

    Whether the body is one of an error at all, `says_error` tells.
    """
    codes: list[str] = []
    messages: list[str] = []
    for each in body if isinstance(body, list) else [body]:
        _collect(each, codes, messages, _DEPTH)
    return Envelope(tuple(dict.fromkeys(codes)), tuple(dict.fromkeys(messages)))


def _collect(body: object, codes: list[str], messages: list[str], depth: int) -> None:
    if isinstance(body, str):
        messages.append(body)
        return
    if not isinstance(body, Mapping) or depth == 0:
        return
    told = [str(body[key]) for key in _CODE_KEYS if isinstance(body.get(key), str | int) and not isinstance(body.get(key), bool)]
    codes += [code for code in told if code != "error"]  # what kind of answer it is, in some envelopes: no code
    messages += [body[key] for key in _MESSAGE_KEYS if isinstance(body.get(key), str)]
    for value in _errors(body):
        _collect(value, codes, messages, depth - 1)
    for key in _BESIDE:
        for item in _each(body.get(key)):
            if isinstance(item, Mapping):
                _collect(item, codes, messages, depth - 1)


def _errors(body: Mapping[Any, Any]) -> list[Any]:
    """The errors that a body holds, by whatever name: objects and texts."""
    around = [body[key] for key in _AROUND if isinstance(body.get(key), Mapping)]
    return [error for place in (body, *around) for key in _ERROR_KEYS for error in _each(place.get(key))]


def _each(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def classify(status: int, body: object, own: Sequence[Refusal] = ()) -> Means:
    """What an answer refuses for; `own` are the provider's own rules. A success without an error body is `unknown`.

    `body` is the parsed JSON, else the text.
    """
    found = envelope(body)
    for rule in own:
        if _matches(rule, status, found):
            return rule.means
    if status < 400 and not says_error(body):
        return Means.UNKNOWN
    for table, texts in ((_BY_CODE, found.codes), (_BY_MESSAGE, found.messages)):
        for pattern, means in table:
            if any(re.search(pattern, text, re.IGNORECASE) for text in texts):
                return means
    return _BY_STATUS.get(status, Means.UNKNOWN)


def _matches(rule: Refusal, status: int, found: Envelope) -> bool:
    if rule.status is None and rule.code is None and rule.message is None:
        return False
    return (
        rule.status in (None, status)
        and (rule.code is None or rule.code in found.codes)
        and (rule.message is None or any(rule.message.lower() in text.lower() for text in found.messages))
    )


def says_error(body: object) -> bool:
    """Some vendors refuse with 200 and say so in the body.

    By `success: false`, by an error that is not empty, or by a `base_resp` whose status is not 0; a list holds an error and nothing else.
    """
    if isinstance(body, list):
        return len(body) == 1 and isinstance(body[0], Mapping) and set(body[0]) <= set(_ERROR_KEYS) and says_error(body[0])
    if not isinstance(body, Mapping):
        return False
    status = body["base_resp"].get("status_code") if isinstance(body.get("base_resp"), Mapping) else None
    return body.get("success") is False or any(_errors(body)) or status not in (None, 0)
