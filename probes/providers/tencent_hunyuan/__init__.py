"""Tencent Cloud TokenHub: API keys with quotas of tokens, by the control plane of 2026-03-22.

Every call there is `POST /`, signed with a pair of CAM secrets (extra `tencent`), names its action in a header and answers 200 whatever it
is; a refusal is `Response.Error`. `CreateApiKey` gives an id, `DescribeApiKey` the key in plain text. `ModifyApiKeyInfo` takes the wanted
quotas, `ModifyApiKeyStatus` disables and enables, `DeleteApiKey` ends. A quota counts tokens, by day, by month or for good: no money.

No probe makes an inference endpoint, which alone takes a rate: `DeleteEndpoint` declares no field that names what it deletes.
"""

from probes.providers.tencent_hunyuan import keys, quotas, reading
from probes.providers.tencent_hunyuan.calls import provider

__all__ = ["keys", "provider", "quotas", "reading"]
