"""A simulated TokenHub: one account with API keys that carry quotas of tokens, models with rates, a balance, and inference.

Written from the vendor's SDKs (actions, fields, enumerations, what is told when), its pages on errors and signatures, and measurements that
somebody published in October 2026 (a disabled key answers 401002, a model that a key is not bound to 401006, what a key used is told late).
Told by none of these, and so by analogy: what a call with a spent quota is answered (a 402, code 401008: one of three that the vendor
documents together as restrictions of plan or billing), and what one from an address that is not allowed (403).
"""

from starlette.applications import Starlette

from probes.lab.simulator import Behaviour, Simulator
from probes.lab.tencent_hunyuan.inference import Inference
from probes.lab.tencent_hunyuan.keys import Keys
from probes.lab.tencent_hunyuan.management import Management
from probes.lab.tencent_hunyuan.state import MODEL, Account


def simulator(behaviour: Behaviour) -> Simulator:
    """One account with a key of the person's own."""
    return TokenHub(behaviour)


class TokenHub(Simulator):
    """The simulator; `account` is what it holds."""

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__(behaviour)
        self.model = MODEL
        self.account = account = Account(behaviour)
        key_id, secret = next(iter(account.secrets.items()))
        self.environment = {
            "TENCENTCLOUD_SECRET_ID": key_id,
            "TENCENTCLOUD_SECRET_KEY": secret,
            "TENCENT_TOKENHUB_API_KEY": account.person.value,
        }
        management = Management(account, Keys(account))
        self.hosts = {
            "management": Starlette(routes=management.tokenhub()),
            "billing": Starlette(routes=management.billing()),
            "inference": Starlette(routes=Inference(account, self).routes()),
        }

    def leftovers(self) -> list[str]:
        """Keys that were not there at first."""
        return [key.name for key in self.account.keys.values() if not key.deleted and key is not self.account.person]
