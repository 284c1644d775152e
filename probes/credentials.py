"""A person's own credentials: from the environment, else from a `.env` file. Values live in memory only and are never shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import httpx
from dotenv import dotenv_values

from probes.claims import Credential, Provider
from probes.settings import OwnSettings, collections
from probes.wire.auth import auth_of, chained


@dataclass(frozen=True)
class Held:
    """One credential that is present: the values of its variables, in the order the claims name them, or a vendor's own chain."""

    name: str
    send: str
    values: tuple[str, ...] = field(repr=False)
    chain: Callable[[], httpx.Auth] | None = field(default=None, repr=False)

    @cached_property
    def auth(self) -> httpx.Auth:
        """What puts it on a request; one for a whole run, which may keep a token. Raises UsageError when it cannot be used."""
        return auth_of(self.send, self.values) if self.chain is None else self.chain()


@dataclass(frozen=True, slots=True)
class Environment:
    """Where credentials are looked up. What the environment sets wins over `.env`; empty values count as absent."""

    variables: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(cls, environment: Mapping[str, str], dotenv: Path | None = None) -> "Environment":
        """`dotenv` is read when it is there; it is never written."""
        from_file = dotenv_values(dotenv) if dotenv is not None and dotenv.is_file() else {}
        return cls({name: value for name, value in ({**from_file, **environment}).items() if value})

    def held(self, provider: Provider) -> dict[str, Held]:
        """The provider's credentials that are wholly present, by name, in the claims' order."""
        found = {}
        for name, credential in provider.credentials.items():
            values = [
                self._value(variable) for variable in credential.env if not (variable.endswith("?") and self._value(variable) is None)
            ]
            if values and all(values):
                found[name] = Held(name, credential.send, tuple(value for value in values if value))
            elif credential.chain and (chain := chained(credential.chain, self.variables)):
                found[name] = Held(name, credential.send, (), chain)
        return found

    def settings(self, provider: Provider) -> OwnSettings:
        """The names of a person's own things that the provider's probes need, those that are set; `projects/x` names the project x."""
        values = {name: value for name, variable in provider.settings.items() if (value := self._value(variable)) is not None}
        for before, name in collections(provider).items():
            values |= {name: values[name].removeprefix(f"{before}/")} if name in values else {}
        return OwnSettings(provider.settings, values)

    def missing(self, credential: Credential) -> list[str]:
        """The variables of a credential that are needed and not set, as the claims write them."""
        return [variable for variable in credential.env if not variable.endswith("?") and self._value(variable) is None]

    def _value(self, variable: str) -> str | None:
        return next((self.variables[name] for name in variable.rstrip("?").split("|") if name in self.variables), None)
