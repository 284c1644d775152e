"""OpenAI: keys of service accounts, a monthly cap in cents on the project they stand in, rates by project and model.

All below `/v1/organization`, with an admin key: `POST …/projects`, then in it `POST …/spend_limit` (`threshold_amount` in cents),
`POST …/service_accounts` (its answer has the key, once), `POST …/service_accounts/{id}/api_keys` (a further key, with `scopes` and
`expires_in_seconds`), `POST …/rate_limits/{id}`. A cap that is used up answers 429 `project_spend_limit_exceeded` to inference.

Whatever is set is set on a project that the probe made. Projects cannot be deleted: they stay in the list of archived ones.
"""

from probes.providers.openai import reading, refusing, writing, spending  # noqa: F401, I001  (registers the probes)
from probes.providers.openai.steps import provider

__all__ = ["provider"]
