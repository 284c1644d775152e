"""The names of a person's own account, where they stand in addresses, names of resources and messages."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import quote

SHORTEST = 6
"""Characters below which a name is replaced in its place in a path only: elsewhere it may be an ordinary word."""


class Accounts:
    """Replaces what follows a collection in a path: the `my-project` of `projects/my-project/keys`.

    `known` has by collection the value of a setting, which becomes `token`, also where it is the whole text; any other name there becomes
    a numbered one. Names with a digit or a hyphen, once seen, are replaced as whole words anywhere. `kept` tells what stays: placeholders,
    and what keycap itself named.
    """

    def __init__(self, known: Mapping[str, str], *, token: str, kept: Callable[[str], bool]) -> None:
        spelled = [(collection, form) for collection, value in known.items() if value for form in {value, quote(value, safe="")}]
        self._known = {(collection.casefold(), form.casefold()): token for collection, form in spelled}
        self._kept = kept
        self._words = {value.casefold(): token for _, value in spelled if _is_telling(value) and not kept(value)}
        self._whole = {value.casefold(): token for _, value in spelled if not kept(value)}
        collections = "|".join(map(re.escape, known))
        # A known name may hold characters at which others end, like the colon of a custom method.
        names = "|".join([*(rf"{re.escape(form)}(?![A-Za-z0-9._%-])" for _, form in spelled), "[A-Za-z0-9][A-Za-z0-9._-]*"])
        self._places = re.compile(rf"(?<![A-Za-z0-9])({collections})/({names})", re.IGNORECASE) if known else None

    def replaced(self, text: str, numbered: Callable[[str], str]) -> str:
        """The text without such names; `numbered` makes the placeholder of one that was not known beforehand."""
        if self._places is None:
            return text
        if (whole := self._whole.get(text.casefold())) is not None:
            return whole

        def place(found: re.Match[str]) -> str:
            collection, name = found[1], found[2]
            if self._kept(name):
                return found[0]
            token = self._known.get((collection.casefold(), name.casefold())) or numbered(name)
            if _is_telling(name):
                self._words.setdefault(name.casefold(), token)
            return f"{collection}/{token}"

        text = self._places.sub(place, text)
        if self._words:
            longest_first = "|".join(map(_word, sorted(self._words, key=len, reverse=True)))
            words = re.compile(longest_first, re.IGNORECASE)
            text = words.sub(lambda found: self._words[found[0].casefold()], text)
        return text


def _word(name: str) -> str:
    """A number stands in longer names as well, like that of an operation."""
    inside = "0-9" if name.isdigit() and len(name) > SHORTEST else "A-Za-z0-9_-"
    return f"(?<![{inside}]){re.escape(name)}(?![{inside}])"


def _is_telling(name: str) -> bool:
    return len(name) >= SHORTEST and not name.isalpha()
