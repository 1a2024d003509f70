"""How often answers are found kept, by the names of operations: the doorman lets in what will most likely cost nothing."""

from typing import Final

_FOLLOWS: Final = 0.05
_USUAL: Final = 0.8
_MOST_NAMES: Final = 500


class Hits:
    """The share of questions of each name whose answers were found kept, of late."""

    def __init__(self) -> None:
        self._shares: dict[str, float] = {}

    def note(self, name: str | None, *, found: bool) -> None:
        """One more question of this name. Names come from outside in development: beyond five hundred all is learnt anew."""
        if name is None:
            return
        share = self._shares.get(name)
        if share is None:
            if len(self._shares) >= _MOST_NAMES:
                self._shares.clear()
            self._shares[name] = float(found)
        else:
            self._shares[name] = share + (found - share) * _FOLLOWS

    def are_usual(self, name: str) -> bool:
        """Whether at least four of five were found."""
        return self._shares.get(name, 0.0) >= _USUAL
