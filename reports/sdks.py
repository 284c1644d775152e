"""A recipe with the vendor's own SDK for Python, as the claims tell it step by step: the same calls, bodies and names as over HTTP."""

import keyword
import re

from probes.claims import Call, Provider
from reports.quoting import python_name, python_value, with_settings
from reports.text import Texts

_PLACE = re.compile(r"\{(\$?\w+)\}")


def with_sdk(provider: Provider, text: Texts) -> str:
    """The recipe as Python, empty where the claims do not tell every step."""
    if provider.sdk is None or not all(step.sdk for step in provider.recipe):
        return ""
    setup = [with_settings(line, provider.settings) for line in provider.sdk.setup]
    imports = [line for line in setup if line.startswith(("import ", "from "))]
    made = [_variables(line) for line in setup if line not in imports]
    own = ["import os", ""] if "os.environ" in "".join(made) else []
    lines = [f"# pip install {provider.sdk.package}", *own, *imports, "", *made, ""]
    for step in provider.recipe:
        lines += [f"# {' '.join(text.pick(step.does).split())}", *_step(step, provider)]
    return "\n".join([*lines, f"print({', '.join(python_name(name) for step in provider.recipe for name in step.take)})"])


def _step(step: Call, provider: Provider) -> list[str]:
    body = with_settings(step.body or {}, provider.settings)
    named = ", ".join(f"{name}={python_value(value, '')}" for name, value in body.items())
    arguments = {"body": python_value(body, ""), "fields": named if _are_names(body) else f"**{python_value(body, '')}"}
    told = with_settings(step.sdk or "", provider.settings)
    call = _PLACE.sub(lambda found: arguments.get(found[1]) or _variable(found[1]), told)
    return [f"answer = {call}", *(f"{python_name(name)} = answer{_attributes(path)}" for name, path in step.take.items())]


def _variables(line: str) -> str:
    return _PLACE.sub(lambda found: _variable(found[1]), line)


def _variable(name: str) -> str:
    return f'os.environ["{name[1:]}"]' if name.startswith("$") else python_name(name)


def _are_names(body: dict[str, object]) -> bool:
    return all(name.isidentifier() and not keyword.iskeyword(name) for name in body)


def _attributes(path: str) -> str:
    """A path into an answer as attributes; numbers are places in a list."""
    return "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in path.replace("[]", ".0").split("."))
