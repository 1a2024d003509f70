"""The city's time as a phone lives it: what o'clock it is, how fast it runs, and waiting in it."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

LONGEST_NAP = 1.0
"""Wall seconds after which a sleeper looks at the clock again: the city may have been made faster meanwhile."""
MEASURED_FOR = 0.05
MEASURED_EVERY = 0.5
SLOWEST = 1e-3


@dataclass(slots=True)
class Pace:
    """A clock to read and to wait by; its speed is measured again and again, so that it may change at any time."""

    now: Callable[[], datetime]
    _speed: float
    _wall: float
    _city: datetime

    @classmethod
    async def taken(cls, now: Callable[[], datetime]) -> Self:
        """Learn how fast the clock runs by looking at it twice."""
        wall, city = time.monotonic(), now()
        await asyncio.sleep(MEASURED_FOR)
        pace = cls(now, 1.0, wall, city)
        pace._measure()
        return pace

    @property
    def speed(self) -> float:
        """City seconds per second of the wall."""
        if time.monotonic() - self._wall >= MEASURED_EVERY:
            self._measure()
        return self._speed

    def _measure(self) -> None:
        wall, city = time.monotonic(), self.now()
        self._speed = max(SLOWEST, (city - self._city).total_seconds() / (wall - self._wall))
        self._wall, self._city = wall, city

    async def sleep(self, seconds: float) -> None:
        """Wait so many seconds of the city's time."""
        await self.sleep_until(self.now() + timedelta(seconds=seconds))

    async def sleep_until(self, moment: datetime) -> None:
        while (left := (moment - self.now()).total_seconds()) > 0:  # noqa: ASYNC110 - no event tells that a clock ran on
            await asyncio.sleep(min(left / self.speed, LONGEST_NAP))

    def on_the_wall(self, seconds: float) -> float:
        """How long so many seconds of the city take on the wall."""
        return seconds / self.speed
