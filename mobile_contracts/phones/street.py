"""The street, where people meet: a PIN said at a door, a code over a counter, a bell; nothing else is shared between phones."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID

from mobile_contracts.phones.pace import Pace


@dataclass(slots=True)
class Street:
    """What is said aloud between phones' owners, by the number of the order it is about."""

    pace: Pace
    _said: dict[tuple[str, str], str] = field(default_factory=dict)
    _heard: dict[tuple[str, str], asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))
    _bells: dict[UUID, asyncio.Event] = field(default_factory=dict)

    def say_pin(self, order: str, pin: str) -> None:
        """The consumer tells whoever stands at the door with this order."""
        self._say("pin", order, pin)

    def say_code(self, order: str, code: str) -> None:
        """The store tells whoever comes for this order."""
        self._say("code", order, code)

    async def ask_pin(self, order: str, patience: float) -> str | None:
        """The PIN, or None where nobody opens within so many seconds of the city."""
        return await self._listen("pin", order, patience)

    async def ask_code(self, order: str, patience: float) -> str | None:
        """The code, or None where nobody at the counter knows the order."""
        return await self._listen("code", order, patience)

    def forget(self, order: str) -> None:
        """The order is over; what was said about it is nobody's business any more."""
        for what in ("pin", "code"):
            self._said.pop((what, order), None)
            self._heard.pop((what, order), None)

    def open_shop(self, store: UUID) -> asyncio.Event:
        """Somebody is at work there from now on; the bell to listen to."""
        return self._bells.setdefault(store, asyncio.Event())

    def close_shop(self, store: UUID) -> None:
        self._bells.pop(store, None)

    def is_lit(self, store: UUID) -> bool:
        """Whether anybody is at work there."""
        return store in self._bells

    def ring(self, store: UUID) -> None:
        """Wake the store's tablet, as a push wakes a real one that sleeps."""
        if store in self._bells:
            self._bells[store].set()

    def _say(self, what: str, order: str, words: str) -> None:
        self._said[what, order] = words
        if (what, order) in self._heard:
            self._heard[what, order].set()

    async def _listen(self, what: str, order: str, patience: float) -> str | None:
        until = self.pace.now().timestamp() + patience
        while (what, order) not in self._said:
            left = until - self.pace.now().timestamp()
            if left <= 0:
                return None
            try:
                await asyncio.wait_for(self._heard[what, order].wait(), min(1.0, self.pace.on_the_wall(left)))
            except TimeoutError:
                continue
        return self._said[what, order]
