"""Every fault keycap foresees.

KeycapError
├── UsageError            the command line or the configuration asks for something that cannot be done   (exit 2)
├── ClaimsError           capabilities.yaml is not valid; carries every problem at once                  (exit 2)
├── CassetteError         a recording cannot be trusted: truncated, edited, of another format            (exit 2)
├── RecordInUse           another run is at work on the same record                                      (exit 2)
├── NotWritten            a file could not be written; what was there is unchanged                       (exit 2)
├── DocumentError         a vendor's contract cannot be had or cannot be read
├── RequestRefused        the guard did not let a request leave, or did not let an answer in
│   ├── HostUnreachable   the host could not be connected to; found out once per host
│   ├── AnswerTooLarge    the body passed its bound, decoded size included
│   ├── AnswerTooSlow     the total time passed its bound
│   ├── ConnectionDropped the server closed the connection before the answer was complete
│   └── OffHost           a redirect pointed to another host
├── LedgerError           the ledger cannot be written, or holds a line that cannot be understood
├── Interrupted           a second signal ended the run before everything was undone                    (exit 130)
├── NotAllowed            the credential was refused, or is too weak for the call
├── SettingMissing        a probe needs the name of a person's own project or account, and its variable is not set
├── BudgetSpent           the next call might cost more than is left of --max-spend
├── PriceUnknown          what an inference call costs is not known, so it is not sent
└── NotRecorded           replay asked for an exchange that the cassette does not hold

A message says what happened, where, and what to do next.
"""


class KeycapError(Exception):
    """The root: `except KeycapError` catches all that keycap foresees.

    `where` names the file, address or argument; `hint` says what to do next.
    """

    exit_code = 2

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        self.what, self.where, self.hint = what, where, hint
        super().__init__(what)

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}\n  {self.hint}" if self.hint else text


class UsageError(KeycapError):
    """The command line or the configuration asks for something that cannot be done."""


class CassetteError(KeycapError):
    """A recording that cannot be trusted as evidence."""


class RecordInUse(KeycapError):
    """Another run is at work on the same record; two would interleave."""


class NotWritten(KeycapError):
    """A file could not be written; what was there is unchanged."""


class DocumentError(KeycapError):
    """A vendor's contract that cannot be had or cannot be read."""


class RequestRefused(KeycapError):
    """The guard stopped a request or an answer; the outcome is inconclusive, never a pass."""


class HostUnreachable(RequestRefused):
    """No connection to the host; later requests to it fail at once."""


class AnswerTooLarge(RequestRefused):
    """The body passed its bound (decoded size)."""


class AnswerTooSlow(RequestRefused):
    """The total time for one request passed its bound."""


class ConnectionDropped(RequestRefused):
    """The server closed or reset the connection before the answer was complete."""


class OffHost(RequestRefused):
    """A redirect pointed to another host; it was not followed and no credential went there."""


class LedgerError(KeycapError):
    """The ledger cannot be written, or holds a line that cannot be understood."""


class Interrupted(KeycapError):
    """A second signal ended the run before everything was undone; the ledger knows what may still be there."""

    exit_code = 130


class NotAllowed(KeycapError):
    """A call with a person's credential was refused because of the credential; `means` is `credential`, `scope`, `rate` or `missing`."""

    def __init__(self, what: str, *, means: str, where: str = "", hint: str = "") -> None:
        self.means = means
        super().__init__(what, where=where, hint=hint)


class SettingMissing(KeycapError):
    """A probe needs the name of something of a person's own, like a project, and the variable that holds it is not set."""


class BudgetSpent(KeycapError):
    """The next call might cost more than is left of what the run may spend; it was not sent."""


class PriceUnknown(KeycapError):
    """What an inference call costs is not known; it was not sent."""


class NotRecorded(KeycapError):
    """Replay asked for an exchange that the cassette does not hold."""
