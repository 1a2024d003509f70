"""The city's clock in the database: set by an operator of a development city, followed by every process."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from services.kernel import clock
from services.kernel.database import row, run

LOOK_EVERY = 0.25
LIVES_EVERY = 1.0
_log = structlog.get_logger(__name__)


async def read_anchor() -> clock.Anchor | None:
    """The anchor in force, or None where the house keeps the wall's time."""
    found = await row("SELECT wall, city, speed FROM clock_anchor")
    return clock.Anchor(*found) if found else None


async def wake(speed: float, begin: Callable[[datetime], datetime]) -> clock.Anchor:
    """Open a house that was closed: the city goes on where it was left, at the hour that `begin` makes of it.

    While nobody lived in it no time passed; a city that never lived begins at the wall's time.
    """
    left = await row("SELECT wall, city, speed, lived_until FROM clock_anchor")
    city = clock.Anchor(left["wall"], left["city"], left["speed"]).at(left["lived_until"]) if left else clock.wall()
    return await _keep(clock.Anchor(clock.wall(), begin(city), speed))


async def run_at(speed: float, *, not_before: datetime | None = None) -> clock.Anchor:
    """From now on the city of a living house runs `speed` times as fast as the wall; its time never goes back.

    It begins at `not_before` at the earliest.
    """
    clock.set_anchor(await read_anchor())
    city = clock.now() if not_before is None else max(clock.now(), not_before)
    return await _keep(clock.Anchor(clock.wall(), city, speed))


async def _keep(anchor: clock.Anchor) -> clock.Anchor:
    await run(
        "INSERT INTO clock_anchor (wall, city, speed, lived_until) VALUES ($1, $2, $3, $1) ON CONFLICT (id) DO UPDATE"
        " SET wall = EXCLUDED.wall, city = EXCLUDED.city, speed = EXCLUDED.speed, lived_until = EXCLUDED.lived_until",
        anchor.wall,
        anchor.city,
        anchor.speed,
    )
    clock.set_anchor(anchor)
    return anchor


async def live_on() -> None:
    """Note for ever that the house is alive; one process does it."""
    while True:
        await asyncio.sleep(LIVES_EVERY)
        try:
            await run("/* follower */ UPDATE clock_anchor SET lived_until = $1", clock.wall())
        except Exception as away:  # noqa: BLE001 - the next beat comes soon
            _log.warning("life_not_noted", error=type(away).__name__)


async def follow() -> None:
    """Keep this process on the city's clock, for ever; a database that is away leaves the clock as it was."""
    while True:
        await asyncio.sleep(LOOK_EVERY)
        try:
            anchor = await read_anchor()
        except Exception as away:  # noqa: BLE001 - whatever it is, the clock goes on and the next look comes soon
            _log.warning("clock_not_read", error=type(away).__name__)
            continue
        if anchor != clock.anchor():
            clock.set_anchor(anchor)
