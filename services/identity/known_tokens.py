"""Access tokens whose signatures were looked at already: a phone shows the same one for a quarter of an hour."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from services.identity.signed_claims import KeyRing
from services.kernel.actors import Audience, Person

MOST = 20_000
Known = tuple[Person, Mapping[str, Any]]


class KnownTokens:
    """Who holds which token, by its text to the letter, for as long as the same keys are in force.

    Only what was genuine is kept; its times and whether its session has ended are for the caller to look at, every time.
    """

    def __init__(self) -> None:
        self._ring: KeyRing | None = None
        self._known: OrderedDict[tuple[Audience, str], Known] = OrderedDict()

    def find(self, ring: KeyRing, audience: Audience, token: str) -> Known | None:
        """What the token said when its signature was looked at under these very keys."""
        if ring is not self._ring:
            self._ring = ring
            self._known.clear()
        return self._known.get((audience, token))

    def keep(self, audience: Audience, token: str, actor: Person, claims: Mapping[str, Any]) -> None:
        """Remember a genuine token, and forget the one that was remembered first when there are too many."""
        self._known[audience, token] = actor, claims
        if len(self._known) > MOST:
            self._known.popitem(last=False)
