"""A recipe with the vendor's own SDK for Python, as the claims tell it step by step: the same calls, bodies and names as over HTTP."""

import keyword
import re
from collections.abc import Iterator
from typing import Any

from probes.claims import Call, Provider, Sdk
from reports.quoting import dig, python_name, python_value, quoted, repeated, same, with_settings
from reports.text import Texts

_PLACE = re.compile(r"\{(\$?\w+)\}")
_ARGUMENTS = frozenset({"body", "fields"})
"""What stands for a step's body rather than for a variable."""


def with_sdk(provider: Provider, text: Texts) -> str:
    """The recipe as Python, empty where the claims do not tell every step."""
    if provider.sdk is None or not all(step.sdk for step in provider.recipe):
        return ""
    setup = [with_settings(line, provider.settings) for line in provider.sdk.setup]
    imports = [line for line in setup if line.startswith(("import ", "from "))]
    made = [_variables(line) for line in setup if line not in imports]
    given = [f"{python_name(name)} = {quoted(provider.parameters.get(name, '...'))}" for name in _given(provider, provider.sdk)]
    steps = [
        line for step in provider.recipe for line in (f"# {' '.join(text.pick(step.does).split())}", *_step(step, provider, provider.sdk))
    ]
    used = "\n".join([*made, *steps])
    own = [f"import {name}" for name, use in (("os", "os.environ"), ("time", "time.sleep")) if use in used]
    lines = [
        f"# pip install {' '.join([provider.sdk.package, *provider.sdk.also])}",
        *own,
        *([""] if own else []),
        *imports,
        "",
        *given,
        *made,
        "",
        *steps,
    ]
    return "\n".join([*lines, f"print({', '.join(python_name(name) for step in provider.recipe for name in step.take)})"])


def _given(provider: Provider, sdk: Sdk) -> list[str]:
    """Placeholders that are neither settings nor taken from an answer."""
    taken = {name for step in provider.recipe for name in step.take}
    used = [name for told in (sdk.setup, *((step.sdk, step.body) for step in provider.recipe)) for name in _names(told)]
    return [name for name in dict.fromkeys(used) if name not in taken | _ARGUMENTS | {*provider.settings} and name[0] != "$"]


def _names(value: Any) -> Iterator[str]:
    """All placeholders in texts of any depth."""
    if isinstance(value, str):
        yield from _PLACE.findall(value)
    elif isinstance(value, dict | list | tuple):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _names(each)


def _step(step: Call, provider: Provider, sdk: Sdk) -> list[str]:
    reached = dig if sdk.answers == "items" else _attributes
    lines = [f"answer = {_called(step.sdk or '', step.body, provider)}"]
    lines += [f"{python_name(name)} = {reached('answer', path)}" for name, path in step.take.items()]
    if step.wait is not None and step.wait.sdk is not None:
        tests = " and ".join(same("answer", path, value) for path, value in step.wait.until.items())
        lines += repeated([f"answer = {_called(step.wait.sdk, None, provider)}"], tests)
    return lines


def _called(told: str, body: dict[str, Any] | None, provider: Provider) -> str:
    body = with_settings(body or {}, provider.settings)
    named = ", ".join(f"{name}={python_value(value, '')}" for name, value in body.items())
    arguments = {"body": python_value(body, ""), "fields": named if _are_names(body) else f"**{python_value(body, '')}"}
    told = with_settings(told, provider.settings)
    return _PLACE.sub(lambda found: arguments.get(found[1]) or _variable(found[1]), told)


def _variables(line: str) -> str:
    return _PLACE.sub(lambda found: _variable(found[1]), line)


def _variable(name: str) -> str:
    return f'os.environ["{name[1:]}"]' if name.startswith("$") else python_name(name)


def _are_names(body: dict[str, Any]) -> bool:
    return all(name.isidentifier() and not keyword.iskeyword(name) for name in body)


def _attributes(start: str, path: str) -> str:
    """A path into an answer as attributes; numbers are places in a list."""
    return start + "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in path.replace("[]", ".0").split("."))
