"""The lane for what can wait: steps of those who come (back), one at a time and a moment apart; what is urgent runs between them.

Thousands of phones that lost their server come back at once, and each brings a handshake and a first reading. One event loop
serves them and those who order: taken as they come, their steps would stand between any two steps of an order.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from enum import IntEnum
from typing import Final

APART: Final = 0.001
"""Seconds between the end of one step and the beginning of the next, at least."""
Step = Callable[[], bool]
"""Does its work, or says that there is none any more."""


class Stage(IntEnum):
    """The lower, the sooner: who is in is served before the next one is let in, so that nobody waits half-way."""

    READING = 0
    HANDSHAKE = 1


class Lane:
    """One process's lane; while nobody waits, a step is taken at once."""

    def __init__(self, apart: float = APART) -> None:
        self._apart = apart
        self._waiting: tuple[deque[Step], ...] = tuple(deque() for _ in Stage)
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def __len__(self) -> int:
        return sum(map(len, self._waiting))

    def take(self, stage: Stage, step: Step) -> None:
        """Take this step in its turn."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            # The former loop's timer will never ring.
            self._loop, self._timer = loop, None
        self._waiting[stage].append(step)
        if self._timer is None:
            self._go_on()

    async def turn(self, stage: Stage) -> None:
        """Wait for the turn."""
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def step() -> bool:
            if mine.done():
                return False
            mine.set_result(None)
            return True

        self.take(stage, step)
        await mine

    def _go_on(self) -> None:
        """One step that has work to do; then it is everybody else's turn."""
        self._timer = None
        step = self._next()
        if step is None:
            return
        try:
            while step is not None and not step():
                step = self._next()
        finally:
            # Whatever became of it, the others get their turns.
            self._timer = asyncio.get_running_loop().call_later(self._apart, self._go_on)

    def _next(self) -> Step | None:
        for waiting in self._waiting:
            if waiting:
                return waiting.popleft()
        return None
