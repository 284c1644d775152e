"""What is told of a request, or of its answer, to those between a probe and the network: httpx's extensions, by name.

Without imports, so that whoever sets or reads one need not wait for vcrpy.
"""

ORDER = "keycap_order"
"""Of a request, `(probe index, sequence)`: where the exchange stands in the file, whenever its answer arrived."""

PROBE = "keycap_probe"
"""Of a request: the name of the probe that alone asks this; on replay it gets the answers that it got, not those of another probe."""

ONCE = "keycap_once"
"""Of a request: on replay, each recorded answer is given once; the same question asked more often has no answer."""

TIMED = "keycap_timed"
"""Of a request: whether the time of its answer is kept."""

AT = "keycap_at"
"""Of an answer: seconds from the start of the recording until it was there; kept for requests that are TIMED."""

EXCHANGE = "keycap_exchange"
"""Of an answer on replay: the position of the exchange in the file, from 0. Absent while recording, when it is not known yet."""

BURST = "keycap_burst"
"""Of a request: sent without waiting for its turn, as a measurement of many calls at once needs, which counts them itself."""

RETRY = "keycap_retry"
"""Of a request: False where it must not be sent twice as it is."""

LONGEST_BODY = "keycap_body_limit"
"""Of a request: another limit than usual on its answer's body, in bytes."""

SIGNED_FOR = "keycap_signed_for"
"""Of a request: the service that a signature names and, after a slash, its region where it names that too; empty for none."""

CREDENTIAL = "keycap_credential"
"""Of a request: which of the provider's credentials it is sent with."""

CREATED_KEY = "keycap_created_key"
"""Of a request: whether it is sent with a key that the probe created, not with the person's credential."""

COST = "keycap_cost"
"""Of a request: the most it can cost, USD."""

GIVES = "keycap_gives"
"""Of a request: what a preview takes for the answer: the dotted path of an id in it, empty for none, or the whole of it."""
