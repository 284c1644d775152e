"""any-llm gateway: virtual keys, and budgets in US dollars that belong to the user of a key.

`POST /v1/budgets` makes a budget, `POST /v1/users` a user with it, `POST /v1/keys` a key of that user, all with 200. Budgets have no name:
one whose creation was not answered cannot be found again, and caps nobody until a user has it. A user's id is chosen by the caller.

On SQLite some of it fails with 500, which is told as a fault of the server: using a key that has an expiry, any call by a user whose budget
has a period, and `DELETE` of a key that was used. So a key that calls a model is undone by switching it off, which leaves its row, and by
deleting its user.

Over its budget a user is refused with 403, over the server's rate with 429 and `retry-after`; calls that were refused count for the rate.

`reading` only looks, `refusing` sends what must be refused, `living` creates and deletes, `spending` calls a model until a limit bites.
"""

from probes.providers.any_llm_gateway import living, reading, refusing, spending
from probes.providers.any_llm_gateway.routes import provider

__all__ = ["living", "provider", "reading", "refusing", "spending"]
