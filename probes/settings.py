"""What a person's own things are called: a project, a billing account, a subscription. Probes inside it need its name in their paths.

The claims say which path parameter comes from which environment variable (`settings: {project: GOOGLE_CLOUD_PROJECT}`). Requests without
a credential never carry such a name, and no recording does: there it is `REDACTED`, which is therefore what a replay asks with.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from urllib.parse import quote

from probes.claims import Provider
from probes.endpoint import Endpoint
from probes.errors import SettingMissing
from probes.wire.redact import TOKEN


@dataclass(frozen=True, slots=True)
class OwnSettings:
    """The values of a provider's settings: `variables` names the environment variable of each, `values` has those that are set."""

    variables: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def recorded(cls, provider: Provider) -> "OwnSettings":
        """As they stand in a recording."""
        return cls(provider.settings, dict.fromkeys(provider.settings, TOKEN))

    @classmethod
    def named(cls, provider: Provider) -> "OwnSettings":
        """For a preview: each is shown by the name of its variable."""
        return cls(provider.settings, provider.settings)

    def get(self, name: str) -> str:
        """Raises SettingMissing, which names the variable."""
        if name not in self.values:
            variable = self.variables.get(name, name)
            raise SettingMissing(f"{variable} is not set", hint=f"Set {variable} to the {name} that is to be probed.")
        return self.values[name]

    def of(self, parameters: Iterable[str]) -> dict[str, str]:
        """The values, as segments of a path, of those parameters that are settings. Raises SettingMissing."""
        return {name: quote(self.get(name), safe="") for name in parameters if name in self.variables}

    def accounts(self, provider: Provider) -> dict[str, str]:
        """By collection the name that no recording holds, empty where it is not set; of the collection no other name is held either."""
        return {before: self.values.get(name, "") for before, name in collections(provider).items() if name in self.variables}

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """A host's headers with the settings in them; one whose setting is not known is not sent."""
        known = {name: value for name, value in headers.items() if not _names(value) - set(self.values)}
        return {name: self.filled(value) for name, value in known.items()}

    def filled(self, text: str) -> str:
        """`{project}` and the like in any text replaced by the value; other braces stay. Raises SettingMissing."""
        for name in self.variables:
            if f"{{{name}}}" in text:
                text = text.replace(f"{{{name}}}", self.get(name))
        return text


def _names(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def collections(provider: Provider) -> dict[str, str]:
    """For each setting the segment that stands before it in the provider's paths: `{"projects": "project"}`."""
    claims = provider.claims.values()
    told = [text for claim in claims for text in (claim.endpoint, *claim.also) if text]
    told += [host.control for host in provider.hosts.values() if host.control]
    found = {}
    for text in told:
        parts = Endpoint.parse(text).path.split("/")
        for before, part in pairwise(parts):
            name = part.partition(":")[0].strip("{}")
            if part.startswith("{") and name in provider.settings and before and not before.startswith("{"):
                found[before] = name
    return found
