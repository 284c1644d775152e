"""Which ways to send a credential are signatures: what is put on a request is then made of the secret and never the secret itself."""

import re
from collections.abc import Mapping

SIGNERS: Mapping[str, str] = {"ACS3-": "acs3", "bce-auth-": "bce", "TC3-": "tc3", "AWS4-HMAC-": "sigv4"}
"""How the schemes that sign begin, and the modules here that know them; each has `signer(values) -> httpx.Auth`."""

NAMING = ("TC3-", "AWS4-HMAC-")
"""How the schemes begin whose signatures name the service that is asked."""

UNKNOWN = ("AWS4-", "HMAC-", "Qiniu ")
"""How schemes begin that sign and that nothing here knows: as a plain header they would give the secret away."""

_SIGNS = re.compile(r"hmac|sha-?(1|256|512)|sig(n|v?\d)|auth-v\d", re.IGNORECASE)
"""Words of a scheme that signs, whoever's it is."""


def template_of(send: str) -> tuple[str, str]:
    """The header of a way to send, and what stands in it: `Authorization: Bearer {}` is Authorization and `Bearer {}`."""
    name, _, template = send.partition(": ")
    return name, template


def signer_of(send: str) -> str | None:
    """The module that signs so, None where the value is sent as it is or nothing here can sign so."""
    template = template_of(send)[1]
    return next((module for start, module in SIGNERS.items() if template.startswith(start)), None)


def names_service(send: str) -> bool:
    """Whether a signature of this way to send names the service, which then has to be told of the host."""
    return template_of(send)[1].startswith(NAMING)


def signs(send: str) -> bool:
    """Whether a request is signed, by a scheme that is known here or not."""
    template = template_of(send)[1]
    return signer_of(send) is not None or template.startswith(UNKNOWN) or _SIGNS.search(template) is not None
