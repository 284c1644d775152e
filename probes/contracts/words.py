"""The words by which an operation is recognised as management of keys, spend or rate."""

import re

IN_PATHS = frozenset({
    "key", "keys", "apikey", "apikeys", "limit", "limits", "budget", "budgets", "quota", "quotas", "spend", "spending", "cap", "caps",
})  # fmt: skip
"""Words of a path or of an action's name."""

IN_FIELDS = IN_PATHS - {"key", "keys"}
"""Words of a request field's name; a key in a body is anything."""

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_PARAMETER = re.compile(r"\{[^{}]*\}")


def words(text: str) -> set[str]:
    """The words of a name, lower case: of `SetSpendLimit`, `spend_limit` and `spend-limit` alike."""
    return {found.lower() for found in _WORD.findall(text)}


def telling(path: str, action: str = "") -> bool:
    """Whether a path (its parameters aside) or an action is about keys, limits, budgets, quotas, spend or caps."""
    return bool(words(_PARAMETER.sub("", path) + " " + action) & IN_PATHS)


def telling_field(name: str, method: str) -> bool:
    """Whether a dotted request field is about limits or about API keys; what a GET takes, like the length of a page, tells nothing."""
    found = words(name.replace("[]", "").rpartition(".")[2])
    return method != "GET" and bool(found & IN_FIELDS or ("api" in found and found & {"key", "keys"}))
