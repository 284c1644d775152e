"""Baidu Qianfan: short-term keys that the IAM service mints, and inference endpoints with rates of their own.

Management is signed with an access key (extra `baidu`). `GET iam:/v1/BCE-BEARER/token` mints a key that lives `expireInSeconds`, at least
five minutes, and is limited by `acl`, a list of permissions in base64. Nothing can withdraw it: the ones made here live five to seven
minutes, are held in memory only, and are in no ledger, since there is nothing to undo.

Endpoints (`POST /v2/service?Action=ListEndpoints`, `DescribeEndpoint`, `ModifyEndpoint`) cannot be deleted by any published action, so none
is made. The probes that set a rate use one that a person has named `keycap-endpoint`, and restore what it had.
"""

from probes.providers.qianfan import keys, rates, reading
from probes.providers.qianfan.calls import provider

__all__ = ["keys", "provider", "rates", "reading"]
