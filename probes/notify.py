"""Tells people of drift where they are, in their language and only on change: Slack, e-mail, Feishu, DingTalk, WeCom, a webhook.

apprise knows the services; it is had with the extra `notify`. An address is a secret: whoever has it can write to the channel. None is
shown, logged or put on a command line, where others on the machine could read it: there the name of a variable stands for it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from probes.errors import UsageError
from probes.wire.quiet import silent

if TYPE_CHECKING:
    from reports.drifts import Drift
    from reports.text import Language

CHINESE = frozenset({"bark", "dingtalk", "feishu", "pushdeer", "pushplus", "qq", "schan", "wecombot", "wxpusher"})
"""Services whose channels are read in Chinese, where nobody says otherwise."""

ROOM = 1800
"""Bytes of a message: WeCom takes 2,048, others more."""

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?=://)")


@dataclass(frozen=True, slots=True)
class Channel:
    """One address to tell; `language` is its readers'."""

    url: str = field(repr=False)
    language: "Language"

    def __str__(self) -> str:
        return f"{_scheme(self.url)}://…"


def channels(given: Iterable[str], variables: Mapping[str, str], language: "Language | None" = None) -> list[Channel]:
    """The channels that URLs, or variables that hold some (with spaces between), name.

    Raises UsageError for a variable that is not set, for what is no address of a service that apprise knows, and without apprise.
    """
    found = []
    for text in given:
        named = _VARIABLE.fullmatch(text) is not None
        if named and text not in variables:
            hint = "It holds the addresses to tell, with spaces between; it may stand in .env."
            raise UsageError("is not set", where=f"--notify {text}", hint=hint)
        for url in (variables[text] if named else text).split():
            _check(url, where=f"--notify {text if named else _scheme(url) + '://…'}")
            found.append(Channel(url, language or ("zh" if _scheme(url) in CHINESE else "en")))
    return found


def tell(drift: "Drift", to: Iterable[Channel]) -> Iterator[str]:
    """Send what changed to each channel, nothing where nothing did; what it yields are the channels that could not be told."""
    if not drift:
        return
    from apprise import Apprise, NotifyFormat  # noqa: PLC0415  (takes more than half a second)

    for channel in to:
        title, body = message(drift, channel.language)
        service = Apprise()
        with silent("apprise", "urllib3.connectionpool", "urllib3.util.retry"):
            told = service.add(channel.url) and service.notify(body, title=title, body_format=NotifyFormat.TEXT)
        if not told:
            yield f"{channel} could not be told what changed"


def message(drift: "Drift", language: "Language") -> tuple[str, str]:
    """Title and text, as many whole lines as there is room for."""
    from reports.drift_forms import to_text  # noqa: PLC0415
    from reports.text import texts  # noqa: PLC0415

    t = texts(language)
    lines, shown, size = list(to_text(drift, language)), 0, 0
    for line in lines:
        size += len(line.encode("utf-8")) + 1
        if size > ROOM:
            break
        shown += 1
    rest = [t("drift.more_lines", count=len(lines) - shown)] if shown < len(lines) else []
    return t("drift.title_count", count=len(drift)), "\n".join([*lines[:shown], *rest])


def _check(url: str, *, where: str) -> None:
    try:
        from apprise import Apprise  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise UsageError("needs apprise", where=where, hint="Install the extra: uv run --extra notify keycap …") from error
    with silent("apprise"):
        known = Apprise.instantiate(url, suppress_exceptions=True) is not None
    if not known:
        hint = "For example slack://…, mailto://…, feishu://…, dingtalk://…, wecombot://…, json://HOST/PATH; see apprise's own list."
        raise UsageError("is no address of a service that apprise knows", where=where, hint=hint)


def _scheme(url: str) -> str:
    found = _SCHEME.match(url)
    return found[0].lower() if found else "?"
