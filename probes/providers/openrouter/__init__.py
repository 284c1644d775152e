"""OpenRouter: keys with a limit in US dollars, created through the API.

A management key creates, lists, reads, changes and deletes keys under `/api/v1/keys`; it is refused on inference routes. A key's `limit` is
what it may spend in all, or in each day, week or month of UTC with `limit_reset`; `limit_remaining` and `usage` tell where it stands. A key
reads itself with `GET /api/v1/key`, which also lists every budget that applies to it. `expires_at` can be chosen at creation only.

Above the key are budgets of guardrails, which count for each key that they are assigned to and also restrict its models, and budgets of
workspaces, which need the Enterprise plan.

A limit that is used up answers 403; one whose rest may not suffice for a call's `max_tokens` answers 402. `reading` only looks, `refusing`
sends what must be refused, `living` creates and deletes, `spending` calls a model until a limit bites.
"""

from probes.providers.openrouter import living, reading, refusing, spending
from probes.providers.openrouter.routes import provider

__all__ = ["living", "provider", "reading", "refusing", "spending"]
