"""Seats: how many sockets one address of guests and one person may hold open in this process."""

from collections import Counter
from uuid import UUID

from api.protocols.messages import Closed

FULL = 4420
COME_BACK_AFTER = 5
Holder = str | UUID


class Seats:
    """A socket is its address's until somebody has signed in on it, and that person's from then on; None is no bound."""

    def __init__(self, per_address: int | None, per_person: int | None) -> None:
        self._per_address, self._per_person = per_address, per_person
        self._taken: Counter[Holder] = Counter()

    def take(self, holder: Holder) -> None:
        """Raises Closed where this one holds all they may."""
        most = self._per_person if isinstance(holder, UUID) else self._per_address
        if most is not None and self._taken[holder] >= most:
            raise Closed(FULL, f"Too many sockets; retryAfter={COME_BACK_AFTER}")
        self._taken[holder] += 1

    def leave(self, holder: Holder) -> None:
        self._taken[holder] -= 1
        if not self._taken[holder]:
            del self._taken[holder]
