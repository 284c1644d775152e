"""The kinds of text that capabilities.yaml is made of, each with the rule that it keeps; a broken rule raises ValueError, told in place."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints

from probes.endpoint import Endpoint, Pattern
from probes.periods import Period

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
CapabilityId = Annotated[str, StringConstraints(pattern=r"^[a-z]+(\.[a-z]+){1,2}$")]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


def _partial(text: str) -> str:
    Period.parse(text)
    return text


PartialDate = Annotated[str, BeforeValidator(str), StringConstraints(pattern=r"^(before )?\d{4}(-\d{2}){0,2}$"), AfterValidator(_partial)]


def _endpoint(text: str) -> str:
    Endpoint.parse(text)
    return text


def _pattern(text: str) -> str:
    Pattern.parse(text)
    return text


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("https", "http") or not parts.hostname or any(letter.isspace() for letter in text):
        raise ValueError("a URL starts with https:// and names a host")
    return text


def _address(text: str) -> str:
    if text in UNLINKED or re.fullmatch(r"(PyPI|npm) package \S+ \S+", text):
        return text
    try:
        return _url(text)
    except ValueError:
        raise ValueError(
            f"a source is a URL, 'PyPI package NAME VERSION', 'npm package NAME VERSION' or one of: {', '.join(UNLINKED)}"
        ) from None


UNLINKED = ("live capture", "public repository, not named by the index")
"""Sources that have no address of their own."""

Url = Annotated[str, AfterValidator(_url)]
Address = Annotated[str, AfterValidator(_address)]
EndpointText = Annotated[str, AfterValidator(_endpoint)]
SignedFor = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(/[a-z0-9-]+)?$")]
Variable = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*(\|[A-Z][A-Z0-9_]*)*$")]
PatternText = Annotated[str, AfterValidator(_pattern)]


STRICT = ConfigDict(extra="forbid", frozen=True)
"""Of every part of the file: it has no key but its own, and nothing changes it."""


class Bilingual(BaseModel):
    """One text in Chinese and in English; neither is a translation of the other."""

    model_config = STRICT

    zh: Text
    en: Text
