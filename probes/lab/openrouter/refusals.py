"""How OpenRouter refuses: `{"error": {"code": STATUS, "message": …}}`, what is special to a refusal under `metadata`.

Statuses, texts and `limit_source` are those of the vendor's documentation and of answers that people have published. Not published, and
so made up here: the text for a management key on an inference route, and what an unknown route answers.
"""

from datetime import datetime
from typing import Any

from starlette.responses import JSONResponse, Response

LIMIT_SOURCES = {"api_key": "openrouter_guardrail_budget", "workspace": "openrouter_workspace_budget", "key_limit": "openrouter_key_limit"}
"""By the scope of a budget, as GET /key names it."""


class Refused(Exception):
    """Ends a request with a refusal."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


def refusal(
    status: int, message: str, *, metadata: dict[str, Any] | None = None, headers: dict[str, str] | None = None, **beside: Any
) -> Refused:
    """A refusal; `beside` stands next to `error`, like the `user_id` of inference answers."""
    error = {"code": status, "message": message, **({"metadata": metadata} if metadata is not None else {})}
    return Refused(JSONResponse({"error": error, **beside}, status, headers))


def invalid(message: str = "Invalid request parameters") -> Refused:
    return refusal(400, message)


def not_found() -> Refused:
    return refusal(404, "Resource not found")


def spent(layer: dict[str, Any], key: str) -> Refused:
    """A budget that is used up. `key` is the key's hash."""
    used = f"${layer['spend_usd']:.2f} of ${layer['limit_usd']:.2f} used"
    interval = layer["reset_interval"]
    message = {
        "key_limit": f"Key limit exceeded ({interval or 'total'} limit). "
        f"Manage it using https://openrouter.ai/workspaces/default/keys/{key} {used}",
        "workspace": f"Workspace {interval or 'lifetime'} budget of ${layer['limit_usd']:.2f} exceeded. Contact your org admin.",
        "api_key": f"Guardrail {interval} budget exceeded. {used}",
    }[layer["scope"]]
    told = {name: layer[name] for name in ("scope", "limit_usd", "spend_usd", "resets_at")}
    return refusal(403, message, metadata={"limit_source": LIMIT_SOURCES[layer["scope"]], **told})


def unaffordable(asked: int, affordable: int, *, of_key: bool, user: str) -> Refused:
    """What is left does not cover the prompt and `max_tokens` at worst."""
    page = "keys" if of_key else "credits"
    message = (
        f"This request requires more credits, or fewer max_tokens. You requested up to {asked} tokens, but can only afford {affordable}. "
        f"To increase, visit https://openrouter.ai/settings/{page}"
    )
    metadata = {
        "provider_name": None,
        "limit_source": "openrouter_key_limit" if of_key else "openrouter_credits",
        "remedy_hint": "Lower max_tokens or raise the limit",
    }
    return refusal(402, message, metadata=metadata, user_id=user)


def too_fast(name: str, limit: int, reset: datetime, user: str, *, source: str | None = None, advice: str = "") -> Refused:
    """A limit on models ending in `:free`, `name` being the limit's: OpenRouter's own 429 has the three headers, and no Retry-After."""
    headers = {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": str(round(reset.timestamp() * 1000)),
    }
    metadata: dict[str, Any] = {"headers": headers, "error_type": "rate_limit_exceeded"}
    if source is not None:
        metadata["limit_source"] = source
    return refusal(429, f"Rate limit exceeded: {name}. {advice}", metadata=metadata, headers=headers, user_id=user)
