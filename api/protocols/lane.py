"""The lane for what can wait: steps of those who come (back), few at a time and a moment apart; what is urgent runs between them.

Thousands of phones that lost their server come back at once, and each brings a handshake and a first reading. One event loop
serves them and those who order: taken as they come, their steps would stand between any two steps of an order. So there are more
steps at a stroke while this process has time to spare, and one where it has none.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from enum import IntEnum
from typing import Final

APART: Final = 0.001
"""Seconds between two strokes, at least."""
MOST_AT_A_STROKE: Final = 8
# Shares of the time between two strokes that this process was at work: below the one it can do more, above the other less.
_AT_EASE: Final = 0.6
_BUSY: Final = 0.8
Step = Callable[[], bool]
"""Does its work, or says that there is none any more."""
Clocks = tuple[Callable[[], float], Callable[[], float]]
"""Seconds of the wall, and seconds at work."""


class Stage(IntEnum):
    """The lower, the sooner: who is in is served before the next one is let in, so that nobody waits half-way."""

    READING = 0
    HANDSHAKE = 1


class Lane:
    """One process's lane; while nobody waits, a step is taken at once."""

    def __init__(self, apart: float = APART, clocks: Clocks = (time.perf_counter, time.thread_time)) -> None:
        self._apart, self._clocks = apart, clocks
        self._at_a_stroke = 1
        self._began = self._worked = 0.0
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
        """Some steps that have work to do; then it is everybody else's turn."""
        self._timer = None
        if not len(self):
            self._at_a_stroke = 1
            return
        self._measure()
        try:
            for _ in range(self._at_a_stroke):
                self._step()
        finally:
            # Whatever became of them, the others get their turns.
            self._timer = asyncio.get_running_loop().call_later(self._apart, self._go_on)

    def _measure(self) -> None:
        wall, at_work = (clock() for clock in self._clocks)
        share = (at_work - self._worked) / max(wall - self._began, 1e-6)
        self._began, self._worked = wall, at_work
        if share < _AT_EASE:
            self._at_a_stroke = min(self._at_a_stroke + 1, MOST_AT_A_STROKE)
        elif share > _BUSY:
            self._at_a_stroke = max(1, self._at_a_stroke // 2)

    def _step(self) -> None:
        while (step := self._next()) is not None and not step():
            pass

    def _next(self) -> Step | None:
        for waiting in self._waiting:
            if waiting:
                return waiting.popleft()
        return None
