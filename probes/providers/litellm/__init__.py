"""LiteLLM: virtual keys with a cap in US dollars, its period, a lifetime, request and token rates, models and routes.

`POST /key/generate` creates, `/key/update`, `/key/block`, `/key/unblock` change, `/key/delete` ends, all with 200; `GET /key/info` reads by
the key's hash (`token`), `GET /key/list?return_full_object=true` lists. `POST /key/{token}/regenerate` needs a licence, 500 without one.
`POST /team/new` caps a team, `POST /budget/new` makes a budget, with `soft_budget` for an alert: given with a key instead, it would leave a
budget behind that outlives the key. Refusals: 422 `budget_exceeded` for money, 429 `throttling_error` for the rate, 401 for a key that is
blocked, expired or deleted. Unknown fields are ignored, so whatever was set is read back.

`reading` only looks, `refusing` sends what must be refused, `living` creates and deletes, `spending` calls a model until a limit bites.
"""

from probes.providers.litellm import living, reading, refusing, spending
from probes.providers.litellm.routes import provider

__all__ = ["living", "provider", "reading", "refusing", "spending"]
