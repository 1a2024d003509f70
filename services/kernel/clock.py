"""Time: one clock for the whole house, that a city in development may run faster than the wall's."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Anchor:
    """At `wall` time the city's clock showed `city`; since then it runs at `speed` (1 = as the wall)."""

    wall: datetime
    city: datetime
    speed: float

    def at(self, wall: datetime) -> datetime:
        return self.city + (wall - self.wall) * self.speed


@dataclass(slots=True)
class _Clock:
    anchor: Anchor | None = None


_clock = _Clock()


def wall() -> datetime:
    """The wall's time, UTC: for leases, back-offs and logs, which must not run faster with the city."""
    return datetime.now(UTC)


def now() -> datetime:
    """The time of the business, UTC."""
    at = wall()
    return at if _clock.anchor is None else _clock.anchor.at(at)


def speed() -> float:
    """City seconds per second of the wall."""
    return 1.0 if _clock.anchor is None else _clock.anchor.speed


def anchor() -> Anchor | None:
    """What the clock follows; None is the wall's time."""
    return _clock.anchor


def set_anchor(chosen: Anchor | None) -> None:
    """From now on follow `chosen`; None returns to the wall's time."""
    _clock.anchor = chosen


def stand_still_at(moment: datetime) -> None:
    """Stop the clock at `moment` (tests)."""
    set_anchor(Anchor(wall(), moment, 0.0))


async def sleep(seconds: float) -> None:
    """Sleep `seconds` of the business's time; a standing clock does not wait at all."""
    pace = speed()
    await asyncio.sleep(seconds / pace if pace else 0)


def seconds(count: float) -> timedelta:
    """A span of `count` seconds, to read well beside `now()`."""
    return timedelta(seconds=count)
