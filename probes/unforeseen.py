"""What is said of a fault that nobody foresaw: where it happened, without what may never be shown."""

import re
import traceback
from collections.abc import Mapping

from probes.wire.redact import Redactor

_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSW|USERNAME|CREDENTIAL", re.IGNORECASE)


def told(error: BaseException, variables: Mapping[str, str]) -> str:
    """The traceback, redacted: its messages may quote an answer or a header. `variables` are those that credentials may come from."""
    redactor = Redactor(value for name, value in variables.items() if _SECRET.search(name))
    return redactor.text("".join(traceback.format_exception(error)))
