"""Google's Gemini API: keys of a project, a monthly cap on a project's use of it, quotas per project and model.

Nine hosts. `POST api:/v2/projects/{project}/locations/global/keys?keyId=` answers with an operation; when it is done, `GET …/keyString` has
the secret. `POST budgets:/v1/billingAccounts/{billingAccount}/budgets` with `spendCap` caps one project's use of one service. A key has no
cap of its own: whoever wants one makes a project, links it to a billing account, and puts a key and such a budget into it.

`{project}` and `{billingAccount}` are the person's own. In the project only things with keycap's name are made; whatever stops traffic, a
cap or a lowered quota, is set on a project that the probe makes beside it and deletes (Google keeps it for 30 days).
"""

from . import reading, refusing, spending, writing  # registers the probes
from .steps import provider

__all__ = ["provider", "reading", "refusing", "spending", "writing"]
