"""In which words a menu is shown: the first language that was asked for and that it knows, else its own."""

import re
from collections.abc import Mapping
from functools import lru_cache

LONGEST_WISH = 200
_ONE = re.compile(r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?")


@lru_cache(maxsize=1_024)
def languages_of(wish: str) -> tuple[str, ...] | None:
    """Languages in the order they are wanted, from `sv` or `fi, sv;q=0.8, *;q=0.1`; None where that cannot be read."""
    found = [_ONE.fullmatch(part) for part in wish.split(",")] if len(wish) <= LONGEST_WISH else [None]
    if not all(found):
        return None
    wanted = [(float(one[2] or 1), one[1].lower()) for one in found if one]
    return tuple(tag for weight, tag in sorted(wanted, key=lambda pair: -pair[0]) if weight > 0)


class Wording:
    """Picks words for one menu: `wanted` in order of liking, `own` the language of its plain names."""

    def __init__(self, wanted: tuple[str, ...] = (), own: str = "") -> None:
        self._wanted = wanted
        self._own = own.lower()

    def of(self, plain: str, others: Mapping[str, str] | None) -> str:
        """The text in the first wanted language there is; `fi` also finds `fi-FI` and the other way round."""
        if not others or not self._wanted:
            return plain
        for wish in self._wanted:
            if wish == "*" or _meets(self._own, wish):
                return plain
            for language, text in others.items():
                if _meets(language.lower(), wish):
                    return text
        return plain


def _meets(language: str, wish: str) -> bool:
    return bool(language) and (language == wish or language.partition("-")[0] == wish.partition("-")[0])
