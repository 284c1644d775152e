"""Azure OpenAI: accounts with a fixed pair of keys, made and capped through Azure Resource Manager (ARM), called on hosts of their own.

`PUT …/accounts/{name}` makes an account and its two keys, `POST …/listKeys` reads them, `POST …/regenerateKey` replaces one, `PATCH` with
`disableLocalAuth` or `networkAcls` shuts both out. `PUT …/costControls/{name}` is a cap in USD, which takes effect when `costControlIds` of
the account or of a deployment names it; `sku.capacity` of a deployment is its rate. Budgets (`Microsoft.Consumption`) only warn.

Every probe that writes makes an account of its own in the person's resource group, named as its subdomain, and deletes and purges it. PUT
and PATCH are operations that take time: each step waits until provisioningState is terminal, without which the next is refused with 409.
"""

from probes.providers.azure_openai import budgets, caps, keys, reading, spending  # noqa: F401  (registers the probes)
from probes.providers.azure_openai.arm import provider

__all__ = ["provider"]
