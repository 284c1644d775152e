"""Endpoints and route patterns as capabilities.yaml writes them, and how a route is compared with a vendor's contract.

An endpoint is `METHOD [host:]/path[?query]`, for example `POST billing:/v1/accounts/{account}/budgets`. A pattern is the same with globs,
followed by globs of field names: `POST /keys *expir*` matches when that operation declares a field with such a name, `* /**/rotate` matches
any method on any path that ends in `/rotate`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from urllib.parse import parse_qsl, urlencode

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_ENDPOINT = re.compile(rf"^(?P<method>{'|'.join(METHODS)}) (?:(?P<host>[a-z][a-z0-9_]*):)?(?P<path>/(?!/)[^\s?#]*)(?:\?(?P<query>\S+))?$")
_PARAMETER = re.compile(r"\{[^{}]+\}")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation of a provider; `host` is a name under the provider's `hosts`, empty for the first one."""

    method: str
    path: str
    host: str = ""
    query: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, text: str) -> "Endpoint":
        """Read `METHOD [host:]/path[?query]`; raises ValueError with what is wrong."""
        match = _ENDPOINT.match(text)
        if match is None:
            raise ValueError(f"an endpoint is 'METHOD [host:]/path[?query]' with a method of {', '.join(METHODS)}")
        query = tuple(parse_qsl(match["query"] or "", keep_blank_values=True))
        return cls(match["method"], match["path"], match["host"] or "", query)

    @property
    def parameters(self) -> list[str]:
        """Names of the path parameters, in order."""
        return [name.strip("{}") for name in _PARAMETER.findall(self.path)]

    def target(self, values: Mapping[str, str], default: str) -> str:
        """Path and query with every parameter filled in, `default` where `values` names none."""
        path = _PARAMETER.sub(lambda found: values.get(found[0].strip("{}"), default), self.path)
        return f"{path}?{urlencode(self.query)}" if self.query else path

    def __str__(self) -> str:
        host = f"{self.host}:" if self.host else ""
        query = "?" + "&".join(f"{name}={value}" for name, value in self.query) if self.query else ""
        return f"{self.method} {host}{self.path}{query}"


@dataclass(frozen=True, slots=True)
class Pattern:
    """What, if a contract declared it or a route answered, would refute a claim of absence."""

    method: str
    path: str
    fields: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "Pattern":
        """Read `METHOD|* /path-glob [field-glob …]`; raises ValueError with what is wrong."""
        method, _, rest = text.partition(" ")
        path, *fields = rest.split() or [""]
        if method not in (*METHODS, "*") or not path.startswith("/"):
            raise ValueError("a pattern is 'METHOD|* /path-glob [field-glob …]'")
        return cls(method, path, tuple(fields))

    @property
    def route(self) -> Endpoint | None:
        """The plain route, when the pattern is one and a surface probe can therefore ask for it."""
        plain = self.method != "*" and not self.fields and "*" not in self.path
        return Endpoint.parse(f"{self.method} {self.path}") if plain else None

    def __str__(self) -> str:
        return " ".join((self.method, self.path, *self.fields))


def same_route(claimed: str, declared: str) -> bool:
    """Whether a claimed path is the one a contract declares; parameter names do not matter.

    A declared parameter takes any segment (Google declares `locations/{location}`, the claim says `locations/global`); a claimed parameter
    needs a declared one.
    """
    left, right = claimed.strip("/").split("/"), declared.strip("/").split("/")
    return len(left) == len(right) and all(map(_same_segment, left, right))


def path_matches(glob: str, declared: str) -> bool:
    """Whether a declared path fits a pattern: `**` spans segments, `*` stays inside one, only `*` or a parameter fits a parameter."""
    return _match_segments(glob.strip("/").split("/"), declared.strip("/").split("/"))


def _match_segments(glob: list[str], declared: list[str]) -> bool:
    if not glob:
        return not declared
    if glob[0] == "**":
        return any(_match_segments(glob[1:], declared[skip:]) for skip in range(len(declared) + 1))
    return bool(declared) and _glob_segment(glob[0], declared[0]) and _match_segments(glob[1:], declared[1:])


def _glob_segment(glob: str, declared: str) -> bool:
    glob, declared = _PARAMETER.sub("{}", glob), _PARAMETER.sub("{}", declared)
    return glob in {"*", "{}"} if declared == "{}" else fnmatchcase(declared, glob)


def _same_segment(claimed: str, declared: str) -> bool:
    claimed, declared = _PARAMETER.sub("{}", claimed), _PARAMETER.sub("{}", declared)
    return declared in {"{}", claimed}
