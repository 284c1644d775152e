"""What may never be written: credentials, keys and the names of accounts, in addresses, headers and bodies.

Everything that leaves for disk, terminal or log goes through a `Redactor`. A secret becomes `REDACTED` where its value was known beforehand
and `REDACTED1`, `REDACTED2`, … where it was found, the same number for the same value: a replay can still tell whether a key was rotated.
Redacting what is redacted changes nothing.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, unquote_plus, urlsplit, urlunsplit

from probes.wire import patterns
from probes.wire.accounts import Accounts
from probes.wire.bodies import decoded, indented
from probes.wire.disguise import SHORTEST
from probes.wire.known import Known
from probes.wire.patterns import looks_random, plain_name, plain_path

TOKEN = "REDACTED"  # noqa: S105  (what stands in the place of a secret)

_PLACEHOLDER = re.compile(r"(?:[A-Za-z]+[-_ ])?REDACTED\d*(?:@redacted\.invalid)?")
_OURS = re.compile(r"keycap-probe-[0-9a-f]{8}(?:-[0-9a-z-]{1,24})?")
_SCHEMES = re.compile(r"(?:Bearer|Basic|Token)(?= )", re.IGNORECASE)
_SIGNED = re.compile(r"[A-Z0-9]+-HMAC-SHA256 |bce-auth-v\d/")
_ADDRESSES = frozenset({"location", "content-location", "referer"})
_ROUNDS = 8


class Redactor:
    """Replaces what may never be written.

    `secrets` are values known beforehand (credentials, subscription ids; shorter than 8 characters are ignored), looked for in every
    encoding. `fields` are names of fields that hold secrets, in JSON, forms, queries and headers: the last segment (`key1`) or a dotted
    path (`api_key.value`), spelling aside. `keep` are names that stay though they look secret. `accounts` are names of a person's own
    account by the collection that they belong to in paths. Found secrets are remembered and blanked wherever they appear later, so one
    redactor serves all that a provider exchanges.
    """

    def __init__(
        self,
        secrets: Iterable[str] = (),
        fields: Iterable[str] = (),
        keep: Iterable[str] = (),
        accounts: Mapping[str, str] | None = None,
    ) -> None:
        self._values = Known(secrets, TOKEN)
        self._fields = {plain_path(name) for name in fields}
        self._keep = {plain_path(name) for name in keep}
        self._numbers: dict[str, int] = {}
        self._accounts = Accounts(accounts or {}, token=TOKEN, kept=_is_kept)

    def learn(self, value: str) -> None:
        """Remember a secret that turned up during the run. Ordinary words (no digit, or under 16 characters) are not taken."""
        telling = _OURS.sub("", value)  # a made-up key may be made of the name that keycap gives to things, which is to stay
        if len(telling) >= 16 and looks_random(telling) and value not in self._values and TOKEN not in value:
            self._values.add(value, self._numbered(value))

    def text(self, text: str) -> str:
        """Any text: known values, key shapes, `name: secret` pairs, account ids and e-mail addresses are replaced."""
        return self._settled(text, accounts=True)

    def secrets(self, text: str) -> str:
        """As `text`, but ids and e-mail addresses stay: for the ledger, which must name what is to be undone and stays on this machine."""
        return self._settled(text, accounts=False)

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Headers of a request or a response; of an Authorization the scheme stays."""
        return {name: self._header(name, value) for name, value in headers.items()}

    def url(self, url: str) -> str:
        """An address: userinfo, secret query parameters, and secrets anywhere in it are replaced. The rest stays as it is spelled."""
        url = self._values.replaced(url)
        try:
            parts = urlsplit(url)
        except ValueError:
            return self.text(url)
        userinfo, at, host = parts.netloc.rpartition("@")
        netloc = f"{TOKEN}@{host}" if at and userinfo else host
        return urlunsplit((parts.scheme, netloc, self.text(parts.path), self._pairs(parts.query), self._pairs(parts.fragment)))

    def body(self, body: bytes | str, content_type: str = "") -> str:
        """A body as text: JSON is scrubbed by name and value and indented, a form by name and value, anything else as text."""
        text = body if isinstance(body, str) else decoded(body, content_type)
        if "x-www-form-urlencoded" in content_type.lower():
            return self._pairs(text)
        try:
            value = json.loads(text)
            return indented(self.json(value)) if isinstance(value, dict | list | str) else self.text(text)
        except (ValueError, RecursionError):
            return self.text(text)

    def json(self, value: Any) -> Any:
        """A copy of a JSON value without secrets. Keys that are secrets are replaced too."""
        learned = len(self._values)
        redacted = self._walk(value, ())
        while len(self._values) > learned:  # a secret may stand before the field that gives it away
            learned = len(self._values)
            redacted = self._walk(redacted, ())
        return redacted

    def _walk(self, value: Any, path: tuple[str, ...]) -> Any:
        match value:
            case dict():
                return {self.text(str(name)): self._walk(inner, (*path, plain_name(str(name)))) for name, inner in value.items()}
            case list():
                return [self._walk(inner, path) for inner in value]
            case str():
                return self._secret(value, path) if self._is_secret(path) else self._string(value)
            case int() | float() if not isinstance(value, bool):
                digits = str(value)
                named = self._is_named(path) and len(digits) >= SHORTEST
                return self._numbered(digits) if named else value if self._values.replaced(digits) == digits else TOKEN
        return value

    def _string(self, value: str) -> str:
        """A string in JSON, which may hold a whole document of its own."""
        if value[:1] in ("{", "["):
            try:
                inner = json.loads(value)
                redacted = self._walk(inner, ())
            except (ValueError, RecursionError):
                return self.text(value)
            if redacted != inner:
                return json.dumps(redacted, ensure_ascii=False)
        return self.text(value)

    def _is_named(self, path: tuple[str, ...]) -> bool:
        return any(path[-length:] in self._fields for length in (1, 2, 3))

    def _is_secret(self, path: tuple[str, ...]) -> bool:
        if not path or any(path[-length:] in self._keep for length in (1, 2, 3)):
            return False
        name = path[-1]
        named = self._is_named(path) or name in patterns.PASSWORD_FIELDS or name in patterns.SECRET_FIELDS
        return named or name.endswith(patterns.SECRET_ENDINGS)

    def _secret(self, value: str, path: tuple[str, ...]) -> str:
        """The value of a field that holds a secret."""
        by_default = not self._is_named(path) and path[-1] not in patterns.PASSWORD_FIELDS and path[-1] not in patterns.QUERY_FIELDS
        harmless = (
            not value
            or (by_default and len(value) < SHORTEST)
            or patterns.names_types(value)
            or patterns.HINT.fullmatch(value)
            or _PLACEHOLDER.fullmatch(value)
            or _OURS.fullmatch(value)  # what keycap made up as a name, which a probe must find again in the answers
        )
        if harmless:
            return self.text(value)
        if value in self._values:
            return self._values.token(value)
        self.learn(value)
        return self._numbered(value)

    def _header(self, name: str, value: str) -> str:
        name = name.lower()
        if name in patterns.SECRET_HEADERS:
            if _SIGNED.match(value):  # good for one request, and in parts the same words as every other: nothing to look for elsewhere
                return TOKEN
            scheme = _SCHEMES.match(value)
            # It may be a key of the run's own, created in an answer with no telling name.
            self.learn(value[scheme.end() :].strip() if scheme else value)
            return f"{scheme[0]} {TOKEN}" if scheme else TOKEN
        if name in _ADDRESSES:
            return self.url(value)
        if name in patterns.ACCOUNT_HEADERS:
            redacted = self.text(value)
            return self._numbered(value) if redacted == value and not _PLACEHOLDER.fullmatch(value) else redacted
        path = (plain_name(name),)
        return self._secret(value, path) if self._is_secret(path) else self.text(value)

    def _pairs(self, query: str) -> str:
        return "&".join(self._pair(pair) for pair in self._values.replaced(query).split("&"))

    def _pair(self, pair: str) -> str:
        name, equals, value = pair.partition("=")
        path = plain_path(unquote_plus(name))
        decoded = unquote_plus(value)
        if value and (path[-1] in patterns.QUERY_FIELDS or self._is_secret(path)) and path not in self._keep:
            redacted = self._secret(decoded, path)
        else:
            redacted = self.text(decoded)
        return self.text(f"{name}{equals}{quote(redacted, safe='@')}" if redacted != decoded else pair)

    def _settled(self, text: str, *, accounts: bool) -> str:
        for _ in range(_ROUNDS):  # what one replacement brings together may be a match of its own
            redacted = self._once(self._accounts.replaced(text, self._numbered) if accounts else text, accounts=accounts)
            if redacted == text:
                break
            text = redacted
        return text

    def _once(self, text: str, *, accounts: bool) -> str:
        if len(text) < SHORTEST:
            return text
        text = self._values.replaced(text)
        text = patterns.PEM.sub(lambda found: self._numbered(found[0]), text)
        text = patterns.SCHEME.sub(self._scheme, text)
        text = patterns.KEY.sub(self._key, text)
        text = patterns.ASSIGNMENT.sub(self._assignment, text)
        if not accounts:
            return text
        for start, end in reversed(self._values.pieces(text)):
            text = text[:start] + self._numbered(text[start:end]) + text[end:]
        text = patterns.EMAIL.sub(self._email, text)
        return patterns.ACCOUNT.sub(self._account, text)

    def _scheme(self, found: re.Match[str]) -> str:
        keep = not looks_random(found[3]) or _PLACEHOLDER.fullmatch(found[3]) or _shortened(found)
        return found[0] if keep else f"{found[1]}{found[2]}{self._numbered(found[3])}"

    def _key(self, found: re.Match[str]) -> str:
        if TOKEN in found[0] or not looks_random(found[0]) or _shortened(found):
            return found[0]
        self.learn(found[0])
        return self._numbered(found[0])

    def _assignment(self, found: re.Match[str]) -> str:
        name, joint, value = found.groups()
        path = plain_path(name)
        named = self._is_named(path)
        if not self._is_secret(path) or not (named or looks_random(value)):
            return found[0]
        if TOKEN in value or _OURS.fullmatch(value) or patterns.names_types(value) or patterns.HINT.match(value) or _shortened(found):
            return found[0]
        self.learn(value)
        return f"{name}{joint}{self._numbered(value)}"

    def _email(self, found: re.Match[str]) -> str:
        return found[0] if TOKEN in found[0] else f"{self._numbered(found[0])}@redacted.invalid"

    def _account(self, found: re.Match[str]) -> str:
        kind, joint, value = found.groups()
        return found[0] if value.startswith(TOKEN) or not looks_random(value) else f"{kind}{joint}{self._numbered(found[0])}"

    def _numbered(self, value: str) -> str:
        return f"{TOKEN}{self._numbers.setdefault(value, len(self._numbers) + 1)}"


def _is_kept(name: str) -> bool:
    return bool(_PLACEHOLDER.fullmatch(name) or _OURS.match(name))


def _shortened(found: re.Match[str]) -> bool:
    """Whether the match is the visible start of a key that goes on with dots or stars."""
    return len(found[0]) <= patterns.VISIBLE and bool(patterns.SHORTENED.match(found.string, found.end()))
