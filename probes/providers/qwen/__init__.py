"""Alibaba Cloud Model Studio: API keys of a workspace, and the workspace's rates, by the control plane of 2026-02-10.

Every call there is signed with an AccessKey (extra `alibaba`), names its action in a header and sends its body as a form. `POST
/modelstudio/apikeys` creates; name and workspace are in the query, the value is told once. `PUT …/{id}/disable`, `…/enable` and `…/reset`
do what they say, `PUT …/{id}` renames and restricts, `DELETE …/{id}` ends. No key carries a cap: budgets are set in the console only.

Rates are of a workspace and a model, so the probes make a workspace of their own, allow it the model, and remove it with its key. A
temporary key (`POST /api/v1/tokens`) cannot be withdrawn: the one made here lives five seconds.
"""

from probes.providers.qwen import keys, rates, reading
from probes.providers.qwen.calls import provider

__all__ = ["keys", "provider", "rates", "reading"]
